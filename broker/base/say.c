// SPDX-License-Identifier: Apache-2.0
// Looked up by comparing all of them: it happens once for a finding, which somebody is about to read.
#include "base/say.h"

#include <string.h>

static const struct say_row sentences[] = {
#define EN_SAY(english, spanish) {english, spanish},
#include "base/say.tbl.h"
#include "base/say_keys.tbl.h"
#undef EN_SAY
};

static const char *
find(const struct say_row *rows, size_t count, const char *english)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].english, english) == 0) {
			return rows[i].spanish;
		}
	}
	return NULL;
}

const char *
en_say(enum en_lang lang, const char *english)
{
	return en_say_of(NULL, 0, lang, english);
}

const char *
en_say_of(const struct say_row *rows, size_t count, enum en_lang lang, const char *english)
{
	const char *found = NULL;

	if (lang == EN_LANG_ES && english != NULL) {
		found = find(rows, count, english);
		found = found != NULL ? found : find(sentences, EN_COUNT_OF(sentences), english);
	}
	return found == NULL ? english : found;
}
