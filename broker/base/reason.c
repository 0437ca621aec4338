// SPDX-License-Identifier: Apache-2.0
// The reason table, read column by column.
#include "base/reason.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"

static const struct {
	const char *code, *en, *es;
} rows[] = {
#define EN_REASON(name, code, en, es) [name] = {code, en, es},
#include "base/reason.tbl.h"
#undef EN_REASON
};
_Static_assert(EN_COUNT_OF(rows) == REASON_COUNT, "one row per reason");

const char *
reason_code(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].code : "unknown";
}

const char *
reason_text(enum reason reason, enum en_lang lang)
{
	if ((unsigned)reason >= REASON_COUNT) {
		return "";
	}
	return lang == EN_LANG_ES ? rows[reason].es : rows[reason].en;
}

enum reason
reason_from_code(const char *code)
{
	for (size_t i = 0; code != NULL && i < REASON_COUNT; i++) {
		if (strcmp(rows[i].code, code) == 0) {
			return (enum reason)i;
		}
	}
	return REASON_COUNT;
}
