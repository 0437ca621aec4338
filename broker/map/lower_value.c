// SPDX-License-Identifier: Apache-2.0
// Values that have a fast operation. Each of these looks at everything that a value may have, and leaves the line general when there is something that
// it was not made for.
#include <stdlib.h>

#include "base/block.h"
#include "map/lower.h"
#include "map/number.h"

// ---- texts that are known beforehand ------------------------------------------------------------------------------

static bool
keep_text(struct lowering *l, struct view text, struct fast_text *ret)
{
	uint8_t *room = lower_alloc(l, text.len + BLOCK_BYTES, 1);

	if (room == NULL) {
		return false;
	}
	if (text.len > 0) {
		memcpy(room + BLOCK_BYTES, text.data, text.len);
	}
	*ret = (struct fast_text){.end = room + BLOCK_BYTES + text.len, .len = text.len};
	return true;
}

void
lower_word(struct word_text *words, uint32_t *count, struct view text)
{
	words[(*count)++] = (struct word_text){.word = word_of(text), .text = text};
}

static void
add_words(struct word_text *words, uint32_t *count, const struct view *texts, uint32_t text_count)
{
	for (uint32_t i = 0; i < text_count; i++) {
		lower_word(words, count, texts[i]);
	}
}

static bool
lower_constant(struct lowering *l, const struct op *op, const struct value *v, struct fast_op *f)
{
	struct value rest = lower_rest(v);
	bool is_text = op->field->kind == KIND_STRING;
	enum wire_type wire = schema_wire_type(op->field->kind);
	struct fast_text *constant = lower_alloc(l, 1, sizeof(*constant));
	struct buf b = BUF_EMPTY;

	LOWER_TAKE(&rest, bits);
	LOWER_TAKE(&rest, text);
	// A zero says nothing, or says that it is there without being written: not worth a way of its own.
	if (constant == NULL || !LOWER_IS_NOTHING(&rest) || op->field->repeated || (wire == WIRE_LEN && !is_text) ||
	    (is_text ? v->text.len == 0 : v->bits == 0)) {
		return false;
	}
	buf_put_varint(&b, op->field->number << 3 | (uint32_t)wire);
	if (is_text) {
		buf_put_text(&b, v->text);
	} else if (wire == WIRE_VARINT) {
		buf_put_varint(&b, v->bits);
	} else {
		for (unsigned int i = 0; i < (wire == WIRE_I64 ? 64 : 32); i += 8) {
			buf_put_u8(&b, (uint8_t)(v->bits >> i));
		}
	}
	bool good = b.err == EN_OK && keep_text(l, buf_view(&b), constant);

	l->no_memory = l->no_memory || b.err != EN_OK;

	buf_fini(&b);
	f->code = FAST_CONSTANT;
	f->constant = constant;
	return good;
}

// ---- copies -------------------------------------------------------------------------------------------------------

static bool
is_one_text(const struct schema_field *f)
{
	return f->kind == KIND_STRING && !f->repeated;
}

static bool
lower_plain(const struct schema_field *from, const struct schema_field *to, struct fast_op *f)
{
	enum wire_type wire = schema_wire_type(to->kind);

	if (from->kind != to->kind || from->repeated != to->repeated || schema_is_message(from) ||
	    (to->repeated && wire != WIRE_LEN)) {
		return false;
	}
	f->code = to->repeated ? FAST_CALL
	    : wire == WIRE_LEN ? FAST_TEXT
	    : wire == WIRE_I64 ? FAST_I64
	    : wire == WIRE_I32 ? FAST_I32
			       : FAST_NUMBER;
	f->writer = to->repeated ? fast_texts : NULL;
	return lower_tag(f, to, wire);
}

static bool
lower_table(struct lowering *l, const struct value *v, const struct schema_field *to, struct fast_op *f)
{
	const struct table_use *use = v->table;
	struct fast_table *table = lower_alloc(l, 1, sizeof(*table));
	enum wire_type wire = schema_wire_type(to->kind);

	if (table == NULL || !is_one_text(v->path->leaf) || to->repeated ||
	    (to->kind != KIND_STRING && wire != WIRE_VARINT)) {
		return false;
	}
	*table = (struct fast_table){.codes = use->reversed ? &use->table->backward : &use->table->forward,
	    .rows = use->table->conf->rows,
	    .results = use->results,
	    .is_text = to->kind == KIND_STRING};
	f->code = FAST_CALL;
	f->writer = fast_code;
	f->table = table;
	return lower_tag(f, to, wire);
}

static bool
lower_truth(struct lowering *l, const struct value *v, const struct schema_field *to, struct fast_op *f)
{
	struct fast_truth *truth = lower_alloc(l, 1, sizeof(*truth));
	struct word_text *words = lower_alloc(l, (size_t)v->true_if.count + v->false_if.count, sizeof(*words));

	if (truth == NULL || words == NULL || !is_one_text(v->path->leaf) || to->kind != KIND_BOOL || to->repeated) {
		return false;
	}
	add_words(words, &truth->count, v->true_if.items, v->true_if.count);
	truth->true_count = truth->count;
	add_words(words, &truth->count, v->false_if.items, v->false_if.count);
	truth->words = words;
	f->code = FAST_CALL;
	f->writer = fast_truth;
	f->truth = truth;
	return lower_tag(f, to, WIRE_VARINT);
}

// The place of each byte of a format that is a year, a month, a day and separators; false when it is more or less, or shorter than a word or longer
// than two.
static bool
day_places(const struct date_format *format, uint8_t marks[static 16], uint8_t slack[static 16], struct fast_day *day)
{
	uint8_t at = 0;

	for (uint32_t i = 0; i < format->piece_count; i++) {
		const struct date_piece *piece = &format->pieces[i];
		size_t len = piece->part == DATE_LITERAL ? piece->literal.len : piece->part == DATE_YEAR ? 4 : 2;

		if (piece->part > DATE_DAY || piece->form != DATE_DIGITS || at + len > 2 * WORD_BYTES) {
			return false;
		}
		day->year = piece->part == DATE_YEAR ? at : day->year;
		day->month = piece->part == DATE_MONTH ? at : day->month;
		day->day = piece->part == DATE_DAY ? at : day->day;
		for (size_t k = 0; k < len; k++, at++) {
			marks[at] = piece->part == DATE_LITERAL ? piece->literal.data[k] : '0';
			slack[at] = piece->part == DATE_LITERAL ? 0x7f : 0x7f - 9;
		}
	}
	day->len = at;
	return (format->has & DATE_HAS(DATE_DAY)) != 0 && at >= WORD_BYTES &&
	    at == strlen(format->text); // each letter stands for a digit, and there is no zone
}

static bool
lower_day(struct lowering *l, const struct value *v, const struct schema_field *to, struct fast_op *f)
{
	struct fast_day *day = lower_alloc(l, 1, sizeof(*day));
	uint8_t marks[2 * WORD_BYTES], slack[2 * WORD_BYTES];

	if (day == NULL || !is_one_text(v->path->leaf) || to->repeated || v->format_count != 1 ||
	    !day_places(&v->formats[0], marks, slack, day)) {
		return false;
	}
	for (size_t i = 0; i < 2; i++) {
		day->mark[i] = word_load(marks + i * (day->len - WORD_BYTES));
		day->slack[i] = word_load(slack + i * (day->len - WORD_BYTES));
	}
	f->code = FAST_CALL;
	f->writer = fast_day;
	f->day = day;
	return lower_tag(f, to, WIRE_LEN);
}

static bool
lower_copy(struct lowering *l, const struct op *op, const struct value *v, struct fast_op *f)
{
	struct value rest = lower_rest(v);

	LOWER_TAKE(&rest, convert);
	LOWER_TAKE(&rest, path);
	LOWER_TAKE(&rest, needs_text);
	LOWER_TAKE(&rest, if_empty);
	switch (v->convert) {
	case CONVERT_TABLE:
		LOWER_TAKE(&rest, table);
		break;
	case CONVERT_TRUTH:
		LOWER_TAKE(&rest, true_if);
		LOWER_TAKE(&rest, false_if);
		break;
	case CONVERT_TEXT_TO_DAY:
		LOWER_TAKE(&rest, formats);
		LOWER_TAKE(&rest, format_count);
		break;
	default:
		break;
	}
	if (!LOWER_IS_NOTHING(&rest) || !lower_field(l, v->path, &f->field)) {
		return false;
	}
	if (v->if_empty == NULL && !op->is_required) {
		// What the target gets of "" and 0 is decided by the line as a whole, unless they are the same as absent.
		const struct schema_field *from = v->path->leaf;
		bool is_same = !from->has_presence && !from->repeated;

		f->skip = FAST_SKIP_ABSENT;
		f->skip |= !is_same ? 0 : schema_wire_type(from->kind) == WIRE_LEN ? FAST_SKIP_EMPTY : FAST_SKIP_ZERO;
	}
	switch (v->convert) {
	case CONVERT_NONE:
		return lower_plain(v->path->leaf, op->field, f);
	case CONVERT_TABLE:
		return lower_table(l, v, op->field, f);
	case CONVERT_TRUTH:
		return lower_truth(l, v, op->field, f);
	case CONVERT_TEXT_TO_DAY:
		return lower_day(l, v, op->field, f);
	default:
		return false;
	}
}

static bool
lower_join(struct lowering *l, const struct op *op, const struct value *v, struct fast_op *f)
{
	struct value rest = lower_rest(v);
	struct fast_join *join = lower_alloc(l, 1, sizeof(*join));
	struct fast_field *fields = lower_alloc(l, v->part_count, sizeof(*fields));

	LOWER_TAKE(&rest, parts);
	LOWER_TAKE(&rest, part_count);
	LOWER_TAKE(&rest, with);
	LOWER_TAKE(&rest, needs_text);
	LOWER_TAKE(&rest, if_empty);
	if (join == NULL || fields == NULL || !LOWER_IS_NOTHING(&rest) || !is_one_text(op->field) ||
	    !keep_text(l, v->with, &join->with)) {
		return false;
	}
	for (uint32_t i = 0; i < v->part_count; i++) {
		if (!is_one_text(v->parts[i]->leaf) || !lower_field(l, v->parts[i], &fields[i])) {
			return false;
		}
	}
	join->fields = fields;
	join->count = v->part_count;
	f->code = FAST_CALL;
	f->writer = fast_join;
	f->join = join;
	return lower_tag(f, op->field, WIRE_LEN);
}

// ---- choices ------------------------------------------------------------------------------------------------------

// One value of a choice, and on to what comes after it. v NULL: what whole says.
static const struct fast_op *
lower_then(struct lowering *l, const struct op *op, const struct value *v, const struct fast_op *next,
    const struct fast_op *whole)
{
	struct fast_op *then = lower_alloc(l, 2, sizeof(*then));

	if (then == NULL) {
		return NULL;
	}
	then[0] = *whole;
	then[1] = (struct fast_op){.code = FAST_GO, .next = next};
	if (v != NULL) {
		lower_value(l, op, v, &then[1], &then[0]);
	}
	return then;
}

static bool
lower_choose(
    struct lowering *l, const struct op *op, const struct value *v, const struct fast_op *next, struct fast_op *f)
{
	struct value rest = lower_rest(v);
	struct fast_choose *choose = lower_alloc(l, 1, sizeof(*choose));
	struct fast_arm *arms = lower_alloc(l, v->arm_count, sizeof(*arms));

	LOWER_TAKE(&rest, arms);
	LOWER_TAKE(&rest, arm_count);
	LOWER_TAKE(&rest, otherwise);
	LOWER_TAKE(&rest, otherwise_absent);
	if (choose == NULL || arms == NULL || !LOWER_IS_NOTHING(&rest) || op->field->repeated) {
		return false;
	}
	for (uint32_t i = 0; i < v->arm_count; i++) {
		arms[i].then = lower_then(l, op, v->arms[i].value, next, f);
		if (arms[i].then == NULL || !lower_condition(l, v->arms[i].when, &arms[i])) {
			return false;
		}
	}
	struct fast_op none = *f;

	if (v->otherwise == NULL && v->otherwise_absent && !op->is_required) {
		none = (struct fast_op){.code = FAST_GO, .next = next};
	}
	choose->otherwise = lower_then(l, op, v->otherwise, next, &none);
	choose->arms = arms;
	choose->arm_count = v->arm_count;
	f->code = FAST_CHOOSE;
	f->choose = choose;
	return choose->otherwise != NULL;
}

void
lower_value(
    struct lowering *l, const struct op *op, const struct value *v, const struct fast_op *next, struct fast_op *f)
{
	struct fast_op lowered = *f;
	bool good = false;

	switch (v->kind) {
	case CONF_VALUE_COPY:
		good = lower_copy(l, op, v, &lowered);
		break;
	case CONF_VALUE_IS:
		good = lower_constant(l, op, v, &lowered);
		break;
	case CONF_VALUE_JOIN:
		good = lower_join(l, op, v, &lowered);
		break;
	case CONF_VALUE_CHOOSE:
		good = lower_choose(l, op, v, next, &lowered);
		break;
	default:
		break;
	}
	if (good) {
		*f = lowered;
	}
}
