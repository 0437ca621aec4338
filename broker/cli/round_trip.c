// SPDX-License-Identifier: Apache-2.0
#include "cli/round_trip.h"

static enum trip_state
state_of_losses(const struct trip_field *f)
{
	enum trip_state state = TRIP_CHANGED;

	for (size_t i = 0; i < f->loss_count; i++) {
		state = loss_is_whole(f->losses[i].kind) ? TRIP_LOST : state;
	}
	return state;
}

// Losses of one field stand side by side.
static enum en_err
list_fields(struct trip *t)
{
	const struct roundtrip *report = &t->report;

	t->fields = arena_zalloc(&t->r->call->arena, (report->fields + 1) * sizeof(*t->fields));
	if (t->fields == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < report->loss_count;) {
		struct trip_field *f = &t->fields[t->count++];

		*f = (struct trip_field){.field = report->losses[i].field, .losses = &report->losses[i]};
		for (; i < report->loss_count && report->losses[i].field == f->field; i++) {
			f->loss_count++;
		}
		f->state = state_of_losses(f);
	}
	for (size_t i = 0; i < report->kept; i++) {
		t->fields[t->count++] =
		    (struct trip_field){.field = report->keeps[i].field, .state = TRIP_KEPT, .kept = &report->keeps[i]};
	}
	return EN_OK;
}

static enum en_err
look(struct trip *t)
{
	enum en_err err = roundtrip_report(t->there, t->back, &t->report);

	return err == EN_OK ? list_fields(t) : err;
}

static int
report(struct trip *t)
{
	const struct cmd_call *call = t->r->call;
	enum en_err err = look(t);
	int code = err == EN_OK ? 0 : cmd_fail(call, err, "%s", mapping_name(t->there));

	if (code == 0 && cmd_option(call, "in") != NULL) {
		code = rehearsing_ask(t->r, mapping_from(t->there));
		code = code == 0 ? round_trip_record(t) : code;
	}
	for (size_t i = 0; i < t->count && code == 0; i++) {
		t->counts[t->fields[i].state]++;
	}
	if (code == 0) {
		err = round_trip_print(t);
		code = err != EN_OK ? cmd_fail(call, err, "stdout") : t->counts[TRIP_KEPT] < t->count ? 1 : 0;
	}
	return code;
}

int
round_trip(struct rehearsing *r, const struct mapping *there, const struct mapping *back)
{
	struct trip t = {.r = r, .there = there, .back = back, .values = cmd_option(r->call, "values") != NULL};
	int code;

	if (mapping_to(there) != mapping_from(back)) {
		fprintf(stderr, "enlace map: --round-trip: %s: %s %s, %s %s\n",
		    cmd_say(r->call, "the way back begins elsewhere", "el camino de vuelta empieza en otro lado"),
		    mapping_name(there), mapping_to(there)->name, mapping_name(back), mapping_from(back)->name);
		return 2;
	}
	code = report(&t);
	roundtrip_fini(&t.report);
	return code;
}
