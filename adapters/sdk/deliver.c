// SPDX-License-Identifier: Apache-2.0
// A delivery on its way out: decoded by the schema, handed to the connector as JSON and, where the type is flat, as cells; settled when the
// connector says so. What was taken is remembered with its reference, so that the same event (after a crash between the system's answer and the
// broker's) is settled again without troubling the system twice.
//
// A connector may be at several deliveries at once, but of one case at one only: the next waits here, so that nothing
// overtakes on the way to the system (ENL-033).
#include "sdk/adapter_int.h"

#include <stdio.h>
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

// ---- what is pending -----------------------------------------------------------------------------------------------

// A delivery that waits for its turn: its own copy, for the frame is gone by then.
struct kept {
	uint32_t revision, attempt;
	bool replay;
	char *id, *case_id, *type;
	uint8_t *payload;
	size_t payload_len;
	char texts[];
};

// NULL without memory. The payload of anything but bytes is none.
static struct kept *
keep(const Enlace__V1__Delivery *d, const char *case_id)
{
	bool has_bytes = d->event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
	size_t id_len = strlen(d->event->id) + 1, case_len = strlen(case_id) + 1, type_len = strlen(d->event->type) + 1,
	       len = has_bytes ? d->event->binary_data.len : 0;
	struct kept *k = malloc(sizeof(*k) + id_len + case_len + type_len + len + 1);

	if (k == NULL) {
		return NULL;
	}
	*k = (struct kept){.revision = d->revision, .attempt = d->attempt, .replay = d->replay, .payload_len = len};
	k->id = memcpy(k->texts, d->event->id, id_len);
	k->case_id = memcpy(k->texts + id_len, case_id, case_len);
	k->type = memcpy(k->texts + id_len + case_len, d->event->type, type_len);
	k->payload = (uint8_t *)k->texts + id_len + case_len + type_len;
	if (len > 0) {
		memcpy(k->payload, d->event->binary_data.data, len);
	}
	if (!has_bytes) {
		k->payload = NULL;
	}
	return k;
}

// NULL at the limit.
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

static void
remove_pending(struct adapter *a, size_t i)
{
	free(a->pending[i].kept);
	a->pending_count--;
	memmove(&a->pending[i], &a->pending[i + 1], (a->pending_count - i) * sizeof(*a->pending));
}

static struct pending *
pending_by_key(struct adapter *a, const uint8_t key[LEDGER_KEY_BYTES])
{
	for (size_t i = 0; i < a->pending_count; i++) {
		if (memcmp(a->pending[i].key, key, LEDGER_KEY_BYTES) == 0) {
			return &a->pending[i];
		}
	}
	return NULL;
}

static bool
is_same_case(const struct pending *p, const struct pending *q)
{
	return p->port == q->port && p->case_hash == q->case_hash;
}

// Whether an earlier one of its case is pending.
static bool
must_wait(const struct adapter *a, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (is_same_case(&a->pending[i], &a->pending[index])) {
			return true;
		}
	}
	return false;
}

void
deliver_forget_waiting(struct adapter *a)
{
	for (size_t i = a->pending_count; i > 0; i--) {
		if (a->pending[i - 1].kept != NULL) {
			remove_pending(a, i - 1);
		}
	}
}

// A case stops at the first one that is not taken (ENL-037). Where the broker goes on all the same it hears `later`.
static void
stop_case(struct adapter *a, const struct pending *settled)
{
	for (size_t i = 0; i < a->pending_count;) {
		struct pending p = a->pending[i];

		if (p.kept == NULL || !is_same_case(&p, settled)) {
			i++;
			continue;
		}
		remove_pending(a, i);
		send_settlement(a, &p, ENLACE_LATER, NULL, "case_stopped", 0);
	}
}

// ---- to the connector ----------------------------------------------------------------------------------------------

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

// The connector may settle it before it returns: nothing of a->pending is looked at behind the call.
static void
give(struct adapter *a, size_t index)
{
	struct pending p = a->pending[index];
	struct enlace_port *port = p.port;
	struct kept *k = p.kept;
	struct enlace_delivery out = {.subscription = port->conf->subscription.text,
	    .revision = k->revision,
	    .attempt = k->attempt,
	    .replay = k->replay,
	    .id = k->id,
	    .case_id = k->case_id,
	    .token = p.token};

	a->pending[index].kept = NULL;
	// An event is read by its own type: since WELCOME the operators may have given the subscription another one.
	if (k->payload == NULL || port_set_type(port, k->type) != EN_OK ||
	    decode(a, port, view_of(k->payload, k->payload_len), &out) != EN_OK) {
		enlace_settle(port, p.token, ENLACE_UNUSABLE, NULL, "schema_mismatch", 0);
	} else {
		out.type = port->type->name;
		port->connector->deliver(port->state, &out);
	}
	free(k);
}

void
deliver_waiting(struct adapter *a)
{
	while (a->may_give) {
		size_t i = 0;

		while (i < a->pending_count && (a->pending[i].kept == NULL || must_wait(a, i))) {
			i++;
		}
		a->may_give = i < a->pending_count;
		if (a->may_give) {
			give(a, i);
		}
	}
}

void
on_delivered(void *context, const char *subscription, uint64_t epoch, const Enlace__V1__Delivery *d)
{
	struct adapter *a = context;
	struct enlace_port *port = port_of(a, subscription);
	struct pending one = {.token = a->next_token, .number = d->number, .epoch = epoch, .port = port}, *there;
	const struct ledger_row *before;
	const char *case_id;

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
	there = pending_by_key(a, one.key);
	if (there != NULL) { // the connector is at it still: its word will be about this attempt
		there->number = d->number;
		there->epoch = epoch;
		return;
	}
	(void)snprintf(one.id, sizeof(one.id), "%s", d->event->id);
	case_id = event_attribute(d->event, "partitionkey");
	one.case_hash = hash_bytes(0, view_text(case_id));
	one.kept = keep(d, case_id == NULL ? "" : case_id);
	there = one.kept == NULL ? NULL : add_pending(a);
	if (there == NULL) {
		free(one.kept);
		send_settlement(a, &one, ENLACE_LATER, NULL, "busy", 1000);
		return;
	}
	a->next_token++;
	*there = one;
	if (!must_wait(a, a->pending_count - 1)) {
		give(a, a->pending_count - 1);
	}
}

// A number that no frame can carry would end the session, and come again with the next one.
static const char *
usable_reference(const char *reference)
{
	if (reference == NULL || (strlen(reference) <= LIMIT_REFERENCE_BYTES && view_is_utf8(view_text(reference)))) {
		return reference;
	}
	log_event(LOG_WARN, "delivery.reference_unusable", LOG_NUM("bytes", strlen(reference)),
	    LOG_TEXT("remedy", "a number of the system has at most 128 bytes of UTF-8: see `reference_from`"));
	return NULL;
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
	remove_pending(a, i);
	a->may_give = true;
	reference = usable_reference(reference);
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
	    LOG_TEXT("id", p.id), LOG_NUM("number", p.number), LOG_NUM("outcome", outcome), LOG_TEXT("code", code));
	send_settlement(a, &p, outcome, reference, code, after_ms);
	if (outcome != ENLACE_TAKEN) {
		stop_case(a, &p);
	}
}
