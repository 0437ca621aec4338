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

// Not a code that means nothing, nor a value that is not written.
uint8_t *
fast_code(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_table *table = op->table;
	const struct index_node *n = cell_of(s, op->field);
	const struct conf_table_row *row = n->stamp != s->stamp ? NULL : codes_get(table->codes, text_of(s, n));

	if (EN_UNLIKELY(row == NULL)) {
		return NULL;
	}
	const struct table_result *result = &table->results[row - table->rows];

	if (EN_UNLIKELY(result->text.len == 0 || !has_room(s, pos, result->text.len))) {
		return NULL;
	}
	if (table->is_text) {
		pos -= result->text.len;
		block_copy_short(pos, result->text.data, result->text.len);
		return fast_tagged(pos, op, result->text.len);
	}
	return result->bits == 0 ? NULL : fast_tagged(pos, op, result->bits);
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

static inline int32_t
two_digits(const uint8_t *p)
{
	return p[0] * 10 + p[1] - '0' * 11;
}

// The digits are where the format has them, so that they need not become numbers but to see whether there is such a day.
uint8_t *
fast_day(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct fast_day *day = op->day;
	const struct index_node *n = cell_of(s, op->field);
	const uint8_t *p = s->payload + n->offset; // looked at only when it is this payload's

	if (EN_UNLIKELY(n->stamp != s->stamp || n->length != day->len || !has_room(s, pos, 0)) ||
	    EN_UNLIKELY(!word_follows(word_load(p), day->mark[0], day->slack[0]) ||
		!word_follows(word_load(p + day->len - WORD_BYTES), day->mark[1], day->slack[1]))) {
		return NULL;
	}
	int32_t year = two_digits(p + day->year) * 100 + two_digits(p + day->year + 2);
	int32_t month = day->has_month ? two_digits(p + day->month) : 1;
	int32_t date = day->has_day ? two_digits(p + day->day) : 1;
	uint8_t *end = pos;

	if (EN_UNLIKELY(year == 0 || (uint32_t)month - 1 >= 12 || date == 0 ||
		(date > 28 && date > civil_days_in_month(year, month)))) {
		return NULL;
	}
	if (day->has_day) {
		pos -= 3;
		pos[0] = '-';
		memcpy(pos + 1, p + day->day, 2);
	}
	if (day->has_month) {
		pos -= 3;
		pos[0] = '-';
		memcpy(pos + 1, p + day->month, 2);
	}
	pos -= 4;
	memcpy(pos, p + day->year, 4);
	return fast_tagged(pos, op, (uint64_t)(end - pos));
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
