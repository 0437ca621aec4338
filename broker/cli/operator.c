// SPDX-License-Identifier: Apache-2.0
// One request over the operators' endpoint, and generic rendering of its reply. The broker answers with rows; this side knows no verb's columns, so a
// new column needs no new client.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "cli/operator.h"
#include "net/cert.h"
#include "net/net.h"
#include "wire/frame.h"

#define ANSWER_MS 15000

const struct cmd_option operator_options[] = {
    {"broker", true, "the operators' endpoint (default: as enlace.yaml says)"},
    {"server-key", true, "the broker's public key file (default: beside its secret key)"},
    {"key", true, "your operator key, FILE.cert_secret (default: $ENLACE_KEY)"},
    {NULL, false, NULL},
};

struct operator_keys {
	const char *endpoint;
	struct cert server, own;
};

static const char *
without_secret(struct cmd_call *call, const char *path)
{
	size_t len = strlen(path);

	return len > 7 && strcmp(path + len - 7, "_secret") == 0 ? arena_text(&call->arena, view_of(path, len - 7))
								 : path;
}

static int
find_keys(struct cmd_call *call, struct operator_keys *k)
{
	const char *server = cmd_option(call, "server-key"), *own = cmd_option(call, "key");
	struct conf_daemon *settings;
	enum en_err err;

	k->endpoint = cmd_option(call, "broker");
	own = own == NULL ? getenv("ENLACE_KEY") : own;
	if (k->endpoint == NULL || server == NULL) {
		if (cmd_settings(call, &settings) != EN_OK) {
			return en_err_exit_code(EN_ECONFIG);
		}
		k->endpoint = k->endpoint == NULL ? settings->operators.text : k->endpoint;
		server =
		    server == NULL && settings->key.text != NULL ? without_secret(call, settings->key.text) : server;
	}
	if (k->endpoint == NULL || server == NULL || own == NULL) {
		return cmd_fail(call, EN_EUSAGE,
		    "name your operator key with --key or $ENLACE_KEY, and the broker with -c or --broker and --server-key");
	}
	err = cert_load_public(server, &k->server);
	if (err != EN_OK) {
		return cmd_fail(call, err, "the broker's public key %s", server);
	}
	err = cert_load_secret(own, &k->own);
	return err == EN_OK ? 0 : cmd_fail(call, err, "your key %s", own);
}

static int
exchange(struct cmd_call *call, const struct operator_keys *k, struct view request, struct buf *out)
{
	struct net_client_options options = {.endpoint = k->endpoint,
	    .server_key = k->server.public_key,
	    .public_key = k->own.public_key,
	    .secret_key = k->own.secret_key,
	    .frame_bytes = LIMIT_FRAME_BYTES};
	struct net_client *client = NULL;
	struct frame frame;
	struct view bytes;
	enum reason reason;
	char field[128];
	enum en_err err = net_client_open(&options, &client);

	if (err == EN_OK) {
		err = net_client_send(client, request);
	}
	if (err == EN_OK) {
		err = net_client_receive(client, ANSWER_MS, &bytes);
	}
	if (err == EN_OK) {
		err = frame_decode(bytes, &call->arena, &frame, &reason, field);
	}
	if (err == EN_OK) {
		buf_put_view(out, frame.body);
	}
	net_client_close(&client);
	if (err == EN_EAGAIN) {
		return cmd_fail(call, EN_EUNREACHED,
		    "no answer from %s: is enlaced running, and is your key enrolled as an operator's?", k->endpoint);
	}
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s", k->endpoint);
}

int
operator_ask(struct cmd_call *call, enum ctl_verb verb, const char *const *args, struct buf *out)
{
	struct operator_keys keys;
	struct buf json = BUF_EMPTY, request = BUF_EMPTY;
	enum en_err err;
	int code = find_keys(call, &keys);

	if (code != 0) {
		return code;
	}
	err = net_init();
	if (err == EN_OK) {
		err = ctl_request_build(verb, "1", args, &json);
	}
	if (err == EN_OK) {
		err = frame_encode_text(FRAME_REQUEST, buf_view(&json), &request);
	}
	code = err == EN_OK ? exchange(call, &keys, buf_view(&request), out) : cmd_fail(call, err, "the request");
	buf_fini(&json);
	buf_fini(&request);
	crypto_wipe(&keys, sizeof(keys));
	net_fini();
	return code;
}

static void
cell_text(const char *key, const json_t *value, char ret[512])
{
	size_t len = strlen(key);

	if (json_is_string(value)) {
		snprintf(ret, 512, "%s", json_string_value(value));
	} else if (json_is_integer(value) && len > 3 && strcmp(key + len - 3, "_ms") == 0) {
		age_text(json_integer_value(value), clock_now().wall_ms, ret);
	} else if (json_is_integer(value)) {
		snprintf(ret, 512, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_boolean(value)) {
		snprintf(ret, 512, "%s", json_is_true(value) ? "yes" : "no");
	} else if (json_is_array(value)) {
		size_t at = 0, i;
		const json_t *item;

		ret[0] = '\0';
		json_array_foreach(value, i, item)
		{
			if (json_is_string(item) && at < 500) {
				at += (size_t)snprintf(
				    ret + at, 512 - at, "%s%s", at == 0 ? "" : ", ", json_string_value(item));
			}
		}
	} else {
		snprintf(ret, 512, "-");
	}
}

// An array of objects as a table whose columns are the keys of its first row; "_ms" columns are told as ages.
static void
print_rows(struct cmd_call *call, json_t *rows)
{
	struct table table;
	json_t *first = json_array_get(rows, 0), *row, *value;
	const char *key;
	char text[512];
	size_t i;

	table_init(&table, &call->arena, json_object_size(first));
	json_object_foreach(first, key, value)
	{
		size_t len = strlen(key);

		snprintf(text, sizeof(text), "%.*s",
		    (int)(len > 3 && strcmp(key + len - 3, "_ms") == 0 ? len - 3 : len), key);
		table_cell(&table, text);
	}
	json_array_foreach(rows, i, row)
	{
		json_object_foreach(first, key, value)
		{
			cell_text(key, json_object_get(row, key), text);
			table_cell(&table, text);
		}
	}
	table_print(&table, stdout);
}

static void
print_member(struct cmd_call *call, const char *key, json_t *value, int depth)
{
	char text[512];
	const char *inner_key;
	json_t *inner;

	if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
		printf("\n%s\n", key);
		print_rows(call, value);
	} else if (json_is_object(value) && depth < 4) {
		printf("%*s%s\n", depth * 2, "", key);
		json_object_foreach(value, inner_key, inner)
		{
			print_member(call, inner_key, inner, depth + 1);
		}
	} else if (!json_is_array(value) || json_array_size(value) > 0) {
		cell_text(key, value, text);
		printf("%*s%-14s %s\n", depth * 2, "", key, text);
	}
}

int
operator_print(struct cmd_call *call, struct view reply)
{
	json_t *root = json_loadb((const char *)reply.data, reply.len, 0, NULL), *value;
	const char *key, *code = json_string_value(json_object_get(root, "code"));
	bool ok = json_is_true(json_object_get(root, "ok"));

	if (call->json) {
		printf("%.*s\n", (int)reply.len, (const char *)reply.data);
	} else if (root == NULL) {
		printf("%.*s", (int)reply.len, (const char *)reply.data);
	} else if (!ok) {
		fprintf(stderr, "enlace: %s: %s\n", code == NULL ? "refused" : code,
		    json_string_value(json_object_get(root, "text")));
	} else {
		json_object_foreach(root, key, value)
		{
			if (strcmp(key, "ok") != 0 && strcmp(key, "id") != 0) {
				print_member(call, key, value, 0);
			}
		}
	}
	if (!ok && code != NULL) {
		bool denied = strcmp(code, reason_code(REASON_NOT_PERMITTED)) == 0;

		json_decref(root);
		return denied ? 77 : 1;
	}
	json_decref(root);
	return 0;
}

int
operator_verb(struct cmd_call *call, enum ctl_verb verb, const char *const *args)
{
	struct buf reply = BUF_EMPTY;
	int code = operator_ask(call, verb, args, &reply);

	if (code == 0) {
		code = operator_print(call, buf_view(&reply));
	}
	buf_fini(&reply);
	return code;
}
