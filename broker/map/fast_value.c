// SPDX-License-Identifier: Apache-2.0
// The writers of a lowered plan (fast.h) that are called: lists, codes, truths, days and joined texts. What a writer is not made for it leaves to the line
// as a whole: it returns NULL, and has done nothing.
#include "map/fast_run.h"

// Every element, the empty ones too.
uint8_t *
fast_texts(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct index *ix = s->r->ix;
	const struct index_node *cell = cell_of(s, op->field);

	if (cell->stamp != s->stamp) {
		return NULL;
	}
	for (const struct index_node *n = &ix->elements[cell->last]; n != NULL; n = index_previous(ix, n)) {
		if (!has_room(s, pos, n->length)) {
			return NULL;
		}
		pos = fast_tagged(put_text(s, pos, n), op, n->length);
	}
	return pos;
}

static EN_NOINLINE uint8_t *
put_result(const struct fast_run *s, const struct fast_op *op, uint8_t *pos, struct view text)
{
	if (!has_room(s, pos, text.len)) {
		return NULL;
	}
	pos -= text.len;
	memcpy(pos, text.data, text.len);
	return fast_tagged(pos, op, text.len);
}

// Not a code that means nothing, nor a value that is not written.
uint8_t *
fast_code(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_table *table = op->table;
	const struct index_node *n = cell_of(s, op->field);

	if (EN_UNLIKELY(n->stamp != s->stamp || !has_room(s, pos, 0))) {
		return NULL;
	}
	struct view code = text_of(s, n);
	const struct conf_table_row *row = EN_LIKELY(code.len <= WORD_BYTES)
	    ? codes_get_word(table->codes, word_of(code), code.len)
	    : codes_get(table->codes, code);

	if (EN_UNLIKELY(row == NULL)) {
		return NULL;
	}
	const struct table_result *result = &table->results[row - table->rows];

	if (table->is_text) {
		return result->text.len == 0 ? NULL : put_result(s, op, pos, result->text);
	}
	return EN_UNLIKELY(result->bits == 0) ? NULL : fast_tagged(pos, op, result->bits);
}

uint8_t *
fast_truth(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_truth *truth = op->truth;
	const struct index_node *n = cell_of(s, op->field);

	if (n->stamp != s->stamp) {
		return NULL;
	}
	struct view text = text_of(s, n);
	uint64_t word = word_of(text);

	for (uint32_t i = 0; i < truth->count; i++) {
		if (word_equal(&truth->words[i], word, text)) {
			bool is_true = i < truth->true_count;

			if (!has_room(s, pos, 0)) {
				return NULL;
			}
			return is_true || op->op->field->has_presence ? fast_tagged(pos, op, is_true) : pos;
		}
	}
	return NULL;
}

static inline bool
word_follows(uint64_t word, uint64_t mark, uint64_t slack)
{
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t over = word ^ mark;

	return (((over + slack) | over) & high) == 0;
}

static inline uint32_t
two_digits(const uint8_t *p)
{
	return p[0] * 10U + p[1] - '0' * 11U;
}

static EN_NOINLINE bool
is_late_day(const uint8_t *year, uint32_t month, uint32_t date)
{
	uint32_t number = two_digits(year) * 100 + two_digits(year + 2);

	return date > 0 && date <= (uint32_t)civil_days_in_month((int32_t)number, (int32_t)month);
}

// The digits are where the format has them, so that they need not become numbers but to see whether there is such a day.
uint8_t *
fast_day(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_day *day = op->day;
	const struct index_node *n = cell_of(s, op->field);

	if (EN_UNLIKELY(n->stamp != s->stamp || n->length != day->len || !has_room(s, pos, 0))) {
		return NULL;
	}
	const uint8_t *p = s->payload + n->offset, *year = p + day->year;

	if (EN_UNLIKELY(!word_follows(word_load(p), day->mark[0], day->slack[0]) ||
		!word_follows(word_load(p + day->len - WORD_BYTES), day->mark[1], day->slack[1]))) {
		return NULL;
	}
	uint32_t month = two_digits(p + day->month), date = two_digits(p + day->day);

	if (EN_UNLIKELY(month - 1 >= 12 || word_load_half(year) == word_load_half((const uint8_t *)"0000")) ||
	    (date - 1 >= 28 && !is_late_day(year, month, date))) {
		return NULL;
	}
	pos -= DATE_DAY_BYTES;
	memcpy(pos, year, 4);
	pos[4] = '-';
	memcpy(pos + 5, p + day->month, 2);
	pos[7] = '-';
	memcpy(pos + 8, p + day->day, 2);
	return fast_tagged(pos, op, DATE_DAY_BYTES);
}

// From the last part to the first; NULL also when there is none.
uint8_t *
fast_join(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_join *join = op->join;
	uint8_t *end = pos;

	for (uint32_t i = join->count; i > 0; i--) {
		const struct index_node *n = cell_of(s, join->fields[i - 1]);

		if (n->stamp != s->stamp || n->length == 0) {
			continue;
		}
		if (EN_UNLIKELY(!has_room(s, pos, n->length + join->with.len))) {
			return NULL;
		}
		pos = put_text(s, pos != end ? fast_block(pos, join->with) : pos, n);
	}
	return EN_LIKELY(pos != end) ? fast_tagged(pos, op, (uint64_t)(end - pos)) : NULL;
}
