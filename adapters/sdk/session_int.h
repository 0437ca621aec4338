// SPDX-License-Identifier: Apache-2.0
// What the files of the session share: session.c begins, ends and receives; session_publish.c publishes.
#ifndef ENLACE_SDK_SESSION_INT_H
#define ENLACE_SDK_SESSION_INT_H

#include "sdk/session.h"

struct session {
	struct session_options options;
	struct net_client *client;
	struct arena arena; // of one frame
	struct buf out;
	enum session_state state;
	uint64_t deadline_ms; // WAITING: when to greet; GREETING: when to give up; UP: when silence is too long
	uint64_t backoff_ms, pause_until_ms;
	uint64_t epoch, silence_ms, next_sequence, next_number;
	uint32_t window;
	size_t frame_bytes;
	int64_t skew_ms;
	// Sent and not answered, oldest first: sequence i of the ring belongs to spool number i.
	uint64_t *sent;
	size_t sent_head, sent_count;
	uint64_t sent_first_sequence;
};

// ---- session.c
EN_MUST_CHECK enum en_err session_send(struct session *s, enum frame_kind kind, const ProtobufCMessage *message);
void session_over(struct session *s, const char *code, uint64_t at_least_ms, struct moment now);

// ---- session_publish.c
// Everything that may be sent now.
EN_MUST_CHECK enum en_err session_publish(struct session *s, struct moment now);
// Why the session must end, or NULL.
const char *session_on_published(struct session *s, const Enlace__V1__Published *p, struct moment now);

#endif
