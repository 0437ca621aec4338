// SPDX-License-Identifier: Apache-2.0
// Looked up by comparing all of them: it happens once for a finding, which somebody is about to read.
#include "base/say.h"

#include <string.h>

static const struct {
	const char *english, *spanish;
} sentences[] = {
#define EN_SAY(english, spanish) {english, spanish},
#include "base/say.tbl.h"
#include "base/say_keys.tbl.h"
#undef EN_SAY
};

const char *
en_say(enum en_lang lang, const char *english)
{
	for (size_t i = 0; lang == EN_LANG_ES && english != NULL && i < EN_COUNT_OF(sentences); i++) {
		if (strcmp(sentences[i].english, english) == 0) {
			return sentences[i].spanish;
		}
	}
	return english;
}
