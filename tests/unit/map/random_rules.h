// SPDX-License-Identifier: Apache-2.0
// Schemas, mappings and payloads made at random from a seed, valid by the way they are made: what a property is tested with.
// Every kind of line of the grammar has a maker; each line gets a target field of its own that fits it.
#ifndef EN_TESTS_UNIT_MAP_RANDOM_RULES_H
#define EN_TESTS_UNIT_MAP_RANDOM_RULES_H

#include <stdlib.h>

#include "base/bytes.h"
#include "schema/schema.h"

enum { RANDOM_TYPES = 4, RANDOM_FIELDS = 10, RANDOM_LINES = 14 };

struct random_field {
	char name[16];
	enum schema_kind kind; // STRING, INT32, BOOL, ENUM, MESSAGE
	int type; // of messages: which of the types; -1 is enlace.v1.PartialDate
	bool repeated, coarse;
	enum label label;
};
struct random_type {
	struct random_field fields[RANDOM_FIELDS];
	int count;
};
struct random_rules {
	uint64_t seed;
	struct random_type types[RANDOM_TYPES]; // 0 is the root; messages only hold those behind them
	struct buf schema, mapping, target; // target: fields of the message that the mapping makes
	int line;
};

static inline uint32_t
random_next(struct random_rules *g, uint32_t below)
{
	g->seed = g->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(g->seed >> 33) % below;
}

// ---- descriptors --------------------------------------------------------------------------------------------------

static inline void
put_bytes(struct buf *b, unsigned number, const void *data, size_t len)
{
	buf_put_varint(b, number << 3 | 2);
	buf_put_varint(b, len);
	buf_put(b, data, len);
}

static inline void
put_string(struct buf *b, unsigned number, const char *text)
{
	put_bytes(b, number, text, strlen(text));
}

static inline void
put_number(struct buf *b, unsigned number, uint64_t value)
{
	buf_put_varint(b, number << 3);
	buf_put_varint(b, value);
}

// Appends one FieldDescriptorProto to a message's bytes.
static inline void
put_descriptor_field(struct buf *message, int number, const char *name, enum schema_kind kind, const char *type_name,
    bool repeated, enum label label, bool coarse)
{
	struct buf field = BUF_EMPTY, options = BUF_EMPTY;

	put_string(&field, 1, name);
	put_number(&field, 3, (uint64_t)number);
	put_number(&field, 4, repeated ? 3 : 1);
	put_number(&field, 5, kind);
	if (type_name != NULL) {
		put_string(&field, 6, type_name);
	}
	if (label != LABEL_UNSPECIFIED) {
		put_number(&options, 52001, label);
	}
	if (coarse) {
		put_number(&options, 52002, 1);
	}
	if (options.len > 0) {
		put_bytes(&field, 8, options.data, options.len);
	}
	put_string(&field, 10, name);
	put_bytes(message, 2, field.data, field.len);
	buf_fini(&field);
	buf_fini(&options);
}

static inline void
put_type(struct random_rules *g, struct buf *file, int t)
{
	struct buf message = BUF_EMPTY;
	char name[16], type[32];

	(void)snprintf(name, sizeof(name), "T%d", t);
	put_string(&message, 1, name);
	for (int i = 0; i < g->types[t].count; i++) {
		const struct random_field *f = &g->types[t].fields[i];

		if (f->kind == KIND_ENUM) {
			(void)snprintf(type, sizeof(type), ".azar.v1.E");
		} else if (f->type < 0) {
			(void)snprintf(type, sizeof(type), ".enlace.v1.PartialDate");
		} else {
			(void)snprintf(type, sizeof(type), ".azar.v1.T%d", f->type);
		}
		put_descriptor_field(&message, i + 1, f->name, f->kind,
		    f->kind == KIND_ENUM || f->kind == KIND_MESSAGE ? type : NULL, f->repeated, f->label, f->coarse);
	}
	put_bytes(file, 4, message.data, message.len);
	buf_fini(&message);
}

static inline void
put_schema(struct random_rules *g)
{
	static const char *const values[] = {"NADA", "UNO", "DOS", "TRES"};
	struct buf file = BUF_EMPTY, message = BUF_EMPTY, list = BUF_EMPTY;

	put_string(&file, 1, "azar.proto");
	put_string(&file, 2, "azar.v1");
	put_string(&file, 3, "enlace/v1/person.proto");
	for (int t = 0; t < RANDOM_TYPES; t++) {
		put_type(g, &file, t);
	}
	put_string(&message, 1, "Destino");
	buf_put_view(&message, buf_view(&g->target));
	put_bytes(&file, 4, message.data, message.len);
	buf_clear(&message);
	put_string(&message, 1, "Renglon");
	for (int i = 0; i < 4; i++) {
		char name[4] = {'r', (char)('0' + i), '\0', '\0'};

		put_descriptor_field(&message, i + 1, name, KIND_STRING, NULL, false, LABEL_UNSPECIFIED, false);
	}
	put_bytes(&file, 4, message.data, message.len);
	put_string(&list, 1, "E");
	for (unsigned i = 0; i < EN_COUNT_OF(values); i++) {
		struct buf value = BUF_EMPTY;

		put_string(&value, 1, values[i]);
		put_number(&value, 2, i);
		put_bytes(&list, 2, value.data, value.len);
		buf_fini(&value);
	}
	put_bytes(&file, 5, list.data, list.len);
	put_string(&file, 12, "proto3");
	buf_clear(&g->schema);
	put_bytes(&g->schema, 1, file.data, file.len);
	buf_fini(&file);
	buf_fini(&message);
	buf_fini(&list);
}

// ---- types --------------------------------------------------------------------------------------------------------

static inline enum label
random_label(struct random_rules *g)
{
	static const enum label labels[] = {LABEL_UNSPECIFIED, LABEL_OPERATIONAL, LABEL_IDENTITY, LABEL_DEMOGRAPHIC,
	    LABEL_LOCATION, LABEL_HEALTH, LABEL_GBV};

	return labels[random_next(g, EN_COUNT_OF(labels))];
}

static inline void
make_types(struct random_rules *g)
{
	static const enum schema_kind kinds[] = {
	    KIND_STRING, KIND_STRING, KIND_STRING, KIND_INT32, KIND_BOOL, KIND_ENUM, KIND_MESSAGE, KIND_MESSAGE};

	for (int t = 0; t < RANDOM_TYPES; t++) {
		struct random_type *type = &g->types[t];

		type->count = 4 + (int)random_next(g, RANDOM_FIELDS - 3);
		for (int i = 0; i < type->count; i++) {
			struct random_field *f = &type->fields[i];

			*f = (struct random_field){
			    .kind = i < 2 ? KIND_STRING : kinds[random_next(g, EN_COUNT_OF(kinds))]};
			(void)snprintf(f->name, sizeof(f->name), "f%d", i);
			f->label = t == 0 || random_next(g, 3) == 0 ? random_label(g) : LABEL_UNSPECIFIED;
			f->coarse = random_next(g, 4) == 0;
			f->repeated = i >= 2 && random_next(g, 3) == 0;
			if (f->kind == KIND_MESSAGE) {
				bool is_date = t + 1 == RANDOM_TYPES || random_next(g, 4) == 0;

				f->type = is_date ? -1 : t + 1 + (int)random_next(g, (uint32_t)(RANDOM_TYPES - t - 1));
				f->repeated = !is_date && f->repeated;
			}
		}
	}
}

// ---- paths --------------------------------------------------------------------------------------------------------

static inline void
append(char *dst, size_t room, const char *text)
{
	size_t len = strlen(dst), more = strlen(text);

	if (len + more < room) { // names are short; a path that is not is one that nobody has
		memcpy(dst + len, text, more + 1);
	}
}

// A random field of that kind below a type, not through lists; NULL when there was none on the way tried.
static inline const struct random_field *
random_path(
    struct random_rules *g, int t, enum schema_kind kind, bool repeated, const char *prefix, char *dst, size_t room)
{
	dst[0] = '\0';
	append(dst, room, prefix);
	for (int attempt = 0; attempt < 8; attempt++) {
		const struct random_field *f = &g->types[t].fields[random_next(g, (uint32_t)g->types[t].count)];

		if (f->kind == kind && f->repeated == repeated) {
			append(dst, room, f->name);
			return f;
		}
		if (f->kind == KIND_MESSAGE && f->type >= 0 && !f->repeated) {
			append(dst, room, f->name);
			append(dst, room, ".");
			t = f->type;
		}
	}
	return NULL;
}

// A text that is always there to be read: each type's first field is one.
static inline const char *
text_path(struct random_rules *g, int t, const char *prefix, char *dst, size_t room)
{
	if (random_path(g, t, KIND_STRING, false, prefix, dst, room) == NULL) {
		(void)snprintf(dst, room, "%sf%u", prefix, random_next(g, 2));
	}
	return dst;
}

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
	    ", required: true"};
	char a[64], b[64];

	text_path(g, t, prefix, a, sizeof(a));
	text_path(g, t, prefix, b, sizeof(b));
	switch (random_next(g, 6)) {
	case 0:
		buf_printf(&g->mapping, "{from: %s, if_empty: {from: %s}}", a, b);
		break;
	case 1:
		buf_printf(
		    &g->mapping, "{from: %s, born_at: {from: %s, date: dd/mm/aaaa}, if_unknown: {from: %s}}", a, b, a);
		break;
	default:
		buf_printf(&g->mapping, "{from: %s%s}", a,
		    steps[random_next(g, EN_COUNT_OF(steps) - (strcmp(prefix, "") != 0 ? 1 : 0))]);
	}
}

static inline void
line_of_several(struct random_rules *g)
{
	char a[64], b[64], c[64];

	text_path(g, 0, "", a, sizeof(a));
	text_path(g, 0, "", b, sizeof(b));
	text_path(g, 0, "", c, sizeof(c));
	switch (random_next(g, 6)) {
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
	default:
		buf_printf(&g->mapping, "{from: %s, required_if: {%s: S}}\n", a, b);
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
		buf_printf(&g->mapping, ", from: %s}\n", text_path(g, 0, "", path, sizeof(path)));
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
	if (random_next(g, 3) == 0) {
		buf_printf(&g->mapping, "    group_by: %s\n", text_path(g, f->type, "x.", path, sizeof(path)));
	}
	buf_put_str(&g->mapping, "    set:\n      r0: ");
	put_text_value(g, f->type, "x.");
	buf_printf(&g->mapping, "\n      r1: {from: %s}\n      r2: x.f0\n      r3: {is: fijo}\n",
	    text_path(g, 0, "", path, sizeof(path)));
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
		switch (random_next(g, 7)) {
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
		default:
			put_text_value(g, 0, "");
			buf_put_str(&g->mapping, "\n");
			put_target(g, KIND_STRING, NULL, false);
		}
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
	buf_put_str(&g->mapping, "mapping: azar\nfrom: azar.v1.T0\nto: azar.v1.Destino\nset:\n");
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
