// SPDX-License-Identifier: Apache-2.0
// libenlace: the one header against which an adapter is written.
//
// An adapter is a process at an agency that turns its system's records into events, and deliveries into its system's records. The library keeps the
// promise towards the broker: a session that reconnects, a spool on disk that survives being offline and is trimmed by PUBLISHED, a ledger of
// what was sent (a record is known by its key and content: the same again is skipped, a corrected one is a new revision), order per case, credit, settlement. A
// connector knows one kind of system (a folder of files, an HTTP service) and nothing of the broker: it hands records in and takes records out.
//
//   connector (file, http, yours)  --record in-->  enlace_submit    -> codec -> ledger -> spool -> broker
//                                  <-record out--  ops->deliver     <- codec <- delivery <- broker
//
// Threads: the library runs one thread per process for the session; every connector's calls come from that one thread, in turns, so a connector needs no lock.
// What blocks (a network call) belongs into a helper of the connector with a bounded deadline.
//
// Texts are UTF-8. Nothing here logs a value of a record: messages name files, lines, columns and codes.
#ifndef ENLACE_ADAPTER_H
#define ENLACE_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ENLACE_ADAPTER_ABI 1

// A piece of text or bytes that belongs to somebody else.
struct enlace_text {
	const char *data;
	size_t len;
};

// One cell of a flat record.
struct enlace_cell {
	struct enlace_text name, value;
};

// A record as a connector sees it: either cells (flat: CSV, forms) or one JSON text with the system's own keys; never both.
struct enlace_record {
	const struct enlace_cell *cells;
	size_t cell_count;
	struct enlace_text json;
	// Where it came from, for rejects and messages: "actas-2026-11-23.csv", 17. line 0: not of a file.
	const char *origin;
	uint32_t line;
};

// What became of a record handed in.
enum enlace_submit_result {
	ENLACE_SPOOLED = 0,	// in the spool; durable after enlace_flush
	ENLACE_SAME,		// this key and content was sent before: skipped (same_row: skip)
	ENLACE_REJECTED,	// cannot be an event; reason says which column and why; it was set aside in the rejects folder
	ENLACE_FULL,		// the spool is at its limit: hand it in again later
	ENLACE_FAILED		// disk or memory: try again later
};

struct enlace_reason {
	char code[32];		// stable: "column_unknown", "column_missing", "value_invalid", "key_missing", "row_changed", "not_utf8", "too_large"
	char column[128];	// its name
	char text[256];		// for a person, with what to do; no value
};

// A delivery for the connector's system, in the recipient's own schema and words.
struct enlace_delivery {
	const char *subscription;
	const char *type;		// "unicef.v1.Case"
	const char *id;			// of the event: the same over all attempts
	const char *case_id;		// its partition key
	uint32_t revision, attempt;
	bool replay;
	struct enlace_text json;	// the record with native keys
	const struct enlace_cell *cells;	// the same, flat, where the type is flat; NULL otherwise
	size_t cell_count;
	uint64_t token;			// for enlace_settle
};

enum enlace_outcome { ENLACE_TAKEN = 1, ENLACE_LATER = 2, ENLACE_UNUSABLE = 3 };

struct enlace_port;	// one entry of publish: or deliver: in adapter.yaml, as given to one connector instance

// ---- what the library offers to a connector ------------------------------------------------------------------------------------------
// The value of an option, NULL when it is not there. Borrowed for the life of the port.
const char *enlace_option(const struct enlace_port *port, const char *name);
// The same, as a path resolved against the folder of adapter.yaml.
const char *enlace_option_path(const struct enlace_port *port, const char *name);
// "10 s", "5 min" as milliseconds; fallback when absent. A malformed one that ops->open asks for is told by the library, and ends the start.
uint64_t enlace_option_ms(struct enlace_port *port, const char *name, uint64_t fallback);
// The message type of the port, and its columns in schema order (NULL-terminated; borrowed).
const char *enlace_port_type(const struct enlace_port *port);
const char *const *enlace_port_columns(const struct enlace_port *port);
// Hands one record in. reason is filled for ENLACE_REJECTED (may be NULL).
enum enlace_submit_result enlace_submit(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason);
// Told before a source of several records (a file) is handed in: each record that will come. Of several with one key the library then knows that
// another follows: one that was sent before, as an earlier state of that row, is skipped, and the last one decides what is new. What is not told is
// taken as it comes. enlace_expect_nothing forgets what did not come.
void enlace_expect(struct enlace_port *port, const struct enlace_record *record);
void enlace_expect_nothing(struct enlace_port *port);
// Whether the connector has something that it will hand in: a file half read, or not yet complete. `run --once` waits for it.
void enlace_under_way(struct enlace_port *port, bool is_under_way);
// Makes everything handed in so far durable. Call it before the source is forgotten (a file moved, a request answered). False when the disk fails:
// then the source must stay.
bool enlace_flush(struct enlace_port *port);
// Encodes a record as enlace_submit does, and keeps nothing: for doctor and for webhooks that answer at once what is wrong.
enum enlace_submit_result enlace_try(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason);
// Sets a raw piece aside that could not even become a record (a broken CSV row): written to the rejects folder with its reason and line.
void enlace_reject(struct enlace_port *port, struct enlace_text raw, const char *origin, uint32_t line, const struct enlace_reason *reason);
// Ends a delivery. reference: the system's own number for it, NULL for none (TAKEN). code: why not, one word, no personal value (LATER, UNUSABLE).
// after_ms: when to come again (LATER), 0 leaves it to the broker.
void enlace_settle(struct enlace_port *port, uint64_t token, enum enlace_outcome outcome, const char *reference, const char *code, uint32_t after_ms);
// One line of JSON on stderr. fields: name, value pairs of text, NULL-terminated. Never a value of a record.
void enlace_log(const struct enlace_port *port, const char *level, const char *event, ...) __attribute__((sentinel));
// The text in the language of the program's environment (LC_ALL, LC_MESSAGES, LANG) where the library knows it, else the text itself: for causes,
// remedies and errors that agency staff read. A format keeps its conversions.
const char *enlace_say(const char *english) __attribute__((format_arg(1)));
// Asks the library to call ops->turn when the descriptor is readable (0 or -1: stop asking). One per port.
void enlace_watch(struct enlace_port *port, int fd);

// Whether this is doctor and not a run: then open makes no folder, opens no door and takes nothing.
bool enlace_is_check(const struct enlace_port *port);
// Whether a run could make this folder, which is not there yet: whether this user may write the one that it stands in. For ops->doctor.
bool enlace_can_make_folder(const char *folder);

// ---- what a connector is --------------------------------------------------------------------------------------------------------------
enum enlace_check_state { ENLACE_CHECK_OK, ENLACE_CHECK_WARNING, ENLACE_CHECK_FAILED };
struct enlace_check {	// of ops->doctor
	char name[48];
	enum enlace_check_state state;
	char cause[256], remedy[256];
};

struct enlace_connector {
	int abi;		// ENLACE_ADAPTER_ABI
	const char *name;	// "file"
	const char *const *options;	// names it knows, NULL-terminated: an unknown one in adapter.yaml is an error with the nearest name
	const char *const *own;		// of them, those that say where deliveries go, NULL-terminated: two entries that agree in all of them, as texts or as paths to one place, are an error; NULL: any may
	// Opens a port (in or out, see is_publish). Returns its state, or NULL with an explanation in error (256 bytes).
	void *(*open)(struct enlace_port *port, bool is_publish, char *error);
	// A turn: look for new records and hand them in. Returns the milliseconds after which to be called again at the latest. NULL for deliver-only ones.
	uint32_t (*turn)(void *state);
	// Takes one delivery and sees to it that enlace_settle is called for it, now or later. NULL for publish-only connectors.
	void (*deliver)(void *state, const struct enlace_delivery *delivery);
	// The broker's word on an event of this port, when it is not simply recorded (held, refused), so that the connector may tell its system; origin and line as
	// handed in. May be NULL: the library logs it and sets refused records aside itself.
	void (*answered)(void *state, const char *origin, uint32_t line, const char *verdict, const char *code, const char *field);
	// Checks rights and reachability without changing anything, also while the adapter itself runs; appends up to max checks. May be NULL.
	size_t (*doctor)(void *state, struct enlace_check *checks, size_t max);
	void (*close)(void *state);
};

// ---- a program ----------------------------------------------------------------------------------------------------------------------------
// The main of an adapter program: verbs `run` and `doctor`, options -c FILE, --once (until nothing is left to read, send and settle), --format text|json.
// connectors is NULL-terminated. Returns the exit code (0, 1, 2, 69, 70, 74, 75, 77, 78; see the README).
int enlace_adapter_main(int argc, char **argv, const struct enlace_connector *const *connectors);

#ifdef __cplusplus
}
#endif

#endif
