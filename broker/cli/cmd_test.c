// SPDX-License-Identifier: Apache-2.0
// `enlace test`: the rule set's own tests. It is the broker's engine that runs them, without a broker.
#include "cli/cmd.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/ruleset.h"
#include "cli/test_report.h"

static const struct cmd_option options[] = {
    {"coverage", false, "say which lines, arms, rows, values and rules no test reaches"},
    {"filter", true, "only tests whose name, or whose file's name, holds this text"},
    RULESET_OPTION,
    {NULL, false, NULL},
};

static bool
is_rule_set(struct cmd_call *call, const char *path)
{
	const char *tests = arena_printf(&call->arena, "%s/tests", path),
		   *agencies = arena_printf(&call->arena, "%s/agencies", path);
	struct stat info;

	return tests != NULL && agencies != NULL &&
	    ((stat(tests, &info) == 0 && S_ISDIR(info.st_mode)) ||
		(stat(agencies, &info) == 0 && S_ISDIR(info.st_mode)));
}

// Bad tests are bad data: the rules may be fine.
static int
tell_findings(const struct cmd_call *call, struct findings *findings, const char *path)
{
	findings_sort(findings);
	if (call->json) {
		findings_print_json(findings, stdout);
	} else {
		findings_print_text(findings, stderr, call->colour);
		fprintf(stderr, "%s: %zu %s\n", path, findings->errors,
		    cmd_noun(call, findings->errors, "error", "errors", "error", "errores"));
	}
	return 65;
}

static bool
is_asked_for(const struct cmd_call *call, const struct trial *t, size_t i)
{
	const char *filter = cmd_option(call, "filter");

	return filter == NULL || strstr(trial_name(t, i), filter) != NULL ||
	    strstr(trial_file(t, i)->name.text, filter) != NULL;
}

static enum en_err
run_all(const struct cmd_call *call, struct trial *t, struct test_report *report)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; i < trial_count(t) && err == EN_OK; i++) {
		struct trial_result result;

		if (is_asked_for(call, t, i)) {
			err = trial_run(t, i, &result);
			if (err == EN_OK) {
				err = test_report_add(report, &result);
			}
		}
	}
	return err;
}

// One folder or file of tests.
static int
test_path(struct cmd_call *call, const struct ruleset *set, const char *path, struct coverage *coverage,
    struct test_report *report)
{
	struct conf_test_set *tests = NULL;
	struct trial *trial = NULL;
	struct findings findings;
	enum en_err err;
	int code = 0;

	findings_init_in(&findings, call->lang);
	err = conf_test_set_load(path, &findings, &tests);
	if (err == EN_OK) {
		err = trial_new(set->rules, tests, coverage, &findings, &trial);
	}
	if (err == EN_OK) {
		err = run_all(call, trial, report);
		test_report_end_file(report);
	}
	if (err == EN_ECONFIG) {
		code = tell_findings(call, &findings, path);
	} else if (err != EN_OK) {
		code = cmd_fail(call, err, "%s", path);
	}
	trial_free(&trial);
	conf_test_set_free(&tests);
	findings_fini(&findings);
	return code;
}

static int
test_paths(struct cmd_call *call, const struct ruleset *set, bool is_first_set, struct coverage *coverage)
{
	struct test_report report = {.cases = NULL};
	const char *own = arena_printf(&call->arena, "%s/tests", set->folder);
	enum en_err err = own == NULL ? EN_ENOMEM : test_report_begin(&report, call);
	int code = err == EN_OK ? 0 : cmd_fail(call, err, "%s", set->folder);
	size_t first = is_first_set ? 1 : 0;

	if (code == 0 && first == call->argument_count) {
		code = test_path(call, set, own, coverage, &report);
	}
	for (size_t i = first; i < call->argument_count && code == 0; i++) {
		code = test_path(call, set, call->arguments[i], coverage, &report);
	}
	if (code != 0) {
		json_decref(report.cases); // nothing is told of what was passed before
		return code;
	}
	err = test_report_end(&report, coverage);
	if (err != EN_OK) {
		return cmd_fail(call, err, "stdout");
	}
	if (report.passed + report.failed == 0) {
		fprintf(stderr, "enlace test: %s\n", cmd_say(call, "there are no such tests", "no hay tales pruebas"));
		return 1;
	}
	return report.failed > 0 ? 1 : 0;
}

static int
run(struct cmd_call *call)
{
	bool is_first_set = call->argument_count > 0 && is_rule_set(call, call->arguments[0]);
	struct coverage *coverage = NULL;
	struct ruleset set;
	int code = ruleset_open(call, is_first_set ? call->arguments[0] : NULL, &set);

	if (code != 0) {
		return code;
	}
	if (cmd_option(call, "coverage") != NULL && coverage_new(set.rules, &coverage) != EN_OK) {
		code = cmd_fail(call, EN_ENOMEM, "%s", set.folder);
	} else {
		code = test_paths(call, &set, is_first_set, coverage);
	}
	coverage_free(&coverage);
	ruleset_close(&set);
	return code;
}

const struct cmd cmd_test = {"test", "run the rule set's own tests: cases and visibility matrices",
    "correr las pruebas de las reglas: casos y matrices de visibilidad",
    "  enlace test                          tests/ beside the rules that enlace.yaml names\n"
    "  enlace test config --coverage        another rule set, and what no test of it reaches\n"
    "  enlace test config/tests/inm.yaml    one file\n",
    options, run};
