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

// The field of the source, by its names: losses come with native ones, tests with either.
static const char *
field_of(struct trial *t, const struct bound_case *c, const char *text)
{
	const char *nearest;

	return field_path(mapping_from(c->mapping), text, &t->scratch, &nearest);
}

// What the test knows of the field; NULL when it does not speak of it.
static const struct conf_want *
want_of(struct trial *t, const struct bound_case *c, const char *field)
{
	const struct conf_wants *loses = &c->round_trip->loses;
	const char *lost = field_of(t, c, field);

	for (size_t i = 0; lost != NULL && i < loses->count; i++) {
		const char *wanted = field_of(t, c, loses->items[i].key.text);

		if (wanted != NULL && strcmp(wanted, lost) == 0) {
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

// A table has as many losses as rows, one behind the other: their field is looked up once.
static void
tell_new(struct trial *t, const struct bound_case *c, const struct roundtrip *report)
{
	const struct conf_want *want = NULL;

	for (size_t i = 0; i < report->loss_count; i++) {
		const struct roundtrip_loss *loss = &report->losses[i];

		if (i == 0 || loss->field != loss[-1].field) {
			want = want_of(t, c, loss->field);
		}
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

// Whether that happens to one of the losses from first on, which are of one field.
static bool
happens(const struct roundtrip *report, size_t first, const char *code)
{
	for (size_t i = first; i < report->loss_count && report->losses[i].field == report->losses[first].field; i++) {
		if (is_loss(&report->losses[i], code)) {
			return true;
		}
	}
	return false;
}

// Where the losses of the wanted field begin; their count when there are none.
static size_t
first_loss_of(struct trial *t, const struct bound_case *c, const struct roundtrip *report, const struct conf_want *want)
{
	const char *wanted = field_of(t, c, want->key.text);

	for (size_t i = 0; wanted != NULL && i < report->loss_count; i++) {
		const char *lost = i > 0 && report->losses[i].field == report->losses[i - 1].field
		    ? NULL
		    : field_of(t, c, report->losses[i].field);

		if (lost != NULL && strcmp(wanted, lost) == 0) {
			return i;
		}
	}
	return report->loss_count;
}

static void
tell_gone(struct trial *t, const struct bound_case *c, const struct roundtrip *report)
{
	const struct conf_wants *loses = &c->round_trip->loses;

	for (size_t i = 0; i < loses->count; i++) {
		const struct conf_want *want = &loses->items[i];
		size_t first = first_loss_of(t, c, report, want);

		for (size_t v = 0; v < want->values.count; v++) {
			if (!happens(report, first, want->values.items[v].text)) {
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
