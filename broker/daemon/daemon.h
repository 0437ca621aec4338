// SPDX-License-Identifier: Apache-2.0
// enlaced: the wiring between the deterministic core and the world. No policy lives here: this folder reads clocks, randomness, files, sockets and
// signals, hands inputs to the core and carries its effects out.
//
//   main.c        arguments, language, exit code
//   settings.c    enlace.yaml -> what this process needs; secrets; the refusals to start (exit 78)
//   keys.c        the folder of public keys -> net's key table and the core's
//   wiring.c      opens everything in a fixed order and closes it in the reverse one
//   run.c         the turn: collect, step, journal, send (design section 4)
//   effects.c     carries out what the core decided
//   requests.c    operators' requests and HTTP questions on their way to the core and back
//   reload.c      SIGHUP: rules and keys are loaded, checked, swapped; a bad set changes nothing
//
// One thread runs everything here, the engine thread; HTTP's thread only enters requests_ask.
#ifndef EN_DAEMON_DAEMON_H
#define EN_DAEMON_DAEMON_H

#include <pthread.h>

#include "core/core.h"
#include "http/http.h"
#include "journal/journal.h"
#include "net/net.h"

#ifndef ENLACE_VERSION
#define ENLACE_VERSION "0.1.0"
#endif

#define DAEMON_FRAMES_PER_TURN 256
#define DAEMON_OPEN_REQUESTS 64
#define DAEMON_ANSWERS_PER_TURN (DAEMON_FRAMES_PER_TURN + DAEMON_OPEN_REQUESTS)

// Where a request came from, until its reply leaves.
struct open_request {
	uint64_t number;	// 0: the slot is free
	uint64_t peer;		// on the operators' endpoint; 0: HTTP
	struct http_question *question;
};

// A question of HTTP's thread, which waits for the answer on its own stack.
struct http_question {
	enum ctl_verb verb;
	struct buf *out;
	bool is_done;
	struct http_question *next;
};

struct requests {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct http_question *first, *last;	// under lock: not yet seen by the engine
	int wake_fd;				// eventfd
	struct open_request open[DAEMON_OPEN_REQUESTS];	// written under lock; the engine thread alone fills and frees slots
	uint64_t replied[DAEMON_ANSWERS_PER_TURN];	// peers that were answered in this turn
	size_t replied_count;
	uint64_t next_number;
};

struct daemon_keys {
	struct net_key *net;
	struct core_key *core;
	size_t count;
	struct arena arena;
};

struct settings {
	struct arena arena;
	struct conf_daemon *conf;
	const char *path;
	char public_key[41], secret_key[41];
	uint8_t journal_key[CRYPTO_KEY_BYTES], id_key[32], hash_key[16];
};

// Of the records that the start did not verify.
struct scrub {
	uint64_t next, end;
	uint64_t at_start;	// records, those that the start verified included
	int64_t all_verified_ms;	// wall: when the last of them was read; 0: under way
	uint64_t damaged, next_ms;
	bool is_asked;
};

struct daemon {
	struct settings settings;
	struct daemon_keys keys;
	struct schema *schema;
	struct rules *rules;
	struct journal *journal;
	struct core *core;
	struct net_server *net;
	struct http *http;
	struct requests requests;
	struct core_effects effects;	// of the turn under way
	struct arena scratch;		// of one request
	int signal_fd;
	enum en_lang lang;
	uint64_t last_sequence;		// handed to the journal
	uint64_t durable_sequence;
	uint64_t commits, commit_ns;	// for the histogram of fsync durations
	uint64_t commit_buckets[12];
	uint64_t reloads_ok, reloads_failed;
	uint64_t last_space_ms;
	struct scrub scrub;
	bool is_draining;
	uint64_t drain_deadline_ms;
};

// ---- settings.c. Explains itself on stderr; the error's exit code is the program's.
EN_MUST_CHECK enum en_err settings_load(struct settings *s, const char *path, enum en_lang lang);
// Keys that need the journal folder: reads the secret, or makes it when the journal is new. is_new: the journal holds no record.
EN_MUST_CHECK enum en_err settings_secrets(struct settings *s, bool is_new);
EN_MUST_CHECK enum en_err settings_drop_privileges(const struct settings *s);
void settings_fini(struct settings *s);

// ---- say.c: a refusal to start in the language of the environment (daemon/say.tbl.h)
const char *daemon_say(const char *english) EN_FORMAT_ARG(1);

// ---- scrub.c
#define SCRUB_READ UINT64_MAX	// id of its reads; the core counts its own from 1
void scrub_begin(struct daemon *d, struct moment now);
EN_MUST_CHECK enum en_err scrub_tick(struct daemon *d, struct moment now);
void scrub_take(struct daemon *d, const struct journal_event *event, struct moment now);
// Tells the core what was looked at, and what is damaged.
EN_MUST_CHECK enum en_err scrub_tell(struct daemon *d, struct moment now);

// ---- ruleset.c. Findings of both, and what depends on the day: an agreement that lapsed or soon will is a warning.
EN_MUST_CHECK enum en_err ruleset_load(const struct conf_daemon *conf, struct findings *findings, struct schema **ret_schema, struct rules **ret);
void ruleset_tell(struct findings *findings);
// What a record names is kept beside the journal: rules/DIGEST.tar, with the files and the schemas as they were read.
EN_MUST_CHECK enum en_err ruleset_keep(const struct conf_daemon *conf, const struct rules *rules);

// ---- keys.c
EN_MUST_CHECK enum en_err keys_load(const char *folder, const struct rules *rules, struct daemon_keys *ret);
void keys_fini(struct daemon_keys *k);

// ---- wiring.c
// check_only: stops before anything is bound, created or dropped.
EN_MUST_CHECK enum en_err daemon_open(struct daemon *d, const char *path, bool check_only);
void daemon_close(struct daemon *d);

// ---- run.c. Until SIGTERM or a fault.
EN_MUST_CHECK enum en_err daemon_run(struct daemon *d);
// One input to the core; its effects are added to the turn's.
EN_MUST_CHECK enum en_err daemon_step(struct daemon *d, const struct core_input *in, struct moment now);

// ---- effects.c. Hands records and rows to the journal, then sends, reads, replies. Empties d->effects.
EN_MUST_CHECK enum en_err effects_apply(struct daemon *d, struct moment now);

// ---- requests.c
EN_MUST_CHECK enum en_err requests_init(struct requests *r);
void requests_fini(struct requests *r);
// A frame of the operators' endpoint.
EN_MUST_CHECK enum en_err requests_frame(struct daemon *d, const struct net_frame *frame, struct moment now);
// What HTTP asked since the last turn.
EN_MUST_CHECK enum en_err requests_http(struct daemon *d, struct moment now);
// A reply of the core.
void requests_reply(struct daemon *d, uint64_t number, struct view json);
// At the end of a turn: operators come, ask and go without a word; their numbers must not stay.
void requests_forget(struct daemon *d);
// http_dispatch_fn; any thread.
enum en_err requests_ask(void *context, enum ctl_verb verb, struct buf *out);
// Answers whoever still waits at the end.
void requests_abandon(struct requests *r);

// ---- reload.c. Appends the reply of CTL_RELOAD to out (may be NULL).
EN_MUST_CHECK enum en_err daemon_reload(struct daemon *d, const char *id, struct buf *out, struct moment now);

// ---- metrics.c: the daemon's own part of the exposition: journal, net, process.
void daemon_metrics(const struct daemon *d, struct buf *out);

#endif
