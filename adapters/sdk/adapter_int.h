// SPDX-License-Identifier: Apache-2.0
// What the files of the SDK share: one process's adapter and its ports. Nothing outside this folder includes it.
//
//   main.c      verbs and options            run.c       the loop: session, connectors, clocks, signals
//   open.c      adapter.yaml -> ports        port.c      the functions that connectors call
//   submit.c    record -> event -> spool     deliver.c   delivery -> record -> connector -> settlement
//   expect.c    records that are to come     answered.c  the broker's word on an event
//   reject.c    what was set aside           doctor.c    staged checks with cause and remedy
//   spool*.c, ledger.c, session*.c   each on its own, without a struct adapter
#ifndef ENLACE_SDK_ADAPTER_INT_H
#define ENLACE_SDK_ADAPTER_INT_H

#include <enlace/adapter.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "conf/adapter.h"
#include "schema/json.h"
#include "schema/record.h"
#include "sdk/ledger.h"
#include "sdk/session.h"

#define ADAPTER_PORTS_MAX 32
#define ADAPTER_VERSION "0.1.0"

struct adapter;

struct enlace_port {
	struct adapter *adapter;
	const struct conf_port *conf;
	const struct enlace_connector *connector;
	void *state;			// of the connector; NULL until open
	const struct schema_type *type;	// deliver: known at WELCOME
	const char **columns;		// NULL-terminated; NULL when the type is not flat
	bool is_publish, is_flat;
	const struct conf_option *malformed;	// that the connector asked for while it was opened; NULL: none
	int watch_fd;
	bool is_ready;			// watch_fd
	bool is_under_way;		// the connector has something to hand in
	uint64_t due_ms;		// monotonic: next turn
	uint64_t rejected, submitted, same;
	struct strmap expected;		// key -> how often it is still to come, see expect.c
};

// A delivery that a connector has and has not settled, or that waits for one of its case that a connector has.
struct pending {
	uint64_t token;
	uint64_t number, epoch;
	struct enlace_port *port;
	uint64_t case_hash;
	uint8_t key[LEDGER_KEY_BYTES];	// in the ledger of what was taken
	char id[LIMIT_ID_BYTES + 1];	// of the event, for the log
	struct kept *kept;		// what is to be given; NULL: the connector has it
};

struct adapter {
	struct arena arena;
	struct conf_adapter *conf;
	struct schema *schema;
	struct spool *spool;
	struct ledger *sent, *taken;
	bool is_check;			// doctor: nothing is made, locked or listened on
	struct session *session;
	struct enlace_port ports[ADAPTER_PORTS_MAX];
	size_t port_count;
	struct session_attach attach[ADAPTER_PORTS_MAX];
	size_t attach_count;
	struct pending *pending;	// in the order in which they came
	size_t pending_cap, pending_count;
	bool may_give;			// one was settled: another of its case may go
	uint64_t next_token;
	uint8_t hash_key[32];		// of this adapter's ids and ledgers
	char broker_key[41], public_key[41], secret_key[41];
	struct index index;		// scratch
	struct arena scratch;		// of one record or delivery
	struct buf payload, text, unknown;
	bool is_dirty;			// the spool or a ledger has unsynced rows
	bool has_failed;		// they could not be synced: nothing is said to be safe any more
	bool is_alarmed;
	int64_t last_came_ms;		// wall: a record of any port
	uint64_t quiet_since_ms;	// monotonic: for --once
	bool is_full;			// the last record found no room: told once
	uint64_t stuck_since_ms, spooled_before;	// when_full: stop, see run.c
	bool waits_for_room;		// the sent ledger does: nothing is taken on until it was written
	char trouble[400];		// why a connector did not open: file:line: what
};

// ---- open.c. Findings and complaints go to stderr. connect: also keys, spool, ledgers, connectors; otherwise the settings and the schema alone.
EN_MUST_CHECK enum en_err adapter_open(struct adapter *a, const char *path, const struct enlace_connector *const *connectors, enum en_lang lang);
EN_MUST_CHECK enum en_err adapter_open_keys(struct adapter *a);
EN_MUST_CHECK enum en_err adapter_open_state(struct adapter *a);
EN_MUST_CHECK enum en_err adapter_open_connectors(struct adapter *a);
EN_MUST_CHECK enum en_err adapter_open_session(struct adapter *a, const struct session_owner *owner);
void adapter_close(struct adapter *a);
// The port's type from the schema; fills columns. EN_ENOTFOUND.
EN_MUST_CHECK enum en_err port_set_type(struct enlace_port *port, const char *type);

// ---- run.c
EN_MUST_CHECK enum en_err adapter_run(struct adapter *a, bool once);
EN_MUST_CHECK enum en_err adapter_flush(struct adapter *a);

// ---- submit.c
enum enlace_submit_result submit_encode(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason);
// Of a record just encoded: the hash of its key columns. False with the name of the first empty one.
bool submit_key(struct enlace_port *port, uint8_t ret[LEDGER_KEY_BYTES], const char **ret_empty);
enum enlace_submit_result submit_refuse(
    struct enlace_reason *reason, const char *code, const char *column, const char *text, const char *hint);

// ---- expect.c
// How often that key is still to come, this time included; 0: nobody told.
size_t expect_left(const struct enlace_port *port, const uint8_t key[LEDGER_KEY_BYTES]);
void expect_came(struct enlace_port *port, const uint8_t key[LEDGER_KEY_BYTES]);

// ---- answered.c
void on_answered(void *context, uint64_t spool_number, const Enlace__V1__Answer *answer);

// ---- deliver.c
void on_delivered(void *context, const char *subscription, uint64_t epoch, const Enlace__V1__Delivery *delivery);
// Gives the connectors what waited for an earlier one of its case. Once a turn.
void deliver_waiting(struct adapter *a);
// The session is over: what waits comes again. What a connector has is settled when it comes again.
void deliver_forget_waiting(struct adapter *a);

// ---- reject.c
void reject_write(struct enlace_port *port, struct view raw, const char *origin, uint32_t line, const struct enlace_reason *reason);

// ---- doctor.c. Returns the exit code.
int adapter_doctor(struct adapter *a, const char *path, const struct enlace_connector *const *connectors, enum en_lang lang, bool json);

static inline struct view
text_view(struct enlace_text t)
{
	return view_of(t.data, t.len);
}

#endif
