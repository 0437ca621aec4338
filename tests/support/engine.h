// SPDX-License-Identifier: Apache-2.0
// The engine on a stage of its own: a virtual clock, a journal that is a list, peers that are numbers and speak the JSON
// form. What the daemon does with effects is done here by hand: records become durable when the test says so, rows are
// kept as the store keeps them, reads are answered at once. A restart forgets what was not durable.
//
// The rule set is real and stands in a folder (engine_rules.c): a clinic that sends, a child agency and a watch that
// receive, shelters that are addressed. A test changes a file and loads it again.
// Include after cmocka.h.
#ifndef EN_TESTS_ENGINE_H
#define EN_TESTS_ENGINE_H

#include "core/core.h"
#include "support/support.h"

#define ENGINE_PEERS 16
#define ENGINE_FRAMES 8192

struct engine_row {
	uint8_t table;
	bool is_deleted;
	struct buf key, value;
};

struct engine_frame {
	uint64_t peer;
	struct frame frame;
	const char *json;	// its body
};

struct engine {
	char *folder;
	struct schema *schema;
	struct rules *rules;
	struct core *core;
	struct core_limits limits;
	struct core_effects effects;
	struct moment now;
	uint64_t starts;	// epoch seed
	struct core_key keys[8];
	struct arena arena;	// everything that was received
	struct record *records;	// sequence i + 1 at i
	size_t record_count, record_cap;
	struct engine_row *rows;
	size_t row_count, row_cap;
	uint64_t checkpoint;	// sequence that the rows hold for; 0: none
	struct engine_frame frames[ENGINE_FRAMES];
	size_t frame_count;
	uint64_t next_sequence[ENGINE_PEERS];	// that a peer sends
	size_t reads;		// that were answered
	size_t urgent;		// records that somebody waits for
	struct buf log, forgotten, reply, scratch;
};

// Fixture of a cmocka test: *state is a struct engine, started.
int engine_setup(void **state);
int engine_teardown(void **state);
void engine_reload(struct engine *e, const char *file, const char *text);	// one file of the rules changes
void engine_restart(struct engine *e);	// as after kill -9 with everything durable: from the checkpoint and its tail
void engine_crash(struct engine *e);	// the same, before the engine heard that it is durable
void engine_step(struct engine *e, struct core_input in);
void engine_sync(struct engine *e);	// everything recorded becomes durable
void engine_tick(struct engine *e, uint64_t ms);	// time passes
void engine_space(struct engine *e, uint64_t bytes);
void engine_expire_key(struct engine *e, const char *agency);

// ---- peers: an agency has the subject of its place in the table of keys -----------------------------------------------
void engine_send_bytes(struct engine *e, uint64_t peer, const char *agency, struct view bytes);	// whatever they are
void engine_send(struct engine *e, uint64_t peer, const char *agency, enum frame_kind kind, const char *json);
// The same in form N.
void engine_send_native(struct engine *e, uint64_t peer, const char *agency, enum frame_kind kind, const ProtobufCMessage *message);
// HELLO, and the peer's sequence from WELCOME. subscriptions: JSON of the list, or NULL.
void engine_hello(struct engine *e, uint64_t peer, const char *agency, const char *client, const char *subscriptions);
// PUBLISH of one event of the clinic's type and JSON payload, synced; the answer as "RECORDED" or "HELD table_miss wish.code".
const char *engine_say(struct engine *e, uint64_t peer, const char *type, const char *id, const char *case_id, const char *json);
const char *engine_intake(struct engine *e, const char *folio, const char *wish);	// JSON of an intake with one wish
const char *engine_alert(struct engine *e, const char *name);	// JSON of an alert of that identifier
// Settles one delivery by number; not synced.
void engine_settle(struct engine *e, uint64_t peer, const char *agency, const char *subscription, uint64_t number, const char *rest);

// The newest frame of a kind to a peer; NULL when there is none since the last engine_forget_frames.
const struct engine_frame *engine_newest(const struct engine *e, uint64_t peer, enum frame_kind kind);
size_t engine_count(const struct engine *e, uint64_t peer, enum frame_kind kind);
void engine_forget_frames(struct engine *e);
// Deliveries to the peer since then, as "A-1 A-2#2": the id in the payload, and the attempt when it is not the first.
const char *engine_delivered(struct engine *e, uint64_t peer);
uint64_t engine_number(const struct engine *e, uint64_t peer, size_t index);	// of the index-th of them
bool engine_logged(struct engine *e, const char *event);

// ---- operators and truths ----------------------------------------------------------------------------------------------
// args as "name", "value" pairs, NULL-terminated; the reply.
const char *engine_request(struct engine *e, enum ctl_verb verb, const char *const *args);
double engine_metric(struct engine *e, const char *sample);	// `name{label="x"}`; 0 when it is not there
// received = recorded + held + refused; matched = all ends + pending (design 2.2).
void engine_assert_identities(struct engine *e);
// The state is the same live, from the checkpoint and its tail, and from the first record.
void engine_assert_folds(struct engine *e);

#endif
