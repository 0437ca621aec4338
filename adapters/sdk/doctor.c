// SPDX-License-Identifier: Apache-2.0
// Staged checks, in the order in which things go wrong: settings, schema, keys, network, the broker's key, our own enrolment, the clock, subscriptions,
// the spool, and what each connector knows of its own (folder rights, one sample record). Each with its cause and what to do, in the reader's language;
// what a check is called and its state in JSON are the same in every language. A check that needs an earlier one that failed is told as skipped.
// Nothing is made, locked or changed, and no event is sent: doctor may look while the adapter runs.
#include "sdk/adapter_int.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/terminal.h"
#include "net/cert.h"
#include "net/probe.h"

#define PROBE_MS 4000
#define SKEW_WARN_MS 2000
#define CHECKS_MAX 64
#define KEY_WARN_DAYS 30

enum state { STATE_OK, STATE_WARNING, STATE_FAILED, STATE_SKIPPED };

struct doctor {
	struct adapter *adapter;
	FILE *out;
	enum en_lang lang;
	bool json;
	size_t count, warnings, failures;
	bool is_welcome, is_told;
	char ended[64];
};

static const struct {
	const char *code, *es;
} states[] = {[STATE_OK] = {"ok", "bien"},
    [STATE_WARNING] = {"warning", "aviso"},
    [STATE_FAILED] = {"failed", "falla"},
    [STATE_SKIPPED] = {"skipped", "omitido"}};

static void
tell_json(const struct doctor *d, enum state state, const char *name, const char *cause, const char *remedy)
{
	struct buf line = BUF_EMPTY;

	buf_printf(&line, "%s{\"check\":\"%s\",\"state\":\"%s\",\"cause\":\"", d->count == 0 ? "" : ",", name,
	    states[state].code);
	json_escape(&line, view_text(cause));
	buf_put_str(&line, "\",\"remedy\":\"");
	json_escape(&line, view_text(remedy));
	buf_put_str(&line, "\"}");
	fputs(buf_cstr(&line), d->out);
	buf_fini(&line);
}

static void
tell(struct doctor *d, enum state state, const char *name, const char *cause, const char *remedy)
{
	const char *word = d->lang == EN_LANG_ES ? states[state].es : states[state].code;

	cause = enlace_say(cause);
	remedy = enlace_say(remedy);
	d->warnings += state == STATE_WARNING;
	d->failures += state == STATE_FAILED;
	if (d->json) {
		tell_json(d, state, name, cause, remedy);
	} else {
		fprintf(d->out, "%-8s %-18s %s\n", word, name, cause);
		if (state != STATE_OK && remedy[0] != '\0') {
			fprintf(d->out, "%-27s -> %s\n", "", remedy);
		}
	}
	d->count++;
}

static bool
check_keys(struct doctor *d)
{
	const struct conf_adapter *conf = d->adapter->conf;
	struct cert cert;
	enum en_err own = cert_load_secret(conf->key.text, &cert);
	enum en_err broker;

	crypto_wipe(cert.secret_key, sizeof(cert.secret_key));
	if (own != EN_OK) {
		tell(d, STATE_FAILED, "own key",
		    own == EN_EDENIED ? "others can read the secret key file" : "the secret key file cannot be read",
		    own == EN_EDENIED ? "chmod 600 on it; if it was readable for long, make a new key"
				      : "enlace keys new, then send the public part to the operator");
	} else {
		tell(d, STATE_OK, "own key", "readable by this user alone", "");
	}
	broker = cert_load_public(conf->broker_key.text, &cert);
	if (broker != EN_OK) {
		tell(d, STATE_FAILED, "broker key", "the broker's public key file cannot be read",
		    "ask the operator for it and name it under broker: key:");
	}
	return own == EN_OK && broker == EN_OK && adapter_open_keys(d->adapter) == EN_OK;
}

static bool
check_network(struct doctor *d)
{
	struct adapter *a = d->adapter;
	struct net_client_options options = {.endpoint = a->conf->endpoint.text,
	    .server_key = a->broker_key,
	    .public_key = a->public_key,
	    .secret_key = a->secret_key,
	    .frame_bytes = LIMIT_FRAME_BYTES};
	enum net_probe_result result;

	if (net_probe(&options, PROBE_MS, &result) != EN_OK) {
		tell(d, STATE_FAILED, "network", "the endpoint or a key is malformed",
		    "broker: endpoint is written tcp://host:port");
		return false;
	}
	if (result == NET_PROBE_UNREACHED) {
		tell(d, STATE_FAILED, "network", "no TCP connection to the broker",
		    "check the address, the firewall, and whether enlaced runs");
		return false;
	}
	tell(d, STATE_OK, "network", "the broker's port answers", "");
	if (result == NET_PROBE_WRONG_SERVER || result == NET_PROBE_SILENT) {
		tell(d, STATE_FAILED, "broker key", "the other side does not have the key that this adapter expects",
		    "ask the operator for the broker's current public key; do not go on if it did not change");
		return false;
	}
	tell(d, STATE_OK, "broker key", "the broker proved that it has its key", "");
	if (result == NET_PROBE_KEY_REFUSED) {
		tell(d, STATE_FAILED, "enrolment", "the broker does not know our key, or it has expired",
		    "send the public key file to the operator: enlace agency add");
		return false;
	}
	return true;
}

static void
see_welcome(void *context, const Enlace__V1__Welcome *welcome)
{
	(void)welcome;
	((struct doctor *)context)->is_welcome = true;
}

static const Enlace__V1__SubscriptionStatus *
find_subscription(const Enlace__V1__Status *status, const char *name)
{
	for (size_t i = 0; i < status->n_subscriptions; i++) {
		if (strcmp(status->subscriptions[i]->subscription, name) == 0) {
			return status->subscriptions[i];
		}
	}
	return NULL;
}

static void
check_subscription(struct doctor *d, const Enlace__V1__Status *status, const char *name)
{
	const Enlace__V1__SubscriptionStatus *s = find_subscription(status, name);
	char cause[256];

	if (s == NULL) {
		snprintf(cause, sizeof(cause), enlace_say("the broker has no subscription %s of this agency"), name);
		tell(d, STATE_FAILED, "subscription", cause,
		    "correct its name under deliver:, or ask the operator for it");
	} else if (s->dead_letters > 0) {
		snprintf(cause, sizeof(cause), enlace_say("%s: %llu wait, %llu came to no end and wait for a person"),
		    name, (unsigned long long)s->waiting, (unsigned long long)s->dead_letters);
		tell(d, STATE_WARNING, "subscription", cause, "ask the operator to look at its dead letters");
	} else {
		snprintf(cause, sizeof(cause), enlace_say("%s: %llu wait"), name, (unsigned long long)s->waiting);
		tell(d, STATE_OK, "subscription", cause, "");
	}
}

// What the broker says of this agency: its subscriptions, without attaching to one, and what it holds.
static void
see_status(void *context, const Enlace__V1__Status *status)
{
	struct doctor *d = context;
	const struct conf_adapter *conf = d->adapter->conf;
	char cause[128];

	d->is_told = true;
	for (size_t i = 0; i < conf->deliver_count; i++) {
		check_subscription(d, status, conf->deliver[i].subscription.text);
	}
	if (status->held_total > 0) {
		snprintf(cause, sizeof(cause), enlace_say("%llu records of this agency are held at the broker"),
		    (unsigned long long)status->held_total);
		tell(d, STATE_WARNING, "held records", cause,
		    "the operator sees why with enlace msg ls --state held; correct the record, or the table");
	}
}

static void
see_end(void *context, const char *code, uint64_t again_in_ms)
{
	struct doctor *d = context;

	(void)again_in_ms;
	snprintf(d->ended, sizeof(d->ended), "%s", code);
}

// A real HELLO under a name of its own, so that a running adapter is not replaced. It attaches nothing: an attachment would take the
// deliveries away from it.
static void
wait_for(struct doctor *d, struct session *session, const bool *is_done)
{
	uint64_t deadline = clock_now().monotonic_ms + PROBE_MS, wake;

	while (!*is_done && d->ended[0] == '\0' && clock_now().monotonic_ms < deadline &&
	    session_turn(session, clock_now(), &wake) == EN_OK) {
		usleep(2000);
	}
}

static void
check_clock(struct doctor *d, const struct session *session)
{
	int64_t skew = session_clock_skew_ms(session);
	char cause[256];

	snprintf(cause, sizeof(cause),
	    skew < 0 ? enlace_say("the broker's clock is %lld ms behind ours")
		     : enlace_say("the broker's clock is %lld ms ahead of ours"),
	    (long long)(skew < 0 ? -skew : skew));
	tell(d, skew > SKEW_WARN_MS || skew < -SKEW_WARN_MS ? STATE_WARNING : STATE_OK, "clock", cause,
	    "run a time service on this machine (chrony)");
}

static void
check_session(struct doctor *d)
{
	struct adapter *a = d->adapter;
	struct session_owner owner = {
	    .context = d, .welcomed = see_welcome, .told_status = see_status, .ended = see_end};
	struct session_options options = {.net = {.endpoint = a->conf->endpoint.text,
					      .server_key = a->broker_key,
					      .public_key = a->public_key,
					      .secret_key = a->secret_key,
					      .frame_bytes = LIMIT_FRAME_BYTES},
	    .client = "doctor",
	    .software = "enlace-adapter doctor",
	    .owner = owner};
	struct session *session = NULL;
	char cause[256];

	if (session_new(&options, &session) != EN_OK) {
		tell(d, STATE_FAILED, "enrolment", "out of memory", "stop what takes it, and ask again");
		return;
	}
	wait_for(d, session, &d->is_welcome);
	if (d->is_welcome) {
		tell(d, STATE_OK, "enrolment", "the broker knows our key and welcomed us", "");
		check_clock(d, session);
		if (session_ask_status(session) == EN_OK) {
			wait_for(d, session, &d->is_told);
		}
		if (!d->is_told) {
			tell(d, STATE_WARNING, "subscription", "the broker did not say what waits", "ask again");
		}
	} else {
		snprintf(cause, sizeof(cause), enlace_say("the broker did not welcome us (%s)"),
		    d->ended[0] == '\0' ? enlace_say("no answer") : d->ended);
		tell(d, STATE_FAILED, "enrolment", cause,
		    "ask the operator to look for this agency's key in the broker's log");
	}
	session_free(&session);
}

bool
enlace_can_make_folder(const char *folder)
{
	char *copy = strdup(folder);
	bool can = copy != NULL && access(dirname(copy), W_OK | X_OK) == 0;

	free(copy);
	return can;
}

static void
check_spool(struct doctor *d)
{
	const struct conf_adapter *conf = d->adapter->conf;
	const char *folder = conf->spool_folder.text;
	struct statvfs disk;
	struct stat info;
	char cause[256];

	if (stat(folder, &info) != 0 && errno == ENOENT) {
		if (enlace_can_make_folder(folder)) {
			tell(d, STATE_OK, "spool", "the folder is not there yet; the first run makes it", "");
		} else {
			tell(d, STATE_FAILED, "spool", "the folder is not there, and this user cannot make it",
			    "make it, and give it to this user alone: chmod 700");
		}
		return;
	}
	if (access(folder, R_OK | W_OK | X_OK) != 0 || !S_ISDIR(info.st_mode)) {
		tell(d, STATE_FAILED, "spool", "the folder cannot be used", "it must be writable by this user alone");
		return;
	}
	struct spool_look look = spool_look(folder);
	uint64_t used = look.bytes, limit = conf->spool_limit_bytes;

	if (look.damaged > 0) {
		snprintf(cause, sizeof(cause), enlace_say("damaged pieces that were set aside: %zu"), look.damaged);
		tell(d, STATE_WARNING, "spool damage", cause,
		    "hand the exports of that time in again with `same_row: send`; then remove the files damaged-*");
	}
	if (used >= limit - limit / 10) {
		snprintf(cause, sizeof(cause), enlace_say("nearly full: %llu of %llu KiB used"),
		    (unsigned long long)(used >> 10), (unsigned long long)(limit >> 10));
		tell(d, STATE_WARNING, "spool", cause,
		    "see why the broker does not answer; then raise `spool: limit` if that is right");
		return;
	}
	if (look.is_in_use) {
		tell(d, STATE_OK, "spool", "in use by the running adapter", "");
		return;
	}
	snprintf(cause, sizeof(cause), enlace_say("%llu KiB used"), (unsigned long long)(used >> 10));
	if (statvfs(folder, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize + used < conf->spool_limit_bytes) {
		tell(d, STATE_WARNING, "spool", cause, "the disk has less room than `spool: limit` promises");
		return;
	}
	tell(d, STATE_OK, "spool", cause, "");
}

// Rejected records are the only trace of a row that could not be sent.
static void
check_rejects(struct doctor *d, const struct enlace_port *port)
{
	const char *folder = port->conf->rejects.text;
	bool is_there;

	if (!port->is_publish || folder == NULL) {
		return;
	}
	is_there = access(folder, F_OK) == 0;
	if (is_there ? access(folder, W_OK | X_OK) == 0 : enlace_can_make_folder(folder)) {
		tell(d, STATE_OK, "rejects folder", "this user may write it", "");
	} else {
		tell(d, STATE_FAILED, "rejects folder", "rejected records could not be set aside there",
		    "make it, and give it to this user alone: chmod 700");
	}
}

static void
check_connectors(struct doctor *d)
{
	struct adapter *a = d->adapter;

	if (adapter_open_connectors(a) != EN_OK) {
		tell(d, STATE_FAILED, "connectors", a->trouble, "see `options:` of this entry in adapter.yaml");
		return;
	}
	for (size_t i = 0; i < a->port_count; i++) {
		struct enlace_check checks[CHECKS_MAX];
		size_t count = a->ports[i].connector->doctor == NULL
		    ? 0
		    : a->ports[i].connector->doctor(a->ports[i].state, checks, CHECKS_MAX);

		check_rejects(d, &a->ports[i]);
		for (size_t c = 0; c < count; c++) {
			tell(d, (enum state)checks[c].state, checks[c].name, checks[c].cause, checks[c].remedy);
		}
	}
}

static void
check_all(struct doctor *d, const char *path, const struct enlace_connector *const *connectors)
{
	if (adapter_open(d->adapter, path, connectors, d->lang) != EN_OK) {
		tell(d, STATE_FAILED, "settings", "adapter.yaml, or the schema that it names, has errors",
		    "correct the findings above");
		return;
	}
	tell(d, STATE_OK, "settings", "adapter.yaml and its schema are valid", "");
	if (check_keys(d) && check_network(d)) {
		check_session(d);
	} else {
		tell(d, STATE_SKIPPED, "session", "not tried", "");
	}
	check_spool(d);
	check_connectors(d);
}

int
adapter_doctor(
    struct adapter *a, const char *path, const struct enlace_connector *const *connectors, enum en_lang lang, bool json)
{
	FILE *words = json || terminal_is_utf8() ? NULL : terminal_ascii(stdout);
	struct doctor d = {.adapter = a, .out = words == NULL ? stdout : words, .lang = lang, .json = json};
	bool written;

	a->is_check = true;
	fputs(json ? "{\"checks\":[" : "", d.out);
	check_all(&d, path, connectors);
	if (json) {
		fprintf(d.out, "],\"warnings\":%zu,\"failed\":%zu}\n", d.warnings, d.failures);
	} else {
		fprintf(d.out, enlace_say("%zu checks, %zu warnings, %zu failed\n"), d.count, d.warnings, d.failures);
	}
	written = fflush(d.out) == 0 && ferror(d.out) == 0;
	if (words != NULL) {
		(void)fclose(words);
	}
	return !written ? en_err_exit_code(EN_EIO) : d.failures > 0 ? 1 : 0;
}
