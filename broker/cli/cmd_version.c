// SPDX-License-Identifier: Apache-2.0
#include "cli/cmd.h"

static int
run(struct cmd_call *call)
{
	if (call->json) {
		printf("{\"version\":\"%s\",\"protocol\":\"ENLACE/1\"}\n", ENLACE_VERSION);
	} else {
		printf("enlace %s (ENLACE/1)\n", ENLACE_VERSION);
	}
	return 0;
}

const struct cmd cmd_version = {"version", "print the version", "mostrar la versión", "  enlace version\n", NULL, run};
