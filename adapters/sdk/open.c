// SPDX-License-Identifier: Apache-2.0
// From adapter.yaml to open ports, in steps that doctor takes one by one: settings and schema, keys, state on disk, connectors, session.
#include "sdk/adapter_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "net/cert.h"

static enum en_err
complain(const char *event, const char *what, const char *remedy, enum en_err err)
{
	log_event(LOG_ERROR, event, LOG_TEXT("code", en_err_code(err)), LOG_TEXT("what", what),
	    LOG_TEXT("remedy", enlace_say(remedy)));
	return err;
}

static bool
field_is_flat(const struct schema_field *f)
{
	return !schema_is_message(f) && (!f->repeated || f->list_separator != NULL);
}

enum en_err
port_set_type(struct enlace_port *port, const char *type)
{
	struct adapter *a = port->adapter;
	struct view *names;
	size_t count;
	enum en_err err;

	if (port->type != NULL && strcmp(port->type->name, type) == 0) {
		return EN_OK;
	}
	port->type = schema_type_by_name(a->schema, type);
	port->columns = NULL;
	if (port->type == NULL) {
		return EN_ENOTFOUND;
	}
	port->is_flat = true;
	for (uint32_t i = 0; i < port->type->field_count; i++) {
		port->is_flat = port->is_flat && field_is_flat(&port->type->fields[i]);
	}
	if (!port->is_flat) {
		return EN_OK;
	}
	err = record_columns(port->type, &a->arena, &names, &count);
	if (err != EN_OK) {
		return err;
	}
	port->columns = arena_zalloc(&a->arena, (count + 1) * sizeof(*port->columns));
	for (size_t i = 0; port->columns != NULL && i < count; i++) {
		port->columns[i] = arena_text(&a->arena, names[i]);
	}
	return port->columns == NULL ? EN_ENOMEM : EN_OK;
}

// ---- ports: everything that is wrong is found in one run, each with its line -------------------------------------------

static const struct enlace_connector *
find_connector(
    struct findings *findings, const struct enlace_connector *const *connectors, const struct conf_text *name)
{
	const char *names[ADAPTER_PORTS_MAX];
	size_t count = 0;

	for (; connectors[count] != NULL && count < EN_COUNT_OF(names); count++) {
		if (connectors[count]->abi == ENLACE_ADAPTER_ABI && strcmp(connectors[count]->name, name->text) == 0) {
			return connectors[count];
		}
		names[count] = connectors[count]->name;
	}
	findings_add(
	    findings, E0106, name->where, nearest_name(name->text, names, count), "no connector %s", name->text);
	return NULL;
}

// An option that the connector does not know is an error: a misspelt one would silently not hold.
static void
check_options(struct findings *findings, const struct conf_port *conf, const struct enlace_connector *connector)
{
	for (size_t i = 0; i < conf->option_count; i++) {
		const struct conf_text *name = &conf->options[i].name;
		size_t known = 0;

		while (connector->options[known] != NULL && strcmp(connector->options[known], name->text) != 0) {
			known++;
		}
		if (connector->options[known] == NULL) {
			findings_add(findings, E0103, name->where, nearest_name(name->text, connector->options, known),
			    "%s", name->text);
		}
	}
}

static const struct conf_option *
find_option(const struct conf_port *conf, const char *name)
{
	for (size_t i = 0; i < conf->option_count; i++) {
		if (strcmp(conf->options[i].name.text, name) == 0) {
			return &conf->options[i];
		}
	}
	return NULL;
}

// Where a path leads, with every link followed; one that is not there yet by its folder, which has to be. False when neither is.
static bool
place_of(const struct adapter *a, const char *text, char ret[PATH_MAX])
{
	char path[PATH_MAX], folder[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", text[0] == '/' ? "" : a->conf->folder, text);
	const char *name;

	if (len < 0 || (size_t)len >= sizeof(path)) {
		return false;
	}
	if (realpath(path, ret) != NULL) {
		return true;
	}
	while (len > 1 && (path[len - 1] == '/' || (path[len - 1] == '.' && path[len - 2] == '/'))) {
		path[--len] = '\0'; // "out/", "out/."
	}
	name = strrchr(path, '/');
	snprintf(folder, sizeof(folder), "%.*s/", name == NULL ? 0 : (int)(name - path), path);
	if (name == NULL || realpath(folder, ret) == NULL || strlen(ret) + strlen(name) >= PATH_MAX) {
		return false;
	}
	strcat(ret, name);
	return true;
}

// Of what options say: alike as texts, or as paths. A folder is spelt in many ways.
static bool
is_one_place(const struct adapter *a, const char *here, const char *there)
{
	char one[PATH_MAX], other[PATH_MAX];

	return strcmp(here, there) == 0 ||
	    (place_of(a, here, one) && place_of(a, there, other) && strcmp(one, other) == 0);
}

// The option in which an entry could differ from an earlier one, and does not; NULL when they do.
static const struct conf_option *
same_place(const struct adapter *a, const struct conf_port *conf, const struct conf_port *other, const char *const *own)
{
	const struct conf_option *named = NULL;

	for (; own != NULL && *own != NULL; own++) {
		const struct conf_option *here = find_option(conf, *own), *there = find_option(other, *own);

		if ((here == NULL) != (there == NULL) ||
		    (here != NULL && !is_one_place(a, here->value.text, there->value.text))) {
			return NULL;
		}
		named = here == NULL ? named : here;
	}
	return named;
}

static void
tell_same(struct findings *findings, const char *name, const struct conf_text *value, const struct conf_port *other,
    const char *hint)
{
	char both[256];

	snprintf(both, sizeof(both), "%s: %s", name, value->text);
	findings_add(
	    findings, E0109, value->where, hint, "%s, also in %s:%u", both, other->where.file, other->where.line);
}

// What comes by one subscription goes to one entry, and no two entries write to one place.
static void
check_deliver(struct findings *findings, const struct adapter *a, const struct enlace_port *port)
{
	for (const struct enlace_port *other = a->ports; other < port; other++) {
		const struct conf_option *option;

		if (other->is_publish) {
			continue;
		}
		if (strcmp(other->conf->subscription.text, port->conf->subscription.text) == 0) {
			tell_same(findings, "subscription", &port->conf->subscription, other->conf, NULL);
		}
		option = other->connector != port->connector
		    ? NULL
		    : same_place(a, port->conf, other->conf, port->connector->own);
		if (option != NULL) {
			tell_same(findings, option->name.text, &option->value, other->conf,
			    "another name, or another folder");
		}
	}
}

static void
check_columns(struct findings *findings, const struct enlace_port *port, const struct conf_list *columns)
{
	size_t known = 0;

	while (port->columns != NULL && port->columns[known] != NULL) {
		known++;
	}
	for (size_t i = 0; i < columns->count; i++) {
		const struct conf_text *column = &columns->items[i];
		const struct schema_field *f = schema_field_by_name(port->type, view_text(column->text));

		if (f == NULL || f->repeated || schema_is_message(f)) {
			findings_add(findings, E0106, column->where,
			    nearest_name(column->text, (const char *const *)port->columns, known),
			    "%s has no single value %s", port->type->name, column->text);
		}
	}
	if (columns->count == 0) {
		findings_add(findings, E0105, port->conf->where, NULL, "key, case");
	}
}

static enum en_err
add_port(struct adapter *a, const struct conf_port *conf, bool is_publish,
    const struct enlace_connector *const *connectors, struct findings *findings)
{
	struct enlace_port *port = &a->ports[a->port_count];
	enum en_err err;

	if (a->port_count == ADAPTER_PORTS_MAX) {
		findings_add(findings, E0108, conf->where, NULL, "publish, deliver");
		return EN_OK;
	}
	*port = (struct enlace_port){.adapter = a, .conf = conf, .is_publish = is_publish, .watch_fd = -1};
	port->connector = find_connector(findings, connectors, &conf->connector);
	if (port->connector == NULL) {
		return EN_OK;
	}
	check_options(findings, conf, port->connector);
	a->port_count++;
	if (!is_publish) {
		check_deliver(findings, a, port);
		a->attach[a->attach_count++] =
		    (struct session_attach){conf->subscription.text, (uint32_t)conf->window_events};
		return EN_OK;
	}
	err = port_set_type(port, conf->type.text);
	if (err == EN_ENOTFOUND) {
		size_t count;
		const char *const *names = schema_type_names(a->schema, &count);

		findings_add(findings, E0106, conf->type.where, nearest_name(conf->type.text, names, count),
		    "the schema has no message %s", conf->type.text);
		return EN_OK;
	}
	if (err == EN_OK) {
		check_columns(findings, port, &conf->key_columns);
		check_columns(findings, port, &conf->case_columns);
	}
	return err;
}

static enum en_err
load_schema(struct adapter *a, struct findings *findings)
{
	struct buf bytes = BUF_EMPTY;
	enum en_err err = buf_read_file(&bytes, a->conf->schema.text, LIMIT_DESCRIPTOR_SET_BYTES);

	if (err != EN_OK) {
		buf_fini(&bytes);
		findings_add(findings, E0201, a->conf->schema.where, NULL, "%s", a->conf->schema.text);
		return err;
	}
	err = schema_new(&a->schema);
	if (err == EN_OK) {
		err = schema_add(a->schema, buf_view(&bytes), a->conf->schema.text, findings);
	}
	if (err == EN_OK) {
		err = schema_seal(a->schema, findings);
	}
	buf_fini(&bytes);
	return err;
}

enum en_err
adapter_open(struct adapter *a, const char *path, const struct enlace_connector *const *connectors, enum en_lang lang)
{
	struct findings findings;
	enum log_level level;
	enum en_err err;

	arena_init(&a->arena, 0);
	arena_init(&a->scratch, 0);
	index_init(&a->index);
	a->next_token = 1;
	findings_init_in(&findings, lang);
	err = conf_adapter_load(path, &a->arena, &findings, &a->conf);
	if (err == EN_OK && a->conf->log_level.text != NULL && log_level_from_text(a->conf->log_level.text, &level)) {
		log_set_level(level);
	}
	if (err == EN_OK) {
		err = load_schema(a, &findings);
	}
	for (size_t i = 0; err == EN_OK && i < a->conf->publish_count; i++) {
		err = add_port(a, &a->conf->publish[i], true, connectors, &findings);
	}
	for (size_t i = 0; err == EN_OK && i < a->conf->deliver_count; i++) {
		err = add_port(a, &a->conf->deliver[i], false, connectors, &findings);
	}
	if (err == EN_OK && findings.errors > 0) {
		err = EN_ECONFIG;
	}
	if (findings.count > 0) {
		findings_sort(&findings);
		findings_tell(&findings);
	}
	findings_fini(&findings);
	return err == EN_OK || err == EN_ENOMEM ? err : EN_ECONFIG;
}

enum en_err
adapter_open_keys(struct adapter *a)
{
	struct cert own, broker;
	enum en_err err = cert_load_public(a->conf->broker_key.text, &broker);

	if (err != EN_OK) {
		return complain("keys.broker", a->conf->broker_key.text,
		    "ask the operator for the broker's public key file", EN_ECONFIG);
	}
	err = cert_load_secret(a->conf->key.text, &own);
	if (err == EN_EDENIED) {
		return complain(
		    "keys.own", a->conf->key.text, "only this user may read the secret key: chmod 600", EN_ECONFIG);
	}
	if (err != EN_OK) {
		return complain("keys.own", a->conf->key.text, "make one: enlace keys new", EN_ECONFIG);
	}
	memcpy(a->broker_key, broker.public_key, sizeof(a->broker_key));
	memcpy(a->public_key, own.public_key, sizeof(a->public_key));
	memcpy(a->secret_key, own.secret_key, sizeof(a->secret_key));
	crypto_wipe(&own, sizeof(own));
	return EN_OK;
}

// The secret of this adapter's ids and ledgers: made once, kept beside the spool.
static enum en_err
open_hash_key(struct adapter *a)
{
	char path[4096];
	struct buf bytes = BUF_EMPTY;
	enum en_err err;

	snprintf(path, sizeof(path), "%s/ids.secret", a->conf->spool_folder.text);
	err = buf_read_file(&bytes, path, sizeof(a->hash_key));
	if (err == EN_OK) {
		err = bytes.len == sizeof(a->hash_key) ? EN_OK : EN_ECORRUPT;
		if (err == EN_OK) {
			memcpy(a->hash_key, bytes.data, sizeof(a->hash_key));
		}
	} else if (err == EN_ENOTFOUND) {
		crypto_random(a->hash_key, sizeof(a->hash_key));
		err = file_create_secret(path, view_of(a->hash_key, sizeof(a->hash_key)));
	}
	buf_fini(&bytes);
	return err;
}

enum en_err
adapter_open_state(struct adapter *a)
{
	const char *folder = a->conf->spool_folder.text;
	int64_t now = clock_now().wall_ms;
	char path[4096];
	enum en_err err = spool_open(folder, a->conf->spool_limit_bytes, &a->spool);

	if (err == EN_OK) {
		err = open_hash_key(a);
	}
	if (err == EN_OK) {
		snprintf(path, sizeof(path), "%s/sent.ledger", folder);
		err = ledger_open(path, now, a->conf->keep_sent_ms, &a->sent);
	}
	if (err == EN_OK) {
		snprintf(path, sizeof(path), "%s/taken.ledger", folder);
		err = ledger_open(path, now, a->conf->keep_sent_ms, &a->taken);
	}
	if (err == EN_OK) {
		err = file_sync_folder(folder); // the ledgers' names, when they are new
	}
	if (err != EN_OK) {
		return complain("spool.open", folder,
		    err == EN_EBUSY       ? "another process of this adapter is running"
			: err == EN_EFULL ? "give the disk room"
			: err == EN_ECORRUPT
			? "ids.secret or a ledger there is damaged: restore the folder, or begin with an empty one"
			: "the folder must be writable by this user alone",
		    err);
	}
	if (spool_torn_bytes(a->spool) > 0) {
		log_event(LOG_WARN, "spool.torn", LOG_NUM("bytes", spool_torn_bytes(a->spool)));
	}
	return EN_OK;
}

static enum en_err
complain_of_option(struct adapter *a, struct where where, const char *what)
{
	snprintf(a->trouble, sizeof(a->trouble), "%s:%u: %s", where.file, where.line, what);
	return complain("connector.open", a->trouble, "see `options:` of this entry in adapter.yaml", EN_ECONFIG);
}

enum en_err
adapter_open_connectors(struct adapter *a)
{
	for (size_t i = 0; i < a->port_count; i++) {
		struct enlace_port *port = &a->ports[i];
		char error[256] = "";

		port->state = port->connector->open(port, port->is_publish, error);
		if (port->state == NULL) {
			return complain_of_option(a, port->conf->where, error);
		}
		if (port->malformed != NULL) {
			snprintf(error, sizeof(error), enlace_say("%.100s is written as 10 s, 5 min, 1 h"),
			    port->malformed->name.text);
			return complain_of_option(a, port->malformed->value.where, error);
		}
	}
	return EN_OK;
}

enum en_err
adapter_open_session(struct adapter *a, const struct session_owner *owner)
{
	struct session_options options = {
	    .net = {.endpoint = a->conf->endpoint.text,
		.server_key = a->broker_key,
		.public_key = a->public_key,
		.secret_key = a->secret_key,
		.frame_bytes = LIMIT_FRAME_BYTES},
	    .client = a->conf->name.text,
	    .software = "enlace-adapter " ADAPTER_VERSION,
	    .attach = a->attach,
	    .attach_count = a->attach_count,
	    .spool = a->spool,
	    .owner = *owner,
	};

	return session_new(&options, &a->session);
}

void
adapter_close(struct adapter *a)
{
	session_free(&a->session);
	for (size_t i = 0; i < a->port_count; i++) {
		if (a->ports[i].state != NULL) {
			a->ports[i].connector->close(a->ports[i].state);
		}
		enlace_expect_nothing(&a->ports[i]);
	}
	ledger_close(&a->sent);
	ledger_close(&a->taken);
	spool_close(&a->spool);
	schema_unref(&a->schema);
	index_fini(&a->index);
	buf_fini(&a->payload);
	buf_fini(&a->text);
	buf_fini(&a->unknown);
	deliver_forget_waiting(a);
	free(a->pending);
	crypto_wipe(a->secret_key, sizeof(a->secret_key));
	arena_fini(&a->scratch);
	arena_fini(&a->arena);
}
