// SPDX-License-Identifier: Apache-2.0
// Need to know as a property: whatever a hidden or masked field says, every byte of the output is the same.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static const char everything[] =
    "  numero: numero\n  nombre: {from: persona.nombre, if_empty: {from: numero}}\n  nacimiento: {from: persona.nacimiento, dates: [aaaa-mm-dd, aaaa-mm, aaaa], if_empty: {is: x}}\n"
    "  sexo: {from: persona.sexo, table: nivel}\n  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase, nota: c.nota, caso: numero}}\n"
    "  persona: persona\n  domicilio: persona.domicilio\n  fecha: persona.nacimiento\n  seudonimo: {id_from: [persona.nombre, numero]}\n"
    "  nivel:\n    choose:\n      - {when: {persona.sexo: ALTO}, is: a}\n      - {when: {nota: \"1\"}, is: b}\n    otherwise: {is: c}\n"
    "  necesidades: persona.necesidades\n  nota: {join: [nota, persona.nombre, numero]}\n  hoja.necesario: numero\n  hoja.otro: persona.sin_etiqueta\n"
    "  anio: persona.nacimiento.year\n";

// The same in expressions: what is read through operators, loops, names, optional values and whole messages.
static const char in_expressions[] =
    "  numero: {cel: \"numero\"}\n  nombre: {cel: \"persona.nombre != '' ? persona.nombre : numero\"}\n"
    "  nacimiento: {cel: \"persona.nacimiento.year > 1 && persona.nacimiento.month > 1 ? 'a' : 'b'\"}\n"
    "  sexo: {cel: \"has(persona.nacimiento) || persona.sexo == Nivel.ALTO ? 'x' : 'y'\"}\n"
    "  contactos: {each: persona.contactos, called: c, set: {codigo: {cel: \"c.clase.upperAscii()\"}, nota: {cel: \"[c.nota].map(x, x + '!')[0]\"},"
    " caso: {cel: \"data.numero\"}}}\n"
    "  domicilio: persona.domicilio\n  seudonimo: {cel: \"[persona, persona.madre].filter(p, p.sin_etiqueta == '1').map(p, p.nombre).join()\"}\n"
    "  nivel:\n    choose:\n      - {when: {cel: \"persona.contactos.exists(k, k.nota == '1')\"}, is: a}\n"
    "      - {when: {cel: \"nota.startsWith('1') && !(persona.nombre in ['2'])\"}, is: b}\n    otherwise: {is: c}\n"
    "  necesidades: {cel: \"persona.necesidades.map(n, n + '?')\"}\n"
    "  nota: {cel: \"cel.bind(p, persona, [p, p.madre].map(q, q.nombre).join('-'))\"}\n  hoja.necesario: numero\n"
    "  hoja.otro: {cel: \"persona.domicilio == data.persona.domicilio && size(persona.contactos) > 1 ? 'a' : 'b'\"}\n"
    "  entera: {cel: \"has(persona.madre) || [persona] == [persona.madre] ? 'a' : 'b'\"}\n"
    "  anio: {cel: \"persona.?madre.?nombre.orValue('') == '1' ? 1 : 2\"}\n";

// One field of a Caso at a time, as the wire has it: {path of numbers} -> a value of the field's kind.
struct leaf {
	uint32_t path[3];
	uint32_t depth;
	enum { LEAF_TEXT, LEAF_NUMBER } kind;
	enum label label;
	bool coarse;
};
static const struct leaf leaves[] = {
    {{1}, 1, LEAF_TEXT, LABEL_OPERATIONAL, false},
    {{3}, 1, LEAF_TEXT, LABEL_NARRATIVE, false},
    {{2, 1}, 2, LEAF_TEXT, LABEL_IDENTITY, false},
    {{2, 2, 1}, 3, LEAF_NUMBER, LABEL_DEMOGRAPHIC, true},
    {{2, 2, 2}, 3, LEAF_NUMBER, LABEL_DEMOGRAPHIC, false},
    {{2, 2, 3}, 3, LEAF_NUMBER, LABEL_DEMOGRAPHIC, false},
    {{2, 3}, 2, LEAF_NUMBER, LABEL_DEMOGRAPHIC, true},
    {{2, 4, 1}, 3, LEAF_TEXT, LABEL_CONTACT, false},
    {{2, 4, 2}, 3, LEAF_TEXT, LABEL_CONTACT, false},
    {{2, 4, 3}, 3, LEAF_TEXT, LABEL_NARRATIVE, false},
    {{2, 5, 1}, 3, LEAF_TEXT, LABEL_LOCATION, false},
    {{2, 5, 3}, 3, LEAF_TEXT, LABEL_LOCATION, true},
    {{2, 6}, 2, LEAF_TEXT, LABEL_UNSPECIFIED, false},
    {{2, 7}, 2, LEAF_TEXT, LABEL_INDICATOR, false},
    {{2, 8, 1}, 3, LEAF_TEXT, LABEL_IDENTITY, false},
    {{2, 8, 6}, 3, LEAF_TEXT, LABEL_FAMILY, false},
};

// value 0: the field is left out; else a small value.
static void
put_leaf(struct buf *b, const struct leaf *leaf, uint32_t value)
{
	uint8_t bytes[16];
	size_t at = sizeof(bytes);

	if (value == 0) {
		return;
	}
	if (leaf->kind == LEAF_TEXT) {
		bytes[--at] = (uint8_t)('0' + value);
		bytes[--at] = 1;
		bytes[--at] = (uint8_t)(leaf->path[leaf->depth - 1] << 3 | WIRE_LEN);
	} else {
		bytes[--at] = (uint8_t)value;
		bytes[--at] = (uint8_t)(leaf->path[leaf->depth - 1] << 3);
	}
	for (uint32_t i = leaf->depth - 1; i > 0; i--) {
		size_t len = sizeof(bytes) - at;

		bytes[--at] = (uint8_t)len;
		bytes[--at] = (uint8_t)(leaf->path[i - 1] << 3 | WIRE_LEN);
	}
	buf_put(b, bytes + at, sizeof(bytes) - at);
}

// Fields of one sub-message next to each other would be merged in any order; the repeated contact is one item per
// leaf, which is as good.
static struct view
run_values(struct probe *p, const uint32_t values[static EN_COUNT_OF(leaves)], struct buf *keep)
{
	struct index_fault index_fault;

	buf_clear(&p->payload);
	for (size_t i = 0; i < EN_COUNT_OF(leaves); i++) {
		put_leaf(&p->payload, &leaves[i], values[i]);
	}
	assert_ok(index_build(&p->index, mapping_from(p->mapping), buf_view(&p->payload), &index_fault));
	enum en_err err = plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault);

	buf_clear(keep);
	if (err == EN_OK) {
		buf_put_view(keep, p->run.outputs[0].payload);
	} else {
		buf_printf(keep, "fault %d %s %s", p->fault.reason, p->fault.target, p->fault.source);
	}
	return buf_view(keep);
}

static bool
is_visible(const struct leaf *leaf, const struct grants *g)
{
	return leaf->label == LABEL_OPERATIONAL ||
	    (leaf->label != LABEL_UNSPECIFIED &&
		(g->level[leaf->label] == GRANT_FULL || g->level[leaf->label] == GRANT_PSEUDONYM ||
		    (g->level[leaf->label] == GRANT_COARSE && leaf->coarse)));
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static void
flip_hidden(struct probe *p, const char *lines)
{
	static const char *const levels[] = {"ALTO", "A", "MEDIO", "M", "BAJO", "B", NULL};
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;
	uint64_t seed = 20261123;
	size_t flips = 0, visible_changes = 0;

	add_table(p, "nivel", "one_way", levels);
	caso_to_vista(p, lines);
	for (int round = 0; round < 60; round++) {
		struct grants g = grants_none();
		uint32_t values[EN_COUNT_OF(leaves)];

		for (size_t l = LABEL_OPERATIONAL + 1; l < LABEL_COUNT; l++) {
			// Coarse lets id_from see more than its leaves; it has a test of its own.
			g.level[l] = next_random(&seed) % 2 == 0 ? GRANT_NONE : GRANT_FULL;
		}
		plan_with(p, g);
		for (size_t i = 0; i < EN_COUNT_OF(leaves); i++) {
			values[i] = next_random(&seed) % 4;
		}
		for (size_t i = 0; i < EN_COUNT_OF(leaves); i++) {
			uint32_t was = values[i];
			struct view before = run_values(p, values, &one);

			values[i] = (was + 1 + next_random(&seed) % 3) % 4;
			struct view after = run_values(p, values, &other);

			values[i] = was;
			if (is_visible(&leaves[i], &g)) {
				visible_changes += !view_equal(before, after);
				continue;
			}
			flips++;
			if (!view_equal(before, after)) {
				fail_msg("round %d: hidden leaf %zu shows", round, i);
			}
		}
	}
	assert_true(flips > 200);
	assert_true(visible_changes > 100); // or nothing was tested
	buf_fini(&one);
	buf_fini(&other);
}

static void
flipping_a_hidden_field_leaves_every_output_byte_as_it_was(void **state)
{
	flip_hidden(*state, everything);
}

static void
flipping_a_field_hidden_from_an_expression_leaves_every_output_byte_as_it_was(void **state)
{
	flip_hidden(*state, in_expressions);
}

static void
flip_masked(struct probe *p, const char *lines)
{
	static const char *const levels[] = {"ALTO", "A", "MEDIO", "M", "BAJO", "B", NULL};
	static const struct {
		const char *path;
		uint32_t prefix[3];
		uint32_t depth;
	} masks[] = {
	    {"persona.nombre", {2, 1}, 2},
	    {"persona.nacimiento", {2, 2}, 2},
	    {"persona.sexo", {2, 3}, 2},
	    {"persona.contactos", {2, 4}, 2},
	    {"persona.domicilio", {2, 5}, 2},
	    {"nota", {3}, 1},
	    {"persona.madre", {2, 8}, 2},
	    {"persona.domicilio.adm1", {2, 5, 3}, 3},
	    {"persona", {2}, 1},
	    {"persona.madre.nombre", {2, 8, 1}, 3},
	    {"persona.madre.sin_etiqueta", {2, 8, 6}, 3},
	};
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;
	uint64_t seed = 7;
	size_t flips = 0;

	add_table(p, "nivel", "one_way", levels);
	caso_to_vista(p, lines);
	plan_with(p, grants_all());
	for (size_t m = 0; m < 40 * EN_COUNT_OF(masks); m++) {
		const char *masked[] = {masks[m % EN_COUNT_OF(masks)].path, NULL};
		uint32_t values[EN_COUNT_OF(leaves)];

		p->env.masked = masked;
		for (size_t i = 0; i < EN_COUNT_OF(leaves); i++) {
			values[i] = next_random(&seed) % 4;
		}
		for (size_t i = 0; i < EN_COUNT_OF(leaves); i++) {
			uint32_t was = values[i], depth = masks[m % EN_COUNT_OF(masks)].depth;

			if (leaves[i].depth < depth ||
			    memcmp(leaves[i].path, masks[m % EN_COUNT_OF(masks)].prefix, depth * sizeof(uint32_t)) !=
				0) {
				continue;
			}
			struct view before = run_values(p, values, &one);

			values[i] = (was + 1 + next_random(&seed) % 3) % 4;
			if (!view_equal(before, run_values(p, values, &other))) {
				fail_msg("%s: masked leaf %zu shows", masked[0], i);
			}
			values[i] = was;
			flips++;
		}
	}
	assert_true(flips > 400);
	p->env.masked = NULL;
	buf_fini(&one);
	buf_fini(&other);
}

static void
flipping_a_masked_field_leaves_every_output_byte_as_it_was(void **state)
{
	flip_masked(*state, everything);
}

static void
flipping_a_field_masked_from_an_expression_leaves_every_output_byte_as_it_was(void **state)
{
	flip_masked(*state, in_expressions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(flipping_a_hidden_field_leaves_every_output_byte_as_it_was),
	    probe_test(flipping_a_masked_field_leaves_every_output_byte_as_it_was),
	    probe_test(flipping_a_field_hidden_from_an_expression_leaves_every_output_byte_as_it_was),
	    probe_test(flipping_a_field_masked_from_an_expression_leaves_every_output_byte_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
