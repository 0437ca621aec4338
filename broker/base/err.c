// SPDX-License-Identifier: Apache-2.0
// The error table, read column by column.
#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

struct err_row {
	const char *code, *en, *es;
	int exit_code;
	bool may_retry;
};

static const struct err_row rows[] = {
#define EN_ERR(name, retry, exit, code, en, es) [name] = {code, en, es, exit, retry},
#include "base/err.tbl.h"
#undef EN_ERR
};
_Static_assert(EN_COUNT_OF(rows) == EN_ERR_COUNT, "one row per error");

// A number that is no error at all (from a cast gone wrong) is told as a fault of ours instead of read past the table.
static const struct err_row *
row_of(enum en_err err)
{
	return (unsigned)err < EN_ERR_COUNT ? &rows[err] : &rows[EN_EINTERNAL];
}

enum en_lang
en_lang_from_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	// The first one that is set and not empty decides, as POSIX says; the later ones are not asked.
	for (size_t i = 0; i < EN_COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0') {
			bool is_es = strncmp(value, "es", 2) == 0 && strchr("_.@", value[2]) != NULL;

			return is_es ? EN_LANG_ES : EN_LANG_EN;
		}
	}
	return EN_LANG_EN;
}

const char *
en_err_code(enum en_err err)
{
	return row_of(err)->code;
}

const char *
en_err_text(enum en_err err, enum en_lang lang)
{
	return lang == EN_LANG_ES ? row_of(err)->es : row_of(err)->en;
}

bool
en_err_may_retry(enum en_err err)
{
	return row_of(err)->may_retry;
}

int
en_err_exit_code(enum en_err err)
{
	return row_of(err)->exit_code;
}
