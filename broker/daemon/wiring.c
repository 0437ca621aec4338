// SPDX-License-Identifier: Apache-2.0
// Opens everything in one strict order, and closes it in the reverse one: settings, schemas, rules, keys; then, as an ordinary user, the
// journal, the folds; last the doors (sockets), so that nobody is let in before the state is whole.
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/limits.h"

static enum en_err
complain(const char *event, const char *what, const char *remedy, enum en_err err)
{
	log_event(LOG_ERROR, event, LOG_TEXT("code", en_err_code(err)), LOG_TEXT("what", what),
	    LOG_TEXT("remedy", daemon_say(remedy)));
	return err;
}

static enum en_err
load_rules(struct daemon *d)
{
	struct findings findings;
	enum en_err err;

	findings_init_in(&findings, d->lang);
	err = ruleset_load(d->settings.conf, &findings, &d->schema, &d->rules);
	ruleset_tell(&findings);
	findings_fini(&findings);
	return err == EN_OK
	    ? EN_OK
	    : complain("start.rules", d->settings.conf->rules.text, "correct the findings: enlace lint", EN_ECONFIG);
}

struct replay {
	struct core *core;
	enum en_err err;
	uint8_t table;
	uint64_t last;
};

static bool
take_row(void *context, struct view key, struct view value)
{
	struct replay *r = context;

	r->err = core_load_row(r->core, r->table, key, value);
	return r->err == EN_OK;
}

static bool
take_record(void *context, const struct record *record)
{
	struct replay *r = context;

	r->err = core_replay(r->core, record);
	return r->err == EN_OK;
}

static enum en_err
cannot_restore(const char *event, const char *what, const char *remedy, enum en_err err)
{
	return complain(event, what,
	    err == EN_EVERSION ? "another version of enlaced wrote this journal: start that one" : remedy, err);
}

// Checkpoint rows, then the records after them.
static enum en_err
restore(struct daemon *d)
{
	struct replay r = {.core = d->core};
	struct store *store = journal_store(d->journal);
	enum en_err err;

	for (uint8_t table = STORE_META; table < STORE_TABLE_COUNT; table++) {
		r.table = table;
		err = store->ops->scan(store, (enum store_table)table, take_row, &r);
		if (err != EN_OK || r.err != EN_OK) {
			return cannot_restore("start.checkpoint", "rows",
			    "the state cannot be read; restore the journal from the backup",
			    err != EN_OK ? err : r.err);
		}
	}
	err = journal_replay(d->journal, core_checkpoint_sequence(d->core) + 1, take_record, &r);
	if (err == EN_OK) {
		err = r.err;
	}
	if (err != EN_OK) {
		return cannot_restore(
		    "start.replay", "records", "the journal cannot be replayed; restore it from the backup", err);
	}
	return core_start(d->core, clock_now());
}

static enum en_err
open_journal(struct daemon *d)
{
	const struct conf_daemon *conf = d->settings.conf;
	struct store_lmdb_options store_options = {.folder = conf->journal.text,
	    .quota_bytes = conf->journal_quota_bytes,
	    .reserve_bytes = LIMIT_JOURNAL_RESERVE_BYTES};
	struct journal_options options = {.verify_records = LIMIT_VERIFY_AT_START};
	char what[256] = "";
	uint64_t last_block = 0, damaged = 0;
	enum en_err err;

	err = store_lmdb_open(&store_options, &options.store, what);
	if (err != EN_OK) {
		return complain(
		    "start.journal", what, "see `journal:` in the settings", err == EN_EDENIED ? EN_ECONFIG : err);
	}
	err = options.store->ops->last_block(options.store, &last_block);
	if (err != EN_OK) {
		(void)complain("start.journal", conf->journal.text,
		    "the state cannot be read; restore the journal from the backup", err);
	} else {
		err = settings_secrets(&d->settings, last_block == 0);
	}
	if (err == EN_OK) {
		memcpy(options.key, d->settings.journal_key, sizeof(options.key));
		err = journal_open(&options, &d->journal, &d->last_sequence, &damaged);
		if (err != EN_OK) {
			(void)complain("start.journal", conf->journal.text,
			    err == EN_ECONFIG ? "its records are sealed with AES-256-GCM, which this processor does "
						"not have: start on one that has it"
					      : "the state cannot be read; restore the journal from the backup",
			    err);
		}
	}
	if (err != EN_OK) {
		if (d->journal == NULL) {
			options.store->ops->close(options.store);
		}
		return err;
	}
	d->durable_sequence = d->last_sequence;
	scrub_begin(d, clock_now());
	log_event(damaged > 0 ? LOG_ERROR : LOG_INFO, "journal.open", LOG_NUM("last", d->last_sequence),
	    LOG_NUM("damaged", damaged));
	return EN_OK;
}

static enum en_err
open_core(struct daemon *d)
{
	const struct conf_daemon *conf = d->settings.conf;
	struct core_options options = {.rules = d->rules, .version = ENLACE_VERSION};
	enum en_err err;

	memcpy(options.id_key, d->settings.id_key, sizeof(options.id_key));
	memcpy(options.hash_key, d->settings.hash_key, sizeof(options.hash_key));
	crypto_random(&options.epoch_seed, sizeof(options.epoch_seed));
	options.limits = (struct core_limits){
	    .frame_bytes = conf->frame_bytes,
	    .event_bytes = conf->event_bytes,
	    .hot_bytes = conf->hot_bytes,
	    .publish_window = (uint32_t)conf->publish_window,
	    .window_events = (uint32_t)conf->window_events,
	    .window_bytes = conf->window_bytes,
	    .sessions = (uint32_t)conf->sessions,
	    .sessions_per_agency = (uint32_t)conf->sessions_per_agency,
	    .parked = (uint32_t)conf->parked,
	    .held = (uint32_t)conf->held,
	    .dedup_per_source = (uint32_t)conf->dedup_per_source,
	    .heartbeat_ms = (uint32_t)conf->heartbeat_ms,
	};
	err = core_new(&options, &d->core);
	return err == EN_OK ? restore(d) : err;
}

static enum en_err
open_doors(struct daemon *d)
{
	const struct conf_daemon *conf = d->settings.conf;
	struct net_server_options options = {.agencies_endpoint = conf->listen.text,
	    .operators_endpoint = conf->operators.text,
	    .public_key = d->settings.public_key,
	    .secret_key = d->settings.secret_key,
	    .frame_bytes = conf->frame_bytes,
	    .heartbeat_ms = (uint32_t)conf->heartbeat_ms};
	char what[128] = "";
	enum en_err err;

	err = net_server_open(&options, d->keys.net, d->keys.count, &d->net, what);
	if (err != EN_OK) {
		return complain("start.listen", what,
		    err == EN_EBUSY ? "another program has this address" : "see `listen:` and `operators:`",
		    err == EN_EBUSY ? EN_EUNREACHED : err);
	}
	if (conf->http.text != NULL) {
		err = http_open(conf->http.text, requests_ask, d, &d->http);
		if (err != EN_OK) {
			return complain("start.http", conf->http.text,
			    err == EN_EBUSY ? "another program has this port" : "see `http:`",
			    err == EN_EBUSY ? EN_EUNREACHED : err);
		}
	}
	return EN_OK;
}

// Signals are read in the turn. They are blocked before any thread starts, so that every thread inherits it.
static enum en_err
open_signals(struct daemon *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
		return EN_EINTERNAL;
	}
	d->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return d->signal_fd < 0 ? EN_EIO : EN_OK;
}

static enum en_err
watch_all(struct daemon *d)
{
	enum en_err err = net_server_watch(d->net, journal_fd(d->journal));

	if (err == EN_OK) {
		err = net_server_watch(d->net, d->signal_fd);
	}
	if (err == EN_OK) {
		err = net_server_watch(d->net, d->requests.wake_fd);
	}
	return err;
}

static void
say_ready(const struct daemon *d)
{
	struct buf digest = BUF_EMPTY;

	hex_put(&digest, view_of(rules_digest(d->rules), 8));
	log_event(LOG_INFO, "ready", LOG_TEXT("version", ENLACE_VERSION),
	    LOG_TEXT("listen", net_server_endpoint(d->net, NET_AGENCIES)),
	    LOG_TEXT("operators",
		d->settings.conf->operators.text == NULL ? NULL : net_server_endpoint(d->net, NET_OPERATORS)),
	    LOG_TEXT("http", d->http == NULL ? NULL : http_address(d->http)), LOG_TEXT("rules", buf_cstr(&digest)),
	    LOG_NUM("keys", d->keys.count), LOG_NUM("last", d->last_sequence));
	buf_fini(&digest);
}

enum en_err
daemon_open(struct daemon *d, const char *path, bool check_only)
{
	enum en_err err;

	core_effects_init(&d->effects);
	arena_init(&d->scratch, 0);
	err = open_signals(d);
	if (err == EN_OK) {
		err = net_init();
	}
	if (err == EN_OK) {
		err = settings_load(&d->settings, path, d->lang);
	}
	if (err == EN_OK) {
		err = load_rules(d);
	}
	if (err == EN_OK) {
		err = keys_load(d->settings.conf->keys.text, d->rules, &d->keys);
	}
	if (err != EN_OK || check_only) {
		return err;
	}
	err = settings_drop_privileges(&d->settings);
	if (err == EN_OK) {
		err = requests_init(&d->requests);
	}
	if (err == EN_OK) {
		err = open_journal(d);
	}
	if (err == EN_OK) {
		err = ruleset_keep(d->settings.conf, d->rules);
	}
	if (err == EN_OK) {
		err = open_core(d);
	}
	if (err == EN_OK) {
		err = open_doors(d);
	}
	if (err == EN_OK) {
		err = watch_all(d);
	}
	if (err == EN_OK) {
		say_ready(d);
	}
	return err;
}

void
daemon_close(struct daemon *d)
{
	requests_abandon(&d->requests);
	http_close(&d->http);
	net_server_close(&d->net);
	journal_close(&d->journal);
	core_free(&d->core);
	requests_fini(&d->requests);
	keys_fini(&d->keys);
	rules_unref(&d->rules);
	schema_unref(&d->schema);
	core_effects_fini(&d->effects);
	arena_fini(&d->scratch);
	settings_fini(&d->settings);
	if (d->signal_fd >= 0) {
		close(d->signal_fd);
	}
	net_fini();
}
