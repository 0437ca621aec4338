// SPDX-License-Identifier: Apache-2.0
// `enlace lint`: the rule set as the broker would load it, with every finding at once. There is no second checker: rules_load is what the daemon calls.
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/cmd.h"
#include "rules/rules.h"

static const struct cmd_option options[] = {
    {"deny-warnings", false, "a warning counts as an error"},
    {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"},
    {NULL, false, NULL},
};

static int
report(const struct cmd_call *call, struct findings *findings, const char *folder)
{
	findings_sort(findings);
	if (call->json) {
		findings_print_json(findings, stdout, call->lang);
	} else {
		findings_print_text(findings, stdout, call->lang, call->colour);
		if (!call->quiet) {
			fprintf(stderr, "%s: %zu errors, %zu warnings\n", folder, findings->errors, findings->warnings);
		}
	}
	return findings->errors > 0 || (findings->warnings > 0 && cmd_option(call, "deny-warnings") != NULL) ? 1 : 0;
}

static int
run(struct cmd_call *call)
{
	const char *schemas = cmd_option(call, "schemas"),
		   *folder = call->argument_count > 0 ? call->arguments[0] : NULL;
	struct conf_daemon *settings = NULL;
	struct schema *schema = NULL;
	struct rules *rules = NULL;
	struct findings findings;
	struct stat info;
	enum en_err err;
	int code;

	if (call->argument_count > 1) {
		return cmd_usage(&cmd_lint);
	}
	if (folder != NULL && (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))) {
		return cmd_fail(call, EN_ENOTFOUND, "%s is no folder", folder);
	}
	if (folder == NULL || schemas == NULL) {
		if (folder != NULL && cmd_option(call, "config") == NULL) {
			call->config = arena_printf(&call->arena, "%s/enlace.yaml", folder);
		}
		if (cmd_settings(call, &settings) != EN_OK) {
			return en_err_exit_code(EN_ECONFIG);
		}
		folder = folder == NULL ? settings->rules.text : folder;
		schemas = schemas == NULL ? settings->schemas.text : schemas;
	}
	findings_init(&findings);
	err = schema_load_folder(schemas, &findings, &schema);
	if (err == EN_OK) {
		err = rules_load(folder, schema, &findings, &rules);
	}
	code =
	    err == EN_OK || findings.errors > 0 ? report(call, &findings, folder) : cmd_fail(call, err, "%s", folder);
	findings_fini(&findings);
	rules_unref(&rules);
	schema_unref(&schema);
	return code;
}

const struct cmd cmd_lint = {"lint", "check the configuration and list everything that is wrong",
    "  enlace lint                          the configuration that enlace.yaml names\n"
    "  enlace lint config --format json     another folder, for programs\n",
    options, run};
