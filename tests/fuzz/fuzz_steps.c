// SPDX-License-Identifier: Apache-2.0
// Any text through the steps of a mapping that read one: patterns, numbers, names, telephones, places, markup, JSON, days. The first
// byte chooses the step, a line what it is told, the rest is the text. Checked besides memory: text stays text, and what was taken
// apart or rewritten goes back.
// `make fuzz FUZZ=steps` runs it.
#include <stdlib.h>

#include "fuzz/require.h"
#include "map/decimal.h"
#include "map/geo.h"
#include "map/json_path.h"
#include "map/markup.h"
#include "map/names.h"
#include "map/pattern.h"
#include "map/phone.h"
#include "map/text.h"
#include "map/years.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
patterns(struct view told, struct view text)
{
	struct view parts[PATTERN_PARTS];
	struct pattern p;
	struct buf b = BUF_EMPTY;

	if (pattern_parse(told, &p) != NULL || !pattern_split(&p, text, parts)) {
		return;
	}
	for (uint32_t i = 0; i <= p.count; i++) {
		buf_put_view(&b, p.literals[i]);
		if (i < p.count) {
			require(parts[i].len > 0);
			buf_put_view(&b, parts[i]);
		}
	}
	require(view_equal(buf_view(&b), text));
	buf_fini(&b);
}

static void
numbers(struct view told, struct view text)
{
	struct view point, thousands;
	struct decimal d, again;
	char dst[DECIMAL_TEXT_BYTES];

	if (decimal_example(told, &point, &thousands) != NULL || !decimal_read(text, point, thousands, &d)) {
		return;
	}
	size_t len = decimal_write(d, dst);

	require(decimal_read(view_of(dst, len), view_text("."), VIEW_EMPTY, &again) && decimal_compare(d, again) == 0);
	(void)(decimal_times(d, again, &again) && decimal_round(again, (uint32_t)(told.len % 20), &again));
}

static bool
is_inside(struct view part, struct view text)
{
	return part.len == 0 || (part.data >= text.data && part.data + part.len <= text.data + text.len);
}

static void
names(struct view told, struct view text)
{
	struct view part;

	if (name_take(text, (enum name_order)(told.len % 4), (enum name_part)(told.len / 4 % 4), &part)) {
		require(is_inside(part, text));
	}
}

static void
phones(struct view told, struct view text)
{
	struct phone_country c = {told, view_text("52"), view_text("044|045|01"), view_text("10|8"), view_text("1")};
	struct phone_plan plan = {&c, 1};
	char dst[PHONE_TEXT_BYTES];
	size_t len = phone_e164(&plan, text, told, dst);

	require(len == 0 || (dst[0] == '+' && len < PHONE_TEXT_BYTES && dst[len] == '\0'));
}

static void
places(struct view told, struct view text)
{
	enum geo_form from = (enum geo_form)(told.len % 3), to = (enum geo_form)(told.len / 3 % 3);
	struct view there, back;
	struct arena a;

	arena_init(&a, 0);
	// There, and from there back and there again, ends at the same text (altitudes are lost on the first way).
	if (geo_convert(text, from, to, &a, &there) && (to != GEO_WKT || geo_convert(there, to, from, &a, &back))) {
		if (geo_convert(there, to, from, &a, &back)) {
			struct view again;

			require(geo_convert(back, from, to, &a, &again) && view_equal(there, again));
		}
	}
	arena_fini(&a);
}

static void
markup(struct view told, struct view text)
{
	uint8_t *room = malloc(text.len + 1);

	require(room != NULL);
	struct view out = text_clean(text, (uint32_t)(told.len * 37 % 2048), room);

	require(out.len <= text.len && (!view_is_utf8(text) || view_is_utf8(out)));
	free(room);
}

static void
json(struct view told, struct view text)
{
	struct view *found;
	size_t count;
	struct arena a;
	bool all;

	arena_init(&a, 0);
	if (json_path_check(told, &all) == NULL && json_path_take(text, told, &a, &found, &count) == EN_OK) {
		for (size_t i = 0; i < count; i++) {
			require(view_is_utf8(found[i]));
		}
	}
	arena_fini(&a);
}

static void
days(struct view told, struct view text)
{
	struct date_value a, b;
	int32_t years;

	if (day_read(told, &a) && day_read(text, &b) && years_between(&a, &b, &years)) {
		require(years >= 0 && years <= YEARS_MOST);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[])(struct view, struct view) = {
	    patterns, numbers, names, phones, places, markup, json, days};
	const uint8_t *end = size < 2 ? NULL : memchr(data + 1, '\n', size - 1);

	if (end == NULL) {
		return 0;
	}
	size_t told = (size_t)(end - data) - 1;

	steps[(data[0] - '0') % 8U](view_of(data + 1, told), view_of(end + 1, size - told - 2));
	return 0;
}
