// SPDX-License-Identifier: Apache-2.0
// Whom a command talks to, and with which key: from its options, else from enlace.yaml and $ENLACE_KEY.
#ifndef EN_CLI_CONNECT_H
#define EN_CLI_CONNECT_H

#include "cli/cmd.h"
#include "net/cert.h"

struct connection {
	const char *endpoint;
	struct cert server, own;
};

// The rows --broker, --server-key and --key for a command's options.
#define CONNECT_OPTIONS(broker_help, key_help) \
	{"broker", true, broker_help}, {"server-key", true, "the broker's public key file (default: beside its secret key)"}, {"key", true, key_help}

// is_operator: the operators' endpoint of enlace.yaml, otherwise that of agencies. Returns 0, or the exit code having said why. The caller wipes *ret with
// connection_wipe in both cases.
int connection_find(struct cmd_call *call, bool is_operator, struct connection *ret);
void connection_wipe(struct connection *c);

#endif
