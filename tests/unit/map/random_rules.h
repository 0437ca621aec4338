// SPDX-License-Identifier: Apache-2.0
// Schemas, mappings and payloads made at random from a seed, valid by the way they are made: what a property is tested with.
// Every word of the grammar has a maker (test_random_secrecy.c counts them); each line gets a target field of its own that fits it.
#ifndef EN_TESTS_UNIT_MAP_RANDOM_RULES_H
#define EN_TESTS_UNIT_MAP_RANDOM_RULES_H

#include "random_expressions.h"

// ---- lines --------------------------------------------------------------------------------------------------------

static inline void
put_target(struct random_rules *g, enum schema_kind kind, const char *type, bool repeated)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "t%d", g->line);
	put_descriptor_field(&g->target, g->line + 1, name, kind, type, repeated, LABEL_UNSPECIFIED, false);
	g->line++;
}

static inline void
put_condition(struct random_rules *g, int t, const char *prefix)
{
	if (random_next(g, 2) == 0) {
		buf_put_str(&g->mapping, "{cel: \"");
		put_test(g, t, prefix);
		buf_put_str(&g->mapping, "\"}");
		return;
	}
	static const char *const tests[] = {"S", "[S, N, A]", "{not: [S, N]}", "{present: true}", "{present: false}"};
	char path[64];

	buf_printf(&g->mapping, "{%s: %s}", text_path(g, t, prefix, path, sizeof(path)),
	    tests[random_next(g, EN_COUNT_OF(tests))]);
}

// One text through random steps, as a value in braces; without if_unknown it may fault.
static inline void
put_text_value(struct random_rules *g, int t, const char *prefix)
{
	static const char *const steps[] = {"", ", clean: [trim, upper]", ", empty_if: [S, \"\"]",
	    ", table: letras, if_unknown: absent", ", table: letras, if_unknown: keep", ", strip_prefix: [a, A]",
	    ", pattern: \"{x}#{y}\", part: y, if_unknown: absent", ", first_characters: 2", ", pad_left: 5",
	    ", name_part: surname_1, name_order: given_first, if_unknown: absent",
	    ", number: \"1.234,5\", decimals: 1, if_unknown: absent", ", json: a, if_unknown: absent",
	    ", geo: kobo, geo_as: latitude, if_unknown: absent", ", date: dd/mm/aaaa, if_unknown: absent",
	    ", dates: [dd/mm/aaaa, aaaa], age_at: {now: recorded}, if_unknown: absent",
	    ", date: aaaa-mm-dd, coarsen: year, if_unknown: absent", ", coarsen: adm1, if_unknown: absent",
	    ", coarsen: age_band, bands: [12, 18], if_unknown: absent", ", between: [0, 10], if_unknown: absent",
	    ", more_than: {number: 3, is: more}, if_unknown: absent", ", prefix: x-, suffix: -y",
	    ", phone: lada, country: {is: MEX}, if_unknown: absent", ", table: letras", ", aliases: {S: [N]}",
	    ", strip_suffix: [z, \" b)\"]", ", last_characters: 2", ", extract: \"[0-9]+\", if_unknown: absent",
	    ", matches: \"[A-Z]\", if_unknown: absent", ", table: par, direction: backward, if_unknown: absent",
	    ", date: dd/mm/aa, years_from: 1950, if_unknown: absent", ", required: true", ", only_on: create"};
	static const char *const of_two[][2] = {{"if_empty: {from: ", "}"},
	    {"number: \"1.234,5\", times: {from: ",
		", table: kilos, if_unknown: absent}, decimals: 1, if_unknown: absent"},
	    {"phone: lada, country: {from: ", "}, if_unknown: keep"},
	    {"date: dd/mm/aaaa, age_at: {from: ", ", date: dd/mm/aaaa}, if_unknown: absent"},
	    {"born_at: {from: ", ", date: dd/mm/aaaa}, if_unknown: absent"},
	    {"table: letras, if_unknown: {from: ", "}"}};
	const char *const *two = of_two[random_next(g, EN_COUNT_OF(of_two))];
	char a[64], b[64];

	text_path(g, t, prefix, a, sizeof(a));
	text_path(g, t, prefix, b, sizeof(b));
	switch (random_next(g, 7)) {
	case 0:
	case 1:
		buf_printf(&g->mapping, "{from: %s, %s%s%s}", a, two[0], b, two[1]);
		break;
	case 2:
		buf_printf(&g->mapping, "{cel: \"%s == 'S' ? %s : string(size(%s))\"}", a, b, a);
		break;
	case 3:
		buf_printf(&g->mapping,
		    "{lookup: lugares, match: {code: %s}, ancestor: adm1, take: name, expect: first, if_unknown: absent}",
		    a);
		break;
	case 4:
		buf_printf(&g->mapping, "{referral_by: %s}", a);
		break;
	default:
		buf_printf(&g->mapping, "{from: %s%s}", a,
		    steps[random_next(g, EN_COUNT_OF(steps) - (strcmp(prefix, "") != 0 ? 2 : 0))]);
	}
}

static inline void
line_of_several(struct random_rules *g)
{
	char a[64], b[64], c[64];

	text_path(g, 0, "", a, sizeof(a));
	text_path(g, 0, "", b, sizeof(b));
	text_path(g, 0, "", c, sizeof(c));
	switch (random_next(g, 8)) {
	case 0:
		buf_printf(&g->mapping, "{join: [%s, %s, %s], with: \"%s\", list: [sort, dedupe]}\n", a, b, c,
		    random_next(g, 2) == 0 ? " " : "#");
		break;
	case 1:
		buf_printf(&g->mapping, "{first_of: [%s, %s], clean: [trim]}\n", a, b);
		break;
	case 2:
		buf_printf(&g->mapping,
		    "{fill: \"{%s} ({%s})\", reversible: true, if_unknown: absent, if_empty: {from: %s}}\n", a, b, c);
		break;
	case 3:
		buf_printf(&g->mapping, "{id_from: [%s, %s]}\n", a, b);
		break;
	case 4:
		buf_printf(
		    &g->mapping, "{lookup: ancha, match: {uno: %s, dos: %s}, take: tres, if_unknown: absent}\n", a, b);
		break;
	case 5:
		buf_put_str(&g->mapping, "{sender: agency}\n");
		break;
	case 6:
		buf_printf(&g->mapping, "{from: %s, split: \" \", contains: S}\n", a);
		put_target(g, KIND_BOOL, NULL, false);
		return;
	default:
		buf_printf(&g->mapping, "{from: %s, required_if: ", a);
		put_condition(g, 0, "");
		buf_put_str(&g->mapping, "}\n");
	}
	put_target(g, KIND_STRING, NULL, false);
}

static inline void
line_of_choice(struct random_rules *g)
{
	char path[64];

	buf_put_str(&g->mapping, "\n    choose:\n");
	for (uint32_t i = 0; i <= random_next(g, 3); i++) {
		buf_put_str(&g->mapping, "      - {when: ");
		put_condition(g, 0, "");
		buf_printf(&g->mapping, ", from: %s, because: \"azar\"}\n", text_path(g, 0, "", path, sizeof(path)));
	}
	buf_printf(&g->mapping, "    otherwise: %s\n", random_next(g, 2) == 0 ? "absent" : "{is: nada}");
	put_target(g, KIND_STRING, NULL, false);
}

static inline void
line_of_list(struct random_rules *g)
{
	char a[64], b[64];

	text_path(g, 0, "", a, sizeof(a));
	text_path(g, 0, "", b, sizeof(b));
	switch (random_next(g, 4)) {
	case 0:
		buf_printf(&g->mapping, "{list_of: [%s, %s], clean: [lower], list: [dedupe, reverse]}\n", a, b);
		break;
	case 1:
		buf_printf(&g->mapping, "{flags: {%s: UNO", a);
		if (strcmp(a, b) != 0) {
			buf_printf(&g->mapping, ", %s: DOS", b);
		}
		buf_put_str(&g->mapping, "}, true_if: [S], false_if: [N], if_unknown: absent}\n");
		break;
	case 2:
		buf_printf(&g->mapping, "{from: %s, split: \" \", list: [sort]}\n", a);
		break;
	default:
		buf_printf(&g->mapping, "{from: %s, json: \"[*]\", if_unknown: absent}\n", a);
	}
	put_target(g, KIND_STRING, NULL, true);
}

// A list of messages below the root, for each and item_of; false when there is none.
static inline bool
line_of_items(struct random_rules *g)
{
	char list[64], path[64];
	const struct random_field *f = random_path(g, 0, KIND_MESSAGE, true, "", list, sizeof(list));

	if (f == NULL || f->type < 0) {
		return false;
	}
	if (random_next(g, 2) == 0) {
		static const char *const picks[] = {"first", "last"};

		buf_printf(&g->mapping,
		    "{from: %s, item_of: %s, called: x, where: ", text_path(g, f->type, "x.", path, sizeof(path)),
		    list);
		put_condition(g, f->type, "x.");
		buf_printf(&g->mapping, ", sort_by: %s, only: %s}\n", text_path(g, f->type, "x.", path, sizeof(path)),
		    picks[random_next(g, 2)]);
		put_target(g, KIND_STRING, NULL, false);
		return true;
	}
	buf_printf(&g->mapping, "\n    each: %s\n    called: x\n", list);
	if (random_next(g, 2) == 0) {
		buf_put_str(&g->mapping, "    where: ");
		put_condition(g, f->type, "x.");
		buf_put_str(&g->mapping, "\n");
	}
	if (random_next(g, 2) == 0) {
		buf_printf(&g->mapping, "    sort_by: %s\n", text_path(g, f->type, "x.", path, sizeof(path)));
	}
	bool is_grouped = random_next(g, 3) == 0;

	if (is_grouped) {
		buf_printf(&g->mapping, "    group_by: %s\n    all_called: xs\n",
		    text_path(g, f->type, "x.", path, sizeof(path)));
	}
	buf_put_str(&g->mapping, "    set:\n      r0: ");
	put_text_value(g, f->type, "x.");
	buf_printf(&g->mapping, "\n      r1: {from: %s}\n      r2: ", text_path(g, 0, "", path, sizeof(path)));
	put_expression(g, f->type, "x.");
	buf_put_str(&g->mapping, "\n      r3: {is: fijo}\n");
	if (is_grouped) {
		buf_printf(&g->mapping, "      r4: {each: xs, called: y, set: {r0: {from: %s}}}\n",
		    text_path(g, f->type, "y.", path, sizeof(path)));
	}
	put_target(g, KIND_MESSAGE, ".azar.v1.Renglon", true);
	return true;
}

static inline bool
line_of_kind(struct random_rules *g)
{
	static const enum schema_kind kinds[] = {KIND_INT32, KIND_BOOL, KIND_ENUM, KIND_MESSAGE};
	enum schema_kind kind = kinds[random_next(g, EN_COUNT_OF(kinds))];
	bool repeated = random_next(g, 3) == 0;
	char path[64], type[32];
	const struct random_field *f = random_path(g, 0, kind, repeated, "", path, sizeof(path));

	if (f == NULL) {
		return false;
	}
	if (kind == KIND_MESSAGE && f->type < 0 && random_next(g, 2) == 0) {
		static const char *const ways[] = {"dates: [aaaa-mm-dd, aaaa-mm, aaaa], if_unknown: absent",
		    "coarsen: year, if_unknown: absent", "age_at: {now: recorded}, if_unknown: absent"};

		buf_printf(&g->mapping, "{from: %s, %s}\n", path, ways[random_next(g, EN_COUNT_OF(ways))]);
		put_target(g, KIND_STRING, NULL, false);
		return true;
	}
	(void)snprintf(type, sizeof(type), f->type < 0 ? ".enlace.v1.PartialDate" : ".azar.v1.T%d", f->type);
	buf_printf(&g->mapping, "%s\n", path);
	put_target(g, kind, kind == KIND_ENUM ? ".azar.v1.E" : kind == KIND_MESSAGE ? type : NULL, repeated);
	return true;
}

static inline void
make_line(struct random_rules *g)
{
	size_t before = g->mapping.len;

	for (bool made = false; !made;) {
		g->mapping.len = before;
		buf_printf(&g->mapping, "  t%d: ", g->line);
		made = true;
		switch (random_next(g, 9)) {
		case 0:
			line_of_several(g);
			break;
		case 1:
			line_of_choice(g);
			break;
		case 2:
			line_of_list(g);
			break;
		case 3:
		case 4:
			made = line_of_items(g);
			break;
		case 5:
			made = line_of_kind(g);
			break;
		case 6:
		case 7:
			put_expression(g, 0, "");
			buf_put_str(&g->mapping, "\n");
			put_target(g, KIND_STRING, NULL, false);
			break;
		default:
			put_text_value(g, 0, "");
			buf_put_str(&g->mapping, "\n");
			put_target(g, KIND_STRING, NULL, false);
		}
	}
}

// Sometimes one event for each item of a list, and only of some of them.
static inline void
put_head(struct random_rules *g)
{
	char list[64], path[64];
	const struct random_field *f = random_path(g, 0, KIND_MESSAGE, true, "", list, sizeof(list));

	buf_put_str(&g->mapping, "mapping: azar\nfrom: azar.v1.T0\nto: azar.v1.Destino\n");
	if (random_next(g, 6) == 0) {
		buf_put_str(&g->mapping, "when: ");
		put_condition(g, 0, "");
		buf_put_str(&g->mapping, "\n");
	}
	if (f != NULL && f->type >= 0 && random_next(g, 2) == 0) {
		buf_printf(&g->mapping, "one_event_per: {item_of: %s, called: e, where: ", list);
		put_condition(g, f->type, "e.");
		buf_put_str(&g->mapping, "}\n");
		buf_printf(&g->mapping, "set:\n  t0: {from: %s}\n", text_path(g, f->type, "e.", path, sizeof(path)));
		put_target(g, KIND_STRING, NULL, false);
	} else {
		buf_put_str(&g->mapping, "set:\n");
	}
}

// All of it, anew from the seed as it is.
static inline void
random_rules_make(struct random_rules *g)
{
	buf_clear(&g->mapping);
	buf_clear(&g->target);
	g->line = 0;
	make_types(g);
	put_head(g);
	while (g->line < RANDOM_LINES) {
		make_line(g);
	}
	put_schema(g);
}

static inline void
random_rules_fini(struct random_rules *g)
{
	buf_fini(&g->schema);
	buf_fini(&g->mapping);
	buf_fini(&g->target);
}

#endif
