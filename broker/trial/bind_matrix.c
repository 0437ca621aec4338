// SPDX-License-Identifier: Apache-2.0
// Columns, rows and cells of a visibility matrix.
#include "trial/bind.h"

static const char *const message_names[CANONICAL_COUNT] = {"Referral", "ReferralStatus", "Alert", "ConsentUpdate"};

// Somebody must receive for it: a cell for a misspelt purpose would be `-` whatever the rules say.
static void
check_purpose(struct binding *b, const struct conf_text *purpose)
{
	uint32_t count = rules_subscription_count(b->rules);
	const char **names = arena_alloc(&b->t->scratch, (count + 1) * sizeof(*names));

	if (names == NULL) {
		b->t->err = EN_ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		names[i] = rules_subscription_at(b->rules, i)->purpose;
		if (strcmp(names[i], purpose->text) == 0) {
			return;
		}
	}
	bind_not_there(b, purpose, "purpose", nearest_name(purpose->text, names, count));
}

static void
bind_column(struct binding *b, struct bound_case *to, size_t i)
{
	const struct conf_text *column = &to->matrix->columns[i];
	size_t len = strcspn(column->text, "/");
	struct conf_text name = {.text = arena_text(&b->t->arena, view_of(column->text, len)), .where = column->where};

	if (name.text == NULL) {
		b->t->err = EN_ENOMEM;
		return;
	}
	to->columns[i] = bind_agency(b, &name);
	to->purposes[i] = column->text[len] == '/' ? column->text + len + 1 : to->matrix->purpose.text;
	if (column->text[len] == '/') {
		check_purpose(b, &(struct conf_text){.text = to->purposes[i], .where = column->where});
	}
}

static void
bind_cells(struct binding *b, struct bound_case *to, const struct schema_type *type)
{
	static const char *const letters[] = {"F", "C", "P", "-"};

	for (size_t i = 0; i < to->matrix->row_count; i++) {
		const struct conf_matrix_row *row = &to->matrix->rows[i];

		bind_check_path(b, type, &row->field);
		for (size_t c = 0; c < to->matrix->column_count; c++) {
			size_t l = 0;

			while (l < EN_COUNT_OF(letters) && strcmp(letters[l], row->cells[c].text) != 0) {
				l++;
			}
			if (l == EN_COUNT_OF(letters)) {
				findings_add(b->findings, E1005, row->cells[c].where, NULL, "%s", row->field.text);
			}
		}
	}
}

void
bind_matrix(struct binding *b, const struct conf_matrix *m)
{
	struct bound_case *to = &b->t->cases[b->t->count++];

	*to = (struct bound_case){
	    .kind = TRIAL_MATRIX, .file = b->file, .matrix = m, .name = m->name.text, .message = CANONICAL_COUNT};
	to->columns = arena_zalloc(&b->t->arena, (m->column_count + 1) * sizeof(*to->columns));
	to->purposes = arena_zalloc(&b->t->arena, (m->column_count + 1) * sizeof(*to->purposes));
	if (to->columns == NULL || to->purposes == NULL) {
		b->t->err = EN_ENOMEM;
		return;
	}
	for (size_t i = 0; i < CANONICAL_COUNT; i++) {
		to->message = strcmp(message_names[i], m->message.text) == 0 ? (enum canonical)i : to->message;
	}
	if (to->message == CANONICAL_COUNT) {
		bind_not_there(
		    b, &m->message, "message", nearest_name(m->message.text, message_names, CANONICAL_COUNT));
		return;
	}
	if (m->purpose.text != NULL) {
		check_purpose(b, &m->purpose);
	}
	to->from = m->from.text == NULL ? NULL : bind_agency(b, &m->from);
	for (size_t i = 0; i < m->column_count; i++) {
		bind_column(b, to, i);
	}
	bind_cells(b, to, rules_canonical_type(b->rules, to->message));
}
