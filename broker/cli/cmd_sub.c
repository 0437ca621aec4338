// SPDX-License-Identifier: Apache-2.0
// `enlace sub ls`: subscriptions and their counts. `enlace sub tail NAME`: reads a subscription with the agency's own key and prints one JSON line a delivery.
// Tail settles only with --settle: otherwise everything comes again to the agency's adapter.
#include "cli/operator.h"

#include <string.h>

#include "base/log.h"
#include "cli/session.h"
#include "conf/quantity.h"

static const struct cmd_option options[] = {
    {"settle", false, "tail: settle what was printed as taken"},
    {"limit", true, "tail: stop after so many deliveries"},
    {"wait", true, "tail: stop when nothing came for so many milliseconds"},
    CONNECT_OPTIONS("the endpoint (default: as enlace.yaml says)",
	"ls: your operator key; tail: the agency's key (default: $ENLACE_KEY)"),
    {NULL, false, NULL},
};

// False when it did not arrive: then it must not be settled.
static bool
print_delivery(const Enlace__V1__Delivery *d)
{
	struct buf b = BUF_EMPTY;
	bool arrived;

	if (d->event == NULL) {
		return true;
	}
	buf_printf(&b, "{\"number\":\"%llu\",\"revision\":%u,\"attempt\":%u,\"replay\":%s,\"id\":\"",
	    (unsigned long long)d->number, d->revision, d->attempt, d->replay ? "true" : "false");
	json_escape(&b, view_text(d->event->id));
	buf_put_str(&b, "\",\"type\":\"");
	json_escape(&b, view_text(d->event->type));
	buf_put_str(&b, "\",\"data\":");
	buf_put_str(
	    &b, d->event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA ? d->event->text_data : "null");
	buf_put_str(&b, "}\n");
	arrived = b.err == EN_OK && fwrite(b.data, 1, b.len, stdout) == b.len && fflush(stdout) == 0;
	buf_fini(&b);
	return arrived;
}

static enum en_err
settle(struct agency_session *s, const char *subscription, uint64_t number)
{
	Enlace__V1__Settlement one = ENLACE__V1__SETTLEMENT__INIT, *list = &one;
	Enlace__V1__Settle message = ENLACE__V1__SETTLE__INIT;

	one.first = number;
	one.outcome = ENLACE__V1__OUTCOME__TAKEN;
	message.subscription = (char *)(uintptr_t)subscription;
	message.epoch = s->epoch;
	message.n_settlements = 1;
	message.settlements = &list;
	return agency_session_send(s, FRAME_SETTLE, &message.base);
}

static enum en_err
tail_frame(struct cmd_call *call, struct agency_session *s, const char *name, const struct frame *frame, uint64_t *left)
{
	const Enlace__V1__Deliver *deliver = frame->u.deliver;
	enum en_err err = EN_OK;

	if (frame->kind != FRAME_DELIVER) {
		return EN_OK;
	}
	for (size_t i = 0; err == EN_OK && *left > 0 && i < deliver->n_deliveries; i++) {
		if (!print_delivery(deliver->deliveries[i])) {
			return EN_EIO;
		}
		if (cmd_option(call, "settle") != NULL) {
			err = settle(s, name, deliver->deliveries[i]->number);
		}
		--*left;
	}
	return err;
}

// A number option; absent leaves *ret as it is.
static bool
number_option(const struct cmd_call *call, const char *name, uint64_t max, uint64_t *ret)
{
	const char *text = cmd_option(call, name);

	return text == NULL || (quantity_number(text, ret) && *ret <= max);
}

static int
tail(struct cmd_call *call, const char *name)
{
	uint64_t left = UINT64_MAX, wait = 0;
	struct agency_session session;
	struct frame frame;
	enum en_err err = EN_OK;
	int code;

	if (!number_option(call, "limit", UINT64_MAX, &left) || !number_option(call, "wait", UINT32_MAX, &wait)) {
		return cmd_misused(call, "--limit and --wait are numbers", "--limit y --wait son números");
	}
	code = agency_session_open(call, "enlace-tail", name, 64, &session);
	while (code == 0 && err == EN_OK && left > 0) {
		err = agency_session_receive(&session, wait == 0 ? 60000 : (uint32_t)wait, &frame);
		if (err == EN_EAGAIN && wait == 0) {
			err = EN_OK;
		} else if (err == EN_OK) {
			err = tail_frame(call, &session, name, &frame, &left);
		}
	}
	agency_session_close(&session);
	if (code != 0 || err == EN_OK || err == EN_EAGAIN) {
		return code;
	}
	return cmd_fail(call, err, "%s", err == EN_EIO ? "stdout" : name);
}

static int
run(struct cmd_call *call)
{
	const char *verb = call->argument_count > 0 ? call->arguments[0] : "";

	if (strcmp(verb, "ls") == 0 && call->argument_count == 1) {
		return operator_verb(call, CTL_SUB_LS, NULL);
	}
	if (strcmp(verb, "tail") == 0 && call->argument_count == 2) {
		return tail(call, call->arguments[1]);
	}
	return cmd_usage_of_verbs(call, &cmd_sub);
}

const struct cmd cmd_sub = {"sub", "list subscriptions, read one", "listar suscripciones, leer una",
    "  enlace sub ls\n"
    "  enlace sub tail unicef-referrals --key unicef.cert_secret --limit 10\n",
    options, run};
