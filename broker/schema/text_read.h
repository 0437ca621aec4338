// SPDX-License-Identifier: Apache-2.0
// A pull reader of protobuf text format: one token at a time, with its place. Strings are unescaped into a buffer of the reader's. The first failure
// sticks. For text_in.c.
#ifndef EN_SCHEMA_TEXT_READ_H
#define EN_SCHEMA_TEXT_READ_H

#include "schema/schema.h"

enum text_token {
	TEXT_END,
	TEXT_NAME,	// an identifier
	TEXT_NUMBER,	// without its sign
	TEXT_STRING,	// unescaped
	TEXT_SIGN,	// one of { } < > [ ] : , ; - . /
	TEXT_ERROR,
};

struct text_read {
	const uint8_t *pos, *end, *line_start;
	uint32_t line;
	enum text_token token;
	struct view text;		// of the token; of a string until the next one
	uint32_t token_line, token_column;
	struct buf scratch;
	const char *problem;		// of TEXT_ERROR
	enum en_err err;
};

void text_read_init(struct text_read *r, struct view text);	// and reads the first token
void text_read_fini(struct text_read *r);
enum text_token text_read_next(struct text_read *r);
// Whether the token at hand is this sign; takes it when it is.
bool text_read_take(struct text_read *r, char sign);
bool text_read_is(const struct text_read *r, char sign);

// text_scalar.c: the bits, as an index's node holds them, of the name or number at hand; no texts, bytes and messages. False when it does not fit the field.
bool text_scalar(const struct text_read *r, const struct schema_field *f, bool negative, uint64_t *ret_bits);

#endif
