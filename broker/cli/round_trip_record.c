// SPDX-License-Identifier: Apache-2.0
// One record there and back. Fields are held against each other as texts, all items of a field together: a record that becomes two
// events comes back as two, and is whole when they hold between them what it held.
#include "cli/round_trip.h"

#include <string.h>

#include "trial/record.h"

static struct arena *
trip_arena(const struct trip *t)
{
	return &t->r->call->arena;
}

// All texts of one field of a record, those of its items together, each of them once.
struct holding {
	const char *path, *native, **values;
	size_t count;
};
struct holdings {
	struct holding *items;
	size_t count, cap;
};

static const char *
without_numbers(struct arena *a, const char *path)
{
	char *copy = arena_text(a, view_text(path)), *put = copy;

	for (const char *at = copy; at != NULL && *at != '\0';) {
		size_t digits = *at == '[' ? strspn(at + 1, "0123456789") : 0;

		if (digits > 0 && at[digits + 1] == ']') {
			at += digits + 2;
		} else {
			*put++ = *at++;
		}
	}
	if (put != NULL) {
		*put = '\0';
	}
	return copy;
}

static bool
has_value(const struct holding *h, const char *value)
{
	for (size_t i = 0; i < h->count; i++) {
		if (strcmp(h->values[i], value) == 0) {
			return true;
		}
	}
	return false;
}

static struct holding *
holding_of(struct arena *a, struct holdings *all, const struct field_text *field)
{
	const char *path = without_numbers(a, field->path), *native = without_numbers(a, field->native);

	for (size_t i = 0; path != NULL && i < all->count; i++) {
		if (strcmp(all->items[i].path, path) == 0) {
			return &all->items[i];
		}
	}
	if (path == NULL || native == NULL || all->count == all->cap) {
		return NULL;
	}
	all->items[all->count] = (struct holding){.path = path, .native = native};
	return &all->items[all->count++];
}

// Adds what a payload holds.
static enum en_err
hold(struct arena *a, struct index *ix, const struct schema_type *type, struct view payload, struct holdings *all)
{
	struct field_texts fields;
	enum en_err err = index_build(ix, type, payload, NULL);

	if (err != EN_OK) {
		return err;
	}
	field_texts_of(ix, a, &fields);
	struct holding *grown = arena_zalloc(a, (all->count + fields.count + 1) * sizeof(*grown));

	if (fields.err != EN_OK || grown == NULL) {
		return EN_ENOMEM;
	}
	if (all->count > 0) {
		memcpy(grown, all->items, all->count * sizeof(*grown));
	}
	all->items = grown;
	all->cap = all->count + fields.count;
	for (size_t i = 0; i < fields.count; i++) {
		const struct field_text *f = &fields.items[i];
		struct holding *h = holding_of(a, all, f);
		const char **values = h == NULL ? NULL : arena_zalloc(a, (h->count + f->count + 1) * sizeof(*values));

		if (values == NULL) {
			return EN_ENOMEM;
		}
		if (h->count > 0) {
			memcpy(values, h->values, h->count * sizeof(*values));
		}
		h->values = values;
		for (size_t v = 0; v < f->count; v++) {
			if (!has_value(h, f->values[v])) {
				h->values[h->count++] = f->values[v];
			}
		}
	}
	return EN_OK;
}

static const char *
last_name(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot == NULL ? path : dot + 1;
}

// What comes back in the same field, or else in one whose last name is the same; NULL.
static const struct holding *
home_of(const struct holdings *back, const struct holding *h)
{
	const struct holding *namesake = NULL;

	for (size_t i = 0; i < back->count; i++) {
		const struct holding *b = &back->items[i];

		if (strcmp(b->path, h->path) == 0) {
			return b;
		}
		if (namesake == NULL &&
		    (strcmp(last_name(b->native), last_name(h->native)) == 0 ||
			strcmp(last_name(b->path), last_name(h->path)) == 0)) {
			namesake = b;
		}
	}
	return namesake;
}

static bool
is_same(const struct holding *a, const struct holding *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++) {
		same = strcmp(a->values[i], b->values[i]) == 0;
	}
	return same;
}

static const char *
shown(const struct trip *t, const struct holding *h)
{
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; h != NULL && i < h->count; i++) {
		buf_printf(&text, "%s%s", i == 0 ? "" : ", ", h->values[i]);
	}
	char *kept = text.err == EN_OK ? arena_text(trip_arena(t), buf_view(&text)) : NULL;

	buf_fini(&text);
	if (kept != NULL && !t->r->call->json) {
		printable(kept); // a terminal obeys what it is sent
	}
	return kept;
}

// What the lines say of the field; a message that is taken as one thing speaks for what is in it.
static const struct trip_field *
said_of(const struct trip_field *fields, size_t count, const struct holding *h)
{
	for (size_t i = 0; i < count; i++) {
		if (path_is_below(h->native, fields[i].field)) {
			return &fields[i];
		}
	}
	return NULL;
}

static enum en_err
compare(struct trip *t, const struct holdings *record, const struct holdings *back)
{
	const struct trip_field *said = t->fields;
	size_t said_count = t->count;

	t->fields = arena_zalloc(trip_arena(t), (record->count + 1) * sizeof(*t->fields));
	t->count = 0;
	for (size_t i = 0; t->fields != NULL && i < record->count; i++) {
		const struct holding *h = &record->items[i], *home = home_of(back, h);
		const struct trip_field *lines = said_of(said, said_count, h);
		struct trip_field *f = &t->fields[t->count++];

		*f = lines == NULL ? (struct trip_field){.losses = NULL} : *lines;
		f->field = h->native;
		f->state = home == NULL ? TRIP_LOST : is_same(h, home) ? TRIP_KEPT : TRIP_CHANGED;
		f->value = t->values ? shown(t, h) : NULL;
		f->again = t->values ? shown(t, home) : NULL;
	}
	return t->fields == NULL ? EN_ENOMEM : EN_OK;
}

// One mapping with everything granted.
static int
run_one(struct rehearsing *r, const struct mapping *m, struct rehearsal *h, const struct rehearsal_question *q)
{
	struct grants grants = grants_all();
	struct plan *plan = NULL;
	enum en_err err = plan_new(m, &grants, NULL, &plan);

	if (err == EN_OK) {
		err = rehearse_plan(h, q, plan);
	}
	plan_free(&plan);
	if (err != EN_OK) {
		return cmd_fail(r->call, err, "%s", mapping_name(m));
	}
	return h->reason == REASON_NONE ? 0 : rehearsing_fault(r->call, h);
}

// Each output of the way there goes back by itself; what they bring back is looked at together.
static int
run_back(struct trip *t, struct index *ix, struct holdings *back)
{
	const struct rehearsal *there = &t->r->rehearsal;
	struct rehearsal h;
	int code = 0;

	rehearsal_init(&h);
	for (size_t i = 0; i < there->output_count && code == 0; i++) {
		struct rehearsal_question q = t->r->question;

		q.type = mapping_from(t->back);
		q.payload = there->outputs[i].payload;
		code = run_one(t->r, t->back, &h, &q);
		for (size_t o = 0; o < h.output_count && code == 0; o++) {
			enum en_err err = hold(trip_arena(t), ix, mapping_to(t->back), h.outputs[o].payload, back);

			code = err == EN_OK ? 0 : cmd_fail(t->r->call, err, "%s", mapping_name(t->back));
		}
	}
	rehearsal_fini(&h);
	return code;
}

int
round_trip_record(struct trip *t)
{
	struct holdings record = {.count = 0}, back = {.count = 0};
	struct index ix;
	enum en_err err;
	int code = run_one(t->r, t->there, &t->r->rehearsal, &t->r->question);

	index_init(&ix);
	if (code == 0) {
		err = hold(trip_arena(t), &ix, mapping_from(t->there), t->r->question.payload, &record);
		code = err == EN_OK ? run_back(t, &ix, &back) : cmd_fail(t->r->call, err, "%s", mapping_name(t->there));
	}
	if (code == 0) {
		err = compare(t, &record, &back);
		code = err == EN_OK ? 0 : cmd_fail(t->r->call, err, "%s", mapping_name(t->there));
	}
	index_fini(&ix);
	return code;
}
