// SPDX-License-Identifier: Apache-2.0
// One case: rehearsed, and held against what it expects.
#include "trial/compare.h"

// ---- who receives ---------------------------------------------------------------------------------------------------------------

static bool
receives(const struct rehearsal *h, const char *subscription)
{
	for (size_t o = 0; o < h->output_count; o++) {
		for (size_t i = 0; i < h->outputs[o].decision.recipient_count; i++) {
			const struct rehearsed_delivery *d = &h->outputs[o].deliveries[i];

			if (d->reason == REASON_NONE && strcmp(d->decided->subscription->name, subscription) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool
list_has(const struct conf_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].text, text) == 0) {
			return true;
		}
	}
	return false;
}

static void
compare_recipients(struct comparing *k)
{
	const struct conf_list *wanted = &k->expect->recipients;
	const struct rehearsal *h = &k->t->rehearsal;

	for (uint32_t i = 0; k->expect->says_recipients && i < rules_subscription_count(k->t->rules); i++) {
		const char *name = rules_subscription_at(k->t->rules, i)->name;
		bool is_wanted = list_has(wanted, name), is_there = receives(h, name);

		if (is_wanted != is_there) {
			struct where where = wanted->count > 0 ? wanted->items[0].where : k->expect->where;
			struct trial_difference *d = trial_differs(k->t, DIFFERS_RECIPIENT, where, SIZE_MAX);

			d->path = name;
			d->expected = is_wanted ? "receives" : NULL;
			d->actual = is_there ? "receives" : NULL;
		}
	}
}

static enum reason
missed_reason(const struct rehearsal *h, const char *agency)
{
	for (size_t o = 0; o < h->output_count; o++) {
		for (size_t i = 0; i < h->outputs[o].decision.missed_count; i++) {
			if (strcmp(h->outputs[o].decision.missed[i].agency->name, agency) == 0) {
				return h->outputs[o].decision.missed[i].reason;
			}
		}
	}
	return REASON_NONE;
}

static void
compare_missed(struct comparing *k)
{
	for (size_t i = 0; i < k->expect->missed.count; i++) {
		const struct conf_want *pair = &k->expect->missed.items[i];
		enum reason reason = missed_reason(&k->t->rehearsal, pair->key.text);
		const char *wanted = pair->values.count == 0 ? NULL : pair->values.items[0].text;

		if (wanted == NULL || strcmp(wanted, reason_code(reason)) != 0) {
			struct trial_difference *d = trial_differs(k->t, DIFFERS_MISSED, pair->key.where, SIZE_MAX);

			d->path = pair->key.text;
			d->expected = wanted;
			d->actual = reason == REASON_NONE ? NULL : reason_code(reason);
		}
	}
}

// ---- the whole --------------------------------------------------------------------------------------------------------------------

static bool
asks_for_fields(const struct conf_expect *e)
{
	return e->contains.count + e->equals.count + e->absent.count + e->withheld.count > 0;
}

static void
compare_error(struct comparing *k, const struct conf_text *code)
{
	const struct rehearsal *h = &k->t->rehearsal;
	const char *actual = k->reason == REASON_NONE ? NULL : reason_code(k->reason);
	struct where where = code->text != NULL ? code->where
	    : k->expect != NULL                 ? k->expect->where
						: k->c->conf->where;

	if ((actual == NULL) != (code->text == NULL) || (actual != NULL && strcmp(actual, code->text) != 0)) {
		struct trial_difference *d = trial_differs(k->t, DIFFERS_ERROR, where, SIZE_MAX);

		d->expected = code->text;
		d->actual = actual;
		d->path = h->field[0] == '\0' ? NULL : arena_text(&k->t->scratch, view_text(h->field));
		d->made_by = h->fault.where;
		return;
	}
	if (k->expect != NULL && k->expect->at.text != NULL && strcmp(k->expect->at.text, h->field) != 0) {
		struct trial_difference *d = trial_differs(k->t, DIFFERS_AT, k->expect->at.where, SIZE_MAX);

		d->expected = k->expect->at.text;
		d->actual = arena_text(&k->t->scratch, view_text(h->field));
		d->made_by = h->fault.where;
	}
}

// A value of `each` must come out of every output, and there must be one.
static void
compare_each(struct comparing *k)
{
	static const struct conf_text no_error = {.text = NULL};
	const struct conf_want *each = k->c->each;
	struct conf_want pair = {.key = k->c->conf->each.gives, .values = each->values};
	struct conf_expect expect = {.where = each->key.where, .contains = {.items = &pair, .count = 1}};

	if (k->c->is_refused || k->reason != REASON_NONE) {
		compare_error(k, k->c->is_refused && each->values.count > 0 ? &each->values.items[0] : &no_error);
		return;
	}
	k->expect = &expect;
	if (k->count == 0) {
		trial_differs(k->t, DIFFERS_COUNT, expect.where, SIZE_MAX)->actual = "0";
	}
	pair.key.where = each->key.where;
	for (size_t i = 0; i < k->count; i++) {
		k->item = &k->items[i];
		k->output = i;
		compare_item(k);
	}
	k->expect = NULL;
}

// Whether the input came as far as the question who receives: a recipient that gets nothing because nothing could be made of the input is not
// what a test means by `nothing`.
static bool
is_about_recipients(enum reason reason)
{
	return reason == REASON_NONE || reason == REASON_NO_RECIPIENT;
}

static void
compare(struct comparing *k)
{
	static const struct conf_text no_error = {.text = NULL};
	const struct conf_case *c = k->c->conf;
	bool wants_error = c->expect_count > 0 && c->expects[0].error.text != NULL;
	bool counts =
	    c->expects_nothing || c->expect_count > 1 || (c->expect_count == 1 && asks_for_fields(&c->expects[0]));

	k->expect = c->expect_count > 0 ? &c->expects[0] : NULL;
	if (!(c->expects_nothing && k->c->recipient != NULL && is_about_recipients(k->t->rehearsal.reason))) {
		compare_error(k, wants_error ? &k->expect->error : &no_error);
	}
	if (!wants_error && k->reason == REASON_NONE && counts && k->count != c->expect_count) {
		struct trial_difference *d =
		    trial_differs(k->t, DIFFERS_COUNT, c->expect_count > 0 ? c->expects[0].where : c->where, SIZE_MAX);

		d->expected = arena_printf(&k->t->scratch, "%zu", c->expect_count);
		d->actual = arena_printf(&k->t->scratch, "%zu", k->count);
	}
	for (size_t i = 0; i < c->expect_count; i++) {
		k->expect = &c->expects[i];
		compare_recipients(k);
		compare_missed(k);
		if (i < k->count && k->reason == REASON_NONE && asks_for_fields(k->expect)) {
			k->item = &k->items[i];
			k->output = i;
			compare_item(k);
		}
	}
}

// ---- what is looked at --------------------------------------------------------------------------------------------------------------

static void
look_at_outputs(struct comparing *k)
{
	const struct rehearsal *h = &k->t->rehearsal;

	k->reason = h->reason;
	for (size_t i = 0; i < h->output_count; i++) {
		const struct rehearsed_output *o = &h->outputs[i];
		struct looked_at *item = &k->items[k->count++];

		*item = (struct looked_at){.type = o->mapping == NULL ? k->c->type : mapping_to(o->mapping),
		    .mapping = o->mapping,
		    .payload = o->payload,
		    .lineage = &o->lineage};
		if (k->c->plan != NULL) {
			struct withheld_field *withheld = NULL;

			k->t->err = withheld_fields(k->c->plan, NULL, &k->t->scratch, &withheld, &item->withheld_count);
			item->withheld = withheld;
		}
	}
}

static void
look_at_deliveries(struct comparing *k)
{
	const struct rehearsal *h = &k->t->rehearsal;
	const struct rules_subscription *s = k->c->recipient;

	k->reason = h->reason;
	for (size_t o = 0; o < h->output_count && h->reason == REASON_NONE; o++) {
		for (size_t i = 0; i < h->outputs[o].decision.recipient_count; i++) {
			const struct rehearsed_delivery *d = &h->outputs[o].deliveries[i];

			if (d->decided->subscription != s) {
				continue;
			}
			if (d->reason != REASON_NONE) {
				k->reason = d->reason;
				continue;
			}
			k->items[k->count++] = (struct looked_at){.type = s->as,
			    .mapping = plan_mapping(d->plan),
			    .payload = d->payload,
			    .lineage = &d->lineage,
			    .withheld = d->withheld,
			    .withheld_count = d->withheld_count};
		}
	}
	if (k->count == 0 && k->reason == REASON_NONE) {
		k->reason = missed_reason(h, s->agency->name);
		k->reason = k->reason == REASON_NONE ? REASON_NO_RECIPIENT : k->reason;
	} else if (k->count > 0) {
		k->reason = REASON_NONE;
	}
}

void
trial_run_case(struct trial *t, const struct bound_case *c)
{
	const struct rehearsal_question q = {.rules = t->rules,
	    .type = c->type,
	    .payload = c->payload,
	    .sender = c->sender,
	    .recorded_ms = c->clock_ms,
	    .case_consent = c->case_consent,
	    .known = c->known,
	    .known_count = c->file->known_count};
	struct comparing k = {.t = t, .c = c};

	t->err = c->plan != NULL ? rehearse_plan(&t->rehearsal, &q, c->plan) : rehearse(&t->rehearsal, &q);
	if (t->err == EN_OK && t->coverage != NULL) {
		t->err = coverage_add(t->coverage, &t->rehearsal, &q, c->mapping);
	}
	k.items = arena_zalloc(&t->scratch, (t->rehearsal.output_count * 2 + 1) * sizeof(*k.items));
	if (t->err != EN_OK || k.items == NULL) {
		t->err = EN_ENOMEM;
		return;
	}
	if (c->recipient != NULL) {
		look_at_deliveries(&k);
	} else {
		look_at_outputs(&k);
	}
	if (t->err == EN_OK && c->each != NULL) {
		compare_each(&k);
	} else if (t->err == EN_OK) {
		compare(&k);
	}
}
