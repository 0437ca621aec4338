// SPDX-License-Identifier: Apache-2.0
// Words of the tests of faults. Peer 1 is the clinic, which refers to the hostel (peer 3) by name; the route sends the same
// referral to the child agency (peer 2) as well. Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CORE_FAULT_H
#define EN_TESTS_UNIT_CORE_FAULT_H

#include "unit/core/child.h"

#define CLINIC_STATUS "[{\"subscription\":\"clinic-status\"}]"
#define CHILD_CASES "[{\"subscription\":\"child-cases\"}]"
#define HOSTEL_CASES "[{\"subscription\":\"hostel-cases\"}]"
#define BED(to) "{\"folio\":\"f1\",\"name\":\"Ana\",\"wishes\":[{\"code\":\"BED\",\"whom\":\"" to "\"}]}"
#define DAY_MS INT64_C(86400000)

// Statuses to the clinic, as "hostel expired" and the like, and forgets them.
static inline const char *
told(struct engine *e)
{
	struct buf *b = &e->scratch;

	buf_clear(b);
	for (size_t i = 0; i < e->frame_count; i++) {
		const struct engine_frame *f = &e->frames[i];

		for (size_t k = 0;
		     f->peer == 1 && f->frame.kind == FRAME_DELIVER && k < f->frame.u.deliver->n_deliveries; k++) {
			const char *data = f->frame.u.deliver->deliveries[k]->event->text_data;
			const char *who = strstr(data, "\"actorAgency\":\""), *why = strstr(data, "\"reasonCode\":\"");

			assert_non_null(strstr(data, "\"state\":\"FAULT\""));
			assert_non_null(strstr(data, "\"sourceCaseId\":\""));
			assert_non_null(strstr(data, "\"at\":"));
			assert_true(who != NULL && why != NULL);
			who += strlen("\"actorAgency\":\"");
			why += strlen("\"reasonCode\":\"");
			buf_printf(b, "%s%.*s %.*s", b->len > 0 ? ", " : "", (int)strcspn(who, "\""), who,
			    (int)strcspn(why, "\""), why);
		}
	}
	engine_forget_frames(e);
	return buf_cstr(b);
}

static inline double
referrals(struct engine *e, const char *state)
{
	return engine_metric(e, arena_printf(&e->arena, "enlace_referrals{state=\"%s\"}", state));
}

static inline void
attach_all(struct engine *e)
{
	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	engine_hello(e, 3, "hostel", "h", HOSTEL_CASES);
	engine_sync(e);
}

static inline void
refer(struct engine *e)
{
	assert_string_equal(engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", BED("hostel")), "RECORDED");
}

static inline void
assert_sound(struct engine *e)
{
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static inline const char *
release(struct engine *e, const char *code)
{
	const char *reply =
	    engine_request(e, CTL_MSG_RELEASE, (const char *const[]){"code", code, "reason", "mended", NULL});

	engine_sync(e);
	return reply;
}

static inline const char *
referral_on_consent(struct engine *e, const char *more)
{
	return arena_printf(&e->arena,
	    "{\"referralId\":\"R\",\"sourceCaseId\":\"f1\",\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"hostel\"},"
	    "\"legalBasis\":\"CONSENT\",\"priority\":\"NORMAL\",\"person\":{\"ageYears\":13}%s}",
	    more);
}

static inline void
publish_expiring(struct engine *e, int number, int folio)
{
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"%d\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"clinic.v1.Intake\",\"partitionkey\":\"c\",\"expirytime\":\"2026-11-30T12:00:00Z\",\"data\":"
		"{\"folio\":\"f%d\",\"name\":\"Ana\",\"wishes\":[{\"code\":\"BED\",\"whom\":\"hostel\"}]}}}]}",
		number, number, folio));
	engine_sync(e);
}

// On consent that is given.
static inline void
refer_on_consent(struct engine *e, const char *id)
{
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.Referral", id, "f1",
		referral_on_consent(e, ",\"consent\":{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"}")),
	    "RECORDED");
}

static inline void
take_consent_back(struct engine *e)
{
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.ConsentUpdate", "u", "f1", "{\"caseId\":\"f1\",\"consent\":{}}"), "RECORDED");
}

// The first of its deliveries since the last look.
static inline void
hostel_cannot_use_it(struct engine *e)
{
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	engine_sync(e);
}

#endif
