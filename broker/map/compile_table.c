// SPDX-License-Identifier: Apache-2.0
// A code table in one line of a mapping: every row is made into the target's kind here, so that a run only looks up. A table that goes both ways is
// turned round where only that way fits the two fields.
#include <stdlib.h>

#include "map/compiler.h"
#include "map/number.h"

struct table_fit {
	struct compiler *c;
	const struct code_table *table;
	const struct schema_field *source; // NULL: text
	const struct schema_field *target;
	const struct conf_text *name;
	bool reversed;
};

static const char *
code_of(const struct table_fit *u, const struct conf_table_row *row)
{
	return u->reversed ? row->to : row->from;
}

static const char *
result_of(const struct table_fit *u, const struct conf_table_row *row)
{
	return u->reversed ? row->from : row->to;
}

// A row that says nothing in the column looked up cannot be met; it only exists for the other direction.
static bool
is_one_sided(const struct table_fit *u, const struct conf_table_row *row)
{
	return code_of(u, row)[0] == '\0';
}

// Whether the field can have the value at all: enums and closed lists.
static bool
is_value_of(const struct schema_field *f, const char *text)
{
	if (f == NULL) {
		return true;
	}
	if (f->kind == KIND_ENUM) {
		return schema_enum_by_name(f->enumeration, view_text(text)) != NULL;
	}
	uint64_t bits;

	if (f->kind != KIND_STRING) {
		return number_parse(f->kind, view_text(text), &bits);
	}
	for (uint32_t i = 0; i < f->value_count; i++) {
		if (strcmp(f->values[i], text) == 0) {
			return true;
		}
	}
	return f->value_count == 0;
}

static bool
direction_fits(const struct table_fit *u)
{
	const struct conf_table *conf = u->table->conf;

	for (size_t i = 0; i < conf->row_count; i++) {
		const char *result = result_of(u, &conf->rows[i]);

		if (is_one_sided(u, &conf->rows[i])) {
			continue;
		}
		if (!is_value_of(u->source, code_of(u, &conf->rows[i])) ||
		    (result[0] != '\0' && !is_value_of(u->target, result))) {
			return false;
		}
	}
	return true;
}

// Whether the text begins the type's package: "inm" of inm.v1.Acta.
static bool
is_system_of(const struct conf_text *system, const struct schema_type *type)
{
	size_t len = system->text == NULL ? 0 : strlen(system->text);

	return len > 0 && strncmp(type->name, system->text, len) == 0 && type->name[len] == '.';
}

static bool
must_be_reversed(struct table_fit *u)
{
	if (!u->table->both_ways) {
		return false;
	}
	bool forward = direction_fits(u);

	u->reversed = true;
	bool backward = direction_fits(u);

	u->reversed = false;
	if (forward != backward || u->c->mapping == NULL) {
		return backward && !forward;
	}
	// Text to text fits either way: the systems decide.
	return is_system_of(&u->table->conf->system_from, u->c->mapping->to) &&
	    !is_system_of(&u->table->conf->system_to, u->c->mapping->to);
}

static void
tell_row(const struct table_fit *u, const struct conf_table_row *row, const struct schema_field *f, const char *text)
{
	findings_add(u->c->findings, E0309, row->where, nearest_value(u->c, f, text),
	    "%s is not a value of %s (table %s, used at %s:%u)", text, f->name, u->table->name,
	    u->name->where.file == NULL ? "" : u->name->where.file, u->name->where.line);
	tell_value_missing(u->c, f, text);
}

static bool
resolve_rows(struct table_fit *u, struct table_result *results)
{
	const struct conf_table *conf = u->table->conf;
	bool good = true;

	for (size_t i = 0; i < conf->row_count; i++) {
		const struct conf_table_row *row = &conf->rows[i];
		const char *result = result_of(u, row);

		if (is_one_sided(u, row)) {
			continue;
		}
		if (!is_value_of(u->source, code_of(u, row))) {
			tell_row(u, row, u->source, code_of(u, row));
			good = false;
		}
		results[i].text = view_text(result);
		if (result[0] == '\0') {
			continue;
		}
		if (!is_value_of(u->target, result)) {
			tell_row(u, row, u->target, result);
			good = false;
		} else if (u->target->kind == KIND_ENUM) {
			const struct schema_enum_value *value =
			    schema_enum_by_name(u->target->enumeration, view_text(result));

			results[i].bits = (uint64_t)(int64_t)value->number;
		} else if (u->target->kind != KIND_STRING) {
			(void)number_parse(u->target->kind, view_text(result), &results[i].bits); // is_value_of said so
		}
	}
	return good;
}

static int
by_number(const void *left, const void *right)
{
	const struct table_number *a = left, *b = right;

	return a->number != b->number ? (a->number < b->number ? -1 : 1) : (a->row > b->row) - (a->row < b->row);
}

// Enum sources are looked up by number. Two names of one number are one code: the first row counts, as the names are
// equal.
static bool
resolve_numbers(struct table_fit *u, struct table_use *use)
{
	const struct conf_table *conf = u->table->conf;
	struct table_number *numbers = compiler_array(u->c, conf->row_count, sizeof(*numbers));

	if (numbers == NULL) {
		return false;
	}
	for (size_t i = 0; i < conf->row_count; i++) {
		const char *code = code_of(u, &conf->rows[i]);
		const struct schema_enum_value *value = schema_enum_by_name(u->source->enumeration, view_text(code));

		if (value != NULL) {
			numbers[use->number_count++] =
			    (struct table_number){.number = value->number, .row = (uint32_t)i};
		}
	}
	if (use->number_count > 0) {
		qsort(numbers, use->number_count, sizeof(*numbers), by_number);
	}
	use->numbers = numbers;
	return true;
}

static void
warn_gap(const struct table_fit *u, const char *value)
{
	const struct codes *codes = u->reversed ? &u->table->backward : &u->table->forward;

	if (codes_get(codes, view_text(value)) == NULL) {
		findings_add(u->c->findings, W0302, u->name->where, NULL, "%s of %s is not in table %s", value,
		    u->source->name, u->table->name);
	}
}

// What the source may say and the table does not translate holds events: better told now.
static void
warn_gaps(const struct table_fit *u)
{
	const struct schema_field *f = u->source;

	for (uint32_t i = 0; f != NULL && i < f->value_count; i++) {
		warn_gap(u, f->values[i]);
	}
	for (uint32_t i = 0; f != NULL && f->kind == KIND_ENUM && i < f->enumeration->value_count; i++) {
		const struct schema_enum_value *value = &f->enumeration->values[i];

		// Zero without presence is absent, and an alias is looked up as the first of its number.
		if ((value->number != 0 || f->has_presence) &&
		    schema_enum_by_number(f->enumeration, value->number) == value) {
			warn_gap(u, value->name);
		}
	}
}

static bool
kind_has_codes(const struct schema_field *f)
{
	return f->kind == KIND_STRING || f->kind == KIND_ENUM || f->kind == KIND_BOOL || kind_is_integer(f->kind);
}

const struct table_use *
table_compile(struct compiler *c, const struct conf_text *name, const struct conf_text *direction,
    const struct schema_field *source, const struct schema_field *target)
{
	struct table_fit u = {.c = c, .source = source, .target = target, .name = name};

	u.table = code_table_by_name(c->tables, name->text);
	if (u.table == NULL) {
		findings_add(
		    c->findings, E0308, name->where, code_table_nearest(c->tables, name->text), "%s", name->text);
		return NULL;
	}
	if (u.table->conf->columns.count > 0) {
		findings_add(c->findings, E0308, name->where, "{lookup: TABLE, match: {column: field}, take: column}",
		    "%s has columns of its own", name->text);
		return NULL;
	}
	const struct schema_field *odd = source != NULL && !kind_has_codes(source) ? source
	    : !kind_has_codes(target)                                              ? target
										   : NULL;

	if (odd != NULL) {
		findings_add(c->findings, E0305, name->where, NULL, "a table cannot translate %s: %s is %s",
		    findings_say(c->findings, odd == source ? "from it" : "into it"), odd->name, kind_word(c, odd));
		return NULL;
	}
	struct table_use *use = compiler_alloc(c, sizeof(*use));
	struct table_result *results = compiler_array(c, u.table->conf->row_count, sizeof(*results));

	if (use == NULL || results == NULL) {
		return NULL;
	}
	u.reversed = direction->text == NULL ? must_be_reversed(&u) : direction->text[0] == 'b';
	if (u.reversed && !u.table->both_ways) {
		findings_add(c->findings, E0308, direction->where, "direction: both_ways in its header",
		    "%s goes one way", name->text);
		return NULL;
	}
	*use = (struct table_use){.table = u.table, .reversed = u.reversed, .results = results};
	bool good = resolve_rows(&u, results);

	if (source != NULL && source->kind == KIND_ENUM && !resolve_numbers(&u, use)) {
		return NULL;
	}
	warn_gaps(&u);
	return good ? use : NULL;
}
