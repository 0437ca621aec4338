// SPDX-License-Identifier: Apache-2.0
// A record on its way in: columns checked, encoded by the schema, known by its key and content, spooled as an event.
//
// The event's id is a keyed hash over (source, key columns, revision, content): the same row after a crash has the same id, and the broker knows it.
#include "sdk/adapter_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"

enum enlace_submit_result
submit_refuse(struct enlace_reason *reason, const char *code, const char *column, const char *text, const char *hint)
{
	memset(reason, 0, sizeof(*reason));
	snprintf(reason->code, sizeof(reason->code), "%s", code);
	snprintf(reason->column, sizeof(reason->column), "%s", column);
	if (hint != NULL && hint[0] != '\0') {
		snprintf(reason->text, sizeof(reason->text), "%s (%s)", enlace_say(text), enlace_say(hint));
	} else {
		snprintf(reason->text, sizeof(reason->text), "%s", enlace_say(text));
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
			return submit_refuse(reason, "column_missing", *column,
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
			return submit_refuse(reason, "not_utf8", "",
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
	return submit_refuse(reason, err == EN_ENOTFOUND ? "column_unknown" : "value_invalid", fault.column,
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
	char place[JSON_PLACE_BYTES]; // the agency's own record, told to itself

	return submit_refuse(reason,
	    err == EN_ENOTFOUND   ? "column_unknown"
		: err == EN_EUTF8 ? "not_utf8"
				  : "value_invalid",
	    json_fault_place(&fault, place),
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
		return submit_refuse(reason, "too_large", "", "the record is larger than one event may be", NULL);
	}
	if (index_build(&a->index, port->type, buf_view(&a->payload), &fault) != EN_OK) {
		return submit_refuse(reason, "value_invalid", fault.path, "the record is too deep or too long", NULL);
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

bool
submit_key(struct enlace_port *port, uint8_t ret[LEDGER_KEY_BYTES], const char **ret_empty)
{
	struct adapter *a = port->adapter;

	*ret_empty = join_columns(port, &port->conf->key_columns);
	if (*ret_empty == NULL) {
		struct view parts[] = {view_text(port->conf->source.text), buf_view(&a->text)};

		crypto_hash_parts(ret, LEDGER_KEY_BYTES, view_of(a->hash_key, sizeof(a->hash_key)), parts, 2);
	}
	return *ret_empty == NULL;
}

// Whether this row is known, and under which revision it goes.
static enum enlace_submit_result
know_row(struct enlace_port *port, struct ledger_row *row, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	const struct ledger_row *known = ledger_get(a->sent, row->key);
	bool may_skip = !port->conf->same_row_send;
	uint8_t digest[16];

	crypto_hash(digest, sizeof(digest), view_of(a->hash_key, sizeof(a->hash_key)), buf_view(&a->payload));
	memcpy(row->content, digest, sizeof(row->content));
	row->revision = known == NULL ? 1 : known->revision;
	if (known == NULL) {
		return ENLACE_SPOOLED;
	}
	if (memcmp(known->content, row->content, sizeof(row->content)) == 0) {
		row->revision += may_skip ? 0 : 1;
		return may_skip ? ENLACE_SAME : ENLACE_SPOOLED;
	}
	// An earlier state of a row whose newest one stands further down in the same file: an export that says all again.
	if (may_skip && expect_left(port, row->key) > 1 && ledger_has(a->sent, row)) {
		return ENLACE_SAME;
	}
	if (port->conf->changed_row_refuse) {
		return submit_refuse(reason, "row_changed", port->conf->key_columns.items[0].text,
		    "this key was sent with other content; see `changed_row` in adapter.yaml", NULL);
	}
	row->revision++;
	return ENLACE_SPOOLED;
}

// Once for each time that room runs out.
static enum enlace_submit_result
tell_full(struct adapter *a)
{
	if (!a->is_full) {
		log_event(a->conf->spool_full_stops ? LOG_ERROR : LOG_WARN, "spool.full",
		    LOG_NUM("spooled", spool_count(a->spool)), LOG_NUM("bytes", spool_bytes(a->spool)),
		    LOG_TEXT(
			"remedy", "see why the broker does not answer, give the disk room, or raise `spool: limit`"));
	}
	a->is_full = true;
	return ENLACE_FULL;
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
		return tell_full(a);
	}
	if (err == EN_OK) {
		if (a->is_full) {
			log_event(LOG_INFO, "spool.room", LOG_NUM("spooled", spool_count(a->spool)));
		}
		a->is_full = false;
		a->is_dirty = true;
		row->time_ms = entry.time_ms;
		err = ledger_put(a->sent, row);
	}
	return err == EN_OK ? ENLACE_SPOOLED : ENLACE_FAILED;
}

static enum enlace_submit_result
submit_row(
    struct enlace_port *port, const struct enlace_record *record, struct ledger_row *row, struct enlace_reason *reason)
{
	struct adapter *a = port->adapter;
	enum enlace_submit_result result = know_row(port, row, reason);
	const char *empty;

	if (result != ENLACE_SPOOLED) {
		return result;
	}
	empty = join_columns(port, &port->conf->case_columns);
	if (a->text.len > 0 &&
	    memchr(a->text.data, '\0', a->text.len) != NULL) { // no attribute of an event can hold one
		return submit_refuse(
		    reason, "value_invalid", port->conf->case_columns.items[0].text, "the case holds a NUL byte", NULL);
	}
	if (empty != NULL || a->text.len > LIMIT_ID_BYTES) {
		return submit_refuse(reason, "key_missing", empty == NULL ? "" : empty,
		    "a column of the case is empty, or the case is too long", NULL);
	}
	return spool_event(port, record, row, buf_view(&a->text));
}

// Into a->payload, and what it is known by.
static enum enlace_submit_result
encode_and_key(struct enlace_port *port, const struct enlace_record *record, uint8_t ret[LEDGER_KEY_BYTES],
    struct enlace_reason *reason)
{
	enum enlace_submit_result result = submit_encode(port, record, reason);
	const char *empty;

	if (result == ENLACE_SPOOLED && !submit_key(port, ret, &empty)) {
		return submit_refuse(reason, "key_missing", empty, "a column of the key is empty", NULL);
	}
	return result;
}

static enum enlace_submit_result
submit(struct enlace_port *port, const struct enlace_record *record, struct enlace_reason *reason)
{
	struct ledger_row row = {.revision = 0};
	enum enlace_submit_result result = encode_and_key(port, record, row.key, reason);

	if (result != ENLACE_SPOOLED) {
		return result;
	}
	result = submit_row(port, record, &row, reason);
	if (result != ENLACE_FULL && result != ENLACE_FAILED) { // those are handed in again
		expect_came(port, row.key);
	}
	return result;
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
	port->adapter->last_came_ms = clock_now().wall_ms;
	result = port->adapter->waits_for_room ? tell_full(port->adapter) : submit(port, record, reason);
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
	uint8_t key[LEDGER_KEY_BYTES];

	if (reason == NULL) {
		reason = &own;
	}
	memset(reason, 0, sizeof(*reason));
	return encode_and_key(port, record, key, reason);
}
