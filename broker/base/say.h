// SPDX-License-Identifier: Apache-2.0
// What enlace says, in the reader's language. A sentence stands in English where it is said, so that the code reads as
// what it does and the compiler checks the format against its arguments; its Spanish stands in say.tbl.h (details and
// hints of findings) or say_keys.tbl.h (what the keys of configuration files mean), found by the English.
// tests/lint refuses a sentence that has no Spanish, or one whose conversions differ.
//
// This is gettext's way without its files: both languages are in the program, and which one is asked for is a
// parameter, because a broker answers people of two languages at once.
//
// What only one program says stands in a table of its own (cli/, daemon/ and adapters/sdk/ have a say.tbl.h), found the same way.
//
// Codes with a row of their own (finding.tbl.h, err.tbl.h, reason.tbl.h) carry both texts there.
#ifndef EN_BASE_SAY_H
#define EN_BASE_SAY_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

// The sentence in that language; the English itself where no other is known, so that names and examples may be passed
// through. NULL for NULL. Any thread.
const char *en_say(enum en_lang lang, const char *english) EN_FORMAT_ARG(2);

struct say_row {
	const char *english, *spanish;
};
// The same, of a program's own rows first.
const char *en_say_of(const struct say_row *rows, size_t count, enum en_lang lang, const char *english) EN_FORMAT_ARG(4);

#endif
