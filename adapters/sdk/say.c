// SPDX-License-Identifier: Apache-2.0
// What an adapter says to its agency's staff, in the language of its environment.
#include "base/say.h"

#include "sdk/adapter_int.h"

static const struct say_row rows[] = {
#define EN_SAY(english, spanish) {english, spanish},
#include "sdk/say.tbl.h"
#undef EN_SAY
};

const char *
enlace_say(const char *english)
{
	return en_say_of(rows, EN_COUNT_OF(rows), en_lang_from_environment(), english);
}
