// SPDX-License-Identifier: Apache-2.0
#include "cli/ruleset.h"

#include <sys/stat.h>

static bool
is_folder(const char *path)
{
	struct stat info;

	return path != NULL && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void
ruleset_print(const struct cmd_call *call, struct findings *findings)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++) {
		if (finding_is_error(findings->items[i].code)) {
			findings->items[kept++] = findings->items[i];
		}
	}
	findings->count = kept;
	findings_sort(findings);
	findings_print_text(findings, stderr, call->colour);
}

// Where things are, as far as the command line does not say it.
static enum en_err
find_folders(struct cmd_call *call, const char **folder, const char **schemas)
{
	struct conf_daemon *settings = NULL;
	enum en_err err;

	if (*folder != NULL && *schemas != NULL) {
		return EN_OK;
	}
	if (cmd_option(call, "config") == NULL && *folder != NULL) {
		call->config = *folder;
	}
	if (is_folder(call->config)) {
		call->config = arena_printf(&call->arena, "%s/enlace.yaml", call->config);
	}
	err = call->config == NULL ? EN_ENOMEM : cmd_settings(call, &settings);
	if (err == EN_OK) {
		*folder = *folder == NULL ? settings->rules.text : *folder;
		*schemas = *schemas == NULL ? settings->schemas.text : *schemas;
	}
	return err;
}

int
ruleset_open(struct cmd_call *call, const char *folder, struct ruleset *ret)
{
	const char *schemas = cmd_option(call, "schemas");
	struct findings findings;
	enum en_err err;

	*ret = (struct ruleset){.folder = folder};
	if (folder != NULL && !is_folder(folder)) {
		return cmd_fail(call, EN_ENOTFOUND, "%s", folder);
	}
	err = find_folders(call, &ret->folder, &schemas);
	if (err != EN_OK) {
		return cmd_fail(call, EN_ECONFIG, "%s", call->config);
	}
	findings_init_in(&findings, call->lang);
	err = schema_load_folder(schemas, &findings, &ret->schema);
	if (err == EN_OK) {
		err = rules_load(ret->folder, ret->schema, &findings, &ret->rules);
	}
	ruleset_print(call, &findings);
	findings_fini(&findings);
	if (err != EN_OK) {
		ruleset_close(ret);
		return cmd_fail(call, err == EN_ENOMEM ? err : EN_ECONFIG, "%s", ret->folder);
	}
	return 0;
}

void
ruleset_close(struct ruleset *set)
{
	rules_unref(&set->rules);
	schema_unref(&set->schema);
}
