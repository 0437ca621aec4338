// SPDX-License-Identifier: Apache-2.0
// Verbs that read several fields.
#include "map/compiler.h"
#include "map/number.h"

// "nombres, primer_apellido": of several sources.
static const char *
source_names(struct compiler *c, const struct value *v)
{
	struct buf b = BUF_EMPTY;

	for (uint32_t i = 0; i < v->part_count; i++) {
		buf_put_str(&b, i == 0 ? "" : ", ");
		buf_put_str(&b, v->parts[i]->native);
	}
	const char *text = b.err == EN_OK ? arena_text(c->arena, buf_view(&b)) : NULL;

	if (text == NULL) {
		c->err = EN_ENOMEM;
	}
	buf_fini(&b);
	return text;
}

bool
compile_parts(struct compiler *c, const struct value_context *x, const struct conf_list *paths, struct value *v,
    enum read_mode mode, bool may_repeat)
{
	const struct path **parts = compiler_array(c, paths->count, sizeof(*parts));
	bool good = parts != NULL;

	for (size_t i = 0; parts != NULL && i < paths->count; i++) {
		const struct path *p = path_resolve(c, x->scope, &paths->items[i], false);
		bool is_id = mode == READ_PSEUDONYM;

		parts[i] = p;
		if (p == NULL) {
			good = false;
			continue;
		}
		read_add(c, p, mode);
		if (!is_id) {
			check_label(c, x, p);
		}
		if (path_is_repeated(p) && !may_repeat) {
			findings_add(c->findings, E0322, p->where, NULL, "%s is repeated", p->leaf->name);
			good = false;
		}
		bool fits = p->leaf->kind == KIND_STRING || kind_is_integer(p->leaf->kind) ||
		    (is_id && (p->leaf->kind == KIND_ENUM || p->leaf->kind == KIND_BYTES));

		if (!fits) {
			findings_add(
			    c->findings, E0305, p->where, NULL, "%s is %s", p->leaf->name, kind_word(c, p->leaf));
			good = false;
		}
	}
	v->parts = parts;
	v->part_count = (uint32_t)paths->count;
	v->source = good ? source_names(c, v) : NULL;
	return good;
}

// The first that says something goes through the steps: the fields are of one kind each, text or whole numbers.
bool
compile_first_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_parts(c, x, &conf->paths, v, READ_VALUE, false);

	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

bool
compile_list_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_parts(c, x, &conf->paths, v, READ_VALUE, true);

	if (!x->target->repeated) {
		findings_add(c->findings, E0324, conf->where, NULL, "%s", x->target->name);
		good = false;
	}
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

// The fields of a text are its parts, in its order.
bool
compile_fill(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct pattern *p = compiler_alloc(c, sizeof(*p));
	struct more *more = more_of(c, v);
	struct conf_text items[PATTERN_PARTS];
	struct conf_list paths = {.items = items};

	if (p == NULL || more == NULL) {
		return false;
	}
	const char *problem = pattern_parse(view_text(conf->literal.text), p);

	if (problem != NULL) {
		findings_add(c->findings, E0326, conf->literal.where, NULL, "%s: %s", conf->literal.text,
		    findings_say(c->findings, problem));
		return false;
	}
	for (; paths.count < p->count; paths.count++) {
		const char *name = arena_text(c->arena, p->parts[paths.count]);

		if (name == NULL) {
			c->err = EN_ENOMEM;
			return false;
		}
		items[paths.count] = (struct conf_text){.text = name, .where = conf->literal.where};
	}
	bool good = compile_parts(c, x, &paths, v, READ_VALUE, false);

	more->fill = p;
	more->reversible = conf->reversible;
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

static bool
compile_flag_fields(struct compiler *c, const struct value_context *x, const struct conf_list *paths, struct value *v)
{
	const struct path **parts = compiler_array(c, paths->count, sizeof(*parts));
	bool good = parts != NULL;

	for (size_t i = 0; parts != NULL && i < paths->count; i++) {
		const struct path *p = path_resolve(c, x->scope, &paths->items[i], false);

		parts[i] = p;
		if (p == NULL) {
			good = false;
			continue;
		}
		read_add(c, p, READ_VALUE);
		if (path_is_repeated(p)) {
			findings_add(c->findings, E0322, p->where, NULL, "%s is repeated", p->leaf->name);
			good = false;
		} else if (p->leaf->kind != KIND_STRING && p->leaf->kind != KIND_BOOL && p->leaf->kind != KIND_ENUM &&
		    !kind_is_integer(p->leaf->kind)) {
			findings_add(
			    c->findings, E0305, p->where, NULL, "%s is %s", p->leaf->name, kind_word(c, p->leaf));
			good = false;
		}
	}
	v->parts = parts;
	v->part_count = (uint32_t)paths->count;
	v->source = good ? source_names(c, v) : NULL;
	return good;
}

// {field: CODE}: the codes become what the target's items are; the fields are read as yes and no.
bool
compile_flags(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct conf_text *items = compiler_array(c, conf->pair_count, sizeof(*items));
	struct view *texts = compiler_array(c, conf->pair_count, sizeof(*texts));
	uint64_t *bits = compiler_array(c, conf->pair_count, sizeof(*bits));
	struct more *more = more_of(c, v);
	struct conf_list paths = {.items = items, .count = conf->pair_count};
	bool good = true;

	if (items == NULL || texts == NULL || bits == NULL || more == NULL) {
		return false;
	}
	for (size_t i = 0; i < conf->pair_count; i++) {
		items[i] = conf->pairs[i].name;
		good = literal_compile(c, x->target, &conf->pairs[i].value->literal, &bits[i], &texts[i]) && good;
	}
	if (!x->target->repeated) {
		findings_add(c->findings, E0324, conf->where, NULL, "%s", x->target->name);
		good = false;
	}
	more->codes = texts;
	more->code_bits = bits;
	good = compile_flag_fields(c, x, &paths, v) && good;
	good = truth_compile(c, conf, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}
