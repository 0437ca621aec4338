// SPDX-License-Identifier: Apache-2.0
// The engine's own memory beside the folded state: sessions, what waits for the disk, what is in flight. Everything here
// may be lost with the process: what was not answered comes again.
#ifndef EN_CORE_ENGINE_H
#define EN_CORE_ENGINE_H

#include "core/core.h"
#include "core/hot.h"
#include "core/state.h"

#define SESSION_ATTACH_MAX LIMIT_SUBSCRIPTIONS_PER_HELLO
#define BROKER_MAPPING "broker"		// of what the broker says itself
#define RESERVE_EVENTS 4			// of space: an input may grow, its outputs stand beside it

struct in_flight {
	uint64_t number, case_hash;
	uint64_t deadline_ms;	// monotonic: then it comes again; UINT64_MAX: as long as the session lives
	uint64_t frame;		// that carried it, counted by attachment
	const struct referral *referral;	// that the event is about; NULL: none
	uint32_t bytes;
	uint8_t lane, type;
	bool is_addressed;	// as decided
	bool is_gone;		// settled, or void: leaves the table at the end of the step that did it
	bool is_void;		// of these: it comes again
	bool is_told;		// stands in a range of the SETTLED under way
};

struct attachment {
	struct session *session;
	struct subscription_state *state;
	const struct rules_subscription *rules;
	uint32_t window_events;
	uint64_t window_bytes, bytes_in_flight;
	uint64_t frames;		// DELIVERs sent
	struct in_flight *flying;	// by number
	size_t flying_count, flying_cap;
	struct hot cold;		// read ahead
	uint64_t read_id;		// EFFECT_READ under way; 0: none
	uint64_t missing;		// a sequence that was asked for and is not there; 0: none
	uint64_t extended_to_ms;	// monotonic: the first deadline in flying; UINT64_MAX: none
};

struct session {
	uint64_t peer, epoch;
	uint32_t subject;
	char agency[65], client[LIMIT_CLIENT_NAME_BYTES + 1], key[41];
	uint8_t form;
	bool is_open;			// WELCOME has left
	bool is_leaving;		// GOAWAY waits for what was promised before it
	uint64_t next_sequence;		// that the client must send; stays where the first busy one was
	uint32_t unanswered;
	uint64_t last_heard_ms, pinged_ms;
	uint64_t takeovers_since_ms;
	uint32_t takeovers;
	uint64_t asked_since_ms;	// STATUS and SCHEMA: in the second that began then
	uint32_t asked;
	struct attachment attachments[SESSION_ATTACH_MAX];
	size_t attachment_count;
	size_t frame_bytes;
	struct session *next;
};

// A frame or reply that may leave when its record is durable.
enum then { THEN_NOTHING, THEN_OPEN, THEN_END };
struct waiting {
	struct waiting *next;
	uint64_t sequence, peer, epoch, request;
	uint32_t answers;	// PUBLISHED: how many, for the window
	uint8_t then;		// what becomes of the session when it has left
	size_t len;
	uint8_t bytes[];
};

// Records that were asked for: by a reader that is behind, or by a request about held messages.
struct pending_read {
	uint64_t id;			// 0: the place is free
	struct subscription_state *subscription;	// NULL: for a request
	uint64_t request;		// 0: the broker's own doing
	enum ctl_verb verb;
	uint64_t position;		// that the request names; 0: none
	uint64_t from, until;
	size_t released, still;
	char reply_id[64], code[64];
};

// Fields of the canonical messages, looked up once for a rule set.
struct canonical_lookup {
	const struct schema_field *referral_id, *source_case_id, *source_service_id;
	const struct schema_field *status_referral, *status_case, *status_service, *status_to, *status_actor,
	    *status_state, *status_reason, *status_at;
	const struct schema_field *alert_identifier, *consent_case, *consent_consent, *consent_services;
	const struct schema_field *instant_ms;
};

// What was made once in this step and may be needed again: decoded inputs, and views for equal plans.
#define STEP_CACHE 256
struct cached_input {
	uint64_t step, sequence;
	const struct body_input *input;
};
struct cached_view {
	uint64_t step, number;
	const struct plan *plan;
	uint8_t form;
	struct view payload;
};

struct batch;
struct fault_due;
struct translation;

struct core {
	struct core_options options;
	struct core_limits limits;
	struct rules *rules;
	struct canonical_lookup fields;
	struct state state;
	uint8_t output_key[16];		// of ids of outputs and of cases as recipients see them
	const struct core_key *keys;
	size_t key_count;
	struct session *sessions;
	struct strmap by_peer;		// peer -> struct session
	size_t session_count;
	uint64_t next_epoch, next_read;
	uint64_t durable;
	uint64_t checkpointed;		// sequence of the last checkpoint
	bool checkpoint_soon, is_draining;
	bool is_taking_up;		// held inputs whose case is free may be there
	uint64_t space;
	struct waiting *waiting, **waiting_tail;
	struct hot hot;
	struct pending_read reads[LIMIT_CORE_READS];
	struct arena scratch;		// of one input
	struct fault_due *faults, **faults_tail;	// ends that senders are to hear of, of the step under way
	size_t fault_count;
	struct arena fold_arena;
	struct index index, inner;
	struct map_run inbound, outbound;
	struct buf body, frame, payload;
	struct body_output outputs[LIMIT_OUTPUTS_PER_INPUT];	// of the input under way
	struct batch *batch;
	struct cached_input inputs[STEP_CACHE];
	struct cached_view views[STEP_CACHE];
	uint64_t tick_at_ms, alarms_at_ms;	// monotonic: when to look again
	bool is_alarmed_full;		// alarm.disk_full was told
	struct core_journal journal;	// as the daemon told it last
	uint64_t alarmed_damage;	// records of it that alarm.journal_damaged told
	struct moment now;
	struct core_effects *effects;	// of the step under way
	uint64_t steps;
};

// No room to take an event up: publishers hear busy, deliveries and settlements go on.
static inline bool
core_is_full(const struct core *c)
{
	return c->space < RESERVE_EVENTS * c->limits.event_bytes;
}

// ---- effects.c -----------------------------------------------------------------------------------------------------
EN_MUST_CHECK struct core_effect *core_effect_add(struct core_effects *e, enum core_effect_kind kind);
EN_MUST_CHECK enum en_err core_send(struct core *c, uint64_t peer, uint8_t form, enum frame_kind kind, const ProtobufCMessage *message);
// When everything that is recorded by now is durable. EN_ELIMIT: larger than the client said that it takes (ENL-009).
EN_MUST_CHECK enum en_err core_promise(struct core *c, const struct session *s, enum frame_kind kind, const ProtobufCMessage *message, uint32_t answers, enum then then);
EN_MUST_CHECK enum en_err core_reply(struct core *c, uint64_t request, struct view json);
EN_MUST_CHECK enum en_err core_reply_durable(struct core *c, uint64_t request, struct view json);
EN_MUST_CHECK enum en_err core_flush_waiting(struct core *c);
EN_MUST_CHECK enum en_err core_forget(struct core *c, uint64_t peer);
EN_MUST_CHECK enum en_err core_log(struct core *c, enum log_level level, const char *event, const struct log_field *fields, size_t count);
// To a peer without a session it is the last word: net forgets it.
EN_MUST_CHECK enum en_err core_error(struct core *c, uint64_t peer, uint8_t form, enum reason reason, const char *field, uint8_t about);
EN_MUST_CHECK enum en_err core_read(struct core *c, uint64_t from, uint64_t until, size_t max_bytes, struct pending_read **ret);
#define CORE_LOG(c, level, event, ...) \
	core_log((c), (level), (event), (const struct log_field[]){__VA_ARGS__}, \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

// ---- record.c: makes a record, folds it, and hands it out ------------------------------------------------------------
// event_id: of the input's (source, id). *ret_sequence may be NULL.
EN_MUST_CHECK enum en_err record_input(struct core *c, const struct body_input *in, const uint8_t event_id[16], uint64_t *ret_sequence);
EN_MUST_CHECK enum en_err record_refused(struct core *c, const struct body_refused *in);
// What came of a translation: recorded, or held for its reason.
EN_MUST_CHECK enum en_err record_translation(struct core *c, struct translation *t, uint64_t *ret_sequence);
// Says in the log that it is held, if it is.
EN_MUST_CHECK enum en_err record_tell_held(struct core *c, const char *agency, const struct translation *t, uint64_t sequence);
// Of no items: nothing.
EN_MUST_CHECK enum en_err record_outcomes(struct core *c, const struct rules_subscription *sub, struct body_outcome *items, size_t count);

// ---- core.c ----------------------------------------------------------------------------------------------------------
const struct core_key *core_key_of(const struct core *c, uint32_t subject);	// NULL: unknown or expired

// ---- session.c, hello.c, ask.c ---------------------------------------------------------------------------------------
struct session *session_of(const struct core *c, uint64_t peer);
EN_MUST_CHECK enum en_err session_hello(struct core *c, const struct core_input *in, const struct frame *f);
void session_end(struct core *c, struct session *s);	// frees it; what was in flight waits again
EN_MUST_CHECK enum en_err session_goaway(struct core *c, struct session *s, enum reason reason, uint32_t again_ms);
EN_MUST_CHECK enum en_err session_tick(struct core *c);
EN_MUST_CHECK enum en_err session_rebind(struct core *c);		// after new rules
EN_MUST_CHECK enum en_err session_rekey(struct core *c);		// after new keys
EN_MUST_CHECK enum en_err session_drain(struct core *c);
EN_MUST_CHECK enum en_err session_status(struct core *c, struct session *s);
bool session_may_ask(struct core *c, struct session *s);	// counts the question
EN_MUST_CHECK enum en_err session_schema(struct core *c, struct session *s, const Enlace__V1__Schema *asked);
struct attachment *session_attachment(struct session *s, const char *subscription);	// NULL

// ---- admit.c, admit_checks.c -------------------------------------------------------------------------------------------
EN_MUST_CHECK enum en_err admit_publish(struct core *c, struct session *s, const Enlace__V1__Publish *publish);
struct envelope {
	const char *partition_key;
	int64_t time_ms, expiry_ms;
};
// REASON_NONE, or why the attributes are not those of an event; *ret_field names the one.
enum reason check_envelope(const Io__Cloudevents__V1__CloudEvent *e, uint8_t form, int64_t wall_ms, struct envelope *ret, const char **ret_field);

// ---- translate.c, output.c: inbound mapping and decisions. On a hold, reason, field and place say why. --------------------
struct translation {
	uint8_t event_id[16];		// keyed hash of (source, id)
	struct body_input body;
	enum reason reason;		// REASON_NONE: recorded
	bool refuse;			// the reason refuses rather than holds
	const char *field, *place;	// in the scratch arena
	bool has_wanted;		// held for a referral that is known by no such number
	uint8_t wanted[16];		// state_reference_key of that number
};
// payload stays where it is until the step is over.
EN_MUST_CHECK enum en_err translate(struct core *c, const struct rules_agency *agency, const struct schema_type *type, struct view payload, struct translation *t);
enum en_err translate_hold(struct core *c, struct translation *t, enum reason reason, const char *field);	// EN_OK or EN_ENOMEM
// Fills what the record says about an output whose payload is indexed in c->inner.
EN_MUST_CHECK enum en_err output_describe(struct core *c, const struct rules_agency *agency, struct translation *t, struct body_output *o);
// The keyed hash of what an id is about, as text in the scratch arena.
EN_MUST_CHECK enum en_err keyed_text(struct core *c, struct view about, struct view *ret);
// What was written, into the scratch arena; frees the buffer.
EN_MUST_CHECK enum en_err core_keep(struct core *c, struct buf *b, struct view *ret);
// The broker's own status in body.payload about the referral that is body.partition_key: decided as a word to the referral's sender.
EN_MUST_CHECK enum en_err translate_own(struct core *c, struct translation *t);
EN_MUST_CHECK enum en_err output_id(struct core *c, const uint8_t event_id[16], const char *mapping, struct view split_key, struct view *ret);
void lookup_fields(struct core *c);

// ---- fault.c: the broker's own word ------------------------------------------------------------------------------------
struct body_output fault_about(struct view referral_id);	// without its id and payload
// One more output of the translation, about one that an addressed agency does not get.
EN_MUST_CHECK enum en_err fault_output(struct core *c, const struct rules_agency *agency, struct translation *t, const struct body_output *about, const struct missed *missed, struct body_output **ret);
// Before the outcome is folded: if it is an end that the sender is to hear of, it is told at the end of the step.
EN_MUST_CHECK enum en_err fault_remember(struct core *c, const struct rules_subscription *sub, const struct body_outcome *o);
EN_MUST_CHECK enum en_err fault_tell_all(struct core *c);
void fault_forget(struct core *c);	// at the beginning of a step

// ---- deliver.c, view.c -------------------------------------------------------------------------------------------------
EN_MUST_CHECK enum en_err deliver_all(struct core *c);
EN_MUST_CHECK enum en_err deliver_init(struct core *c);
void deliver_fini(struct core *c);
// What may go of one delivery now. Either *ret_event with the payload's size, or *ret_outcome with *ret_reason that end it.
struct delivery_view {
	const struct body_input *input;
	const struct body_output *output;
	const struct body_decision *decision;
	const char *sender;			// of the event
	Io__Cloudevents__V1__CloudEvent *event;
	size_t payload_bytes, frame_bytes;	// the latter at most
	enum outcome outcome;			// 0: it goes
	enum reason reason;
};
EN_MUST_CHECK enum en_err view_make(struct core *c, const struct attachment *a, const struct owed *o, const struct hot_record *record, struct delivery_view *ret);

// ---- settle.c ----------------------------------------------------------------------------------------------------------
EN_MUST_CHECK enum en_err settle(struct core *c, struct session *s, const Enlace__V1__Settle *message);
EN_MUST_CHECK enum en_err settle_credit(struct core *c, struct session *s, const Enlace__V1__Credit *message);
void settle_timers(struct core *c);
void settle_return_all(struct attachment *a);	// unanswered: everything comes again

// ---- release.c: held inputs and dead letters go on -----------------------------------------------------------------------
EN_MUST_CHECK enum en_err release_request(struct core *c, const struct core_input *in);
EN_MUST_CHECK enum en_err release_records(struct core *c, struct pending_read *read, const struct record *records, size_t count, uint64_t next);
EN_MUST_CHECK enum en_err release_followers(struct core *c);
// Inputs that are held for want of that number of the agency's are taken up by themselves.
void release_wanted(struct core *c, struct view agency, struct view reference);
// What a held input waits for; called when it was put on record.
void release_remember(struct core *c, uint64_t sequence, const struct translation *t);

// ---- request.c, request_msg.c, alarm.c -------------------------------------------------------------------------------------
EN_MUST_CHECK enum en_err request_handle(struct core *c, const struct core_input *in);
EN_MUST_CHECK enum en_err request_show(struct core *c, const struct core_input *in);
EN_MUST_CHECK enum en_err request_shown(struct core *c, const struct pending_read *read, const struct record *records, size_t count);
EN_MUST_CHECK enum en_err request_error(struct core *c, uint64_t request, const char *id, const char *code, const char *text);
EN_MUST_CHECK enum en_err alarm_tick(struct core *c);

#endif
