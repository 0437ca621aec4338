// SPDX-License-Identifier: Apache-2.0
// `enlace msg ls|show|release`: messages by their state; ids, codes and field paths, never a value.
#include "cli/operator.h"

#include <string.h>

static const struct cmd_option options[] = {
    {"state", true, "ls: held, recorded, dead"},
    {"agency", true, "ls: who sent it"},
    {"subscription", true, "ls: whose delivery"},
    {"after", true, "ls: behind this position, the last one of the page before"},
    {"limit", true, "ls: at most so many rows; dead letters of one position are told together"},
    {"code", true, "release: all that are held for this code"},
    {"reason", true, "release: why, for the record"},
    CONNECT_OPTIONS(OPERATOR_BROKER_HELP, OPERATOR_KEY_HELP),
    {NULL, false, NULL},
};

// Those of the names that were given, as pairs.
static void
pairs(const struct cmd_call *call, const char *const *names, const char **ret)
{
	for (; *names != NULL; names++) {
		if (cmd_option(call, *names) != NULL) {
			*ret++ = *names;
			*ret++ = cmd_option(call, *names);
		}
	}
	*ret = NULL;
}

static int
run(struct cmd_call *call)
{
	static const char *const list_names[] = {"state", "agency", "subscription", "after", "limit", NULL};
	static const char *const release_names[] = {"code", "reason", NULL};
	const char *verb = call->argument_count > 0 ? call->arguments[0] : "", *args[16];

	if (strcmp(verb, "ls") == 0 && call->argument_count == 1) {
		pairs(call, list_names, args);
		return operator_verb(call, CTL_MSG_LS, args);
	}
	if (strcmp(verb, "show") == 0 && call->argument_count == 2) {
		return operator_verb(call, CTL_MSG_SHOW, (const char *const[]){"position", call->arguments[1], NULL});
	}
	if (strcmp(verb, "release") != 0 || (call->argument_count == 1) == (cmd_option(call, "code") == NULL) ||
	    call->argument_count > 2) {
		return cmd_usage_of_verbs(call, &cmd_msg);
	}
	if (cmd_option(call, "reason") == NULL) {
		return cmd_misused(
		    call, "say why with --reason: it goes on record", "diga por qué con --reason: queda registrado");
	}
	pairs(call, release_names, args);
	if (call->argument_count == 2) {
		size_t at = 0;

		while (args[at] != NULL) {
			at++;
		}
		args[at] = "position";
		args[at + 1] = call->arguments[1];
		args[at + 2] = NULL;
	}
	return operator_verb(call, CTL_MSG_RELEASE, args);
}

const struct cmd cmd_msg = {"msg", "list, show and release messages", "listar, mostrar y liberar mensajes",
    "  enlace msg ls --state held\n"
    "  enlace msg show 1234\n"
    "  enlace msg release 1234 --reason \"code X added to inm-sexo\"\n"
    "  enlace msg release --code table_miss --reason \"code X added to inm-sexo\"\n",
    options, run};
