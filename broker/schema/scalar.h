// SPDX-License-Identifier: Apache-2.0
// One scalar value between text and wire bits, strictly: what does not fit the kind is refused.
#ifndef EN_SCHEMA_SCALAR_H
#define EN_SCHEMA_SCALAR_H

#include "schema/index.h"

// Numbers, booleans and enums, from the text of a JSON number, a JSON string or a cell. *ret: the bits as a node holds them (zigzag applied). false when
// it does not fit. Whole numbers may be written with an exponent or a fraction of zeros, as ProtoJSON allows.
bool scalar_from_text(const struct schema_field *f, struct view text, uint64_t *ret);
// Of whole numbers and enums: whether there are negative ones, and whether they have 32 bits and not 64.
bool scalar_is_signed(enum schema_kind kind);
bool scalar_is_narrow(enum schema_kind kind);
// The bits that a node holds of a whole number that its kind has, in two's complement; and of one with decimals, rounded where it is narrow.
uint64_t scalar_whole_bits(enum schema_kind kind, uint64_t number);
uint64_t scalar_float_bits(enum schema_kind kind, double number);
double scalar_float(enum schema_kind kind, uint64_t bits);
// Appends the text. Enums by name where there is one. Not for strings, bytes and messages.
void scalar_to_text(const struct schema_field *f, uint64_t bits, struct buf *out);
// Appends a value with its tag. content for strings and bytes.
void scalar_put(const struct schema_field *f, uint64_t bits, struct view content, bool with_tag, struct buf *out);
// Whether a text can stand in a list that one text holds, and be told apart again; separator is not empty.
bool scalar_may_be_listed(struct view value, const char *separator, bool is_last);

#endif
