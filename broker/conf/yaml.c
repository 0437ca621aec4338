// SPDX-License-Identifier: Apache-2.0
// libyaml's events are turned into nodes by one recursive function whose depth is limited before it descends.
//
// That same limit keeps libyaml itself quick. Its scanner takes time quadratic in the depth of flow collections: 256
// KiB of '[' read to the end take it half a minute. But it scans at most 1024 characters ahead of the event that it
// hands out (that is how long a key may be), so a parse that stops at the event past LIMIT_YAML_DEPTH costs a
// millisecond whatever follows.
#include "conf/yaml.h"

#include <yaml.h>

#include "base/limits.h"
#include "base/strmap.h"

struct reader {
	yaml_parser_t parser;
	const char *file;
	struct arena *arena;
	struct findings *findings;
	size_t events;
};

static struct where
place(const struct reader *r, yaml_mark_t mark)
{
	return (struct where){.file = r->file, .line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
}

// What people who make this mistake usually meant.
static const char *
usual_remedy(const char *problem)
{
	static const struct {
		const char *begins, *remedy;
	} known[] = {
	    {"mapping values are not allowed",
		"the keys of one map begin in one column, with a blank behind the colon, also in the line before; a text that holds a colon stands in quotes"},
	    {"did not find expected key", "the keys of one map begin in one column"},
	    {"did not find expected '-'", "the items of one list begin in one column"},
	    {"could not find expected ':'", "a colon and a blank follow every key, here or in the line before"},
	    {"found character that cannot start",
		"blanks indent a line, never a tab; a text that begins with @ or ` stands in quotes"},
	    {"found a tab character", "blanks indent a line, never a tab"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(known); i++) {
		if (strncmp(problem, known[i].begins, strlen(known[i].begins)) == 0) {
			return known[i].remedy;
		}
	}
	return NULL;
}

// Turns libyaml's own words into a finding. They are constant texts: nothing of the file is in them.
static enum en_err
syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem == NULL ? "syntax error" : p->problem;

	if (p->error == YAML_MEMORY_ERROR) {
		return EN_ENOMEM;
	}
	// The reader (control characters) knows a place only as an offset; the mark is where the parser stood, which
	// is near it.
	yaml_mark_t mark = p->error == YAML_READER_ERROR ? p->mark : p->problem_mark;

	if (p->context != NULL) {
		findings_add(r->findings, E0102, place(r, mark), usual_remedy(problem), "%s %s",
		    findings_say(r->findings, problem), findings_say(r->findings, p->context));
	} else {
		findings_add(r->findings, E0102, place(r, mark), usual_remedy(problem), "%s",
		    findings_say(r->findings, problem));
	}
	return EN_ECONFIG;
}

// The caller deletes the event when EN_OK is returned.
static enum en_err
next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event) == 0) {
		return syntax_error(r);
	}
	if (++r->events > LIMIT_YAML_EVENTS) {
		findings_add(r->findings, E0108, place(r, event->start_mark), NULL, "more than %d values and brackets",
		    LIMIT_YAML_EVENTS);
		yaml_event_delete(event);
		return EN_ECONFIG;
	}
	return EN_OK;
}

static struct yaml_node *
new_node(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml_node *node = arena_zalloc(r->arena, sizeof(*node));

	if (node != NULL) {
		node->kind = kind;
		node->where = place(r, mark);
	}
	return node;
}

static void
not_allowed(struct reader *r, yaml_mark_t mark, const char *what)
{
	findings_add(r->findings, E0107, place(r, mark), NULL, "%s", findings_say(r->findings, what));
}

static void
refuse_anchor_and_tag(struct reader *r, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL) {
		not_allowed(r, event->start_mark, "an anchor (&)");
	}
	if (tag != NULL) {
		not_allowed(r, event->start_mark, "a tag (!)");
	}
}

static enum en_err
read_scalar(struct reader *r, const yaml_event_t *event, struct yaml_node **ret)
{
	const uint8_t *value = event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct yaml_node *node = new_node(r, YAML_SCALAR, event->start_mark);

	refuse_anchor_and_tag(r, event, event->data.scalar.anchor, event->data.scalar.tag);
	if (node == NULL) {
		return EN_ENOMEM;
	}
	node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (len > 0 && memchr(value, '\0', len) != NULL) {
		findings_add(r->findings, E0102, node->where, NULL, "a NUL character");
		node->kind = YAML_REFUSED;
	}
	node->text = arena_text(r->arena, view_of(value, len));
	if (node->text == NULL) {
		return EN_ENOMEM;
	}
	*ret = node;
	return EN_OK;
}

static void
append(struct yaml_node *parent, struct yaml_node ***tail, struct yaml_node *child)
{
	**tail = child;
	*tail = &child->next;
	parent->count++;
}

static const struct yaml_node *
find_key(const struct yaml_node *map, const char *key, uint64_t hash)
{
	for (const struct yaml_node *child = map->first; child != NULL; child = child->next) {
		if (child->key_hash == hash && strcmp(child->key, key) == 0) {
			return child;
		}
	}
	return NULL;
}

static enum en_err read_node(struct reader *r, yaml_event_t *event, unsigned depth, struct yaml_node **ret);

static enum en_err
read_list(struct reader *r, unsigned depth, struct yaml_node *list)
{
	struct yaml_node **tail = &list->first;

	for (;;) {
		struct yaml_node *child = NULL;
		yaml_event_t event;
		enum en_err err = next_event(r, &event);

		if (err != EN_OK) {
			return err;
		}
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return EN_OK;
		}
		err = read_node(r, &event, depth, &child);
		yaml_event_delete(&event);
		if (err != EN_OK) {
			return err;
		}
		append(list, &tail, child);
	}
}

// Gives value its key and hangs it into the map, unless the key is none or stands there already.
static void
add_pair(struct reader *r, struct yaml_node *map, struct yaml_node ***tail, const struct yaml_node *key,
    struct yaml_node *value)
{
	if (key->kind == YAML_REFUSED) {
		return;
	}
	if (key->kind != YAML_SCALAR) {
		findings_add(r->findings, E0106, key->where, "a word and a colon", "a key must be text");
		return;
	}
	uint64_t hash = hash_bytes(0, view_text(key->text));
	const struct yaml_node *same = find_key(map, key->text, hash);

	if (same != NULL) {
		findings_add(
		    r->findings, E0104, key->where, NULL, "%s, first in line %u", key->text, same->key_where.line);
		return;
	}
	value->key = key->text;
	value->key_where = key->where;
	value->key_hash = hash;
	append(map, tail, value);
}

static enum en_err
read_map(struct reader *r, unsigned depth, struct yaml_node *map)
{
	struct yaml_node **tail = &map->first;

	for (;;) {
		struct yaml_node *key = NULL, *value = NULL;
		yaml_event_t event;
		enum en_err err = next_event(r, &event);

		if (err != EN_OK) {
			return err;
		}
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			return EN_OK;
		}
		err = read_node(r, &event, depth, &key);
		yaml_event_delete(&event);
		if (err == EN_OK) {
			err = next_event(r, &event);
		}
		if (err != EN_OK) {
			return err;
		}
		err = read_node(r, &event, depth, &value);
		yaml_event_delete(&event);
		if (err != EN_OK) {
			return err;
		}
		add_pair(r, map, &tail, key, value);
	}
}

// The node that begins with event. depth: how many lists and maps it stands in.
static enum en_err
read_node(struct reader *r, yaml_event_t *event, unsigned depth, struct yaml_node **ret)
{
	struct yaml_node *node = NULL;
	enum en_err err;

	if (event->type == YAML_SCALAR_EVENT) {
		return read_scalar(r, event, ret);
	}
	if (event->type == YAML_ALIAS_EVENT) {
		not_allowed(r, event->start_mark, "an alias (*)");
		node = new_node(r, YAML_REFUSED, event->start_mark);
		*ret = node;
		return node == NULL ? EN_ENOMEM : EN_OK;
	}
	if (depth >= LIMIT_YAML_DEPTH) {
		findings_add(
		    r->findings, E0108, place(r, event->start_mark), NULL, "more than %d levels", LIMIT_YAML_DEPTH);
		return EN_ECONFIG;
	}
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;

	if (is_list) {
		refuse_anchor_and_tag(r, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	} else {
		refuse_anchor_and_tag(r, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	}
	node = new_node(r, is_list ? YAML_LIST : YAML_MAP, event->start_mark);
	if (node == NULL) {
		return EN_ENOMEM;
	}
	err = is_list ? read_list(r, depth + 1, node) : read_map(r, depth + 1, node);
	if (err == EN_OK) {
		*ret = node;
	}
	return err;
}

static void
check_document_start(struct reader *r, const yaml_event_t *event)
{
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end) {
		not_allowed(r, event->start_mark, "a directive (%)");
	}
}

// The whole stream: its start, at most one document, its end.
static enum en_err
read_stream(struct reader *r, struct yaml_node **ret)
{
	for (;;) {
		yaml_event_t event;
		enum en_err err = next_event(r, &event);
		bool is_end = false;

		if (err != EN_OK) {
			return err;
		}
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			is_end = true;
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (*ret != NULL) {
				// What follows may be anything, and reading on would report all of it twice.
				not_allowed(
				    r, event.start_mark, "a second document (---); write one thing in one file");
				is_end = true;
			} else {
				check_document_start(r, &event);
			}
			break;
		default:
			err = read_node(r, &event, 0, ret);
			break;
		}
		yaml_event_delete(&event);
		if (err != EN_OK || is_end) {
			return err;
		}
	}
}

bool
yaml_check_utf8(struct view text, const char *file, struct findings *findings)
{
	struct where where = {.file = file, .line = 1, .column = 1};

	if (view_is_utf8(text)) {
		return true;
	}
	// Line by line to the bad one, then character by character.
	const uint8_t *p = text.data, *end = text.data + text.len, *newline;

	while (
	    (newline = memchr(p, '\n', (size_t)(end - p))) != NULL && view_is_utf8(view_of(p, (size_t)(newline - p)))) {
		p = newline + 1;
		where.line++;
	}
	while (p < end) {
		size_t len = 1;

		while (len <= 4 && len <= (size_t)(end - p) && !view_is_utf8(view_of(p, len))) {
			len++;
		}
		if (len > 4 || len > (size_t)(end - p)) {
			break;
		}
		p += len;
		where.column++;
	}
	findings_add(findings, E0111, where, NULL, "byte %zu", (size_t)(p - text.data) + 1);
	return false;
}

enum en_err
yaml_read(struct view text, const char *file, struct arena *arena, struct findings *findings, struct yaml_node **ret)
{
	struct reader r = {.file = file, .arena = arena, .findings = findings};
	struct where whole_file = {.file = file};
	struct yaml_node *root = NULL;

	if (text.len > LIMIT_YAML_BYTES) {
		findings_add(findings, E0108, whole_file, NULL, "more than %zu bytes", LIMIT_YAML_BYTES);
		return EN_ECONFIG;
	}
	if (!yaml_check_utf8(text, file, findings)) {
		return EN_ECONFIG;
	}
	// The mark that Windows editors put in front would be counted as a column.
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
		text = view_of(text.data + 3, text.len - 3);
	}
	if (yaml_parser_initialize(&r.parser) == 0) {
		return EN_ENOMEM;
	}
	// Without a word libyaml would also take UTF-16.
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, text.data == NULL ? (const uint8_t *)"" : text.data, text.len);
	enum en_err err = read_stream(&r, &root);

	yaml_parser_delete(&r.parser);
	if (err == EN_OK && root == NULL) {
		findings_add(findings, E0102, whole_file, NULL, "the file is empty");
		err = EN_ECONFIG;
	}
	if (err == EN_OK) {
		*ret = root;
	}
	return err;
}

const struct yaml_node *
yaml_get(const struct yaml_node *node, const char *key)
{
	return node->kind != YAML_MAP ? NULL : find_key(node, key, hash_bytes(0, view_text(key)));
}

bool
yaml_is_nothing(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && !node->is_quoted && node->text[0] == '\0';
}
