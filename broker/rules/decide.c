// SPDX-License-Identifier: Apache-2.0
// The decision: routes in order of name; for each recipient of a matching route its subscriptions for the route's purpose; for each of these the first agreement by
// name that holds. A recipient exists where all four say yes. Who was meant and gets nothing is listed with the reason that came furthest, for it is the one
// that somebody can mend.
#include "expr/run.h"
#include "rules/rules_int.h"

struct deciding {
	const struct rules *rules;
	const struct decide_input *in;
	struct condition_ask ask; // the same for conditions
	struct arena *arena;
	struct decision *out;
	struct consent_facts facts;
	const struct agency *addressee; // NULL: none
	size_t recipient_cap, missed_cap;
	bool matched;
	struct decide_note unread;
	enum en_err err;
};

// In the order in which the questions are asked: a later one means that the earlier ones were answered with yes.
static int
progress_of(enum reason reason)
{
	static const enum reason order[] = {REASON_NO_RECIPIENT, REASON_NO_SUBSCRIPTION, REASON_NO_AGREEMENT,
	    REASON_AGREEMENT_LAPSED, REASON_LEGAL_BASIS, REASON_CONSENT};

	for (size_t i = 0; i < EN_COUNT_OF(order); i++) {
		if (order[i] == reason) {
			return (int)i;
		}
	}
	return -1;
}

// Room for one more; NULL without memory.
static void *
larger(struct deciding *d, void *items, size_t count, size_t *cap, size_t size)
{
	void *more = arena_larger(d->arena, items, count, cap, size);

	d->err = more == NULL ? EN_ENOMEM : d->err;
	return more;
}

// ---- notes ----------------------------------------------------------------------------------------------------------------------------------

// The note's other members are the caller's to fill; what is returned when nobody asks is thrown away.
static struct decide_note *
add_note(struct deciding *d, enum note_kind kind, const struct route *route, const struct rules_agency *agency)
{
	struct decide_notes *notes = d->in->notes;
	void *items = notes == NULL ? NULL : larger(d, notes->items, notes->count, &notes->cap, sizeof(*notes->items));

	if (items == NULL) {
		return &d->unread;
	}
	notes->items = items;
	notes->items[notes->count] = (struct decide_note){.kind = kind, .route = route->name, .agency = agency};
	return &notes->items[notes->count++];
}

static void
note_refusal(struct deciding *d, struct decide_note *note, const struct condition *c)
{
	if (d->in->notes != NULL) {
		note->path = reading_refusal(c, d->in->canonical, &d->ask, &note->where);
	}
}

// ---- outcomes -------------------------------------------------------------------------------------------------------------------------------

static void
add_missed(struct deciding *d, const struct agency *agency, const struct route *route, enum reason reason)
{
	struct decision *out = d->out;
	struct missed *m = NULL;

	for (size_t i = 0; i < out->missed_count; i++) {
		if (out->missed[i].agency == &agency->pub) {
			m = &out->missed[i];
		}
	}
	if (m == NULL) {
		void *items = larger(d, out->missed, out->missed_count, &d->missed_cap, sizeof(*out->missed));

		if (items == NULL) {
			return;
		}
		out->missed = items;
		m = &out->missed[out->missed_count++];
		*m = (struct missed){.agency = &agency->pub, .addressed = agency == d->addressee};
	} else if (progress_of(reason) <= progress_of(m->reason)) {
		return;
	}
	m->route = route == NULL ? NULL : route->name;
	m->reason = reason;
}

static int64_t
deadline(const struct deciding *d, const struct conf_duration *within)
{
	return within->ms == 0 ? 0 : d->in->wall_ms + (int64_t)within->ms;
}

static bool
receives_by(const struct decision *out, const struct rules_subscription *s)
{
	for (size_t i = 0; i < out->recipient_count; i++) {
		if (out->recipients[i].subscription == s) {
			return true;
		}
	}
	return false;
}

static void
add_recipient(struct deciding *d, const struct subscription *s, const struct route *route,
    const struct recipient *recipient, const struct agreement *agreement)
{
	struct decision *out = d->out;
	void *items;

	if (receives_by(out, &s->pub)) {
		return; // the first route by name has decided
	}
	items = larger(d, out->recipients, out->recipient_count, &d->recipient_cap, sizeof(*out->recipients));
	if (items == NULL) {
		return;
	}
	out->recipients = items;
	out->recipients[out->recipient_count++] = (struct decided){
	    .subscription = &s->pub,
	    .route = route->name,
	    .agreement = agreement->name,
	    .purpose = route->purpose,
	    .addressed = d->addressee != NULL && s->pub.agency == &d->addressee->pub,
	    .acknowledge_by_ms = deadline(d, &recipient->conf->acknowledge),
	    .decide_by_ms = deadline(d, &recipient->conf->decide),
	};
}

static void
add_fault(struct deciding *d, const struct route *route, const char *path)
{
	d->out->fault = REASON_CONDITION_ERROR;
	d->out->fault_route = route->name;
	strncpy(d->out->fault_path, path, sizeof(d->out->fault_path) - 1);
}

// ---- questions --------------------------------------------------------------------------------------------------------------------------------

// REASON_NONE when the agreement lets this recipient know, and learn by receiving what the route read.
static enum reason
ask_agreement(const struct deciding *d, const struct route *route, const struct subscription *s,
    const struct agreement_view *view, enum note_kind *ret_note, enum consent_term *ret_term)
{
	enum canonical type = d->in->type;
	const struct agreement *a = view->agreement;
	enum reason reason;

	*ret_note = NOTE_NOT_FROM;
	if (!agency_set_has(&a->from, d->in->from)) {
		return REASON_NO_AGREEMENT;
	}
	*ret_note = NOTE_NOT_MADE;
	if (view->plans[type] == NULL) {
		return REASON_NO_AGREEMENT;
	}
	*ret_note = NOTE_READS;
	if (!reading_is_granted(route->conditions[type], &a->grants)) {
		return REASON_NO_AGREEMENT;
	}
	*ret_note = NOTE_LAPSED;
	if (!agreement_is_valid(a, d->in->wall_ms)) {
		return REASON_AGREEMENT_LAPSED;
	}
	reason = consent_allows(d->rules, &d->facts, d->in->from, s->pub.agency, a, ret_term);
	*ret_note = reason == REASON_NONE ? NOTE_RECEIVES : reason == REASON_CONSENT ? NOTE_CONSENT : NOTE_LEGAL_BASIS;
	return reason;
}

static enum reason
ask_subscription(
    struct deciding *d, const struct route *route, const struct recipient *recipient, const struct subscription *s)
{
	enum reason furthest = REASON_NO_AGREEMENT;

	if (s->view_count == 0) {
		add_note(d, NOTE_NO_AGREEMENT, route, s->pub.agency)->subscription = &s->pub;
	}
	for (size_t i = 0; i < s->view_count; i++) {
		enum consent_term term = CONSENT_GIVEN;
		enum note_kind kind;
		enum reason reason = ask_agreement(d, route, s, &s->views[i], &kind, &term);
		bool again = reason == REASON_NONE && receives_by(d->out, &s->pub);
		struct decide_note *note = add_note(d, again ? NOTE_RECEIVES_ALREADY : kind, route, s->pub.agency);

		note->subscription = &s->pub;
		note->agreement = s->views[i].agreement->name;
		note->where = s->views[i].agreement->conf->name.where;
		note->consent = term;
		if (reason == REASON_NONE) {
			add_recipient(d, s, route, recipient, s->views[i].agreement);
			return REASON_NONE;
		}
		furthest = progress_of(reason) > progress_of(furthest) ? reason : furthest;
	}
	return furthest;
}

static void
ask_agency(
    struct deciding *d, const struct route *route, const struct recipient *recipient, const struct agency *agency)
{
	enum canonical type = d->in->type;
	enum reason furthest = REASON_NO_SUBSCRIPTION;
	bool receives = false, has_one = false;

	if (&agency->pub == d->in->from && !d->in->is_brokers) {
		(void)add_note(d, NOTE_OWN_WORD, route, &agency->pub);
		return; // nobody is told what it said itself
	}
	for (size_t i = 0; i < agency->subscription_count && d->err == EN_OK; i++) {
		const struct subscription *s = agency->subscriptions[i];
		enum condition_result fits = CONDITION_TRUE;
		enum reason reason;

		if (s->mappings[type] == NULL || strcmp(s->pub.purpose, route->purpose) != 0) {
			continue;
		}
		has_one = true;
		if (s->filters[type] != NULL) {
			fits = condition_holds(s->filters[type], d->in->canonical, &d->ask);
		}
		if (fits == CONDITION_ERROR) {
			add_fault(d, route, reading_fault(s->filters[type], d->in->canonical, &d->ask));
			return;
		}
		if (fits == CONDITION_FALSE) {
			struct decide_note *note = add_note(d, NOTE_FILTER_FALSE, route, &agency->pub);

			note->subscription = &s->pub;
			note_refusal(d, note, s->filters[type]);
			continue;
		}
		reason = ask_subscription(d, route, recipient, s);
		receives = receives || reason == REASON_NONE;
		furthest = progress_of(reason) > progress_of(furthest) ? reason : furthest;
	}
	if (!has_one) {
		(void)add_note(d, NOTE_NO_SUBSCRIPTION, route, &agency->pub);
	}
	if (!receives) {
		add_missed(d, agency, route, furthest);
	}
}

static enum if_nobody
nobody_of(const struct route *route, enum canonical type)
{
	const char *word = route == NULL ? NULL : route->conf->if_nobody_receives.text;

	if (word == NULL) {
		return type == CANONICAL_REFERRAL || type == CANONICAL_ALERT ? NOBODY_HOLD
		    : type == CANONICAL_STATUS                               ? NOBODY_ALARM
									     : NOBODY_FINE;
	}
	return strcmp(word, "hold") == 0 ? NOBODY_HOLD : strcmp(word, "alarm") == 0 ? NOBODY_ALARM : NOBODY_FINE;
}

static void
ask_route(struct deciding *d, const struct route *route)
{
	enum canonical type = d->in->type;
	enum condition_result matches = condition_holds(route->conditions[type], d->in->canonical, &d->ask);
	enum if_nobody nobody = nobody_of(route, type);

	if (matches == CONDITION_ERROR) {
		add_fault(d, route, reading_fault(route->conditions[type], d->in->canonical, &d->ask));
		return;
	}
	if (matches == CONDITION_FALSE) {
		note_refusal(d, add_note(d, NOTE_ROUTE_FALSE, route, NULL), route->conditions[type]);
		return;
	}
	add_note(d, NOTE_ROUTE_HOLDS, route, NULL)->where = route->conf->name.where;
	// The most careful of the routes that matched: NOBODY_HOLD is the least number.
	d->out->if_nobody = d->matched && d->out->if_nobody < nobody ? d->out->if_nobody : nobody;
	d->matched = true;
	for (size_t i = 0; i < route->recipient_count && d->out->fault == REASON_NONE && d->err == EN_OK; i++) {
		const struct recipient *recipient = &route->recipients[i];

		if (recipient->agency != NULL) {
			ask_agency(d, route, recipient, recipient->agency);
		} else if (d->addressee != NULL && d->addressee != &d->rules->unknown_agency &&
		    agency_set_has(&recipient->among, &d->addressee->pub)) {
			ask_agency(d, route, recipient, d->addressee);
		} else {
			add_note(d, NOTE_NOT_ADDRESSED, route, d->addressee == NULL ? NULL : &d->addressee->pub)
			    ->where = recipient->conf->where;
		}
	}
}

// ---- the whole --------------------------------------------------------------------------------------------------------------------------------

static bool
receives_something(const struct decision *out, const struct rules_agency *agency)
{
	for (size_t i = 0; i < out->recipient_count; i++) {
		if (out->recipients[i].subscription->agency == agency) {
			return true;
		}
	}
	return false;
}

// An agency that one route missed and another one served was not missed; an addressee that no route knows of was.
static void
settle_missed(struct deciding *d)
{
	struct decision *out = d->out;
	size_t kept = 0;
	bool is_told = d->addressee == NULL || &d->addressee->pub == d->in->from;

	for (size_t i = 0; i < out->missed_count; i++) {
		if (!receives_something(out, out->missed[i].agency)) {
			out->missed[kept++] = out->missed[i];
		}
	}
	out->missed_count = kept;
	for (size_t i = 0; i < kept && !is_told; i++) {
		is_told = out->missed[i].addressed;
	}
	if (!is_told && !receives_something(out, &d->addressee->pub)) {
		add_missed(d, d->addressee, NULL, REASON_NO_RECIPIENT);
	}
}

static void
find_addressee(struct deciding *d)
{
	struct view name = addressee_of(d->rules, d->in->type, d->in->canonical);

	if (name.len > 0) {
		d->addressee = agency_by_view(d->rules, name);
		d->addressee = d->addressee == NULL ? &d->rules->unknown_agency : d->addressee;
	}
}

enum en_err
rules_decide(const struct rules *r, const struct decide_input *in, struct arena *arena, struct decision *ret)
{
	struct decision decision = {.if_nobody = nobody_of(NULL, in->type)};
	struct deciding d = {.rules = r, .in = in, .arena = arena, .out = &decision};
	struct cel_run *own = NULL;

	d.ask = (struct condition_ask){in->wall_ms, in->from->name, in->run == NULL ? &own : in->run};
	d.err = consent_read(r, in->type, in->canonical, in->case_consent, in->wall_ms, arena, &d.facts);
	if (d.err == EN_OK) {
		find_addressee(&d);
	}
	for (size_t i = 0; i < r->route_count && d.err == EN_OK && decision.fault == REASON_NONE; i++) {
		if (r->routes[i].conditions[in->type] != NULL) {
			ask_route(&d, &r->routes[i]);
		}
	}
	if (d.err == EN_OK && decision.fault == REASON_NONE) {
		settle_missed(&d);
	}
	// An event that is held was decided by nobody: it is decided anew when it is released.
	if (decision.fault != REASON_NONE) {
		decision.recipient_count = 0;
		decision.missed_count = 0;
	}
	if (d.err == EN_OK) {
		*ret = decision;
	}
	cel_run_free(&own);
	return d.err;
}
