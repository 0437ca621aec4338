// SPDX-License-Identifier: Apache-2.0
// The verbs of `enlace schema`: one file each, each returns the exit code.
#ifndef EN_CLI_CMD_SCHEMA_H
#define EN_CLI_CMD_SCHEMA_H

#include "cli/cmd.h"
#include "schema/schema.h"

int schema_ls(struct cmd_call *call);
int schema_show(struct cmd_call *call, const char *type);
int schema_check(struct cmd_call *call, const char *old, const char *new);
int schema_impact(struct cmd_call *call, const char *old, const char *new);

// ---- cmd_schema.c
// Each prints its findings on stderr. A set, or a folder of sets; bad data is EN_EFORMAT, whatever it was.
EN_MUST_CHECK enum en_err schema_of_path(const struct cmd_call *call, const char *path, struct schema **ret);
// The folder of --schemas, or of enlace.yaml.
EN_MUST_CHECK enum en_err schema_of_settings(struct cmd_call *call, struct schema **ret);

#endif
