// SPDX-License-Identifier: Apache-2.0
// Records: a case's record becomes a payload, as its adapter would make one of the system's own text; and a payload becomes a list of paths and texts,
// which is what expectations speak of.
#ifndef EN_TRIAL_RECORD_H
#define EN_TRIAL_RECORD_H

#include "conf/tests.h"
#include "schema/json.h"

// A record with changes: what is in both is the change's, maps within maps too; keys are the same when they name the same field. without: paths in names
// to leave out, as field_path makes them; NULL for none. Either map may be NULL. The tree is in the arena; NULL without memory.
const struct yaml_node *record_merge(const struct schema_type *t, const struct yaml_node *record,
    const struct yaml_node *changes, const struct conf_list *without, struct arena *arena);
// Whether the record has something at that path in names. Items of lists have none.
bool record_has(const struct schema_type *t, const struct yaml_node *record, const char *path);
// A record of one field: path in names, as field_path makes them. NULL without memory.
const struct yaml_node *record_of(
    const struct schema_type *t, const char *path, const struct conf_text *value, struct arena *arena);
// As payload of that type, leniently, as adapters read. On EN_EFORMAT and the like a finding (E1003) says where.
EN_MUST_CHECK enum en_err record_payload(
    const struct schema_type *t, const struct yaml_node *record, struct findings *findings, struct buf *payload);

// One field with what it holds. A repeated scalar is one field with several texts; items of a repeated message are counted from 1: a.b[2].c.
struct field_text {
	const char *path, *native;	// by names, by json_names
	const char **values;
	size_t count;
};
struct field_texts {
	struct field_text *items;
	size_t count, cap;
	enum en_err err;		// EN_ENOMEM
};
// All fields of the message that are no messages, in the arena, in the order of the schema. The payload must be indexed.
void field_texts_of(const struct index *ix, struct arena *arena, struct field_texts *ret);

// The path in names of one that is written in names or native names, with or without [n]; in the arena. NULL when the type has no such field: then
// *ret_nearest may be a near name.
const char *field_path(const struct schema_type *t, const char *text, struct arena *arena, const char **ret_nearest);
// Whether path is `above` or something below it. Numbers in brackets count only where both have them.
bool path_is_below(const char *path, const char *above);
// The same field: equal but for numbers that one of them does not have.
bool path_is_same(const char *left, const char *right);

#endif
