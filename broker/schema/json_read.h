// SPDX-License-Identifier: Apache-2.0
// A pull reader of JSON text (RFC 8259): one token at a time, no tree, with line and column. Depth is limited; numbers stay text; strings are
// unescaped into a buffer of the reader's and must be UTF-8. The first failure sticks.
#ifndef EN_SCHEMA_JSON_READ_H
#define EN_SCHEMA_JSON_READ_H

#include "base/bytes.h"

enum json_token { JSON_END, JSON_OBJECT, JSON_OBJECT_END, JSON_ARRAY, JSON_ARRAY_END, JSON_KEY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_ERROR };

struct json_read {
	const uint8_t *start, *pos, *end, *line_start, *token;
	uint32_t line;
	unsigned int depth, depth_max;
	uint8_t closers[128];	// what closes each open level
	bool wants_value, wants_key, after_value;
	struct view text;	// of JSON_KEY, JSON_STRING (unescaped) and JSON_NUMBER; until the next call
	struct buf scratch;
	enum en_err err;
	const char *problem;
};

void json_read_init(struct json_read *r, struct view text, unsigned int depth_max);	// at most 127
void json_read_fini(struct json_read *r);
enum json_token json_read_next(struct json_read *r);
// Passes over the value whose first token was just read.
void json_read_skip(struct json_read *r, enum json_token first);
// A place to come back to: what json_read_mark returns is for json_read_back on the same reader, while it has no failure.
struct json_read json_read_mark(const struct json_read *r);
void json_read_back(struct json_read *r, const struct json_read *mark);
uint32_t json_read_column(const struct json_read *r);	// of the last token

#endif
