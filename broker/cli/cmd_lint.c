// SPDX-License-Identifier: Apache-2.0
// `enlace lint`: the rule set as the broker would load it, with every finding at once. There is no second checker: rules_load is what the daemon calls.
// Only what depends on the day comes on top.
#include "cli/cmd.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "cli/sarif.h"
#include "conf/tests.h"
#include "rules/rules.h"

static const struct cmd_option options[] = {
    {"format", true, "text, json or sarif"},
    {"deny-warnings", false, "a warning counts as an error"},
    {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"},
    {NULL, false, NULL},
};

static int
verdict(const struct cmd_call *call, const struct findings *findings)
{
	return findings->errors > 0 || (findings->warnings > 0 && cmd_option(call, "deny-warnings") != NULL) ? 1 : 0;
}

static int
report(const struct cmd_call *call, struct findings *findings, const char *folder)
{
	enum en_err err;

	findings_sort(findings);
	if (call->sarif) {
		err = sarif_print(findings);
		if (err != EN_OK) {
			return cmd_fail(call, err, "stdout");
		}
		return verdict(call, findings);
	}
	if (call->json) {
		findings_print_json(findings, stdout);
	} else {
		findings_print_text(findings, stdout, call->colour_out);
		if (!call->quiet) {
			cmd_words_follow();
			fprintf(stderr, "%s: %zu %s, %zu %s\n", folder, findings->errors,
			    cmd_noun(call, findings->errors, "error", "errors", "error", "errores"), findings->warnings,
			    cmd_noun(call, findings->warnings, "warning", "warnings", "aviso", "avisos"));
		}
	}
	return verdict(call, findings);
}

struct sources {
	const char *folder, *schemas;
};

// What to check, from the arguments, else from enlace.yaml, whose own findings belong to the report.
static enum en_err
find_sources(struct cmd_call *call, struct findings *findings, struct sources *ret)
{
	struct conf_daemon *settings = NULL;
	enum en_err err;

	if (ret->folder != NULL && ret->schemas != NULL) {
		return EN_OK;
	}
	if (ret->folder != NULL && cmd_option(call, "config") == NULL) {
		call->config = arena_printf(&call->arena, "%s/enlace.yaml", ret->folder);
	}
	if (call->config == NULL) {
		return EN_ENOMEM;
	}
	err = conf_daemon_load(call->config, &call->arena, findings, &settings);
	if (err == EN_OK) {
		ret->folder = ret->folder == NULL ? settings->rules.text : ret->folder;
		ret->schemas = ret->schemas == NULL ? settings->schemas.text : ret->schemas;
	}
	return err;
}

static enum en_err
check(const struct sources *from, struct findings *findings)
{
	struct schema *schema = NULL;
	struct rules *rules = NULL;
	struct conf_test_set *tests = NULL;
	char *folder = NULL;
	enum en_err err = schema_load_folder(from->schemas, findings, &schema);

	if (err == EN_OK) {
		err = rules_load(from->folder, schema, findings, &rules);
	}
	if (err == EN_OK) {
		rules_check_days(rules, clock_now().wall_ms, findings);
	}
	// How its tests are written is checked here; what they say, by `enlace test`.
	if (asprintf(&folder, "%s/tests", from->folder) < 0) {
		folder = NULL;
		err = EN_ENOMEM;
	} else {
		enum en_err tests_err = conf_test_set_load(folder, findings, &tests);

		err = err == EN_OK ? tests_err : err;
	}
	free(folder);
	conf_test_set_free(&tests);
	rules_unref(&rules);
	schema_unref(&schema);
	return err;
}

static int
run(struct cmd_call *call)
{
	struct sources from = {
	    .folder = call->argument_count > 0 ? call->arguments[0] : NULL, .schemas = cmd_option(call, "schemas")};
	struct findings findings;
	struct stat info;
	enum en_err err;
	int code;

	if (call->argument_count > 1) {
		return cmd_usage(call, &cmd_lint);
	}
	if (from.folder != NULL && stat(from.folder, &info) != 0) {
		return cmd_fail(call, EN_ENOTFOUND, "%s", from.folder);
	}
	if (from.folder != NULL && !S_ISDIR(info.st_mode)) {
		return cmd_misused(call, "lint takes the folder of a rule set; the settings are named with -c FILE",
		    "lint toma la carpeta de las reglas; la configuración se indica con -c ARCHIVO");
	}
	findings_init_in(&findings, call->lang);
	err = find_sources(call, &findings, &from);
	if (err == EN_OK) {
		err = check(&from, &findings);
	}
	code = err == EN_OK || findings.errors > 0
	    ? report(call, &findings, from.folder == NULL ? call->config : from.folder)
	    : cmd_fail(call, err, "%s", from.folder == NULL ? call->config : from.folder);
	findings_fini(&findings);
	return code;
}

const struct cmd cmd_lint = {"lint", "check the configuration and list everything that is wrong",
    "revisar la configuración y mostrar todo lo que está mal",
    "  enlace lint                          the configuration that enlace.yaml names\n"
    "  enlace lint config --format json     another folder, for programs\n"
    "  enlace lint --format sarif           SARIF 2.1.0, as code hosts and CI show it beside the lines\n",
    options, run};
