// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cli/cmd.h"

void
table_init(struct table *t, struct arena *arena, size_t columns)
{
	*t = (struct table){.arena = arena, .columns = columns};
}

void
table_cell(struct table *t, const char *text)
{
	if (t->count == t->cap) {
		size_t cap = t->cap == 0 ? 64 : t->cap * 2;
		const char **grown = arena_alloc(t->arena, cap * sizeof(*grown));

		if (grown == NULL) {
			return; // a shorter table is better than none
		}
		if (t->count > 0) {
			memcpy(grown, t->cells, t->count * sizeof(*grown));
		}
		t->cells = grown;
		t->cap = cap;
	}
	t->cells[t->count] = arena_text(t->arena, view_text(text == NULL ? "" : text));
	if (t->cells[t->count] == NULL) {
		t->cells[t->count] = "";
	}
	t->count++;
}

// Characters, not bytes: continuation bytes take no room.
static size_t
width(const char *text)
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
	for (size_t i = 0; i < t->count; i++) {
		size_t column = i % t->columns, widest = 0;

		for (size_t j = column; j < t->count; j += t->columns) {
			widest = width(t->cells[j]) > widest ? width(t->cells[j]) : widest;
		}
		if (column + 1 == t->columns) {
			fprintf(out, "%s\n", t->cells[i]);
		} else {
			fprintf(out, "%s%*s", t->cells[i], (int)(widest - width(t->cells[i]) + 2), "");
		}
	}
}

void
age_text(int64_t then_ms, int64_t now_ms, char ret[16])
{
	int64_t seconds = (now_ms - then_ms) / 1000;

	if (then_ms == 0) {
		snprintf(ret, 16, "-");
	} else if (seconds < 120) {
		snprintf(ret, 16, "%d s", (int)(seconds < 0 ? 0 : seconds));
	} else if (seconds < 7200) {
		snprintf(ret, 16, "%d min", (int)(seconds / 60));
	} else if (seconds < 172800) {
		snprintf(ret, 16, "%d h", (int)(seconds / 3600));
	} else {
		snprintf(ret, 16, "%d days", (int)(seconds / 86400 > 99999 ? 99999 : seconds / 86400));
	}
}
