// SPDX-License-Identifier: Apache-2.0
// A round trip against what it is known to lose. Both are wrong: a loss that nobody knows of, and a known one that is no more, behind
// which a new one could hide.
#include "map/roundtrip.h"

#include "trial/bind.h"

// ---- binding ----------------------------------------------------------------------------------------------------------------

// A code of a table that comes back as another is known as the report tells it: "BID > interes > BIA".
static bool
is_table_code(const char *text)
{
	return strstr(text, " > ") != NULL;
}

static void
check_code(struct binding *b, const struct conf_text *code)
{
	const char *codes[LOSS_COUNT];

	if (is_table_code(code->text) || loss_from_code(code->text) < LOSS_COUNT) {
		return;
	}
	for (size_t i = 0; i < LOSS_COUNT; i++) {
		codes[i] = loss_code((enum loss)i);
	}
	findings_add(b->findings, E0106, code->where, nearest_name(code->text, codes, LOSS_COUNT),
	    "%s is no code of a loss; `enlace map --round-trip` tells them", code->text);
}

static void
check_loses(struct binding *b, const struct schema_type *from, const struct conf_wants *loses)
{
	for (size_t i = 0; i < loses->count; i++) {
		const struct conf_want *want = &loses->items[i];
		const char *nearest;

		if (field_path(from, want->key.text, &b->t->scratch, &nearest) == NULL) {
			findings_add(
			    b->findings, E0302, want->key.where, nearest, "%s: %s", from->name, want->key.text);
		}
		for (size_t v = 0; v < want->values.count; v++) {
			check_code(b, &want->values.items[v]);
		}
	}
}

void
bind_round_trip(struct binding *b, const struct conf_round_trip *trip)
{
	struct bound_case *to = &b->t->cases[b->t->count++];

	*to =
	    (struct bound_case){.kind = TRIAL_ROUND_TRIP, .file = b->file, .round_trip = trip, .name = trip->name.text};
	to->mapping = bind_mapping_named(b, &trip->there);
	to->back = bind_mapping_named(b, &trip->back);
	if (to->mapping == NULL || to->back == NULL) {
		return;
	}
	if (mapping_to(to->mapping) != mapping_from(to->back)) {
		findings_add(b->findings, E1007, trip->back.where, NULL, "%s and %s", mapping_to(to->mapping)->name,
		    mapping_from(to->back)->name);
	}
	check_loses(b, mapping_from(to->mapping), &trip->loses);
}

// ---- running ------------------------------------------------------------------------------------------------------------------

static const char *
text_of(const struct roundtrip_loss *loss)
{
	return loss->kind == LOSS_CODE && loss->detail != NULL ? loss->detail : loss_code(loss->kind);
}

// "code" alone is any row of the table.
static bool
is_loss(const struct roundtrip_loss *loss, const char *code)
{
	return strcmp(text_of(loss), code) == 0 || strcmp(loss_code(loss->kind), code) == 0;
}

static bool
is_field(
    struct trial *t, const struct schema_type *from, const struct roundtrip_loss *loss, const struct conf_want *want)
{
	const char *nearest, *wanted = field_path(from, want->key.text, &t->scratch, &nearest),
			     *lost = field_path(from, loss->field, &t->scratch, &nearest);

	return wanted != NULL && lost != NULL && strcmp(wanted, lost) == 0;
}

// What the test knows of the field; NULL when it does not speak of it.
static const struct conf_want *
want_of(struct trial *t, const struct bound_case *c, const struct roundtrip_loss *loss)
{
	const struct conf_wants *loses = &c->round_trip->loses;

	for (size_t i = 0; i < loses->count; i++) {
		if (is_field(t, mapping_from(c->mapping), loss, &loses->items[i])) {
			return &loses->items[i];
		}
	}
	return NULL;
}

static bool
is_known(const struct conf_want *want, const struct roundtrip_loss *loss)
{
	for (size_t i = 0; want != NULL && i < want->values.count; i++) {
		if (is_loss(loss, want->values.items[i].text)) {
			return true;
		}
	}
	return false;
}

static void
tell_new(struct trial *t, const struct bound_case *c, const struct roundtrip *report)
{
	for (size_t i = 0; i < report->loss_count; i++) {
		const struct roundtrip_loss *loss = &report->losses[i];
		const struct conf_want *want = want_of(t, c, loss);

		if (!is_known(want, loss)) {
			struct trial_difference *d = trial_differs(
			    t, DIFFERS_LOSS, want == NULL ? c->round_trip->where : want->key.where, SIZE_MAX);

			d->path = arena_text(&t->scratch, view_text(loss->field));
			d->actual = arena_text(&t->scratch, view_text(text_of(loss)));
			d->made_by = loss->there;
			d->read_by = loss->back;
		}
	}
}

static bool
happens(struct trial *t, const struct bound_case *c, const struct roundtrip *report, const struct conf_want *want,
    const char *code)
{
	for (size_t i = 0; i < report->loss_count; i++) {
		const struct roundtrip_loss *loss = &report->losses[i];

		if (is_loss(loss, code) && is_field(t, mapping_from(c->mapping), loss, want)) {
			return true;
		}
	}
	return false;
}

static void
tell_gone(struct trial *t, const struct bound_case *c, const struct roundtrip *report)
{
	const struct conf_wants *loses = &c->round_trip->loses;

	for (size_t i = 0; i < loses->count; i++) {
		const struct conf_want *want = &loses->items[i];

		for (size_t v = 0; v < want->values.count; v++) {
			if (!happens(t, c, report, want, want->values.items[v].text)) {
				struct trial_difference *d =
				    trial_differs(t, DIFFERS_LOSS, want->values.items[v].where, SIZE_MAX);

				d->path = want->key.text;
				d->expected = want->values.items[v].text;
			}
		}
	}
}

void
trial_run_round_trip(struct trial *t, const struct bound_case *c)
{
	struct roundtrip report;

	t->err = roundtrip_report(c->mapping, c->back, &report);
	if (t->err == EN_OK) {
		tell_new(t, c, &report);
		tell_gone(t, c, &report);
		roundtrip_fini(&report);
	}
}
