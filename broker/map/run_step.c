// SPDX-License-Identifier: Apache-2.0
// One value of the source through empty_if, clean and the conversion. What is empty after that is absent: if_empty is
// the caller's.
#include <stdlib.h>

#include "map/number.h"
#include "map/run_int.h"
#include "map/text.h"

bool
text_is_in(struct view text, struct texts set)
{
	for (uint32_t i = 0; i < set.count; i++) {
		if (view_equal(text, set.items[i])) {
			return true;
		}
	}
	return false;
}

bool
node_text(struct runner *r, const struct schema_field *f, const struct index_node *n, struct view *ret)
{
	char text[NUMBER_TEXT_BYTES];

	if (schema_wire_type(f->kind) == WIRE_LEN) {
		*ret = index_bytes(r->ix, n);
		return true;
	}
	if (f->kind == KIND_ENUM) {
		const struct schema_enum_value *value =
		    schema_enum_by_number(f->enumeration, (int32_t)number_decode(f->kind, n->bits));

		if (value != NULL) {
			*ret = view_text(value->name);
			return true;
		}
	}
	*ret = arena_copy(r->arena, view_of(text, number_format(f->kind, n->bits, text)));
	return ret->data != NULL || run_out_of_memory(r);
}

// A row that says "" means that the code means nothing: absent.
static bool
take_row(const struct value *v, size_t row, struct item *ret)
{
	const struct table_result *result = &v->table->results[row];

	ret->row = &v->table->table->conf->rows[row];
	if (result->text.len > 0) {
		ret->kind = v->target->kind == KIND_STRING ? ITEM_TEXT : ITEM_BITS;
		ret->text = result->text;
		ret->bits = result->bits;
	}
	return true;
}

static bool
table_by_text(struct runner *r, const struct value *v, struct view text, struct item *ret)
{
	const struct table_use *use = v->table;
	const struct conf_table_row *row =
	    codes_get(use->reversed ? &use->table->backward : &use->table->forward, text);

	return row == NULL ? step_unknown(r, v, REASON_TABLE_MISS, text, ret)
			   : take_row(v, (size_t)(row - use->table->conf->rows), ret);
}

static bool
table_by_number(struct runner *r, const struct value *v, const struct index_node *n, struct item *ret)
{
	const struct schema_field *f = v->path->leaf;
	int32_t number = (int32_t)number_decode(f->kind, n->bits);
	struct view text;
	const struct table_use *use = v->table;
	uint32_t low = 0, high = use->number_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (use->numbers[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == use->number_count || use->numbers[low].number != number) {
		return node_text(r, f, n, &text) && step_unknown(r, v, REASON_TABLE_MISS, text, ret);
	}
	return take_row(v, use->numbers[low].row, ret);
}

bool
step_unknown(struct runner *r, const struct value *v, enum reason reason, struct view raw, struct item *ret)
{
	switch (v->more == NULL ? CONF_UNKNOWN_HOLD : v->more->if_unknown) {
	case CONF_UNKNOWN_HOLD:
		break;
	case CONF_UNKNOWN_ABSENT:
		item_clear(ret, v);
		return true;
	case CONF_UNKNOWN_KEEP:
		item_clear(ret, v);
		ret->kind = ITEM_TEXT;
		ret->text = raw;
		return true;
	case CONF_UNKNOWN_VALUE:
		return value_item(r, v->more->unknown_value, ret);
	}
	return run_fault(r, reason, v);
}

// Compared as far as both are known: the year of a partial date may be all there is.
static bool
is_believed(const struct runner *r, const struct day_limits *days, const struct date_value *date)
{
	char day[DATE_DAY_BYTES], recorded[DATE_DAY_BYTES];
	struct date_value now = date_from_wall(r->env->recorded_wall_ms, 0);
	size_t len = date_write_day(date, day);
	struct view last = days->last.len > 0 ? days->last : view_of(recorded, date_write_day(&now, recorded));

	return memcmp(day, days->first.data, len) >= 0 && memcmp(day, last.data, len) <= 0;
}

static bool
read_date(struct runner *r, const struct value *v, struct view text, struct item *ret)
{
	uint32_t i = 0;

	while (i < v->format_count && !date_read(&v->formats[i], text, &ret->date)) {
		i++;
	}
	if (i == v->format_count) {
		return step_unknown(r, v, REASON_DATE_INVALID, text, ret);
	}
	if (v->more != NULL && v->more->days != NULL && !is_believed(r, v->more->days, &ret->date)) {
		return step_unknown(r, v, REASON_OUT_OF_RANGE, text, ret);
	}
	if (v->convert == CONVERT_TEXT_TO_DATE) {
		ret->kind = ITEM_DATE;
	} else if (v->convert == CONVERT_TEXT_TO_INSTANT) {
		ret->kind = ITEM_INSTANT;
		ret->bits = (uint64_t)date_to_wall(&ret->date);
		ret->has_zone = true;
	} else {
		char *day = arena_alloc(r->arena, DATE_DAY_BYTES);

		if (day == NULL) {
			return run_out_of_memory(r);
		}
		ret->kind = ITEM_TEXT;
		ret->text = view_of(day, date_write_day(&ret->date, day));
	}
	return true;
}

// A text as the target's kind.
static bool
convert_text(struct runner *r, const struct value *v, struct view text, struct view raw, struct item *ret)
{
	switch (v->convert) {
	case CONVERT_TABLE:
		return table_by_text(r, v, text, ret);
	case CONVERT_TRUTH:
		ret->kind = ITEM_BITS;
		ret->bits = text_is_in(text, v->true_if);
		return ret->bits != 0 || text_is_in(text, v->false_if) ||
		    step_unknown(r, v, REASON_NOT_BOOLEAN, raw, ret);
	case CONVERT_TEXT_TO_NUMBER:
		ret->kind = ITEM_BITS;
		return number_parse(v->target->kind, text, &ret->bits) ||
		    step_unknown(r, v, REASON_NOT_NUMBER, raw, ret);
	case CONVERT_TEXT_TO_DATE:
	case CONVERT_TEXT_TO_INSTANT:
	case CONVERT_TEXT_TO_DAY:
		return read_date(r, v, text, ret);
	case CONVERT_FITS:
		ret->kind = ITEM_BITS;
		ret->bits = 1;
		return true;
	default:
		ret->kind = ITEM_TEXT;
		ret->text = text;
		return true;
	}
}

// One text through everything but JSON.
bool
step_piece(struct runner *r, const struct value *v, struct view text, struct item *ret)
{
	enum reason reason = REASON_NONE;
	struct view raw = text;

	ret->value = v;
	ret->kind = ITEM_ABSENT;
	if (text.len == 0 || text_is_in(text, v->empty_if)) {
		return true;
	}
	if (v->clean != 0) {
		uint8_t *room = arena_alloc(r->arena, text.len);

		if (room == NULL) {
			return run_out_of_memory(r);
		}
		text = text_clean(text, v->clean, room);
	}
	if (v->more != NULL && !edit_text(r, v->more->before, &text, &reason)) {
		return false;
	}
	if (reason != REASON_NONE && v->convert == CONVERT_FITS) {
		ret->kind = ITEM_BITS;
		ret->bits = 0;
		return true;
	}
	if (reason != REASON_NONE) {
		return step_unknown(r, v, reason, raw, ret);
	}
	return text.len == 0 || convert_text(r, v, text, raw, ret);
}

bool
step_text(struct runner *r, const struct value *v, struct view text, struct item *ret)
{
	struct view *texts = NULL;
	size_t count = 0;
	bool good = true;

	ret->value = v;
	ret->kind = ITEM_ABSENT;
	if (v->more == NULL || v->more->json.data == NULL) {
		return step_piece(r, v, text, ret);
	}
	if (text.len == 0 || text_is_in(text, v->empty_if)) {
		return true;
	}
	if (!json_texts(r, v, text, &texts, &count, &good)) {
		return false;
	}
	// A key that stands twice.
	if (!good || count > 1) {
		return step_unknown(r, v, good ? REASON_AMBIGUOUS : REASON_TEXT_FORM, text, ret);
	}
	return count == 0 || step_piece(r, v, texts[0], ret);
}

static int32_t
date_part(const struct runner *r, uint32_t message, const struct schema_field *f)
{
	const struct index_node *n = index_last(r->ix, message, f);

	return n == NULL ? 0 : (int32_t)(uint32_t)n->bits;
}

// Whether there is such a day, as far as it is known: nothing is cut to size.
static bool
is_day(const struct date_value *d)
{
	int32_t year = d->parts[DATE_YEAR], month = d->parts[DATE_MONTH], day = d->parts[DATE_DAY];

	return year >= 0 && year <= 9999 && month >= 0 && month <= 12 && day >= 0 &&
	    day <= (month == 0 ? 31 : civil_days_in_month(year, month));
}

// The first format whose parts are all known.
static bool
write_date(struct runner *r, const struct value *v, const struct index_node *n, struct item *ret)
{
	char text[DATE_TEXT_BYTES];
	bool is_sound = true;
	size_t len = 0;

	for (uint32_t i = 0; i < v->format_count && len == 0 && is_sound; i++) {
		const struct date_format *f = &v->formats[i];
		struct date_value date = {.parts = {0}};

		if (v->convert == CONVERT_INSTANT_TO_TEXT) {
			const struct index_node *ms = index_last(r->ix, n->message, v->instant.ms);

			if (ms == NULL) {
				return true; // a moment without its time says nothing
			}
			date = date_from_wall((int64_t)ms->bits, date_offset_at(f, (int64_t)ms->bits));
		} else {
			// Only what the format shows is read: a part that is not in it may be withheld.
			date.parts[DATE_YEAR] = date_part(r, n->message, v->date.year);
			date.parts[DATE_MONTH] =
			    (f->has & DATE_HAS(DATE_MONTH)) == 0 ? 0 : date_part(r, n->message, v->date.month);
			date.parts[DATE_DAY] =
			    (f->has & DATE_HAS(DATE_DAY)) == 0 ? 0 : date_part(r, n->message, v->date.day);
			is_sound =
			    is_day(&date); // what is not known may be left to the next format, what is wrong may not
		}
		len = is_sound ? date_write(f, &date, text) : 0;
	}
	if (len == 0) {
		return step_unknown(r, v, REASON_DATE_INVALID, VIEW_EMPTY, ret);
	}
	ret->kind = ITEM_TEXT;
	ret->text = arena_copy(r->arena, view_of(text, len));
	return ret->text.data != NULL || run_out_of_memory(r);
}

static bool
makes_age(const struct edits *edits)
{
	uint32_t i = 0;

	while (i < edits->count && edits->items[i].kind != EDIT_AGE) {
		i++;
	}
	return i < edits->count;
}

// A date in a message as text, on its way to an age, or to a year: then only that is read, since the rest may be withheld. Without its year it says
// nothing.
static bool
day_text(struct runner *r, const struct value *v, const struct index_node *n, struct view *ret)
{
	struct date_value date = {.parts = {[DATE_YEAR] = date_part(r, n->message, v->date.year)}};
	char *text = arena_alloc(r->arena, DATE_DAY_BYTES);

	if (text == NULL) {
		return run_out_of_memory(r);
	}
	if (makes_age(&v->more->before)) {
		date.parts[DATE_MONTH] = date_part(r, n->message, v->date.month);
		date.parts[DATE_DAY] = date_part(r, n->message, v->date.day);
	}
	if (date.parts[DATE_YEAR] != 0 && !is_day(&date)) {
		*ret = view_text("?"); // which no step takes for a day
		return true;
	}
	*ret = date.parts[DATE_YEAR] == 0 ? VIEW_EMPTY : view_of(text, date_write_day(&date, text));
	return true;
}

static bool
convert_node(
    struct runner *r, const struct value *v, const struct schema_field *f, const struct index_node *n, struct item *ret)
{
	struct view text;

	ret->value = v;
	ret->kind = ITEM_ABSENT;
	if (v->is_message_copy) {
		ret->kind = ITEM_MESSAGE;
		ret->message = n->message;
		return true;
	}
	if (v->more != NULL &&
	    (v->more->before.count > 0 || v->more->json.data != NULL || v->convert == CONVERT_FITS)) {
		return (schema_is_message(f) ? day_text(r, v, n, &text) : node_text(r, f, n, &text)) &&
		    step_text(r, v, text, ret);
	}
	if (v->convert == CONVERT_DATE_TO_TEXT || v->convert == CONVERT_INSTANT_TO_TEXT) {
		return write_date(r, v, n, ret);
	}
	if (v->empty_if.count > 0 && f->kind != KIND_STRING) {
		if (!node_text(r, f, n, &text)) {
			return false;
		}
		if (text_is_in(text, v->empty_if)) {
			return true;
		}
	}
	if (v->convert == CONVERT_TABLE && f->kind == KIND_ENUM) {
		return table_by_number(r, v, n, ret);
	}
	if (v->convert == CONVERT_NUMBER || (v->convert == CONVERT_NONE && schema_wire_type(f->kind) != WIRE_LEN)) {
		ret->kind = ITEM_BITS;
		ret->bits = v->convert == CONVERT_NUMBER ? number_convert(f->kind, v->target->kind, n->bits) : n->bits;
		return true;
	}
	if (v->convert == CONVERT_NONE && v->empty_if.count == 0 && v->clean == 0) {
		ret->kind = ITEM_TEXT; // also "" where the source can tell it from absent
		ret->text = index_bytes(r->ix, n);
		return true;
	}
	return node_text(r, f, n, &text) && step_text(r, v, text, ret);
}

bool
step_node(
    struct runner *r, const struct value *v, const struct schema_field *f, const struct index_node *n, struct item *ret)
{
	return convert_node(r, v, f, n, ret) && after_item(r, v, ret);
}
