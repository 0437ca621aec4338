// SPDX-License-Identifier: Apache-2.0
// An agency's session from the command line, in form J: for `publish` and `sub tail`. The records are JSON with their native names.
#ifndef EN_CLI_SESSION_H
#define EN_CLI_SESSION_H

#include "cli/connect.h"
#include "net/net.h"
#include "wire/frame.h"

struct agency_session {
	struct net_client *client;
	struct arena arena;	// of the newest frame
	struct buf out;
	uint64_t epoch, next_sequence;
	enum en_lang lang;	// of what is said on stderr
};

#define SESSION_BROKER_HELP "the agencies' endpoint (default: `listen` of enlace.yaml)"
#define SESSION_KEY_HELP "the agency's key, FILE.cert_secret (default: $ENLACE_KEY)"

// Connects with --key to --broker (default: listen of enlace.yaml) and says HELLO as client, attached to subscription (NULL: none) with a window.
// Returns 0, or the exit code having said why.
int agency_session_open(struct cmd_call *call, const char *client, const char *subscription, uint32_t window, struct agency_session *s);
void agency_session_close(struct agency_session *s);
EN_MUST_CHECK enum en_err agency_session_send(struct agency_session *s, enum frame_kind kind, const ProtobufCMessage *message);
// The next frame that is not PING (answered here). EN_EAGAIN in time, EN_EPROTOCOL for ERROR and GOAWAY, said on stderr.
EN_MUST_CHECK enum en_err agency_session_receive(struct agency_session *s, uint32_t timeout_ms, struct frame *ret);

#endif
