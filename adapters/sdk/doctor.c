// SPDX-License-Identifier: Apache-2.0
// Staged checks, in the order in which things go wrong: settings, schema, keys, network, the broker's key, our own enrolment, the clock, subscriptions,
// the spool, and what each connector knows of its own (folder rights, one sample record). Each with its cause and what to do. A check that needs an
// earlier one that failed is told as skipped. Nothing is changed and no event is sent.
#include "sdk/adapter_int.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "net/cert.h"
#include "net/probe.h"

#define PROBE_MS 4000
#define SKEW_WARN_MS 2000
#define CHECKS_MAX 64
#define KEY_WARN_DAYS 30

enum state { STATE_OK, STATE_WARNING, STATE_FAILED, STATE_SKIPPED };

struct doctor {
	struct adapter *adapter;
	bool json;
	size_t count, warnings, failures;
	bool is_welcome;
	Enlace__V1__Welcome seen; // scalars only
	char ended[64];
};

static void
tell(struct doctor *d, enum state state, const char *name, const char *cause, const char *remedy)
{
	static const char *const words[] = {"ok", "warning", "failed", "skipped"};

	d->warnings += state == STATE_WARNING;
	d->failures += state == STATE_FAILED;
	if (d->json) {
		struct buf line = BUF_EMPTY;

		buf_printf(&line, "%s{\"check\":\"%s\",\"state\":\"%s\",\"cause\":\"", d->count == 0 ? "" : ",", name,
		    words[state]);
		json_escape(&line, view_text(cause));
		buf_put_str(&line, "\",\"remedy\":\"");
		json_escape(&line, view_text(remedy));
		buf_put_str(&line, "\"}");
		fputs(buf_cstr(&line), stdout);
		buf_fini(&line);
	} else {
		printf("%-8s %-18s %s\n", words[state], name, cause);
		if (state != STATE_OK && remedy[0] != '\0') {
			printf("%-27s -> %s\n", "", remedy);
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
	struct doctor *d = context;

	d->is_welcome = true;
	d->seen = *welcome;
	for (size_t i = 0; i < welcome->n_subscriptions; i++) {
		const Enlace__V1__Attached *attached = welcome->subscriptions[i];
		char cause[256];

		if (schema_type_by_name(d->adapter->schema, attached->type) == NULL) {
			snprintf(cause, sizeof(cause), "%s delivers %s, which our schema does not have",
			    attached->subscription, attached->type);
			tell(d, STATE_FAILED, "subscription", cause, "update the descriptor set under schema:");
		} else {
			snprintf(cause, sizeof(cause), "%s delivers %s; %zu of its fields are always withheld",
			    attached->subscription, attached->type, attached->n_hidden_fields);
			tell(d, STATE_OK, "subscription", cause, "");
		}
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
check_session(struct doctor *d)
{
	struct adapter *a = d->adapter;
	struct session_owner owner = {.context = d, .welcomed = see_welcome, .ended = see_end};
	struct session_options options = {.net = {.endpoint = a->conf->endpoint.text,
					      .server_key = a->broker_key,
					      .public_key = a->public_key,
					      .secret_key = a->secret_key,
					      .frame_bytes = LIMIT_FRAME_BYTES},
	    .client = "doctor",
	    .software = "enlace-adapter doctor",
	    .owner = owner};
	uint64_t deadline = clock_now().monotonic_ms + PROBE_MS, wake;
	struct session *session = NULL;
	int64_t skew;
	char cause[256];

	if (session_new(&options, &session) != EN_OK) {
		return;
	}
	while (!d->is_welcome && d->ended[0] == '\0' && clock_now().monotonic_ms < deadline &&
	    session_turn(session, clock_now(), &wake) == EN_OK) {
		usleep(2000);
	}
	skew = session_clock_skew_ms(session);
	session_free(&session);
	if (!d->is_welcome) {
		snprintf(cause, sizeof(cause), "the broker did not welcome us (%s)",
		    d->ended[0] == '\0' ? "no answer" : d->ended);
		tell(d, STATE_FAILED, "enrolment", cause,
		    "ask the operator to look for this agency's key in the broker's log");
		return;
	}
	tell(d, STATE_OK, "enrolment", "the broker knows our key and welcomed us", "");
	snprintf(cause, sizeof(cause), "the broker's clock is %lld ms %s ours", (long long)(skew < 0 ? -skew : skew),
	    skew < 0 ? "behind" : "ahead of");
	tell(d, skew > SKEW_WARN_MS || skew < -SKEW_WARN_MS ? STATE_WARNING : STATE_OK, "clock", cause,
	    "run a time service on this machine (chrony)");
}

static void
check_spool(struct doctor *d)
{
	struct adapter *a = d->adapter;
	struct statvfs disk;
	char cause[256];
	enum en_err err = adapter_open_state(a);

	if (err == EN_EBUSY) {
		tell(d, STATE_OK, "spool", "in use by the running adapter", "");
		return;
	}
	if (err != EN_OK) {
		tell(d, STATE_FAILED, "spool", "the folder cannot be used", "it must be writable by this user alone");
		return;
	}
	snprintf(cause, sizeof(cause), "%llu events wait, %llu KiB used", (unsigned long long)spool_count(a->spool),
	    (unsigned long long)(spool_bytes(a->spool) >> 10));
	if (statvfs(a->conf->spool_folder.text, &disk) == 0 &&
	    (uint64_t)disk.f_bavail * disk.f_frsize < a->conf->spool_limit_bytes) {
		tell(d, STATE_WARNING, "spool", cause, "the disk has less room than `spool: limit` promises");
		return;
	}
	tell(d, STATE_OK, "spool", cause, "");
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

		for (size_t c = 0; c < count; c++) {
			tell(d, (enum state)checks[c].state, checks[c].name, checks[c].cause, checks[c].remedy);
		}
	}
}

int
adapter_doctor(
    struct adapter *a, const char *path, const struct enlace_connector *const *connectors, enum en_lang lang, bool json)
{
	struct doctor d = {.adapter = a, .json = json};

	if (json) {
		printf("{\"checks\":[");
	}
	if (adapter_open(a, path, connectors, lang) != EN_OK) {
		tell(&d, STATE_FAILED, "settings", "adapter.yaml, or the schema that it names, has errors",
		    "correct the findings above");
	} else {
		tell(&d, STATE_OK, "settings", "adapter.yaml and its schema are valid", "");
		if (check_keys(&d) && check_network(&d)) {
			check_session(&d);
		} else {
			tell(&d, STATE_SKIPPED, "session", "not tried", "");
		}
		check_spool(&d);
		check_connectors(&d);
	}
	if (json) {
		printf("],\"warnings\":%zu,\"failed\":%zu}\n", d.warnings, d.failures);
	} else {
		printf("%zu checks, %zu warnings, %zu failed\n", d.count, d.warnings, d.failures);
	}
	return d.failures > 0 ? 1 : 0;
}
