// SPDX-License-Identifier: Apache-2.0
// What enlaced says when it does not start, in the language of its environment.
#include "base/say.h"

#include "daemon/daemon.h"

static const struct say_row rows[] = {
#define EN_SAY(english, spanish) {english, spanish},
#include "daemon/say.tbl.h"
#undef EN_SAY
};

const char *
daemon_say(const char *english)
{
	return en_say_of(rows, EN_COUNT_OF(rows), en_lang_from_environment(), english);
}
