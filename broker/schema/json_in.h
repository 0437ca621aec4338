// SPDX-License-Identifier: Apache-2.0
// What json_in.c (messages, fields, lists, maps), json_in_scalar.c and json_in_known.c (the well-known types) share. Not for other folders.
// Each function writes to r->out and tells its failure once, with its place, through json_in_fail.
#ifndef EN_SCHEMA_JSON_IN_H
#define EN_SCHEMA_JSON_IN_H

#include "schema/json.h"
#include "schema/json_read.h"

struct reader {
	struct json_read json;
	const struct json_options *options;
	struct buf *out, *unknown;
	struct json_fault *fault;
	char path[256];
	size_t path_len;
	uint32_t depth;		// of messages, counted as the index counts them
	struct buf scratch;
	struct buf seen;	// a bit for each field and each oneof of the objects that are open, which stand one behind the other
};

enum en_err json_in_fail(struct reader *r, enum en_err err, const char *hint);
// Because of the key at hand, which is none of the schema's.
enum en_err json_in_fail_key(struct reader *r, enum en_err err, struct view key, const char *hint);
// What the reader of the text says.
enum en_err json_in_fail_json(struct reader *r);
// What a value of the field looks like, in words.
const char *json_in_expected(const struct schema_field *f);
// Puts the length of what was written since start before it.
void json_in_close_gap(struct buf *out, size_t start);

// A value that is no message, whose first token was read; its tag only when asked for.
enum en_err json_in_scalar(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag);
// One value of any kind. with_tag false for packed elements only.
enum en_err json_in_value(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag);
enum en_err json_in_list(struct reader *r, const struct schema_field *f, enum json_token token);
enum en_err json_in_map(struct reader *r, const struct schema_field *f, enum json_token token);
// The rest of an object behind its brace, as the fields of t. A key "@type" is passed over when is_any: somebody has read it.
enum en_err json_in_object(struct reader *r, const struct schema_type *t, bool is_any);
// Appends to the path and returns what json_in_pop wants.
size_t json_in_push(struct reader *r, struct view name);
void json_in_pop(struct reader *r, size_t before);

// The content of a message of a well-known type, whose first token was read.
enum en_err json_in_known(struct reader *r, const struct schema_type *t, enum json_token token);

#endif
