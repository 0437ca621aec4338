// SPDX-License-Identifier: Apache-2.0
// One request over the operators' endpoint.
#include "cli/operator.h"

#include "base/limits.h"
#include "net/net.h"
#include "wire/frame.h"

#define ANSWER_MS 15000

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
			"sin respuesta; revise que enlaced esté activo y que la llave sea de un operador"));
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
	code = err == EN_OK ? exchange(call, &keys, buf_view(&request), out)
			    : cmd_fail(call, err, "%s", cmd_say(call, "the request", "la solicitud"));
	buf_fini(&json);
	buf_fini(&request);
	connection_wipe(&keys);
	net_fini();
	return code;
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
