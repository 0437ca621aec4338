// SPDX-License-Identifier: Apache-2.0
// The engine's own memory beside the folded state: sessions, what waits for the disk, what is in flight. Everything here may be lost with the process:
// what was not answered comes again.
#ifndef EN_CORE_ENGINE_H
#define EN_CORE_ENGINE_H

#include "core/core.h"
#include "core/fold.h"
#include "core/state.h"

#define SESSION_ATTACH_MAX LIMIT_SUBSCRIPTIONS_PER_HELLO

struct in_flight {
	uint64_t number;
	size_t bytes;
	uint64_t deadline_ms;	// monotonic: then it comes again
	char reference[129];	// referral_id
};

struct attachment {
	struct subscription_state *state;
	const struct rules_subscription *rules;
	struct in_flight *flying;	// window_events of them
	size_t flying_count;
};

struct session {
	uint64_t peer, epoch;
	uint32_t subject;
	char agency[65], client[LIMIT_CLIENT_NAME_BYTES + 1];
	uint8_t form;
	uint64_t next_sequence;		// that the client must send
	bool is_busy;			// everything is busy until next_sequence comes again
	uint32_t unanswered;
	uint64_t last_heard_ms, pinged_ms;
	struct attachment attachments[SESSION_ATTACH_MAX];
	size_t attachment_count;
	size_t frame_bytes;
	struct session *next;
};

// A frame or reply that may leave when its record is durable.
struct waiting {
	struct waiting *next;
	uint64_t sequence, peer, request;
	uint32_t answers;	// PUBLISHED: how many, for the window
	size_t len;
	uint8_t bytes[];
};

struct hot_record {
	uint64_t sequence;
	int64_t wall_ms;
	uint8_t kind;
	size_t len;
	uint8_t *body;
};

// Records in memory, by sequence without gaps: the newest ones, and what was last read for those behind.
struct hot {
	struct hot_record *items;
	size_t head, count, cap, bytes, bytes_max;
};

struct pending_read {
	uint64_t id, request;
	enum ctl_verb verb;
	uint64_t sequence;
	bool is_used;
	struct subscription_state *subscription;
	char reply_id[64], reason[128];
};

#define READS_MAX 32

struct core {
	struct core_options options;
	struct core_limits limits;
	struct rules *rules;
	struct state state;
	const struct core_key *keys;
	size_t key_count;
	struct session *sessions;
	size_t session_count;
	uint64_t next_epoch, next_read;
	uint64_t durable;
	uint64_t checkpointed;		// sequence of the last checkpoint
	bool checkpoint_soon, is_draining, has_started;
	uint64_t space;
	struct waiting *waiting, **waiting_tail;
	struct hot hot;
	struct hot cold;		// a chunk read for subscriptions that are behind
	struct pending_read reads[READS_MAX];
	struct arena scratch;		// of one input
	struct arena fold_arena;
	struct index index, inner;
	struct map_run inbound, outbound;
	struct buf body, frame, payload;
	uint64_t takeovers_since_ms;
	uint32_t takeovers;
	struct moment now;
	struct core_effects *effects;	// of the step under way
	uint64_t deliveries_sent, steps;
};

// ---- effects.c
enum en_err core_send(struct core *c, uint64_t peer, uint8_t form, enum frame_kind kind, const ProtobufCMessage *message);
enum en_err core_send_after(struct core *c, uint64_t sequence, uint64_t peer, uint8_t form, enum frame_kind kind, const ProtobufCMessage *message, uint32_t answers);
enum en_err core_reply(struct core *c, uint64_t request, struct view json);
enum en_err core_reply_after(struct core *c, uint64_t sequence, uint64_t request, struct view json);
enum en_err core_flush_waiting(struct core *c);
enum en_err core_forget(struct core *c, uint64_t peer);
enum en_err core_log(struct core *c, enum log_level level, const char *event, const struct log_field *fields, size_t count);
enum en_err core_error(struct core *c, uint64_t peer, uint8_t form, enum reason reason, const char *field, bool retry, uint8_t about);
// Makes a record of c->body, folds it, and hands it out. *ret_sequence may be NULL.
enum en_err core_record(struct core *c, enum record_kind kind, uint8_t lanes, const uint8_t id[16], uint64_t *ret_sequence);
enum en_err core_read(struct core *c, uint64_t from, uint64_t until, struct pending_read **ret);
#define CORE_LOG(c, level, event, ...) \
	core_log((c), (level), (event), (const struct log_field[]){__VA_ARGS__}, sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

// ---- hot.c
void hot_init(struct hot *h, size_t bytes_max);
void hot_fini(struct hot *h);
void hot_clear(struct hot *h);
enum en_err hot_put(struct hot *h, const struct record *record);
const struct hot_record *hot_find(const struct hot *h, uint64_t sequence);

// ---- session.c
struct session *session_of(struct core *c, uint64_t peer);
enum en_err session_hello(struct core *c, const struct core_input *in, const struct frame *f);
void session_end(struct core *c, struct session *s);	// frees it; what was in flight waits again
enum en_err session_goaway(struct core *c, struct session *s, enum reason reason, uint32_t again_ms);
enum en_err session_tick(struct core *c);
enum en_err session_rebind(struct core *c);		// after new rules
enum en_err session_status(struct core *c, struct session *s);
enum en_err session_schema(struct core *c, struct session *s, const Enlace__V1__Schema *asked);
struct attachment *session_attachment(struct session *s, const char *subscription);
const struct core_key *core_key_of(const struct core *c, uint32_t subject);

// ---- admit.c
enum en_err admit_publish(struct core *c, struct session *s, const Enlace__V1__Publish *publish);

// ---- translate.c: inbound mapping and decisions. On a hold, reason, field and place say why.
struct translation {
	struct body_input body;
	enum reason reason;		// REASON_NONE: recorded
	bool refuse;			// the reason refuses rather than holds
	char field[256], place[512];
};
enum en_err translate(struct core *c, const struct rules_agency *agency, const struct schema_type *type, struct view payload, struct translation *t);

// ---- deliver.c
enum en_err deliver_all(struct core *c);
enum en_err deliver_lane_ready(struct core *c, struct subscription_state *sub);

// ---- settle.c
enum en_err settle(struct core *c, struct session *s, const Enlace__V1__Settle *message);
enum en_err settle_credit(struct core *c, struct session *s, const Enlace__V1__Credit *message);
enum en_err settle_timers(struct core *c);
enum en_err settle_record(struct core *c, const struct body_outcome *outcomes, size_t count);
void settle_unfly(struct core *c, struct attachment *a, size_t index, bool again);

// ---- request.c, request_msg.c
enum en_err request_handle(struct core *c, const struct core_input *in);
enum en_err request_records(struct core *c, struct pending_read *read, const struct record *records, size_t count);

#endif
