// SPDX-License-Identifier: Apache-2.0
// A delivery on its way out: decoded by the schema, handed to the connector as JSON and, where the type is flat, as cells; settled when the
// connector says so. What was taken is remembered with its reference, so that the same event (after a crash between the system's answer and the
// broker's) is settled again without troubling the system twice.
#include "sdk/adapter_int.h"

#include <stdlib.h>

#include "base/limits.h"

static struct enlace_port *
port_of(struct adapter *a, const char *subscription)
{
	for (size_t i = 0; i < a->port_count; i++) {
		if (!a->ports[i].is_publish && strcmp(a->ports[i].conf->subscription.text, subscription) == 0) {
			return &a->ports[i];
		}
	}
	return NULL;
}

static void
send_settlement(struct adapter *a, const struct pending *p, enum enlace_outcome outcome, const char *reference,
    const char *code, uint32_t after_ms)
{
	Enlace__V1__Settlement settlement = ENLACE__V1__SETTLEMENT__INIT;
	enum en_err err;

	settlement.first = p->number;
	settlement.outcome = (Enlace__V1__Outcome)outcome;
	settlement.recipient_reference = (char *)(uintptr_t)(reference == NULL ? "" : reference);
	settlement.code = (char *)(uintptr_t)(code == NULL ? "" : code);
	settlement.after_ms = after_ms;
	err = session_settle(a->session, p->port->conf->subscription.text, p->epoch, &settlement);
	if (err != EN_OK) {
		log_event(
		    LOG_INFO, "delivery.unsettled", LOG_TEXT("code", en_err_code(err)), LOG_NUM("number", p->number));
	}
}

static struct pending *
add_pending(struct adapter *a)
{
	if (a->pending_count == a->pending_cap) {
		size_t cap = a->pending_cap == 0 ? 64 : a->pending_cap * 2;
		struct pending *grown =
		    cap > LIMIT_WINDOW_EVENTS * ADAPTER_PORTS_MAX ? NULL : realloc(a->pending, cap * sizeof(*grown));

		if (grown == NULL) {
			return NULL;
		}
		a->pending = grown;
		a->pending_cap = cap;
	}
	return &a->pending[a->pending_count++];
}

// The record as text and cells. What cannot be decoded was made under another schema than ours.
static enum en_err
decode(struct adapter *a, struct enlace_port *port, struct view payload, struct enlace_delivery *out)
{
	static const struct json_options options = {.pretty = true};
	struct json_fault json_fault;
	struct record_fault record_fault;
	struct record_cell *cells = NULL;
	enum en_err err;

	buf_clear(&a->text);
	err = json_from_payload(port->type, payload, &options, &a->text, &json_fault);
	if (err != EN_OK) {
		return err;
	}
	out->json = (struct enlace_text){buf_cstr(&a->text), a->text.len};
	if (port->is_flat) {
		arena_reset(&a->scratch);
		err = record_from_payload(port->type, payload, &a->scratch, &cells, &out->cell_count, &record_fault);
		out->cells = (const struct enlace_cell *)(const void *)cells;
	}
	return err;
}

static void
taken_key(struct adapter *a, const char *subscription, const Enlace__V1__Delivery *d, uint8_t ret[LEDGER_KEY_BYTES])
{
	struct view parts[] = {view_text(subscription), view_text(d->event->id)};

	crypto_hash_parts(ret, LEDGER_KEY_BYTES, view_of(a->hash_key, sizeof(a->hash_key)), parts, 2);
}

void
on_delivered(void *context, const char *subscription, uint64_t epoch, const Enlace__V1__Delivery *d)
{
	struct adapter *a = context;
	struct enlace_port *port = port_of(a, subscription);
	struct pending one = {.token = a->next_token, .number = d->number, .epoch = epoch, .port = port}, *kept;
	struct enlace_delivery out = {
	    .subscription = subscription, .revision = d->revision, .attempt = d->attempt, .replay = d->replay};
	const struct ledger_row *before;

	if (port == NULL || d->event == NULL || d->event->id == NULL) {
		return; // not ours: the session will end by itself when the broker is confused
	}
	taken_key(a, subscription, d, one.key);
	before = ledger_get(a->taken, one.key);
	if (before != NULL) {
		log_event(
		    LOG_INFO, "delivery.known", LOG_TEXT("subscription", subscription), LOG_TEXT("id", d->event->id));
		send_settlement(a, &one, ENLACE_TAKEN, before->text, NULL, 0);
		return;
	}
	if (port->type == NULL || d->event->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA ||
	    decode(a, port, view_of(d->event->binary_data.data, d->event->binary_data.len), &out) != EN_OK) {
		send_settlement(a, &one, ENLACE_UNUSABLE, NULL, "schema_mismatch", 0);
		return;
	}
	kept = add_pending(a);
	if (kept == NULL) {
		send_settlement(a, &one, ENLACE_LATER, NULL, "busy", 1000);
		return;
	}
	a->next_token++;
	*kept = one;
	out.type = port->type->name;
	out.id = d->event->id;
	out.case_id = event_attribute(d->event, "partitionkey");
	out.token = one.token;
	port->connector->deliver(port->state, &out);
}

// Also for a delivery whose session is over: what was taken is remembered, and settled when it comes again.
void
enlace_settle(struct enlace_port *port, uint64_t token, enum enlace_outcome outcome, const char *reference,
    const char *code, uint32_t after_ms)
{
	struct adapter *a = port->adapter;
	size_t i = 0;
	struct pending p;

	while (i < a->pending_count && a->pending[i].token != token) {
		i++;
	}
	if (i == a->pending_count) {
		return; // settled before
	}
	p = a->pending[i];
	a->pending[i] = a->pending[--a->pending_count];
	if (outcome == ENLACE_TAKEN) {
		struct ledger_row row = {.revision = 1, .time_ms = clock_now().wall_ms};

		memcpy(row.key, p.key, sizeof(row.key));
		if (reference != NULL) {
			strncpy(row.text, reference, sizeof(row.text) - 1);
		}
		if (ledger_put(a->taken, &row) != EN_OK || ledger_sync(a->taken) != EN_OK) {
			log_event(LOG_WARN, "ledger.failed", LOG_TEXT("remedy", "look at the spool folder's disk"));
		}
	}
	log_event(LOG_INFO, "delivery.settled", LOG_TEXT("subscription", port->conf->subscription.text),
	    LOG_NUM("number", p.number), LOG_NUM("outcome", outcome), LOG_TEXT("code", code));
	send_settlement(a, &p, outcome, reference, code, after_ms);
}
