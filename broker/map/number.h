// SPDX-License-Identifier: Apache-2.0
// Numbers between the wire, text and other kinds. "Wire bits" are those of struct index_node: a varint as decoded, before zigzag, or the bits of a
// fixed value. Integers in between are 64 bits, two's complement where the kind is signed. Pure.
#ifndef EN_MAP_NUMBER_H
#define EN_MAP_NUMBER_H

#include "schema/schema.h"

#define NUMBER_TEXT_BYTES 24

bool kind_is_integer(enum schema_kind kind);	// neither bool nor enum
bool kind_is_float(enum schema_kind kind);
// "int64", of a number.
const char *kind_name(enum schema_kind kind);
// Whether every value of one kind has its equal in the other: both numbers, no narrowing.
bool kind_widens(enum schema_kind from, enum schema_kind to);
// Wire bits of one kind as those of a kind that it widens to.
uint64_t number_convert(enum schema_kind from, enum schema_kind to, uint64_t bits);
// What the wire bits mean, cut to the kind's width: negative numbers sign-extended, bools 0 or 1. Floats stay bits.
uint64_t number_decode(enum schema_kind kind, uint64_t bits);
// Which of two numbers, bools or enum numbers is the smaller one, by their wire bits; what is no number comes last.
int number_compare(enum schema_kind kind, uint64_t a, uint64_t b);
// An integer, bool (true, false) or enum number in decimal. Returns the length.
size_t number_format(enum schema_kind kind, uint64_t bits, char dst[static NUMBER_TEXT_BYTES]);
// Strict: digits with a leading minus, for floats also a fraction and an exponent; true and false for bools. No
// blanks, no plus, nothing out of range.
bool number_parse(enum schema_kind kind, struct view text, uint64_t *ret_bits);

#endif
