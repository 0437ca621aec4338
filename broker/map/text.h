// SPDX-License-Identifier: Apache-2.0
// `clean`: what may be done to a text before it is converted. Pure; text in is UTF-8 and text out is.
#ifndef EN_MAP_TEXT_H
#define EN_MAP_TEXT_H

#include "base/bytes.h"

// Carried out in this order, whatever the order in the file.
enum clean {
	CLEAN_TRIM = 1,			// blanks at both ends, no-break spaces included
	CLEAN_COLLAPSE_SPACES = 2,	// each run of blanks becomes one
	CLEAN_STRIP_ACCENTS = 4,	// of the letters of Latin-1, and combining marks
	CLEAN_DIGITS_ONLY = 8,		// 0 to 9 stay
	CLEAN_UPPER = 16,		// the letters of Latin-1; others stay as they are
	CLEAN_LOWER = 32,
	CLEAN_NAME_CASE = 64,		// Maria de los Angeles
	CLEAN_STRIP_HTML = 128,		// first of all: markup.h
	CLEAN_UNESCAPE = 256,		// and these two after it
	CLEAN_COMPOSE = 512,
	CLEAN_STRIP_ZEROS = 1024,	// last of all: 007 becomes 7, 000 becomes 0
};

// 0 for an unknown word.
uint32_t clean_from_name(const char *name);
struct view text_trim(struct view v);
// dst has room for in.len bytes: no step makes a text longer. The result is in dst, or a part of in when nothing had
// to be written.
struct view text_clean(struct view in, uint32_t steps, uint8_t *dst);

#endif
