// SPDX-License-Identifier: Apache-2.0
// The edits of a text, in order. Each takes the text as it is and leaves another, or a reason why it cannot read it.
#include <stdio.h>

#include "expr/regex.h"
#include "map/decimal.h"
#include "map/geo.h"
#include "map/json_path.h"
#include "map/names.h"
#include "map/phone.h"
#include "map/run_int.h"
#include "map/years.h"

struct editing {
	struct runner *r;
	const struct edit *e;
	struct view text;
	enum reason reason; // REASON_NONE while it could be read
};

// False without memory.
static bool
replace(struct editing *x, const char *text, size_t len)
{
	struct view copy = arena_copy(x->r->arena, view_of(text, len));

	if (len > 0 && copy.data == NULL) {
		return run_out_of_memory(x->r);
	}
	x->text = copy;
	return true;
}

static bool
unreadable(struct editing *x, enum reason reason)
{
	x->reason = reason;
	return true;
}

// ---- spelling -----------------------------------------------------------------------------------------------------

static void
alias(struct editing *x)
{
	for (uint32_t i = 0; i < x->e->list.count; i += 2) {
		if (view_equal(x->text, x->e->list.items[i])) {
			x->text = x->e->list.items[i + 1];
			return;
		}
	}
}

static void
strip(struct editing *x, bool at_end)
{
	for (uint32_t i = 0; i < x->e->list.count; i++) {
		struct view what = x->e->list.items[i];
		size_t at = x->text.len - (what.len < x->text.len ? what.len : x->text.len);

		if (what.len <= x->text.len && memcmp(x->text.data + (at_end ? at : 0), what.data, what.len) == 0) {
			x->text = view_of(x->text.data + (at_end ? 0 : what.len), x->text.len - what.len);
			return;
		}
	}
}

static bool
is_start(uint8_t byte)
{
	return (byte & 0xc0) != 0x80; // of a character
}

static void
cut(struct editing *x)
{
	size_t at = x->e->kind == EDIT_FIRST ? 0 : x->text.len;
	uint32_t left = x->e->number;

	if (x->e->kind == EDIT_FIRST) {
		while (at < x->text.len && (left > 0 || !is_start(x->text.data[at]))) {
			left -= is_start(x->text.data[at]);
			at++;
		}
		x->text.len = at;
		return;
	}
	while (at > 0 && left > 0) {
		at--;
		left -= is_start(x->text.data[at]);
	}
	x->text = view_of(x->text.data + at, x->text.len - at);
}

static bool
pad(struct editing *x)
{
	size_t characters = 0;
	char zeros[LIMIT_PAD];

	for (size_t i = 0; i < x->text.len; i++) {
		characters += is_start(x->text.data[i]);
	}
	if (characters >= x->e->number) {
		return true;
	}
	size_t count = x->e->number - characters;
	char *room = arena_alloc(x->r->arena, count + x->text.len);

	if (room == NULL) {
		return run_out_of_memory(x->r);
	}
	memset(zeros, '0', sizeof(zeros));
	memcpy(room, zeros, count);
	memcpy(room + count, x->text.data, x->text.len);
	x->text = view_of(room, count + x->text.len);
	return true;
}

static bool
take_part(struct editing *x)
{
	struct view parts[PATTERN_PARTS];

	if (!pattern_split(x->e->pattern, x->text, parts)) {
		return unreadable(x, REASON_TEXT_FORM);
	}
	x->text = parts[x->e->number];
	return true;
}

// A text that costs more than its pattern may is one that cannot be read.
static bool
follow_regex(struct editing *x)
{
	uint64_t budget = LIMIT_MATCH_COST;
	bool found = false;
	enum en_err err = regex_match(x->e->regex, x->text, x->r->arena, &budget, &found);

	if (err == EN_ENOMEM) {
		return run_out_of_memory(x->r);
	}
	return (err == EN_OK && found) || unreadable(x, REASON_TEXT_FORM);
}

// The piece that follows the pattern. A second one that says something else leaves it open which of them is meant.
static bool
extract(struct editing *x)
{
	uint64_t budget = LIMIT_MATCH_COST;
	struct view piece = VIEW_EMPTY, next;
	size_t from = 0;
	enum en_err err;

	while ((err = regex_find(x->e->regex, x->text, from, x->r->arena, &budget, &next)) == EN_OK && next.len > 0) {
		if (piece.len > 0 && !view_equal(piece, next)) {
			return unreadable(x, REASON_AMBIGUOUS);
		}
		piece = next;
		from = (size_t)(next.data - x->text.data) + next.len;
	}
	if (err == EN_ENOMEM) {
		return run_out_of_memory(x->r);
	}
	x->text = piece;
	return (err == EN_OK && piece.len > 0) || unreadable(x, REASON_TEXT_FORM);
}

static bool
surround(struct editing *x)
{
	struct view what = x->e->text;
	bool is_prefix = x->e->kind == EDIT_PREFIX;
	char *room = arena_alloc(x->r->arena, what.len + x->text.len);

	if (room == NULL) {
		return run_out_of_memory(x->r);
	}
	memcpy(room + (is_prefix ? 0 : x->text.len), what.data, what.len);
	memcpy(room + (is_prefix ? what.len : 0), x->text.data, x->text.len);
	x->text = view_of(room, what.len + x->text.len);
	return true;
}

// ---- numbers ------------------------------------------------------------------------------------------------------

static bool
plain_number(struct view text, struct decimal *ret)
{
	return decimal_read(text, view_text("."), VIEW_EMPTY, ret);
}

static bool
put_number(struct editing *x, struct decimal d)
{
	char text[DECIMAL_TEXT_BYTES];

	return replace(x, text, decimal_write(d, text));
}

static bool
change_number(struct editing *x)
{
	struct decimal d, other;
	struct view factor;

	switch (x->e->kind) {
	case EDIT_NUMBER:
		return decimal_read(x->text, x->e->text, x->e->other, &d) ? put_number(x, d)
									  : unreadable(x, REASON_NOT_NUMBER);
	case EDIT_TIMES:
		if (!helper_text(x->r, x->e->value, &factor)) {
			return false;
		}
		return plain_number(x->text, &d) && plain_number(factor, &other) && decimal_times(d, other, &d)
		    ? put_number(x, d)
		    : unreadable(x, REASON_NOT_NUMBER);
	case EDIT_DECIMALS:
		return plain_number(x->text, &d) && decimal_round(d, x->e->number, &d)
		    ? put_number(x, d)
		    : unreadable(x, REASON_NOT_NUMBER);
	case EDIT_BETWEEN:
		if (!plain_number(x->text, &d)) {
			return unreadable(x, REASON_NOT_NUMBER);
		}
		return plain_number(x->e->text, &other) && decimal_compare(d, other) >= 0 &&
			plain_number(x->e->other, &other) && decimal_compare(d, other) <= 0
		    ? true
		    : unreadable(x, REASON_OUT_OF_RANGE);
	default: // EDIT_MORE_THAN
		if (!plain_number(x->text, &d) || !plain_number(x->e->text, &other)) {
			return unreadable(x, REASON_NOT_NUMBER);
		}
		x->text = decimal_compare(d, other) > 0 ? x->e->other : x->text;
		return true;
	}
}

// ---- days and years -----------------------------------------------------------------------------------------------

static bool
read_day(struct editing *x)
{
	struct date_value date;
	char day[DATE_DAY_BYTES];

	for (uint32_t i = 0; i < x->e->format_count; i++) {
		if (date_read(&x->e->formats[i], x->text, &date)) {
			return replace(x, day, date_write_day(&date, day));
		}
	}
	return unreadable(x, REASON_DATE_INVALID);
}

// A whole number of years that somebody can have lived.
static bool
read_age(struct view text, int32_t *ret)
{
	struct decimal d;

	if (!plain_number(text, &d) || d.scale > 0 || d.units < 0 || d.units > YEARS_MOST) {
		return false;
	}
	*ret = (int32_t)d.units;
	return true;
}

static enum reason
age_of(struct view born, const struct date_value *at, int32_t *ret)
{
	struct date_value day;

	if (!day_read(born, &day)) {
		return REASON_DATE_INVALID;
	}
	return years_between(&day, at, ret) ? REASON_NONE : REASON_OUT_OF_RANGE;
}

static enum reason
year_of_birth(struct view age, const struct date_value *at, int32_t *ret)
{
	int32_t years;

	if (!read_age(age, &years) || years >= at->parts[DATE_YEAR]) {
		return REASON_OUT_OF_RANGE;
	}
	*ret = at->parts[DATE_YEAR] - years;
	return REASON_NONE;
}

static bool
change_years(struct editing *x)
{
	bool is_age = x->e->kind == EDIT_AGE;
	struct date_value at;
	struct view text;
	int32_t number;
	char digits[16];

	if (!helper_text(x->r, x->e->value, &text)) {
		return false;
	}
	enum reason reason = !day_read(text, &at) ? REASON_DATE_INVALID
	    : is_age                              ? age_of(x->text, &at, &number)
						  : year_of_birth(x->text, &at, &number);

	if (reason != REASON_NONE) {
		return unreadable(x, reason);
	}
	return replace(x, digits, (size_t)snprintf(digits, sizeof(digits), is_age ? "%d" : "%04d", number));
}

#define STATES 32 // INEGI's, 01 to 32
#define STATE_DIGITS 2
#define MUNICIPALITY_DIGITS 5

// The state of a municipality. Nothing is left out of a state by itself, so it passes only where the schema says that the field has no more; anywhere else
// two digits may be a house's.
static bool
take_state(struct editing *x)
{
	bool is_state = x->text.len == STATE_DIGITS && x->e->number != 0;
	int state = 0;

	for (size_t i = 0; i < x->text.len; i++) {
		if (x->text.data[i] < '0' || x->text.data[i] > '9') {
			return unreadable(x, REASON_TEXT_FORM);
		}
		state = i < STATE_DIGITS ? 10 * state + x->text.data[i] - '0' : state;
	}
	if ((!is_state && x->text.len != MUNICIPALITY_DIGITS) || state < 1 || state > STATES) {
		return unreadable(x, REASON_TEXT_FORM);
	}
	x->text.len = STATE_DIGITS;
	return true;
}

static bool
coarsen(struct editing *x)
{
	char text[BAND_TEXT_BYTES];
	struct date_value day;
	int32_t age;

	switch (x->e->kind) {
	case EDIT_YEAR:
		if (!day_read(x->text, &day)) {
			return unreadable(x, REASON_DATE_INVALID);
		}
		x->text.len = 4;
		return true;
	case EDIT_BAND:
		return read_age(x->text, &age)
		    ? replace(x, text, band_write(x->e->bands, x->e->band_count, (uint32_t)age, text))
		    : unreadable(x, REASON_OUT_OF_RANGE);
	default: // EDIT_ADM1
		return take_state(x);
	}
}

// ---- telephones, places, names ------------------------------------------------------------------------------------

static bool
write_phone(struct editing *x)
{
	struct view country = VIEW_EMPTY;
	char number[PHONE_TEXT_BYTES];

	if (x->e->value != NULL && !helper_text(x->r, x->e->value, &country)) {
		return false;
	}
	size_t len = phone_e164(x->e->phones, x->text, country, number);

	return len > 0 ? replace(x, number, len) : unreadable(x, REASON_TEXT_FORM);
}

static bool
convert_place(struct editing *x)
{
	struct view text;

	if (!geo_convert(x->text, (enum geo_form)x->e->number, (enum geo_form)x->e->order, x->r->arena, &text)) {
		return unreadable(x, REASON_TEXT_FORM);
	}
	x->text = text;
	return text.data != NULL || run_out_of_memory(x->r);
}

static bool
take_name(struct editing *x)
{
	struct view part;

	if (!name_take(x->text, (enum name_order)x->e->order, (enum name_part)x->e->number, &part)) {
		return unreadable(x, REASON_TEXT_FORM);
	}
	x->text = part;
	return true;
}

// ---- the whole ----------------------------------------------------------------------------------------------------

static bool
edit_one(struct editing *x)
{
	switch (x->e->kind) {
	case EDIT_ALIAS:
		alias(x);
		return true;
	case EDIT_STRIP_PREFIX:
	case EDIT_STRIP_SUFFIX:
		strip(x, x->e->kind == EDIT_STRIP_SUFFIX);
		return true;
	case EDIT_FIRST:
	case EDIT_LAST:
		cut(x);
		return true;
	case EDIT_PAD:
		return pad(x);
	case EDIT_PATTERN:
		return take_part(x);
	case EDIT_MATCHES:
		return follow_regex(x);
	case EDIT_EXTRACT:
		return extract(x);
	case EDIT_NAME:
		return take_name(x);
	case EDIT_NUMBER:
	case EDIT_TIMES:
	case EDIT_DECIMALS:
	case EDIT_BETWEEN:
	case EDIT_MORE_THAN:
		return change_number(x);
	case EDIT_PHONE:
		return write_phone(x);
	case EDIT_GEO:
		return convert_place(x);
	case EDIT_DAY:
		return read_day(x);
	case EDIT_AGE:
	case EDIT_BORN:
		return change_years(x);
	case EDIT_YEAR:
	case EDIT_BAND:
	case EDIT_ADM1:
		return coarsen(x);
	case EDIT_PREFIX:
	case EDIT_SUFFIX:
		return surround(x);
	}
	return true;
}

bool
edit_text(struct runner *r, struct edits edits, struct view *text, enum reason *reterr_reason)
{
	struct editing x = {.r = r, .text = *text, .reason = REASON_NONE};

	for (uint32_t i = 0; i < edits.count && x.text.len > 0 && x.reason == REASON_NONE; i++) {
		x.e = &edits.items[i];
		if (!edit_one(&x)) {
			return false;
		}
	}
	*text = x.text;
	*reterr_reason = x.reason;
	return true;
}

bool
json_texts(
    struct runner *r, const struct value *v, struct view text, struct view **ret, size_t *ret_count, bool *ret_good)
{
	enum en_err err = json_path_take(text, v->more->json, r->arena, ret, ret_count);

	*ret_good = err == EN_OK;
	return err != EN_ENOMEM || run_out_of_memory(r);
}
