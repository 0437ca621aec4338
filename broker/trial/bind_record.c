// SPDX-License-Identifier: Apache-2.0
// The record of a case: a file, or words of the test file with changes.
#include "base/limits.h"
#include "conf/path.h"
#include "schema/text_format.h"
#include "trial/bind.h"

static struct view
keep(struct binding *b, struct buf *payload)
{
	struct view kept = arena_copy(&b->t->arena, buf_view(payload));

	if (kept.data == NULL && kept.len > 0) {
		b->t->err = EN_ENOMEM;
	}
	return kept;
}

static const struct yaml_node *
find_record(struct binding *b, const struct conf_text *name)
{
	const char *names[LIMIT_FINDINGS];
	size_t count = 0;

	if (name->text == NULL) {
		return NULL;
	}
	for (const struct yaml_node *n = b->file->records == NULL ? NULL : b->file->records->first; n != NULL;
	     n = n->next) {
		if (strcmp(n->key, name->text) == 0) {
			return n;
		}
		if (count < EN_COUNT_OF(names)) {
			names[count++] = n->key;
		}
	}
	bind_not_there(b, name, "record", nearest_name(name->text, names, count));
	return NULL;
}

// As the file's ending says.
static enum en_err
parse_file(const char *path, const struct schema_type *type, struct view text, struct buf *payload,
    struct json_fault *reterr_fault)
{
	const struct json_options options = {.lenient = true, .ignore_unknown = true};

	if (conf_ends_with(path, ".json")) {
		return json_to_payload(type, text, &options, payload, NULL, reterr_fault);
	}
	if (conf_ends_with(path, ".txtpb") || conf_ends_with(path, ".textproto")) {
		return text_to_payload(type, text, payload, reterr_fault);
	}
	buf_put_view(payload, text);
	return payload->err;
}

static enum en_err
read_file(struct binding *b, const struct conf_text *path, const struct schema_type *type, struct buf *payload)
{
	struct json_fault fault = {.path = ""};
	struct buf text = BUF_EMPTY;
	enum en_err err = buf_read_file(&text, path->text, LIMIT_FRAME_BYTES);

	if (err != EN_OK) {
		findings_add(b->findings, E0101, path->where, NULL, "%s", path->text);
	} else {
		err = parse_file(path->text, type, buf_view(&text), payload, &fault);
		if (err != EN_OK && err != EN_ENOMEM) {
			char place[JSON_PLACE_BYTES];

			findings_add(b->findings, E1003, path->where, fault.hint[0] == '\0' ? NULL : fault.hint,
			    "%s:%u:%u: %s", path->text, fault.line, fault.column, json_fault_place(&fault, place));
		}
	}
	buf_fini(&text);
	return err == EN_OK ? payload->err : err;
}

static void
bind_consent(struct binding *b, struct bound_case *to)
{
	const struct schema_type *consent = schema_type_by_name(rules_schema(b->rules), "enlace.v1.Consent");
	struct buf payload = BUF_EMPTY;

	if (to->conf->case_consent != NULL && consent != NULL &&
	    record_payload(consent, to->conf->case_consent, b->findings, &payload) == EN_ENOMEM) {
		b->t->err = EN_ENOMEM;
	}
	to->case_consent = keep(b, &payload);
	buf_fini(&payload);
}

// What the case leaves out, as paths in names. What the record does not have in any case would be left out of nothing: the case would not test
// what it says. NULL after a finding, or without memory.
static const struct conf_list *
bind_without(struct binding *b, const struct bound_case *to, const struct yaml_node *record)
{
	const struct conf_list *without = &to->conf->without;
	struct arena *arena = &b->t->arena;
	struct conf_list *bound = arena_zalloc(arena, sizeof(*bound));
	bool good = true;

	if (bound != NULL) {
		bound->items = arena_zalloc(arena, (without->count + 1) * sizeof(*bound->items));
	}
	if (bound == NULL || bound->items == NULL) {
		b->t->err = EN_ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < without->count; i++) {
		const char *nearest, *path = field_path(to->type, without->items[i].text, arena, &nearest);

		if (path == NULL) {
			findings_add(b->findings, E0302, without->items[i].where, nearest, "%s: %s", to->type->name,
			    without->items[i].text);
		} else if (!record_has(to->type, record, path) && !record_has(to->type, to->conf->changed, path)) {
			findings_add(b->findings, E1008, without->items[i].where, NULL, "%s", without->items[i].text);
		} else {
			bound->items[bound->count++] =
			    (struct conf_text){.text = path, .where = without->items[i].where};
			continue;
		}
		good = false;
	}
	return good ? bound : NULL;
}

// The record with its changes, and the value that an `each` is at. NULL after a finding, or without memory.
static const struct yaml_node *
merged_record(struct binding *b, const struct bound_case *to)
{
	const struct conf_case *c = to->conf;
	struct arena *arena = &b->t->arena;
	const struct yaml_node *record = c->record.text == NULL ? c->input : find_record(b, &c->record);

	if (c->record.text != NULL && record == NULL) {
		return NULL;
	}
	const struct conf_list *without = bind_without(b, to, record);

	if (without == NULL) {
		return NULL;
	}
	record = record_merge(to->type, record, c->changed, without, arena);
	if (record != NULL && to->each != NULL) {
		const char *nearest, *path = field_path(to->type, c->each.field.text, arena, &nearest);

		if (path == NULL) {
			findings_add(b->findings, E0302, c->each.field.where, nearest, "%s: %s", to->type->name,
			    c->each.field.text);
			return NULL;
		}
		const struct yaml_node *one = record_of(to->type, path, &to->each->key, arena);

		record = one == NULL ? NULL : record_merge(to->type, record, one, NULL, arena);
	}
	if (record == NULL) {
		b->t->err = EN_ENOMEM;
	}
	return record;
}

void
bind_payload(struct binding *b, struct bound_case *to)
{
	struct buf payload = BUF_EMPTY;
	enum en_err err = EN_OK;

	if (to->conf->file.text != NULL) {
		err = read_file(b, &to->conf->file, to->type, &payload);
	} else {
		const struct yaml_node *record = merged_record(b, to);

		err = record == NULL ? EN_OK : record_payload(to->type, record, b->findings, &payload);
	}
	if (err == EN_ENOMEM) {
		b->t->err = err;
	}
	to->payload = keep(b, &payload);
	buf_fini(&payload);
	bind_consent(b, to);
}
