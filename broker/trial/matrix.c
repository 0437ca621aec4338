// SPDX-License-Identifier: Apache-2.0
// A visibility matrix against what the rules show. Three things can be wrong: a cell; a personal field that somebody sees and that no row has; an agency
// that sees something and has no column, or none for that purpose. The last two are what a signature would not cover.
#include "map/program.h"
#include "trial/trial_int.h"

struct column {
	const struct rules_agency *agency;
	struct sight_field *fields;
	size_t count;
};

const char *
sight_letter(enum sight sight)
{
	static const char *const letters[] = {
	    [SIGHT_NEVER] = "-", [SIGHT_PSEUDONYM] = "P", [SIGHT_COARSE] = "C", [SIGHT_FULL] = "F"};

	return letters[sight];
}

static struct column
look(struct trial *t, const struct bound_case *c, const struct rules_agency *agency, const char *purpose)
{
	const struct sight_question q = {.agency = agency, .purpose = purpose, .from = c->from, .type = c->message};
	struct column column = {.agency = agency};

	if (rules_sight(t->rules, &q, &t->scratch, &column.fields, &column.count) != EN_OK) {
		t->err = EN_ENOMEM;
	}
	return column;
}

static bool
is_personal(const struct sight_field *f)
{
	return f->label != LABEL_OPERATIONAL;
}

// Of all fields at or below the path: what they have in common, or `coarse` where some of it is seen and some is not. *ret_why: the field that shows most.
static enum sight
sight_at(const struct column *column, const char *path, const struct sight_field **ret_why)
{
	bool has_full = false, has_none = false, has_coarse = false, has_pseudonym = false;

	*ret_why = NULL;
	for (size_t i = 0; i < column->count; i++) {
		const struct sight_field *f = &column->fields[i];

		if (!path_is_below(f->path, path)) {
			continue;
		}
		has_full = has_full || f->sight == SIGHT_FULL;
		has_coarse = has_coarse || f->sight == SIGHT_COARSE;
		has_pseudonym = has_pseudonym || f->sight == SIGHT_PSEUDONYM;
		has_none = has_none || f->sight == SIGHT_NEVER;
		if (f->sight != SIGHT_NEVER && (*ret_why == NULL || f->sight > (*ret_why)->sight)) {
			*ret_why = f;
		}
	}
	if (has_coarse || (has_full && (has_none || has_pseudonym))) {
		return SIGHT_COARSE;
	}
	return has_full ? SIGHT_FULL : has_pseudonym ? SIGHT_PSEUDONYM : SIGHT_NEVER;
}

static void
explain(struct trial_difference *d, const struct sight_field *why)
{
	if (why != NULL) {
		d->made_by = why->where;
		d->agreement = why->agreement;
		d->agreement_at = why->agreement_where;
	}
}

static void
compare_cells(struct trial *t, const struct bound_case *c, const struct column *columns)
{
	const struct schema_type *type = rules_canonical_type(t->rules, c->message);

	for (size_t r = 0; r < c->matrix->row_count; r++) {
		const struct conf_matrix_row *row = &c->matrix->rows[r];
		const char *nearest, *path = field_path(type, row->field.text, &t->scratch, &nearest);

		for (size_t i = 0; path != NULL && i < c->matrix->column_count; i++) {
			const struct sight_field *why;
			const char *letter = sight_letter(sight_at(&columns[i], path, &why));

			if (strcmp(letter, row->cells[i].text) != 0) {
				struct trial_difference *d =
				    trial_differs(t, DIFFERS_SIGHT, row->cells[i].where, SIZE_MAX);

				d->path = path;
				d->column = c->matrix->columns[i].text;
				d->expected = row->cells[i].text;
				d->actual = letter;
				explain(d, why);
			}
		}
	}
}

static bool
has_row(struct trial *t, const struct bound_case *c, const struct sight_field *f)
{
	const struct schema_type *type = rules_canonical_type(t->rules, c->message);

	for (size_t r = 0; r < c->matrix->row_count; r++) {
		const char *nearest, *path = field_path(type, c->matrix->rows[r].field.text, &t->scratch, &nearest);

		if (path != NULL && path_is_below(f->path, path)) {
			return true;
		}
	}
	return false;
}

static void
find_unsigned(struct trial *t, const struct bound_case *c, const struct column *columns)
{
	for (size_t i = 0; i < c->matrix->column_count; i++) {
		for (size_t f = 0; f < columns[i].count; f++) {
			const struct sight_field *field = &columns[i].fields[f];

			if (field->sight != SIGHT_NEVER && is_personal(field) && !has_row(t, c, field)) {
				struct trial_difference *d =
				    trial_differs(t, DIFFERS_UNSIGNED, c->matrix->file.where, SIZE_MAX);

				d->path = field->path;
				d->column = c->matrix->columns[i].text;
				d->actual = sight_letter(field->sight);
				explain(d, field);
			}
		}
	}
}

// A column of an agency without a purpose speaks of all of them.
static bool
has_column(const struct bound_case *c, const struct rules_agency *agency, const char *purpose)
{
	for (size_t i = 0; i < c->matrix->column_count; i++) {
		if (c->columns[i] == agency && (c->purposes[i] == NULL || strcmp(c->purposes[i], purpose) == 0)) {
			return true;
		}
	}
	return false;
}

static bool
has_any_column(const struct bound_case *c, const struct rules_agency *agency)
{
	for (size_t i = 0; i < c->matrix->column_count; i++) {
		if (c->columns[i] == agency) {
			return true;
		}
	}
	return false;
}

// The first personal field that is seen; NULL when none is.
static const struct sight_field *
first_seen(const struct column *column)
{
	for (size_t f = 0; f < column->count; f++) {
		if (column->fields[f].sight != SIGHT_NEVER && is_personal(&column->fields[f])) {
			return &column->fields[f];
		}
	}
	return NULL;
}

static void
tell_no_column(struct trial *t, const struct bound_case *c, const char *who, const struct sight_field *seen)
{
	struct trial_difference *d = trial_differs(t, DIFFERS_NO_COLUMN, c->matrix->file.where, SIZE_MAX);

	d->path = who;
	d->column = seen->path;
	d->actual = sight_letter(seen->sight);
	explain(d, seen);
}

// Whether an earlier subscription of the agency is for the same purpose.
static bool
is_told(struct trial *t, uint32_t subscription)
{
	const struct rules_subscription *s = rules_subscription_at(t->rules, subscription);

	for (uint32_t i = 0; i < subscription; i++) {
		const struct rules_subscription *other = rules_subscription_at(t->rules, i);

		if (other->agency == s->agency && strcmp(other->purpose, s->purpose) == 0) {
			return true;
		}
	}
	return false;
}

// An agency that has columns for some purposes and sees something for another one.
static void
find_other_purposes(struct trial *t, const struct bound_case *c)
{
	for (uint32_t i = 0; i < rules_subscription_count(t->rules); i++) {
		const struct rules_subscription *s = rules_subscription_at(t->rules, i);

		if (s->agency == c->from || !has_any_column(c, s->agency) || has_column(c, s->agency, s->purpose) ||
		    (c->matrix->purpose.text != NULL && strcmp(c->matrix->purpose.text, s->purpose) != 0) ||
		    is_told(t, i)) {
			continue;
		}
		struct column column = look(t, c, s->agency, s->purpose);
		const struct sight_field *seen = first_seen(&column);
		const char *who = seen == NULL ? NULL : arena_printf(&t->scratch, "%s/%s", s->agency->name, s->purpose);

		if (who != NULL) {
			tell_no_column(t, c, who, seen);
		} else if (seen != NULL) {
			t->err = EN_ENOMEM;
		}
	}
}

static void
find_others(struct trial *t, const struct bound_case *c)
{
	for (uint32_t a = 0; a < rules_agency_count(t->rules); a++) {
		const struct rules_agency *agency = rules_agency_at(t->rules, a);

		if (has_any_column(c, agency) || agency == c->from) {
			continue;
		}
		struct column column = look(t, c, agency, c->matrix->purpose.text);
		const struct sight_field *seen = first_seen(&column);

		if (seen != NULL) {
			tell_no_column(t, c, agency->name, seen);
		}
	}
	find_other_purposes(t, c);
}

void
trial_run_matrix(struct trial *t, const struct bound_case *c)
{
	struct column *columns = arena_zalloc(&t->scratch, (c->matrix->column_count + 1) * sizeof(*columns));

	if (columns == NULL) {
		t->err = EN_ENOMEM;
		return;
	}
	for (size_t i = 0; i < c->matrix->column_count; i++) {
		columns[i] = look(t, c, c->columns[i], c->purposes[i]);
	}
	if (t->err == EN_OK) {
		compare_cells(t, c, columns);
		find_unsigned(t, c, columns);
		find_others(t, c);
	}
}
