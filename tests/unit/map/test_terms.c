// SPDX-License-Identifier: Apache-2.0
// The list form of a condition against a plain reading of its rules, on conditions and payloads made at random: what is absent or empty matches nothing,
// one item of a list is enough, a code that nobody defined is neither yes nor no unless something else decides.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "map/access.h"
#include "map/number.h"
#include "map/terms.h"

#define TERMS_MAX 3
#define VALUES_MAX 4

static uint32_t
next(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

// ---- the rules, as plainly as they can be said --------------------------------------------------------------------

static bool
says(const struct schema_field *f, const struct index *ix, const struct index_node *n, const char *literal)
{
	if (f->kind == KIND_STRING) {
		return view_is(index_bytes(ix, n), literal);
	}
	if (f->kind == KIND_ENUM) {
		return schema_enum_by_name(f->enumeration, view_text(literal))->number == (int32_t)n->bits;
	}
	if (f->kind == KIND_BOOL) {
		return (n->bits != 0) == (strcmp(literal, "true") == 0);
	}
	return (int64_t)number_decode(f->kind, n->bits) == strtoll(literal, NULL, 10);
}

static enum condition_result
term_says(const struct conf_condition_term *t, const struct path *p, const struct index *ix)
{
	const struct frame root = {.message = 0};
	bool there = false, listed = false, unheard_of = false;

	for (const struct index_node *n = path_first(p, ix, &root); n != NULL; n = path_next(p, ix, n)) {
		bool known = false;

		there = there || p->leaf->kind != KIND_STRING || index_bytes(ix, n).len > 0;
		for (size_t i = 0; i < t->any_of.count; i++) {
			known = known || says(p->leaf, ix, n, t->any_of.items[i].text);
		}
		listed = listed || known;
		unheard_of = unheard_of ||
		    (!known && p->leaf->kind == KIND_ENUM &&
			schema_enum_by_number(p->leaf->enumeration, (int32_t)n->bits) == NULL);
	}
	switch (t->test) {
	case CONF_ANY_OF:
		return listed ? CONDITION_TRUE : unheard_of ? CONDITION_ERROR : CONDITION_FALSE;
	case CONF_NONE_OF:
		return listed    ? CONDITION_FALSE
		    : unheard_of ? CONDITION_ERROR
		    : there      ? CONDITION_TRUE
				 : CONDITION_FALSE;
	case CONF_PRESENT:
		return there ? CONDITION_TRUE : CONDITION_FALSE;
	default:
		return there ? CONDITION_FALSE : CONDITION_TRUE;
	}
}

static enum condition_result
all_say(const struct conf_condition *conf, const struct condition *c, const struct index *ix)
{
	enum condition_result all = CONDITION_TRUE;

	for (size_t i = 0; i < conf->count; i++) {
		enum condition_result one = term_says(&conf->terms[i], c->paths[i], ix);

		if (one == CONDITION_FALSE) {
			return one;
		}
		all = one == CONDITION_ERROR ? one : all;
	}
	return all;
}

// ---- conditions and payloads at random ----------------------------------------------------------------------------

static const struct subject {
	const char *path;
	const char *values[VALUES_MAX];
} acta[] =
    {
	{"sexo", {"M", "H", "\"a\\b\n", "\xc3\xb1"}},
	{"nna", {"S", "N"}},
	{"idiomas", {"es", "mam"}},
	{"nivel", {"ALTO", "MEDIO"}},
	{"activo", {"true", "false"}},
	{"cuenta", {"0", "5", "-5"}},
	{"grande", {"0", "9223372036854775807", "-9223372036854775808"}},
	{"lugar.calle", {"x"}},
	{"nota", {"x"}},
	{"nivel_opcional", {"ALTO", "NIVEL_SIN"}},
	{"niveles", {"ALTO", "BAJO"}},
	{"montos", {"0", "3"}},
	{"fecha.year", {"0", "2011"}},
	{"anterior.nivel", {"ALTO"}},
	{"anterior.activo", {"false"}},
	{"anterior.lugar.calle", {"x", "es"}},
},
  registro[] = {
      {"con_defecto", {"5", "0"}},
      {"estado", {"ABIERTO", "CERRADO"}},
      {"pie.nota", {"x"}},
      {"sueltos", {"0", "5"}},
};

// Of each field: nothing, its zero, a value that conditions look for, or another one; of codes also some that nobody defined.
static void
put_random(struct buf *b, const struct schema_type *t, int depth, uint64_t *seed)
{
	static const char *const texts[] = {"", "M", "S", "es", "x", "mam", "\"a\\b\n", "\xc3\xb1"};
	static const int64_t numbers[] = {0, 1, 2, 3, 5, -5, 77, -1, 2011, INT64_MAX, INT64_MIN};

	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		uint32_t times = f->repeated ? next(seed, 4) : next(seed, 2) + (next(seed, 10) == 0);

		for (; times > 0; times--) {
			if (f->kind == KIND_STRING) {
				buf_put_varint(b, f->number << 3 | WIRE_LEN);
				buf_put_text(b, view_text(texts[next(seed, EN_COUNT_OF(texts))]));
			} else if (schema_wire_type(f->kind) == WIRE_VARINT) {
				uint32_t most = f->kind == KIND_ENUM || f->kind == KIND_BOOL ? 8 : EN_COUNT_OF(numbers);
				int64_t n = numbers[next(seed, most)];

				n = f->kind == KIND_ENUM ? n : f->kind == KIND_INT32 ? (int32_t)n : n;
				buf_put_varint(b, f->number << 3 | WIRE_VARINT);
				buf_put_varint(b, f->kind == KIND_BOOL ? n != 0 : (uint64_t)n);
			} else if (f->kind == KIND_GROUP && !f->repeated) {
				buf_put_varint(b, f->number << 3 | WIRE_SGROUP);
				put_random(b, f->message, depth + 1, seed);
				buf_put_varint(b, f->number << 3 | WIRE_EGROUP);
			} else if (f->kind == KIND_MESSAGE && !f->is_map && depth < 2) {
				struct buf inner = BUF_EMPTY;

				put_random(&inner, f->message, depth + 1, seed);
				buf_put_varint(b, f->number << 3 | WIRE_LEN);
				buf_put_text(b, buf_view(&inner));
				buf_fini(&inner);
			}
		}
	}
}

static void
make_condition(
    struct probe *p, const struct subject *subjects, size_t count, struct conf_condition *conf, uint64_t *seed)
{
	*conf = (struct conf_condition){.where.line = 1, .count = 1 + next(seed, TERMS_MAX)};
	conf->terms = arena_zalloc(&p->arena, conf->count * sizeof(*conf->terms));
	for (size_t i = 0; i < conf->count; i++) {
		const struct subject *s = &subjects[next(seed, (uint32_t)count)];
		struct conf_condition_term *t = &conf->terms[i];

		t->path.text = s->path;
		t->test = (enum conf_test)next(seed, 4);
		t->any_of.items = arena_zalloc(&p->arena, VALUES_MAX * sizeof(struct conf_text));
		for (uint32_t k = 0; k < VALUES_MAX && s->values[k] != NULL && t->test <= CONF_NONE_OF; k++) {
			if (next(seed, 2) == 0 || k == 0) {
				t->any_of.items[t->any_of.count++].text = s->values[k];
			}
		}
	}
}

static void
compare(struct probe *p, const char *type_name, const struct subject *subjects, size_t count)
{
	const struct schema_type *type = schema_type_by_name(p->schema, type_name);
	size_t told[3] = {0};
	uint64_t seed = 20261125;

	for (int round = 0; round < 400; round++) {
		struct conf_condition conf;
		struct condition *c = NULL;

		make_condition(p, subjects, count, &conf, &seed);
		assert_ok(condition_compile(&conf, type, &p->findings, &c));
		for (int event = 0; event < 25; event++) {
			struct index_fault fault;

			buf_clear(&p->payload);
			put_random(&p->payload, type, 0, &seed);
			if (strcmp(type_name, "legado.v1.Registro") == 0) {
				buf_put_varint(&p->payload, 1 << 3 | WIRE_LEN);
				buf_put_text(&p->payload, view_text("clave"));
			}
			assert_ok(index_build(&p->index, type, buf_view(&p->payload), &fault));

			enum condition_result wanted = all_say(&conf, c, &p->index);
			enum condition_result given = condition_holds(c, &p->index, &p->ask);

			if (given != wanted) {
				fail_msg("round %d, event %d: %s %d is %d, not %d", round, event,
				    conf.terms[0].path.text, (int)conf.terms[0].test, (int)given, (int)wanted);
			}
			told[given]++;
		}
		condition_free(&c);
	}
	assert_true(told[CONDITION_TRUE] > 500 && told[CONDITION_FALSE] > 500 &&
	    (told[CONDITION_ERROR] > 100 || strcmp(type_name, "probe.v1.Acta") != 0));
}

static void
a_list_of_terms_says_what_its_rules_say(void **state)
{
	compare(*state, "probe.v1.Acta", acta, EN_COUNT_OF(acta));
}

static void
presence_and_defaults_of_the_older_protobuf_count(void **state)
{
	compare(*state, "legado.v1.Registro", registro, EN_COUNT_OF(registro));
}

// ---- the text that it becomes --------------------------------------------------------------------------------------

static const char *
text_of(struct probe *p, const struct conf_condition_term *t)
{
	const struct conf_condition conf = {.terms = (struct conf_condition_term *)t, .count = 1};
	struct condition *c = NULL;
	struct buf b = BUF_EMPTY;
	struct view texts[VALUES_MAX];
	uint64_t numbers[VALUES_MAX];

	assert_ok(condition_compile(&conf, schema_type_by_name(p->schema, "probe.v1.Acta"), &p->findings, &c));

	struct term term = {.path = c->paths[0], .test = t->test, .count = (uint32_t)t->any_of.count};

	for (size_t i = 0; i < t->any_of.count; i++) {
		texts[i] = view_text(t->any_of.items[i].text);
		numbers[i] = (uint64_t)strtoll(t->any_of.items[i].text, NULL, 10);
	}
	term.texts = term.path->leaf->kind == KIND_STRING ? texts : NULL;
	term.numbers = numbers;
	terms_print(&b, &term, 1);

	const char *text = arena_text(&p->arena, buf_view(&b));

	buf_fini(&b);
	condition_free(&c);
	return text;
}

#define ASKS(name, which) (&(const struct conf_condition_term){.path.text = (name), .test = (which)})
#define TERM(name, which, ...)                                                                                         \
	(&(const struct conf_condition_term){.path.text = (name),                                                      \
	    .test = (which),                                                                                           \
	    .any_of = {.items = (struct conf_text[]){__VA_ARGS__},                                                     \
		.count = EN_COUNT_OF(((struct conf_text[]){__VA_ARGS__}))}})

static void
a_term_is_written_as_a_person_would_write_it(void **state)
{
	struct probe *p = *state;

	assert_string_equal(
	    "(_0.`nna` in [\"S\", \"N\"])", text_of(p, TERM("nna", CONF_ANY_OF, {.text = "S"}, {.text = "N"})));
	assert_string_equal(
	    "(_0.`sexo` in [\"\\x22\\x0a\\x5c\"])", text_of(p, TERM("sexo", CONF_ANY_OF, {.text = "\"\n\\"})));
	assert_string_equal("(has(_0.`fecha`.`year`) && _0.`fecha`.`year` in [0])",
	    text_of(p, TERM("fecha.year", CONF_ANY_OF, {.text = "0"})));
	assert_string_equal(
	    "(_0.`cuenta` in [5])", text_of(p, TERM("cuenta", CONF_ANY_OF, {.text = "0"}, {.text = "5"})));
	assert_string_equal("(!(_0.`idiomas`.exists(x, x in [\"es\"])) && _0.`idiomas`.exists(x, x != \"\"))",
	    text_of(p, TERM("idiomas", CONF_NONE_OF, {.text = "es"})));
	assert_string_equal("(has(_0.`nota`) && _0.`nota` != \"\")", text_of(p, ASKS("nota", CONF_PRESENT)));
	assert_string_equal("(!(has(_0.`cuenta`)))", text_of(p, ASKS("cuenta", CONF_NOT_PRESENT)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_list_of_terms_says_what_its_rules_say),
	    probe_test(presence_and_defaults_of_the_older_protobuf_count),
	    probe_test(a_term_is_written_as_a_person_would_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
