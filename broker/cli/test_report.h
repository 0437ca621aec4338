// SPDX-License-Identifier: Apache-2.0
// What `enlace test` prints: for people as it goes, for programs at the end.
#ifndef EN_CLI_TEST_REPORT_H
#define EN_CLI_TEST_REPORT_H

#include "cli/json_out.h"
#include "trial/cover.h"
#include "trial/trial.h"

struct test_report {
	const struct cmd_call *call;
	json_t *cases;			// --format json
	const struct conf_tests *file;	// at hand
	size_t file_passed, file_failed, passed, failed;
};

EN_MUST_CHECK enum en_err test_report_begin(struct test_report *r, const struct cmd_call *call);
EN_MUST_CHECK enum en_err test_report_add(struct test_report *r, const struct trial_result *result);
// Before what results came from is freed.
void test_report_end_file(struct test_report *r);
// coverage may be NULL. Frees what the report holds.
EN_MUST_CHECK enum en_err test_report_end(struct test_report *r, struct coverage *coverage);

#endif
