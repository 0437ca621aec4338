// SPDX-License-Identifier: Apache-2.0
// A record on its way in: columns checked, encoded by the schema, known by its key and content, spooled as an event.
//
// The event's id is a keyed hash over (source, key columns, revision, content): the same row after a crash has the same id, and the broker knows it.
#include "sdk/adapter_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"

static enum enlace_submit_result
refuse(struct enlace_reason *reason, const char *code, const char *column, const char *text, const char *hint)
{
	memset(reason, 0, sizeof(*reason));
	snprintf(reason->code, sizeof(reason->code), "%s", code);
	snprintf(reason->column, sizeof(reason->column), "%s", column);
	if (hint != NULL && hint[0] != '\0') {
		snprintf(reason->text, sizeof(reason->text), "%s (%s)", text, hint);
	} else {
		snprintf(reason->text, sizeof(reason->text), "%s", text);
	}
	return ENLACE_REJECTED;
}

static enum enlace_submit_result
encode_cells(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	struct record_fault fault;
	struct record_cell *cells;
	enum en_err err;

	_Static_assert(sizeof(struct enlace_cell) == sizeof(struct record_cell), "a cell is two views on both sides");
	for (const char **column = port->columns;
	     column != NULL && *column != NULL && !port->conf->columns_missing_empty; column++) {
		size_t i = 0;

		while (i < record->cell_count && !view_is(text_view(record->cells[i].name), *column)) {
			i++;
		}
		if (i == record->cell_count) {
			return refuse(reason, "column_missing", *column,
			    "the column is missing; see `columns: missing` in adapter.yaml", NULL);
		}
	}
	arena_reset(&a->scratch);
	cells = arena_alloc(&a->scratch, (record->cell_count + 1) * sizeof(*cells));
	if (cells == NULL) {
		return ENLACE_FAILED;
	}
	for (size_t i = 0; i < record->cell_count; i++) {
		cells[i].name = text_view(record->cells[i].name);
		cells[i].value = text_view(record->cells[i].value);
		if (!view_is_utf8(cells[i].value)) {
			return refuse(reason, "not_utf8", "",
			    "the text does not have the encoding that adapter.yaml names", NULL);
		}
	}
	err = record_to_payload(
	    port->type, cells, record->cell_count, port->conf->columns_unknown_ignore, &a->payload, &fault);
	if (err == EN_OK) {
		return ENLACE_SPOOLED;
	}
	if (err == EN_ENOMEM) {
		return ENLACE_FAILED;
	}
	return refuse(reason, err == EN_ENOTFOUND ? "column_unknown" : "value_invalid", fault.column,
	    err == EN_ENOTFOUND ? "the schema has no such column" : "the value does not have the column's form",
	    fault.hint);
}

static enum enlace_submit_result
encode_json(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	struct json_options options = {.lenient = true, .ignore_unknown = port->conf->columns_unknown_ignore};
	struct json_fault fault;
	enum en_err err;

	buf_clear(&a->unknown);
	err = json_to_payload(port->type, text_view(record->json), &options, &a->payload, &a->unknown, &fault);
	if (err == EN_OK) {
		return ENLACE_SPOOLED;
	}
	if (err == EN_ENOMEM) {
		return ENLACE_FAILED;
	}
	return refuse(reason,
	    err == EN_ENOTFOUND   ? "column_unknown"
		: err == EN_EUTF8 ? "not_utf8"
				  : "value_invalid",
	    fault.path,
	    err == EN_ENOTFOUND ? "the schema has no such key" : "the record does not have the schema's form",
	    fault.hint);
}

// Into a->payload.
enum enlace_submit_result
submit_encode(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	enum enlace_submit_result result;
	struct index_fault fault;

	buf_clear(&a->payload);
	result = record->json.data != NULL ? encode_json(port, record, reason) : encode_cells(port, record, reason);
	if (result != ENLACE_SPOOLED) {
		return result;
	}
	if (a->payload.len > LIMIT_EVENT_BYTES) {
		return refuse(reason, "too_large", "", "the record is larger than one event may be", NULL);
	}
	if (index_build(&a->index, port->type, buf_view(&a->payload), &fault) != EN_OK) {
		return refuse(reason, "value_invalid", fault.path, "the record is too deep or too long", NULL);
	}
	return ENLACE_SPOOLED;
}

// The text of a top-level column of the record just indexed; empty when absent.
static struct view
column_text(struct enlace_port *port, const char *name, char number[24])
{
	struct adapter *a = port->adapter;
	const struct schema_field *f = schema_field_by_name(port->type, view_text(name));
	const struct index_node *n = f == NULL ? NULL : index_last(&a->index, 0, f);

	if (n == NULL) {
		return VIEW_EMPTY;
	}
	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		return index_bytes(&a->index, n);
	}
	snprintf(number, 24, "%" PRIu64, n->bits);
	return view_text(number);
}

// Appends the columns' texts, separated by '/', to a->text. Returns the name of the first empty one, or NULL.
static const char *
join_columns(struct enlace_port *port, const struct conf_list *columns)
{
	struct adapter *a = port->adapter;

	buf_clear(&a->text);
	for (size_t i = 0; i < columns->count; i++) {
		char number[24];
		struct view v = column_text(port, columns->items[i].text, number);

		if (v.len == 0) {
			return columns->items[i].text;
		}
		if (i > 0) {
			buf_put_u8(&a->text, '/');
		}
		buf_put_view(&a->text, v);
	}
	return NULL;
}

static void
event_id(struct adapter *a, const struct ledger_row *row, char ret[33])
{
	uint8_t revision[4] = {(uint8_t)(row->revision >> 24), (uint8_t)(row->revision >> 16),
	    (uint8_t)(row->revision >> 8), (uint8_t)row->revision};
	struct view parts[] = {
	    view_of(row->key, sizeof(row->key)), view_of(row->content, sizeof(row->content)), view_of(revision, 4)};
	uint8_t digest[16];
	struct buf hex = BUF_EMPTY;

	crypto_hash_parts(digest, sizeof(digest), view_of(a->hash_key, sizeof(a->hash_key)), parts, EN_COUNT_OF(parts));
	hex_put(&hex, view_of(digest, sizeof(digest)));
	snprintf(ret, 33, "%s", buf_cstr(&hex));
	buf_fini(&hex);
}

// Whether this row is known, and under which revision it goes.
static enum enlace_submit_result
know_row(struct enlace_port *port, struct ledger_row *row, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	struct view key_parts[] = {view_text(port->conf->source.text), buf_view(&a->text)};
	const struct ledger_row *known;
	uint8_t digest[16];

	crypto_hash_parts(row->key, sizeof(row->key), view_of(a->hash_key, sizeof(a->hash_key)), key_parts, 2);
	crypto_hash(digest, sizeof(digest), view_of(a->hash_key, sizeof(a->hash_key)), buf_view(&a->payload));
	memcpy(row->content, digest, sizeof(row->content));
	row->revision = 1;
	known = ledger_get(a->sent, row->key);
	if (known == NULL) {
		return ENLACE_SPOOLED;
	}
	if (memcmp(known->content, row->content, sizeof(row->content)) == 0) {
		row->revision = known->revision + (port->conf->same_row_send ? 1 : 0);
		return port->conf->same_row_send ? ENLACE_SPOOLED : ENLACE_SAME;
	}
	if (port->conf->changed_row_refuse) {
		return refuse(reason, "row_changed", port->conf->key_columns.items[0].text,
		    "this key was sent with other content; see `changed_row` in adapter.yaml", NULL);
	}
	row->revision = known->revision + 1;
	return ENLACE_SPOOLED;
}

static enum enlace_submit_result
spool_event(struct enlace_port *port, const struct enlace_record *record, struct ledger_row *row, struct view case_id)
{
	struct adapter *a = port->adapter;
	struct spool_entry entry = {.source = view_text(port->conf->source.text),
	    .type = view_text(port->type->name),
	    .case_id = case_id,
	    .origin = view_text(record->origin),
	    .line = record->line,
	    .time_ms = clock_now().wall_ms,
	    .payload = buf_view(&a->payload)};
	char id[33];
	enum en_err err;

	event_id(a, row, id);
	entry.id = view_text(id);
	err = spool_append(a->spool, &entry);
	if (err == EN_EFULL) {
		a->stop_full = a->conf->spool_full_stops;
		return ENLACE_FULL;
	}
	if (err == EN_OK) {
		a->is_dirty = true;
		row->time_ms = entry.time_ms;
		err = ledger_put(a->sent, row);
	}
	return err == EN_OK ? ENLACE_SPOOLED : ENLACE_FAILED;
}

static enum enlace_submit_result
submit(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	struct ledger_row row = {.revision = 0};
	enum enlace_submit_result result = submit_encode(port, record, reason);
	const char *empty;

	if (result != ENLACE_SPOOLED) {
		return result;
	}
	empty = join_columns(port, &port->conf->key_columns);
	if (empty != NULL) {
		return refuse(reason, "key_missing", empty, "a column of the key is empty", NULL);
	}
	result = know_row(port, &row, reason);
	if (result != ENLACE_SPOOLED) {
		return result;
	}
	empty = join_columns(port, &port->conf->case_columns);
	if (empty != NULL || a->text.len > LIMIT_ID_BYTES) {
		return refuse(reason, "key_missing", empty == NULL ? "" : empty,
		    "a column of the case is empty, or the case is too long", NULL);
	}
	return spool_event(port, record, &row, buf_view(&a->text));
}

// The record as one line for the rejects file: the agency's own data on the agency's own disk.
static void
raw_of(const struct enlace_record *record, struct buf *out)
{
	if (record->json.data != NULL) {
		buf_put_view(out, text_view(record->json));
		return;
	}
	for (size_t i = 0; i < record->cell_count; i++) {
		if (i > 0) {
			buf_put_u8(out, '|');
		}
		buf_put_view(out, text_view(record->cells[i].value));
	}
}

enum enlace_submit_result
enlace_submit(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct enlace_reason own;
	enum enlace_submit_result result;

	if (reason == NULL) {
		reason = &own;
	}
	memset(reason, 0, sizeof(*reason));
	port->last_record_ms = clock_now().wall_ms;
	port->adapter->last_came_ms = port->last_record_ms;
	result = submit(port, record, reason);
	if (result == ENLACE_REJECTED) {
		struct buf raw = BUF_EMPTY;

		raw_of(record, &raw);
		enlace_reject(
		    port, (struct enlace_text){(const char *)raw.data, raw.len}, record->origin, record->line, reason);
		buf_fini(&raw);
	}
	port->submitted += result == ENLACE_SPOOLED;
	port->same += result == ENLACE_SAME;
	return result;
}

enum enlace_submit_result
enlace_try(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct enlace_reason own;
	enum enlace_submit_result result;
	const char *empty;

	if (reason == NULL) {
		reason = &own;
	}
	memset(reason, 0, sizeof(*reason));
	result = submit_encode(port, record, reason);
	if (result != ENLACE_SPOOLED) {
		return result;
	}
	empty = join_columns(port, &port->conf->key_columns);
	return empty == NULL ? ENLACE_SPOOLED
			     : refuse(reason, "key_missing", empty, "a column of the key is empty", NULL);
}

static struct enlace_port *
port_of(struct adapter *a, const struct spool_entry *entry)
{
	for (size_t i = 0; i < a->port_count; i++) {
		struct enlace_port *p = &a->ports[i];

		if (p->is_publish && view_is(entry->type, p->type->name) &&
		    view_is(entry->source, p->conf->source.text)) {
			return p;
		}
	}
	return NULL;
}

// The broker's word on an event: recorded needs none of ours; held and refused are told to the connector, the log and the rejects folder.
void
on_answered(void *context, uint64_t spool_number, const Enlace__V1__Answer *answer)
{
	static const char *const verdicts[] = {"", "recorded", "held", "refused", "busy", "duplicate"};
	struct adapter *a = context;
	struct spool_entry entry;
	struct enlace_port *port;
	struct enlace_reason reason;
	const char *verdict = (unsigned int)answer->verdict < EN_COUNT_OF(verdicts) ? verdicts[answer->verdict] : "";
	char origin[256];

	if (spool_read(a->spool, spool_number, &entry) != EN_OK || entry.number != spool_number) {
		return;
	}
	port = port_of(a, &entry);
	snprintf(origin, sizeof(origin), "%.*s", (int)entry.origin.len, (const char *)entry.origin.data);
	if (answer->verdict == ENLACE__V1__VERDICT__RECORDED || answer->verdict == ENLACE__V1__VERDICT__DUPLICATE) {
		log_event(LOG_INFO, "event.answered", LOG_TEXT("verdict", verdict), LOG_TEXT("origin", origin),
		    LOG_NUM("line", entry.line), LOG_NUM("position", answer->position),
		    LOG_NUM("outputs", answer->outputs));
		return;
	}
	log_event(LOG_WARN, "event.answered", LOG_TEXT("verdict", verdict), LOG_TEXT("code", answer->code),
	    LOG_TEXT("field", answer->field), LOG_TEXT("origin", origin), LOG_NUM("line", entry.line),
	    LOG_NUM("position", answer->position));
	if (port == NULL) {
		return;
	}
	if (port->connector->answered != NULL && port->state != NULL) {
		port->connector->answered(port->state, origin, entry.line, verdict, answer->code, answer->field);
	}
	if (answer->verdict == ENLACE__V1__VERDICT__REFUSED) {
		(void)refuse(&reason, answer->code, answer->field, answer->text, NULL);
		reject_write(
		    port, view_text("(the record is in the file that it came from)"), origin, entry.line, &reason);
	}
}
