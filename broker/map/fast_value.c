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
		uint32_t length = n->length;

		if (!has_room(s, pos, length)) {
			return NULL;
		}
		pos = fast_tagged(put_text(s, pos, n->offset, length), op, length);
	}
	return pos;
}

static EN_NOINLINE uint8_t *
put_result_text(const struct fast_run *s, const struct fast_op *op, uint8_t *pos, const struct table_result *result)
{
	struct view text = result->text;

	if (text.len == 0 || !has_room(s, pos, text.len)) {
		return NULL;
	}
	pos -= text.len;
	memcpy(pos, text.data, text.len);
	return fast_tagged(pos, op, text.len);
}

// Not a code that means nothing, nor a value that is not written.
static inline uint8_t *
put_result(const struct fast_run *s, const struct fast_op *op, uint8_t *pos, const struct conf_table_row *row)
{
	const struct fast_table *table = op->table;
	const struct table_result *result = &table->results[row - table->rows];

	if (table->is_text) {
		return put_result_text(s, op, pos, result);
	}
	return EN_UNLIKELY(result->bits == 0) ? NULL : fast_tagged(pos, op, result->bits);
}

static EN_NOINLINE uint8_t *
put_long_code(const struct fast_run *s, const struct fast_op *op, uint8_t *pos, struct view code)
{
	const struct conf_table_row *row = codes_get(op->table->codes, code);

	return row == NULL ? NULL : put_result(s, op, pos, row);
}

uint8_t *
fast_code(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct index_node *n = cell_of(s, op->field);

	if (EN_UNLIKELY(n->stamp != s->stamp || !has_room(s, pos, 0))) {
		return NULL;
	}
	struct view code = text_of(s, n);

	if (EN_UNLIKELY(code.len > WORD_BYTES)) {
		return put_long_code(s, op, pos, code);
	}
	const struct conf_table_row *row = codes_get_word(op->table->codes, word_of(code), code.len);

	return EN_UNLIKELY(row == NULL) ? NULL : put_result(s, op, pos, row);
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

// text: as the format has it.
static inline uint8_t *
put_day(const struct fast_op *op, uint8_t *pos, const uint8_t *text)
{
	const struct fast_day *day = op->day;

	pos -= DATE_DAY_BYTES;
	memcpy(pos, text + day->year, 4);
	pos[4] = '-';
	memcpy(pos + 5, text + day->month, 2);
	pos[7] = '-';
	memcpy(pos + 8, text + day->day, 2);
	return fast_tagged(pos, op, DATE_DAY_BYTES);
}

// The last days of a month, of which not every one has all.
static EN_NOINLINE uint8_t *
put_late_day(const struct fast_op *op, uint8_t *pos, const uint8_t *text, uint32_t month, uint32_t date)
{
	const uint8_t *year = text + op->day->year;
	uint32_t number = two_digits(year) * 100 + two_digits(year + 2);
	uint32_t last = (uint32_t)civil_days_in_month((int32_t)number, (int32_t)month);

	return date == 0 || date > last ? NULL : put_day(op, pos, text);
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
	const uint8_t *text = s->payload + n->offset;

	if (EN_UNLIKELY(!word_follows(word_load(text), day->mark[0], day->slack[0]) ||
		!word_follows(word_load(text + day->len - WORD_BYTES), day->mark[1], day->slack[1]))) {
		return NULL;
	}
	uint32_t month = two_digits(text + day->month), date = two_digits(text + day->day);

	if (EN_UNLIKELY(month - 1 >= 12 || memcmp(text + day->year, "0000", 4) == 0)) {
		return NULL;
	}
	return EN_LIKELY(date - 1 < 28) ? put_day(op, pos, text) : put_late_day(op, pos, text, month, date);
}

// From the last part to the first; NULL also when there is none.
uint8_t *
fast_join(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_join *join = op->join;
	const struct fast_text with = join->with;
	uint8_t *end = pos;

	for (uint32_t i = join->count; i > 0; i--) {
		const struct index_node *n = cell_of(s, join->fields[i - 1]);

		uint32_t offset = n->offset, length = n->length;

		if (n->stamp != s->stamp || length == 0) {
			continue;
		}
		if (EN_UNLIKELY(!has_room(s, pos, length + with.len))) {
			return NULL;
		}
		pos = put_text(s, pos != end ? fast_block(pos, with) : pos, offset, length);
	}
	return EN_LIKELY(pos != end) ? fast_tagged(pos, op, (uint64_t)(end - pos)) : NULL;
}
