// SPDX-License-Identifier: Apache-2.0
// One request over the operators' endpoint, and generic rendering of its reply. The broker answers with rows; this side knows no verb's columns, so a
// new column needs no new client.
#include "cli/operator.h"

#include <jansson.h>
#include <string.h>

#include "base/limits.h"
#include "net/net.h"
#include "wire/frame.h"

#define ANSWER_MS 15000
#define MEMBER_WIDTH 18

const struct cmd_option operator_options[] = {
    CONNECT_OPTIONS(OPERATOR_BROKER_HELP, OPERATOR_KEY_HELP),
    {NULL, false, NULL},
};

static int
exchange(struct cmd_call *call, const struct connection *k, struct view request, struct buf *out)
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
		return cmd_fail(call, EN_EUNREACHED, "%s: %s", k->endpoint,
		    cmd_say(call, "no answer; is enlaced running, and is this the key of an operator?",
			"sin respuesta; revise que enlaced este activo y que la llave sea de un operador"));
	}
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s", k->endpoint);
}

int
operator_ask(struct cmd_call *call, enum ctl_verb verb, const char *const *args, struct buf *out)
{
	struct connection keys;
	struct buf json = BUF_EMPTY, request = BUF_EMPTY;
	enum en_err err;
	int code = connection_find(call, true, &keys);

	if (code != 0) {
		connection_wipe(&keys);
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
	connection_wipe(&keys);
	net_fini();
	return code;
}

// Names of what is a moment or a length of time end so.
static size_t
name_without_ms(const char *key)
{
	size_t len = strlen(key);

	return len > 3 && strcmp(key + len - 3, "_ms") == 0 ? len - 3 : len;
}

// Moments since 1970 are thousands of times longer than anything lasts here.
#define LONGEST_AGE_MS INT64_C(100000000000)

static void
moment_text(const struct cmd_call *call, int64_t ms, bool with_clock, char ret[512])
{
	int64_t now = clock_now().wall_ms;
	char age[24], clock[24];

	age_text(ms > LONGEST_AGE_MS ? now - ms : ms, call->lang, age);
	if (with_clock && ms > LONGEST_AGE_MS) {
		local_time_text(ms, clock);
		snprintf(ret, 512, "%s (%s)", clock, age);
	} else {
		snprintf(ret, 512, "%s", age);
	}
}

static void
list_text(const json_t *list, char ret[512])
{
	size_t at = 0, i;
	const json_t *item;

	ret[0] = '\0';
	json_array_foreach(list, i, item)
	{
		if (json_is_string(item) && at < 500) {
			at +=
			    (size_t)snprintf(ret + at, 512 - at, "%s%s", at == 0 ? "" : ", ", json_string_value(item));
		}
	}
}

static void
cell_text(const struct cmd_call *call, const char *key, const json_t *value, bool with_clock, char ret[512])
{
	if (json_is_string(value)) {
		snprintf(ret, 512, "%s", json_string_value(value));
	} else if (json_is_integer(value) && key[name_without_ms(key)] != '\0') {
		moment_text(call, json_integer_value(value), with_clock, ret);
	} else if (json_is_integer(value)) {
		snprintf(ret, 512, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_boolean(value)) {
		snprintf(ret, 512, "%s", json_is_true(value) ? cmd_say(call, "yes", "si") : "no");
	} else if (json_is_array(value)) {
		list_text(value, ret);
	} else {
		snprintf(ret, 512, "-");
	}
	printable(ret);
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
		snprintf(text, sizeof(text), "%.*s", (int)name_without_ms(key), key);
		table_cell(&table, text);
	}
	json_array_foreach(rows, i, row)
	{
		json_object_foreach(first, key, value)
		{
			cell_text(call, key, json_object_get(row, key), false, text);
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
		cell_text(call, key, value, true, text);
		printf("%*s%-*.*s %s\n", depth * 2, "", MEMBER_WIDTH, (int)name_without_ms(key), key, text);
	}
}

int
operator_print(struct cmd_call *call, struct view reply)
{
	json_t *root = json_loadb((const char *)reply.data, reply.len, 0, NULL), *value;
	const char *key, *code = json_string_value(json_object_get(root, "code"));
	bool ok = json_is_true(json_object_get(root, "ok"));

	if (root == NULL) {
		return cmd_fail(call, EN_EPROTOCOL, "%s", cmd_say(call, "the reply", "la respuesta"));
	}
	if (call->json) {
		fwrite(reply.data, 1, reply.len, stdout);
		putchar('\n');
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
	bool is_denied = !ok && code != NULL && strcmp(code, reason_code(REASON_NOT_PERMITTED)) == 0;

	json_decref(root);
	return is_denied ? en_err_exit_code(EN_EDENIED) : ok ? 0 : 1;
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
