// SPDX-License-Identifier: Apache-2.0
// The fields of one output against what a case expects of it.
#include "trial/compare.h"

#include "map/program.h"

// ---- what made a field ------------------------------------------------------------------------------------------------------

static void
blame_line(struct trial_difference *d, const struct mapping *m, const char *path)
{
	for (size_t i = 0; m != NULL && i < m->conf->set_count; i++) {
		const struct conf_set_line *line = &m->conf->set[i];

		if (path_is_below(path, line->target.text) || path_is_below(line->target.text, path)) {
			d->made_by = line->target.where;
			return;
		}
	}
}

// The line that made the field, or else the one that would have.
static void
blame(struct trial_difference *d, const struct looked_at *item, const char *path)
{
	const struct map_trace *found = NULL;

	for (size_t i = 0; item->lineage != NULL && i < item->lineage->count; i++) {
		const struct map_trace *t = &item->lineage->items[i];

		if (strcmp(t->target, path) == 0 || (found == NULL && path_is_below(path, t->target))) {
			found = t;
		}
	}
	if (found == NULL) {
		blame_line(d, item->mapping, path);
		return;
	}
	d->made_by = found->where;
	d->table = found->table;
	d->table_row = found->table_row;
}

// ---- fields -------------------------------------------------------------------------------------------------------------------

// The values of two fields, one after the other.
static const struct field_text *
both(struct comparing *k, const struct field_text *left, const struct field_text *right)
{
	struct field_text *all = arena_zalloc(&k->t->scratch, sizeof(*all));
	const char **values = arena_zalloc(&k->t->scratch, (left->count + right->count) * sizeof(*values));

	if (all == NULL || values == NULL) {
		k->t->err = EN_ENOMEM;
		return left;
	}
	memcpy(values, left->values, left->count * sizeof(*values));
	memcpy(values + left->count, right->values, right->count * sizeof(*values));
	*all = (struct field_text){
	    .path = left->path, .native = left->native, .values = values, .count = left->count + right->count};
	return all;
}

// A path without a number speaks of all items: a test of the first alone would not notice a second one.
static const struct field_text *
find_field(struct comparing *k, const char *path)
{
	const struct field_text *found = NULL;

	for (size_t i = 0; i < k->fields.count; i++) {
		const struct field_text *field = &k->fields.items[i];

		if (field->count > 0 && path_is_same(field->path, path)) {
			found = found == NULL ? field : both(k, found, field);
		}
	}
	return found;
}

// "a", or "[a, b]".
static const char *
joined(struct comparing *k, const char *const *values, size_t count)
{
	struct buf text = BUF_EMPTY;

	if (count == 1) {
		return values[0];
	}
	for (size_t i = 0; i < count; i++) {
		buf_printf(&text, "%s%s", i == 0 ? "[" : ", ", values[i]);
	}
	buf_put_str(&text, count == 0 ? "" : "]");
	const char *kept = text.err == EN_OK ? arena_text(&k->t->scratch, buf_view(&text)) : NULL;

	buf_fini(&text);
	if (kept == NULL) {
		k->t->err = EN_ENOMEM;
	}
	return kept;
}

static const char *
joined_list(struct comparing *k, const struct conf_list *list)
{
	const char **values = arena_alloc(&k->t->scratch, (list->count + 1) * sizeof(*values));

	for (size_t i = 0; values != NULL && i < list->count; i++) {
		values[i] = list->items[i].text;
	}
	return values == NULL ? NULL : joined(k, values, list->count);
}

static bool
has_values(const struct field_text *field, const struct conf_list *wanted)
{
	bool wants_nothing = wanted->count == 1 && wanted->items[0].text[0] == '\0';

	if (field == NULL || field->count == 0) {
		return wants_nothing;
	}
	if (field->count != wanted->count) {
		return false;
	}
	for (size_t i = 0; i < field->count; i++) {
		if (strcmp(field->values[i], wanted->items[i].text) != 0) {
			return false;
		}
	}
	return true;
}

// The path in names; NULL when the type has no such field, which can be where outputs are of several types.
static const char *
path_of(struct comparing *k, const struct conf_text *text)
{
	const char *nearest;

	return field_path(k->item->type, text->text, &k->t->scratch, &nearest);
}

static void
compare_pairs(struct comparing *k, const struct conf_wants *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct conf_want *pair = &pairs->items[i];
		const char *path = path_of(k, &pair->key);
		const struct field_text *field = path == NULL ? NULL : find_field(k, path);

		if (path != NULL && has_values(field, &pair->values)) {
			continue;
		}
		struct trial_difference *d = trial_differs(k->t, DIFFERS_VALUE, pair->key.where, k->output);

		d->path = path == NULL ? pair->key.text : path;
		d->expected = joined_list(k, &pair->values);
		d->actual = field == NULL ? NULL : joined(k, field->values, field->count);
		blame(d, k->item, d->path);
	}
}

static void
compare_rest(struct comparing *k)
{
	const struct conf_wants *pairs = &k->expect->equals;

	for (size_t f = 0; pairs->count > 0 && f < k->fields.count; f++) {
		const struct field_text *field = &k->fields.items[f];
		bool is_expected = false;

		for (size_t i = 0; i < pairs->count && !is_expected; i++) {
			const char *path = path_of(k, &pairs->items[i].key);

			is_expected = path != NULL && path_is_same(field->path, path);
		}
		if (!is_expected) {
			struct trial_difference *d =
			    trial_differs(k->t, DIFFERS_EXTRA, pairs->items[0].key.where, k->output);

			d->path = field->path;
			d->actual = joined(k, field->values, field->count);
			blame(d, k->item, d->path);
		}
	}
}

static void
compare_absent(struct comparing *k)
{
	for (size_t i = 0; i < k->expect->absent.count; i++) {
		const struct conf_text *text = &k->expect->absent.items[i];
		const char *path = path_of(k, text);

		for (size_t f = 0; path != NULL && f < k->fields.count; f++) {
			const struct field_text *field = &k->fields.items[f];

			if (path_is_below(field->path, path)) {
				struct trial_difference *d = trial_differs(k->t, DIFFERS_VALUE, text->where, k->output);

				d->path = field->path;
				d->actual = joined(k, field->values, field->count);
				blame(d, k->item, d->path);
			}
		}
	}
}

static const char *
label_of(const struct withheld_field *w)
{
	return w->by_person != NULL ? "person" : w->label == LABEL_UNSPECIFIED ? "unlabelled" : label_name(w->label);
}

static void
compare_withheld(struct comparing *k)
{
	for (size_t i = 0; i < k->expect->withheld.count; i++) {
		const struct conf_want *pair = &k->expect->withheld.items[i];
		const char *path = path_of(k, &pair->key),
			   *wanted = pair->values.count == 0 ? NULL : pair->values.items[0].text;
		const struct withheld_field *found = NULL;

		for (size_t w = 0; path != NULL && w < k->item->withheld_count; w++) {
			if (path_is_below(path, k->item->withheld[w].target)) {
				found = &k->item->withheld[w];
			}
		}
		if (found != NULL && (wanted == NULL || strcmp(wanted, label_of(found)) == 0)) {
			continue;
		}
		struct trial_difference *d = trial_differs(k->t, DIFFERS_WITHHELD, pair->key.where, k->output);

		d->path = path == NULL ? pair->key.text : path;
		d->expected = wanted == NULL ? "withheld" : wanted;
		d->actual = found == NULL ? NULL : label_of(found);
		blame(d, k->item, d->path);
	}
}

void
compare_item(struct comparing *k)
{
	if (index_build(&k->t->index, k->item->type, k->item->payload, NULL) != EN_OK) {
		trial_differs(k->t, DIFFERS_ERROR, k->expect->where, k->output)->actual = "schema_invalid";
		return;
	}
	field_texts_of(&k->t->index, &k->t->scratch, &k->fields);
	if (k->fields.err != EN_OK) {
		k->t->err = k->fields.err;
		return;
	}
	compare_pairs(k, &k->expect->contains);
	compare_pairs(k, &k->expect->equals);
	compare_rest(k);
	compare_absent(k);
	compare_withheld(k);
}
