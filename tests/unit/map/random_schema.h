// SPDX-License-Identifier: Apache-2.0
// Message types made at random from a seed, and ways to their fields.
#ifndef EN_TESTS_UNIT_MAP_RANDOM_SCHEMA_H
#define EN_TESTS_UNIT_MAP_RANDOM_SCHEMA_H

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
	put_descriptor_field(&message, 5, "r4", KIND_MESSAGE, ".azar.v1.Renglon", true, LABEL_UNSPECIFIED, false);
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

#endif
