// SPDX-License-Identifier: Apache-2.0
// `enlace schema`: what is loaded, what a message looks like, and whether a new version fits the old one.
#include "cli/cmd_schema.h"

#include <string.h>
#include <sys/stat.h>

static const struct cmd_option options[] = {
    {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"},
    {"rules", true, "impact: folder with the rule set (default: as enlace.yaml says)"},
    {NULL, false, NULL},
};

static enum en_err
load(const struct cmd_call *call, const char *path, bool is_folder, struct schema **ret)
{
	struct findings findings;
	enum en_err err;

	findings_init_in(&findings, call->lang);
	err = is_folder ? schema_load_folder(path, &findings, ret) : schema_load_file(path, NULL, &findings, ret);
	findings_sort(&findings);
	findings_print_text(&findings, stderr, call->colour);
	findings_fini(&findings);
	return err;
}

enum en_err
schema_of_path(const struct cmd_call *call, const char *path, struct schema **ret)
{
	struct stat info;
	enum en_err err = load(call, path, stat(path, &info) == 0 && S_ISDIR(info.st_mode), ret);

	return err == EN_OK || err == EN_ENOMEM ? err : EN_EFORMAT;
}

enum en_err
schema_of_settings(struct cmd_call *call, struct schema **ret)
{
	const char *folder = cmd_option(call, "schemas");
	struct conf_daemon *settings;
	enum en_err err = EN_OK;

	if (folder == NULL) {
		err = cmd_settings(call, &settings);
		folder = err == EN_OK ? settings->schemas.text : NULL;
	}
	return err == EN_OK ? load(call, folder, true, ret) : err;
}

static bool
is_call(const struct cmd_call *call, const char *verb, size_t arguments)
{
	return call->argument_count == arguments + 1 && strcmp(call->arguments[0], verb) == 0;
}

static int
run(struct cmd_call *call)
{
	if (is_call(call, "ls", 0)) {
		return schema_ls(call);
	}
	if (is_call(call, "show", 1)) {
		return schema_show(call, call->arguments[1]);
	}
	if (is_call(call, "check", 2)) {
		return schema_check(call, call->arguments[1], call->arguments[2]);
	}
	if (is_call(call, "impact", 2)) {
		return schema_impact(call, call->arguments[1], call->arguments[2]);
	}
	return cmd_usage_of_verbs(call, &cmd_schema);
}

const struct cmd cmd_schema = {"schema", "list schemas, show a message, compare versions, find what a change breaks",
    "listar esquemas, mostrar un mensaje, comparar versiones, ver que rompe un cambio",
    "  enlace schema ls                          the sets that the broker loads, with their packages\n"
    "  enlace schema show inm.v1.Acta            the fields of a message, as the agency names them\n"
    "  enlace schema check old.binpb new.binpb   whether both versions understand each other; 1: no\n"
    "  enlace schema check old/ new/             the same of two folders of sets\n"
    "  enlace schema impact old.binpb new.binpb  the lines of the rule set that the change breaks; 1: some\n",
    options, run};
