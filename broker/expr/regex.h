// SPDX-License-Identifier: Apache-2.0
// Regular expressions in RE2's syntax, found anywhere in a text, in time linear in the text: all ways through the pattern are followed at once, so no
// pattern and no text can make it go back (regex_match.c). A pattern becomes a program of limited size when it is loaded.
//
// Understood: literals, . [classes] with ranges, negation and [[:alpha:]], \d \w \s \D \W \S, \pL \p{Lu} \P{L} and the other general categories, \b \B \A \z ^ $ \Q...\E, \x41 \x{1F600} \n and the like,
// groups of every kind (nothing is captured), | * + ? {n} {n,} {n,m} also lazy, flags i m s U. Not understood, and refused as RE2 refuses what it does
// not know: \p{Greek} and the other scripts, back references, look-around. Upper and lower case are those of Latin, Greek and Cyrillic letters.
#ifndef EN_EXPR_REGEX_H
#define EN_EXPR_REGEX_H

#include "base/arena.h"

struct regex;

// EN_EFORMAT, EN_ELIMIT (LIMIT_REGEX_*) with the place in the pattern and a short text, EN_ENOMEM. Lives in the arena, immutable.
EN_MUST_CHECK enum en_err regex_compile(struct view pattern, struct arena *a, const struct regex **ret, size_t *reterr_at, const char **reterr_problem);
// Whether the pattern is found in the text, which must be UTF-8. Scratch memory from the arena (EN_ENOMEM). *cost: the budget; what is used is taken from
// it, and EN_ELIMIT told when it does not suffice.
EN_MUST_CHECK enum en_err regex_match(const struct regex *re, struct view text, struct arena *scratch, uint64_t *cost, bool *ret);
// The first piece of the text, from an offset on, that follows the pattern, as long as it can be and one character at least; empty when there is none.
// As regex_match else.
EN_MUST_CHECK enum en_err regex_find(const struct regex *re, struct view text, size_t from, struct arena *scratch, uint64_t *cost, struct view *ret);

#endif
