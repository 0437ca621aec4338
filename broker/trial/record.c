// SPDX-License-Identifier: Apache-2.0
// From the words of a test file to a payload: as JSON text, through the reader that adapters use.
#include "trial/record.h"

#include <stdio.h>

#include "base/log.h"

// ---- merging --------------------------------------------------------------------------------------------------------------

struct merging {
	const struct conf_list *without;
	struct arena *arena;
};

static bool
same_key(const struct schema_type *t, const char *left, const char *right)
{
	const struct schema_field *field = t == NULL ? NULL : schema_field_by_name(t, view_text(left));

	return strcmp(left, right) == 0 || (field != NULL && field == schema_field_by_name(t, view_text(right)));
}

static const struct yaml_node *
find(const struct schema_type *t, const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *n = map == NULL ? NULL : map->first; n != NULL; n = n->next) {
		if (same_key(t, n->key, key)) {
			return n;
		}
	}
	return NULL;
}

static bool
is_left_out(const struct merging *m, const char *path)
{
	for (size_t i = 0; m->without != NULL && i < m->without->count; i++) {
		if (strcmp(m->without->items[i].text, path) == 0) {
			return true;
		}
	}
	return false;
}

static struct yaml_node *merge_maps(struct merging *m, const struct schema_type *t, const struct yaml_node *map,
    const struct yaml_node *changes, const char *path);

// A copy of the node that stands alone; NULL without memory.
static struct yaml_node *
merge_member(struct merging *m, const struct schema_type *t, const struct yaml_node *node,
    const struct yaml_node *change, const char *path)
{
	const struct schema_field *field = t == NULL ? NULL : schema_field_by_name(t, view_text(node->key));
	const struct yaml_node *from = change == NULL ? node : change;
	struct yaml_node *copy;

	if (node->kind == YAML_MAP && (change == NULL || change->kind == YAML_MAP)) {
		copy = merge_maps(m, field == NULL ? NULL : field->message, node, change, path);
	} else {
		copy = arena_alloc(m->arena, sizeof(*copy));
		if (copy != NULL) {
			*copy = *from;
		}
	}
	if (copy != NULL) {
		copy->key = node->key;
		copy->key_where = from->key_where;
		copy->next = NULL;
	}
	return copy;
}

static struct yaml_node *
merge_maps(struct merging *m, const struct schema_type *t, const struct yaml_node *map, const struct yaml_node *changes,
    const char *path)
{
	const struct yaml_node *sources[] = {map, changes};
	struct yaml_node *merged = arena_alloc(m->arena, sizeof(*merged)), **end;

	if (merged == NULL) {
		return NULL;
	}
	*merged = map != NULL ? *map : *changes;
	merged->first = NULL;
	merged->next = NULL;
	merged->count = 0;
	end = &merged->first;
	for (size_t s = 0; s < EN_COUNT_OF(sources); s++) {
		for (const struct yaml_node *n = sources[s] == NULL ? NULL : sources[s]->first; n != NULL;
		     n = n->next) {
			const struct schema_field *field =
			    t == NULL ? NULL : schema_field_by_name(t, view_text(n->key));
			const char *here = arena_printf(
			    m->arena, "%s%s%s", path, path[0] == '\0' ? "" : ".", field == NULL ? n->key : field->name);

			if (here == NULL) {
				return NULL;
			}
			if (is_left_out(m, here) || (s == 1 && find(t, map, n->key) != NULL)) {
				continue;
			}
			*end = merge_member(m, t, n, s == 0 ? find(t, changes, n->key) : NULL, here);
			if (*end == NULL) {
				return NULL;
			}
			end = &(*end)->next;
			merged->count++;
		}
	}
	return merged;
}

const struct yaml_node *
record_merge(const struct schema_type *t, const struct yaml_node *record, const struct yaml_node *changes,
    const struct conf_list *without, struct arena *arena)
{
	static const struct yaml_node empty = {.kind = YAML_MAP};
	struct merging m = {.without = without, .arena = arena};

	return merge_maps(&m, t, record == NULL ? &empty : record, changes, "");
}

bool
record_has(const struct schema_type *t, const struct yaml_node *record, const char *path)
{
	size_t len = strcspn(path, ".");
	const struct schema_field *wanted = t == NULL ? NULL : schema_field_by_name(t, view_of(path, len));
	const struct yaml_node *n = wanted == NULL ? NULL : find(t, record, wanted->name);

	if (n == NULL || path[len] == '\0') {
		return n != NULL;
	}
	return n->kind == YAML_MAP && record_has(wanted->message, n, path + len + 1);
}

// ---- one field --------------------------------------------------------------------------------------------------------------

static struct yaml_node *
wrap(struct arena *arena, enum yaml_kind kind, struct yaml_node *child, struct where where)
{
	struct yaml_node *node = arena_zalloc(arena, sizeof(*node));

	if (node != NULL && child != NULL) {
		*node =
		    (struct yaml_node){.kind = kind, .where = where, .key_where = where, .first = child, .count = 1};
	}
	return child == NULL ? NULL : node;
}

const struct yaml_node *
record_of(const struct schema_type *t, const char *path, const struct conf_text *value, struct arena *arena)
{
	size_t len = strcspn(path, ".[");
	const struct schema_field *f = t == NULL ? NULL : schema_field_by_name(t, view_of(path, len));
	const char *rest = path + len;
	struct yaml_node *node;

	rest += rest[0] == '[' ? strcspn(rest, "]") + 1 : 0;
	if (rest[0] == '.') {
		node = (struct yaml_node *)(uintptr_t)record_of(f == NULL ? NULL : f->message, rest + 1, value, arena);
	} else {
		node = arena_zalloc(arena, sizeof(*node));
		if (node != NULL) {
			*node = (struct yaml_node){
			    .kind = YAML_SCALAR, .where = value->where, .text = value->text, .is_quoted = true};
		}
	}
	if (f != NULL && f->repeated) {
		node = wrap(arena, YAML_LIST, node, value->where);
	}
	if (node != NULL) {
		node->key = arena_text(arena, view_of(path, len));
		node->key_where = value->where;
	}
	return node == NULL || node->key == NULL ? NULL : wrap(arena, YAML_MAP, node, value->where);
}

// ---- to a payload -------------------------------------------------------------------------------------------------------------

static void
put_text(struct buf *json, const char *text)
{
	buf_put_u8(json, '"');
	json_escape(json, view_text(text));
	buf_put_u8(json, '"');
}

static void
put_node(struct buf *json, const struct yaml_node *node)
{
	const char *before = "";

	if (node->kind == YAML_REFUSED || yaml_is_nothing(node)) {
		buf_put_str(json, "null");
	} else if (node->kind == YAML_SCALAR) {
		put_text(json, node->text);
	} else {
		buf_put_str(json, node->kind == YAML_MAP ? "{" : "[");
		for (const struct yaml_node *child = node->first; child != NULL; child = child->next, before = ",") {
			buf_put_str(json, before);
			if (node->kind == YAML_MAP) {
				put_text(json, child->key);
				buf_put_u8(json, ':');
			}
			put_node(json, child);
		}
		buf_put_str(json, node->kind == YAML_MAP ? "}" : "]");
	}
}

// Where the record says what the reader did not like: the deepest node on the way of its path.
static struct where
place_of(const struct yaml_node *map, const char *path, struct where where)
{
	for (const struct yaml_node *n = map->first; n != NULL; n = n->next) {
		size_t len = n->key == NULL ? 0 : strlen(n->key);

		if (len == 0 || strncmp(path, n->key, len) != 0) {
			continue;
		}
		if (path[len] == '\0') {
			return n->where;
		}
		if (path[len] == '.' || path[len] == '[') {
			return place_of(n, path + len + 1, n->where);
		}
	}
	return where;
}

enum en_err
record_payload(
    const struct schema_type *t, const struct yaml_node *record, struct findings *findings, struct buf *payload)
{
	const struct json_options options = {.lenient = true};
	struct json_fault fault = {.err = EN_OK};
	struct buf json = BUF_EMPTY;
	enum en_err err;

	put_node(&json, record);
	err = json.err;
	if (err == EN_OK) {
		err = json_to_payload(t, buf_view(&json), &options, payload, NULL, &fault);
	}
	buf_fini(&json);
	if (err != EN_OK && err != EN_ENOMEM) {
		char place[JSON_PLACE_BYTES];

		findings_add(findings, E1003, place_of(record, json_fault_place(&fault, place), record->where),
		    fault.hint[0] == '\0' ? NULL : fault.hint, "%s: %s", t->name, place);
	}
	return err;
}
