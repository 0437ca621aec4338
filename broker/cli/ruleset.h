// SPDX-License-Identifier: Apache-2.0
// The rule set that a command works on, without a broker: schemas and rules as enlace.yaml names them, or as the command line does.
#ifndef EN_CLI_RULESET_H
#define EN_CLI_RULESET_H

#include "cli/cmd.h"
#include "rules/rules.h"

#define RULESET_OPTION {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"}

struct ruleset {
	const char *folder;	// of the rules
	struct schema *schema;
	struct rules *rules;
};

// folder: of the rules, NULL: as -c says; -c may name the folder of an enlace.yaml. Findings are printed on stderr. 0, or the exit code: 78 when the
// rules or the settings are invalid.
int ruleset_open(struct cmd_call *call, const char *folder, struct ruleset *ret);
void ruleset_close(struct ruleset *set);

// Warnings are for lint: a command that uses the rules tells errors alone.
void ruleset_print(const struct cmd_call *call, struct findings *findings);

#endif
