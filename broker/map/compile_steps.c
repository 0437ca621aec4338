// SPDX-License-Identifier: Apache-2.0
// From one source field to one target field: literals, steps, and the conversion between two kinds. Nothing converts by itself unless it can lose
// nothing: a whole number into text or into a wider number. Text into a number is strict, and every other change of vocabulary needs a table, a date
// format or true_if; there is no implicit identity of codes (domain 3, row 1).
#include "map/compiler.h"
#include "map/number.h"
#include "map/text.h"

static const char *
english_kind(const struct schema_field *f)
{
	switch (f->kind) {
	case KIND_STRING:
		return "text";
	case KIND_BYTES:
		return "bytes";
	case KIND_BOOL:
		return "true or false";
	case KIND_ENUM:
		return "one of a list of values";
	case KIND_MESSAGE:
	case KIND_GROUP:
		return "a message";
	default:
		return kind_is_float(f->kind) ? "a number with decimals" : "a whole number";
	}
}

const char *
kind_word(const struct compiler *c, const struct schema_field *f)
{
	return findings_say(c->findings, f == NULL ? "text" : english_kind(f));
}

bool
literal_compile(struct compiler *c, const struct schema_field *f, const struct conf_text *text, uint64_t *ret_bits,
    struct view *ret_text)
{
	if (f->kind == KIND_STRING) {
		*ret_text = view_text(text->text);
		return check_listed(c, f, text, E0306);
	}
	if (f->kind == KIND_ENUM) {
		if (!check_listed(c, f, text, E0306)) {
			return false;
		}
		*ret_bits = (uint64_t)(int64_t)schema_enum_by_name(f->enumeration, view_text(text->text))->number;
		return true;
	}
	if (schema_is_message(f) || f->kind == KIND_BYTES || !number_parse(f->kind, view_text(text->text), ret_bits)) {
		findings_add(c->findings, E0307, text->where, f->kind == KIND_BOOL ? "true or false" : NULL,
		    "%s is %s and cannot be %s", f->name, kind_word(c, f), text->text);
		return false;
	}
	return true;
}

static bool
copy_texts(struct compiler *c, const struct conf_list *list, struct texts *ret)
{
	struct view *items = compiler_array(c, list->count, sizeof(*items));

	if (items == NULL) {
		return false;
	}
	for (size_t i = 0; i < list->count; i++) {
		items[i] = view_text(list->items[i].text);
	}
	*ret = (struct texts){.items = items, .count = (uint32_t)list->count};
	return c->err == EN_OK;
}

// A kind whose values have a text that a person would write in empty_if or true_if.
static bool
has_text(const struct schema_field *f)
{
	return f == NULL || f->kind == KIND_STRING || f->kind == KIND_BOOL || f->kind == KIND_ENUM ||
	    kind_is_integer(f->kind);
}

static bool
wrong_step(struct compiler *c, const struct schema_field *f, struct where where, const char *step)
{
	findings_add(
	    c->findings, E0305, where, NULL, "%s does not go with %s, which is %s", step, f->name, kind_word(c, f));
	return false;
}

static bool
compile_clean(struct compiler *c, const struct conf_list *list, const struct schema_field *f, struct value *v)
{
	static const uint32_t cases = CLEAN_UPPER | CLEAN_LOWER | CLEAN_NAME_CASE;

	if (list->count > 0 && f != NULL && f->kind != KIND_STRING) {
		return wrong_step(c, f, list->items[0].where, "clean");
	}
	for (size_t i = 0; i < list->count; i++) {
		uint32_t step = clean_from_name(list->items[i].text);

		if ((step & cases) != 0 && (v->clean & cases & ~step) != 0) {
			findings_add(c->findings, E0115, list->items[i].where, NULL, "upper, lower and name_case");
			return false;
		}
		v->clean |= step;
	}
	return true;
}

bool
truth_compile(struct compiler *c, const struct conf_value *conf, struct value *v)
{
	bool good = true;

	for (size_t i = 0; i < conf->true_if.count; i++) {
		for (size_t j = 0; j < conf->false_if.count; j++) {
			if (strcmp(conf->true_if.items[i].text, conf->false_if.items[j].text) == 0) {
				findings_add(c->findings, E0320, conf->false_if.items[j].where, NULL, "%s",
				    conf->false_if.items[j].text);
				good = false;
			}
		}
	}
	v->convert = CONVERT_TRUTH;
	v->needs_text = true;
	return copy_texts(c, &conf->empty_if, &v->empty_if) && copy_texts(c, &conf->true_if, &v->true_if) &&
	    copy_texts(c, &conf->false_if, &v->false_if) && good;
}

static bool
compile_truth(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	const struct conf_list *lists[] = {&conf->true_if, &conf->false_if};
	bool good = true;

	if (x->target->kind != KIND_BOOL) {
		return wrong_step(c, x->target, conf->where, "true_if");
	}
	if (!has_text(f)) {
		return wrong_step(c, f, conf->where, "true_if");
	}
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; f != NULL && i < lists[l]->count; i++) {
			good = check_listed(c, f, &lists[l]->items[i], E0306) && good;
		}
	}
	return truth_compile(c, conf, v) && good;
}

// Whether a list has a value: true, false when it has others, absent when it is empty.
static bool
compile_member(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	struct more *more = more_of(c, v);

	if (more == NULL) {
		return false;
	}
	if (x->target->kind != KIND_BOOL || x->target->repeated) {
		return wrong_step(c, x->target, conf->where, "contains");
	}
	v->convert = CONVERT_MEMBER;
	if (f == NULL || f->kind == KIND_STRING) {
		more->member = view_text(conf->contains.text);
		return f == NULL || check_listed(c, f, &conf->contains, E0306);
	}
	if (f->kind != KIND_ENUM) {
		return wrong_step(c, f, conf->where, "contains");
	}
	return literal_compile(c, f, &conf->contains, &more->member_bits, &more->member);
}

static bool
cannot_become(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, const char *hint)
{
	findings_add(c->findings, E0305, conf->where, hint, "%s is %s and %s is %s",
	    f == NULL ? findings_say(c->findings, "the source") : f->name, kind_word(c, f), x->target->name,
	    kind_word(c, x->target));
	return false;
}

// A target with a closed list takes text only from a source whose closed list is a part of it.
static bool
fits_closed_list(const struct schema_field *f, const struct schema_field *target)
{
	if (target->value_count == 0) {
		return true;
	}
	for (uint32_t i = 0; f != NULL && i < f->value_count; i++) {
		bool found = false;

		for (uint32_t j = 0; j < target->value_count && !found; j++) {
			found = strcmp(f->values[i], target->values[j]) == 0;
		}
		if (!found) {
			return false;
		}
	}
	return f != NULL && f->value_count > 0;
}

static bool
needs_table(
    struct compiler *c, const struct conf_value *conf, const struct schema_field *f, const struct schema_field *target)
{
	findings_add(c->findings, E0323, conf->where, "{from: field, table: NAME}", "%s to %s",
	    f == NULL ? kind_word(c, NULL) : f->name, target->name);
	return false;
}

static bool
convert_into_text(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	if (f != NULL && (f->kind == KIND_ENUM || f->kind == KIND_BOOL)) {
		return needs_table(c, conf, f, x->target);
	}
	if (f != NULL && f->kind != KIND_STRING && !kind_is_integer(f->kind)) {
		return cannot_become(c, x, conf, f, NULL);
	}
	if (!fits_closed_list(v->clean == 0 ? f : NULL, x->target)) { // a value in other letters is another value
		return needs_table(c, conf, f, x->target);
	}
	v->convert = f != NULL && f->kind != KIND_STRING ? CONVERT_NUMBER_TO_TEXT : CONVERT_NONE;
	return true;
}

// Every map field has an entry type of its own; those of equal keys and values hold the same bytes.
static bool
is_equal_map(const struct schema_field *a, const struct schema_field *b)
{
	for (uint32_t i = 0; a->is_map && b->is_map && i < 2; i++) {
		const struct schema_field *x = &a->message->fields[i], *y = &b->message->fields[i];

		if (x->kind != y->kind || x->message != y->message || x->enumeration != y->enumeration) {
			return false;
		}
	}
	return a->is_map && b->is_map;
}

// No table, date or truth: what two kinds can do by themselves.
static bool
convert_plainly(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	const struct schema_field *t = x->target;
	enum schema_kind from = f == NULL ? KIND_STRING : f->kind;

	if (schema_is_message(t) || (f != NULL && schema_is_message(f))) {
		bool equal = f != NULL && f->message != NULL && (f->message == t->message || is_equal_map(f, t));
		bool is_date = schema_is_message(t) &&
		    (date_fields_of(t->message, &v->date) || instant_fields_of(t->message, &v->instant));

		v->is_message_copy = equal;
		return equal ||
		    cannot_become(
			c, x, conf, f, is_date ? "{from: field, date: dd/mm/aaaa}" : "set its fields one by one");
	}
	if (t->kind == KIND_ENUM) {
		return (from == KIND_ENUM && f->enumeration == t->enumeration) || needs_table(c, conf, f, t);
	}
	if (t->kind == KIND_STRING) {
		return convert_into_text(c, x, conf, f, v);
	}
	if (from == t->kind) {
		return true;
	}
	if (from == KIND_STRING && (kind_is_integer(t->kind) || kind_is_float(t->kind))) {
		v->convert = CONVERT_TEXT_TO_NUMBER;
		return true;
	}
	if (kind_widens(from, t->kind)) {
		v->convert = CONVERT_NUMBER;
		return true;
	}
	if ((kind_is_integer(from) || kind_is_float(from)) && (kind_is_integer(t->kind) || kind_is_float(t->kind))) {
		findings_add(c->findings, E0329, conf->where, NULL, "%s is %s and %s is %s", f->name, kind_name(from),
		    t->name, kind_name(t->kind));
		return false;
	}
	return cannot_become(
	    c, x, conf, f, t->kind == KIND_BOOL ? "{from: field, true_if: [..], false_if: [..]}" : NULL);
}

static bool
convert_by_date(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	const struct schema_field *t = x->target;

	if (f != NULL && schema_is_message(f) && t->kind == KIND_STRING) {
		v->convert = date_fields_of(f->message, &v->date) ? CONVERT_DATE_TO_TEXT
		    : instant_fields_of(f->message, &v->instant)  ? CONVERT_INSTANT_TO_TEXT
								  : CONVERT_NONE;
	} else if ((f == NULL || f->kind == KIND_STRING) && schema_is_message(t)) {
		v->convert = date_fields_of(t->message, &v->date) ? CONVERT_TEXT_TO_DATE
		    : instant_fields_of(t->message, &v->instant)  ? CONVERT_TEXT_TO_INSTANT
								  : CONVERT_NONE;
	} else if ((f == NULL || f->kind == KIND_STRING) && t->kind == KIND_STRING) {
		v->convert = CONVERT_TEXT_TO_DAY;
	}
	if (v->convert == CONVERT_NONE) {
		return cannot_become(c, x, conf, f, "a date is text, or a message of year, month and day, or of ms");
	}
	return dates_compile(c, conf, v);
}

// A year on its way into a message of a date.
static bool
convert_year(struct compiler *c, struct value *v)
{
	static const struct conf_value conf = {.date = {.text = "aaaa"}};

	v->convert = CONVERT_TEXT_TO_DATE;
	return dates_compile(c, &conf, v);
}

// The conversion of a value that has one, f being what the edits leave.
static bool
convert(struct compiler *c, const struct value_context *x, const struct conf_value *conf, const struct schema_field *f,
    bool date_is_used, struct value *v)
{
	const struct schema_field *t = x->target;

	if (conf->table.text != NULL) {
		v->convert = CONVERT_TABLE;
		v->table = table_compile(c, &conf->table, &conf->direction, f, t);
		v->needs_text = v->needs_text || f == NULL || f->kind != KIND_ENUM;
		return v->table != NULL;
	}
	if (!date_is_used && (conf->date.text != NULL || conf->dates.count > 0)) {
		return convert_by_date(c, x, conf, f, v);
	}
	if (conf->true_if.count > 0 || conf->false_if.count > 0) {
		return compile_truth(c, x, conf, f, v);
	}
	if (conf->contains.text != NULL) {
		return compile_member(c, x, conf, f, v);
	}
	if (conf->phone.text != NULL && t->kind == KIND_BOOL) {
		v->convert = CONVERT_FITS;
		return true;
	}
	bool is_year = conf->born_at != NULL || (conf->coarsen.text != NULL && strcmp(conf->coarsen.text, "year") == 0);

	if (is_year && schema_is_message(t) && date_fields_of(t->message, &v->target_date)) {
		return convert_year(c, v);
	}
	return convert_plainly(c, x, conf, f, v);
}

bool
steps_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v)
{
	bool good = compile_clean(c, &conf->clean, f, v);
	const struct schema_field *left = f;

	if (conf->empty_if.count > 0 && !has_text(f)) {
		return wrong_step(c, f, conf->empty_if.items[0].where, "empty_if");
	}
	if (!copy_texts(c, &conf->empty_if, &v->empty_if)) {
		return false;
	}
	v->needs_text = conf->empty_if.count > 0;
	if (!edits_compile(c, x, conf, f, v, &left)) {
		return false;
	}
	bool year = conf->coarsen.text != NULL && strcmp(conf->coarsen.text, "year") == 0;

	// A date message on its way to an age: which of its fields are which.
	if (f != NULL && schema_is_message(f) && left == NULL) {
		(void)date_fields_of(f->message, &v->date);
	}
	return convert(c, x, conf, left, conf->age_at != NULL || year, v) && good;
}
