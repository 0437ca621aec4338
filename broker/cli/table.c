// SPDX-License-Identifier: Apache-2.0
// Rows and moments for people.
#include "cli/cmd.h"

#include <assert.h>
#include <string.h>
#include <time.h>

void
table_init(struct table *t, struct arena *arena, size_t columns)
{
	*t = (struct table){.arena = arena, .columns = columns};
}

void
table_cell(struct table *t, const char *text)
{
	const char **cells = arena_larger(t->arena, t->cells, t->count, &t->cap, sizeof(*cells));

	if (cells == NULL) {
		return; // a shorter table is better than none
	}
	t->cells = cells;
	char *copy = arena_text(t->arena, view_text(text == NULL ? "" : text));

	if (copy != NULL) {
		printable(copy);
	}
	t->cells[t->count++] = copy == NULL ? "" : copy;
}

size_t
text_width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		n += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return n;
}

void
table_print(const struct table *t, FILE *out)
{
	size_t widest[TABLE_COLUMNS_MAX] = {0};

	assert(t->columns <= TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < t->count; i++) {
		size_t column = i % t->columns, wide = text_width(t->cells[i]);

		widest[column] = wide > widest[column] ? wide : widest[column];
	}
	for (size_t i = 0; i < t->count; i++) {
		size_t column = i % t->columns;

		if (column + 1 == t->columns) {
			fprintf(out, "%s\n", t->cells[i]);
		} else {
			fprintf(out, "%s%*s", t->cells[i], (int)(widest[column] - text_width(t->cells[i]) + 2), "");
		}
	}
}

void
printable(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
		// C1 controls are two bytes in UTF-8, and as good as an escape to some terminals.
		if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)) {
			bool is_pair = *at == 0xc2;

			*at = '?';
			if (is_pair) {
				*++at = '?';
			}
		}
	}
}

void
age_text(int64_t age_ms, enum en_lang lang, char ret[24])
{
	long long seconds = age_ms / 1000 < 0 ? 0 : age_ms / 1000;

	if (age_ms == 0) {
		snprintf(ret, 24, "-");
	} else if (seconds < 120) {
		snprintf(ret, 24, "%lld s", seconds);
	} else if (seconds < 7200) {
		snprintf(ret, 24, "%lld min", seconds / 60);
	} else if (seconds < 172800) {
		snprintf(ret, 24, "%lld h", seconds / 3600);
	} else {
		snprintf(ret, 24, "%lld %s", seconds / 86400 % 1000000, lang == EN_LANG_ES ? "días" : "days");
	}
}

void
local_time_text(int64_t wall_ms, char ret[24])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL || strftime(ret, 24, "%Y-%m-%d %H:%M:%S", &tm) == 0) {
		snprintf(ret, 24, "-");
	}
}
