// SPDX-License-Identifier: Apache-2.0
// What json_out.c (messages, fields, lists), json_out_map.c and json_out_known.c (the well-known types) share. Not for other folders.
#ifndef EN_SCHEMA_JSON_OUT_H
#define EN_SCHEMA_JSON_OUT_H

#include "schema/json.h"

struct writer {
	const struct index *ix;
	const struct json_options *options;
	struct buf *out;
	unsigned int depth;	// of indentation
	uint32_t messages;	// open ones, those around an Any included
	enum en_err err;	// the first failure; what is written after it does not matter
};

void json_out_string(struct writer *w, struct view v);
void json_out_value(struct writer *w, const struct schema_field *f, const struct index_node *n);
// Of a field that does not occur.
void json_out_default(struct writer *w, const struct schema_field *f);
// From their first occurrence; NULL is an empty one.
void json_out_list(struct writer *w, const struct schema_field *f, const struct index_node *n);
void json_out_map(struct writer *w, const struct schema_field *f, const struct index_node *n);
// An opening brace, and before its key what every member of an object has.
void json_out_open(struct writer *w);
void json_out_key(struct writer *w, bool *first, struct view key);
void json_out_close(struct writer *w, bool is_empty);
// The members of a message that is no well-known type.
void json_out_fields(struct writer *w, uint32_t message, bool *first);
void json_out_message(struct writer *w, uint32_t message);

// A message of a well-known type.
void json_out_known(struct writer *w, uint32_t message);

#endif
