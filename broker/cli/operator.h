// SPDX-License-Identifier: Apache-2.0
// The operators' endpoint as commands use it.
#ifndef EN_CLI_OPERATOR_H
#define EN_CLI_OPERATOR_H

#include "cli/connect.h"
#include "ctl/ctl.h"

#define OPERATOR_BROKER_HELP "the operators' endpoint (default: as enlace.yaml says)"
#define OPERATOR_KEY_HELP "your operator key, FILE.cert_secret (default: $ENLACE_KEY)"
extern const struct cmd_option operator_options[];

// Sends one request and appends the reply's JSON to out. Endpoint and keys come from -c or the options above. args: name, value pairs, NULL-terminated.
// Returns 0, or the exit code having said why on stderr.
int operator_ask(struct cmd_call *call, enum ctl_verb verb, const char *const *args, struct buf *out);
// Prints a reply: as it is with --format json, otherwise as tables. Returns 0, 1 or 77.
int operator_print(struct cmd_call *call, struct view reply);
// Both.
int operator_verb(struct cmd_call *call, enum ctl_verb verb, const char *const *args);

#endif
