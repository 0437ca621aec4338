// SPDX-License-Identifier: Apache-2.0
// The small bus of the tests of rules with a mapping and tests of its own; what a run says, as text.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_TRIAL_STAGE_H
#define EN_TESTS_UNIT_TRIAL_STAGE_H

#include "trial/cover.h"
#include "trial/trial.h"
#include "unit/rules/bus.h"

#define HEAD "tests: t\nsender: inm\nclock: \"2026-11-23T15:45:00Z\"\n"
#define MINOR "{legal_basis: LEGAL_OBLIGATION, referral_id: r-1, service: SAFE_SHELTER, priority: NORMAL, person: {is_minor: true, sex: FEMALE}}"

struct stage {
	struct bus *bus;
	struct conf_test_set *set;
	struct trial *trial;
	struct coverage *coverage;
};

// An inbound mapping: what INM says in a status becomes a referral. Two types that are there already, so that no agency's schema is needed.
static const char *const stage_mapping =
    "mapping: small\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ConsentUpdate\nset:\n"
    "  case_id: {from: source_case_id, clean: [trim]}\n"
    "  referral_id:\n    choose:\n    - {when: {state: [ACCEPTED, DECLINED]}, from: referral_id}\n    otherwise: hold\n"
    "unused: {to_agency: a, previous_state: a, at: a, actor_agency: a, reason_code: a, reason_text: a, recipient_reference: a,"
    " appointment_at: a, source_service_id: a}\n";

static inline int
stage_setup(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	void *bus;

	bus_setup(&bus);
	s->bus = bus;
	bus_write(s->bus, "mappings/small.yaml", stage_mapping);
	expect_findings(s->bus, EN_OK, "");
	*state = s;
	return 0;
}

static inline void
stage_clear(struct stage *s)
{
	trial_free(&s->trial);
	coverage_free(&s->coverage);
	conf_test_set_free(&s->set);
	findings_fini(&s->bus->findings);
	findings_init(&s->bus->findings);
}

static inline int
stage_teardown(void **state)
{
	struct stage *s = *state;
	void *bus = s->bus;

	stage_clear(s);
	bus_teardown(&bus);
	free(s);
	return 0;
}

// The text as the one file of tests, bound to the rules; what is found, as in bus_findings.
static inline char *
stage_bind(struct stage *s, const char *text)
{
	char *folder = test_path(s->bus->folder, "tests");

	stage_clear(s);
	bus_write(s->bus, "tests/t.yaml", text);
	enum en_err err = conf_test_set_load(folder, &s->bus->findings, &s->set);

	if (err == EN_OK) {
		assert_ok(coverage_new(s->bus->rules, &s->coverage));
		err = trial_new(s->bus->rules, s->set, s->coverage, &s->bus->findings, &s->trial);
	}
	assert_true(err == EN_OK || err == EN_ECONFIG);
	free(folder);
	return bus_findings(s->bus);
}

#define expect_bound(s, text, wanted) \
	do { \
		char *found_ = stage_bind(s, text); \
		assert_string_equal(found_, (wanted)); \
		free(found_); \
	} while (0)

static inline const char *
stage_shown(const char *text)
{
	return text == NULL ? "-" : text;
}

// Every difference of every test: "LINE path: expected, actual by LINE\n", from malloc.
static inline char *
stage_run(struct stage *s)
{
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < trial_count(s->trial); i++) {
		struct trial_result result;

		assert_ok(trial_run(s->trial, i, &result));
		for (size_t d = 0; d < result.count; d++) {
			const struct trial_difference *x = &result.differences[d];

			buf_printf(&text, "%u %s%s%s: %s, %s by %u\n", x->expected_at.line, stage_shown(x->path),
			    x->column == NULL ? "" : " ", x->column == NULL ? "" : x->column, stage_shown(x->expected),
			    stage_shown(x->actual), x->made_by.line);
		}
	}
	(void)buf_cstr(&text);
	return (char *)text.data;
}

#define expect_run(s, text, wanted) \
	do { \
		expect_bound(s, text, ""); \
		char *said_ = stage_run(s); \
		assert_string_equal(said_, (wanted)); \
		free(said_); \
	} while (0)

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

#endif
