// SPDX-License-Identifier: Apache-2.0
// Referrals, revisions, consents, ends, releases, restarts, in any order: the sums and the folds hold, and at the end the sender has heard
// of every addressee who got nothing.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "unit/core/fault.h"

#define STEPS 1500
#define REFERRALS 400
#define HOSTEL_BOTH "[{\"subscription\":\"hostel-cases\"},{\"subscription\":\"hostel-desk\"}]"

// What became of each at the hostel, as the test saw it: every referral has one revision, so that nothing replaces it.
struct walk {
	struct engine *e;
	unsigned int seed;
	int sent;
	bool was_taken[REFERRALS], was_told[REFERRALS], was_answered[REFERRALS];
};

static unsigned int
pick(struct walk *w, unsigned int count)
{
	return (unsigned int)rand_r(&w->seed) % count;
}

static void
attach(struct walk *w)
{
	engine_hello(w->e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(w->e, 2, "child", "r", CHILD_CASES);
	engine_hello(w->e, 3, "hostel", "h", HOSTEL_BOTH);
	engine_sync(w->e);
}

static void
send_referral(struct walk *w)
{
	static const char given[] = ",\"consent\":{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"}";
	struct engine *e = w->e;
	const struct engine_frame *f;
	int n = w->sent;

	if (n == REFERRALS) {
		return;
	}
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"%llu\",\"event\":{\"specversion\":\"1.0\",\"id\":\"r%d\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Referral\",\"partitionkey\":\"case%d\"%s,\"data\":{\"referralId\":\"R%d\",\"sourceCaseId\":\"case%d\","
		"\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"hostel\"},\"legalBasis\":\"CONSENT\",\"priority\":\"NORMAL\","
		"\"person\":{\"ageYears\":13}%s}}}]}",
		(unsigned long long)e->next_sequence[1]++, n, n % 8,
		pick(w, 8) == 0 ? ",\"expirytime\":\"2026-11-30T12:00:00Z\"" : "", n, n % 8, given));
	engine_sync(e);
	// What is refused or held was answered: the sender knows.
	f = engine_newest(e, 1, FRAME_PUBLISHED);
	w->was_answered[n] = f->frame.u.published->answers[0]->verdict != ENLACE__V1__VERDICT__RECORDED;
	w->sent++;
}

static void
change_consent(struct walk *w)
{
	struct engine *e = w->e;
	const char *yes = "\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"";

	engine_say(e, 1, "enlace.v1.ConsentUpdate", arena_printf(&e->arena, "u%u", pick(w, 1u << 30)), "case",
	    arena_printf(&e->arena, "{\"caseId\":\"case%u\",\"consent\":{%s}}", pick(w, 8), pick(w, 3) > 0 ? yes : ""));
}

// One delivery of the newest frames to that peer.
static void
settle_one(struct walk *w, uint64_t peer, const char *agency)
{
	static const char *const outcomes[] = {TAKEN, TAKEN, LATER, UNUSABLE};
	struct engine *e = w->e;

	for (size_t back = pick(w, 4), i = e->frame_count; i-- > 0;) {
		const struct engine_frame *f = &e->frames[i];
		const Enlace__V1__Deliver *d = f->frame.u.deliver;

		if (f->peer == peer && f->frame.kind == FRAME_DELIVER && back-- == 0) {
			const Enlace__V1__Delivery *one = d->deliveries[pick(w, (unsigned int)d->n_deliveries)];
			const char *outcome = outcomes[pick(w, 4)], *id = strstr(one->event->text_data, "\"R");
			double before = engine_metric(e,
			    arena_printf(&e->arena,
				"enlace_delivery_events_total{subscription=\"%s\",outcome=\"taken\"}",
				d->subscription));

			engine_settle(e, peer, agency, d->subscription, one->number, outcome);
			if (peer == 3 &&
			    engine_metric(e,
				arena_printf(&e->arena,
				    "enlace_delivery_events_total{subscription=\"%s\",outcome=\"taken\"}",
				    d->subscription)) > before) {
				w->was_taken[atoi(id + 2)] = true;
			}
			return;
		}
	}
}

// The clinic takes what it was told, all of it.
static void
read_faults(struct walk *w)
{
	struct engine *e = w->e;

	for (size_t i = 0; i < e->frame_count; i++) {
		const struct engine_frame *f = &e->frames[i];

		for (size_t k = 0;
		     f->peer == 1 && f->frame.kind == FRAME_DELIVER && k < f->frame.u.deliver->n_deliveries; k++) {
			const char *data = f->frame.u.deliver->deliveries[k]->event->text_data,
				   *id = strstr(data, "\"R");

			assert_non_null(strstr(data, "\"actorAgency\":\"hostel\""));
			w->was_told[atoi(id + 2)] = true;
			engine_settle(
			    e, 1, "clinic", "clinic-status", f->frame.u.deliver->deliveries[k]->number, TAKEN);
		}
	}
}

static void
fresh_frames(struct walk *w)
{
	engine_sync(w->e);
	read_faults(w);
	engine_sync(w->e);
	engine_forget_frames(w->e);
	attach(w);
}

static void
walk_on(struct walk *w)
{
	static const char *const codes[] = {"rejected_by_recipient", "attempts_spent", "agreement_lapsed"};
	struct engine *e = w->e;

	switch (pick(w, 16)) {
	case 0:
		change_consent(w);
		break;
	case 1:
		(void)release(e, codes[pick(w, EN_COUNT_OF(codes))]);
		break;
	case 2:
		e->now.wall_ms += (int64_t)pick(w, 5) * DAY_MS / 24; // some expire; no agreement lapses
		engine_tick(e, 1000);
		break;
	case 3:
		read_faults(w);
		if (pick(w, 2) == 0) {
			engine_restart(e);
		} else {
			engine_crash(e);
		}
		engine_forget_frames(e);
		attach(w);
		break;
	case 4:
		engine_hello(e, 3, "hostel", "h", NULL);
		break;
	case 5:
		fresh_frames(w);
		break;
	case 6:
	case 7:
	case 8:
		send_referral(w);
		break;
	case 9:
		settle_one(w, 2, "child");
		break;
	default:
		settle_one(w, 3, "hostel");
	}
	if (pick(w, 3) == 0) {
		engine_sync(e);
	}
}

static double
pending(struct engine *e, const char *subscription)
{
	return engine_metric(
	    e, arena_printf(&e->arena, "enlace_subscription_pending_events{subscription=\"%s\"}", subscription));
}

// What the hostel has in hand or waits for it becomes nothing of.
static void
end_all(struct walk *w)
{
	struct engine *e = w->e;

	for (int rounds = 0; rounds < 1000; rounds++) {
		bool any = false;

		fresh_frames(w);
		for (size_t i = 0; i < e->frame_count; i++) {
			const struct engine_frame *f = &e->frames[i];

			for (size_t k = 0;
			     f->peer == 3 && f->frame.kind == FRAME_DELIVER && k < f->frame.u.deliver->n_deliveries;
			     k++) {
				engine_settle(e, 3, "hostel", f->frame.u.deliver->subscription,
				    f->frame.u.deliver->deliveries[k]->number, UNUSABLE);
				any = true;
			}
		}
		engine_sync(e);
		pass_time(e, 2000);
		if (!any && pending(e, "hostel-desk") + pending(e, "hostel-cases") == 0.0) {
			return;
		}
	}
	fail();
}

static void
however_it_went_the_sender_heard_of_what_did_not_arrive(void **state)
{
	static struct walk w;
	double faults;
	int told = 0;

	w = (struct walk){.e = *state, .seed = 20261130};
	print_message("seed %u\n", w.seed);
	w.e->limits.checkpoint_records = 50;
	engine_reload(w.e, "subscriptions/hostel-cases.yaml",
	    "subscription: hostel-cases\nagency: hostel\npurpose: protection\nreceives: [Referral]\n"
	    "as: enlace.v1.Referral\nretry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	engine_reload(w.e, "subscriptions/hostel-desk.yaml",
	    "subscription: hostel-desk\nagency: hostel\npurpose: protection\nreceives: [Referral]\n"
	    "as: enlace.v1.Referral\nretry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	// Who gets nothing is no reason to hold it, or the first one would hold its case for good.
	engine_reload(w.e, "routes/shelter.yaml",
	    "route: shelter\ntypes: [Referral]\nwhen: {service: SAFE_SHELTER}\npurpose: protection\nreads: []\n"
	    "send_to:\n- {addressee: true, among: [shelters]}\n- {agency: child}\nif_nobody_receives: fine\n");
	attach(&w);
	for (int i = 0; i < STEPS; i++) {
		walk_on(&w);
		if (i % 50 == 49) {
			engine_sync(w.e);
			assert_sound(w.e);
		}
	}
	end_all(&w);
	fresh_frames(&w);
	assert_sound(w.e);
	for (int n = 0; n < w.sent; n++) {
		assert_true(w.was_taken[n] || w.was_told[n] || w.was_answered[n]);
		told += w.was_told[n];
	}
	faults = engine_metric(w.e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}");
	print_message("%d referrals, %d told of, in %.0f events\n", w.sent, told, faults);
	assert_true(told > 20 && faults > 20);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(however_it_went_the_sender_heard_of_what_did_not_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
