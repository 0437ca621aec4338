// SPDX-License-Identifier: Apache-2.0
// `enlace status`: what needs somebody first, then counts. `enlace reload`: the rules and keys anew.
#include "cli/operator.h"

static int
run_status(struct cmd_call *call)
{
	return call->argument_count == 0 ? operator_verb(call, CTL_STATUS, NULL) : cmd_usage(call, &cmd_status);
}

static int
run_reload(struct cmd_call *call)
{
	return call->argument_count == 0 ? operator_verb(call, CTL_RELOAD, NULL) : cmd_usage(call, &cmd_reload);
}

const struct cmd cmd_status = {"status", "what is damaged, overdue, held and waiting",
    "lo dañado, lo vencido, lo retenido y lo que espera", "  enlace status\n  enlace status --format json\n",
    operator_options, run_status};
const struct cmd cmd_reload = {"reload", "load rules and keys anew; a set with errors changes nothing",
    "cargar de nuevo reglas y llaves; un conjunto con errores no cambia nada", "  enlace reload\n", operator_options,
    run_reload};
