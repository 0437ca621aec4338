// SPDX-License-Identifier: Apache-2.0
// One walk over the tokens; what is not on the path is passed over.
#include "map/json_path.h"

#include "schema/json_read.h"

struct walk {
	struct json_read reader;
	struct arena *arena;
	struct view *found;
	size_t count, cap;
	enum en_err err;
};

static void take_value(struct walk *w, enum json_token token, struct view path);

// The first step of a path: a key, or the number of an item (0: all). *rest is what follows.
static bool
first_step(struct view path, struct view *ret_key, size_t *ret_item, struct view *rest)
{
	size_t end = 0;

	*ret_key = VIEW_EMPTY;
	if (path.len > 0 && path.data[0] == '[') {
		const uint8_t *close = memchr(path.data, ']', path.len);

		end = close == NULL ? 0 : (size_t)(close - path.data);
		*ret_item = 0;
		for (size_t i = 1; i < end && !(end == 2 && path.data[1] == '*'); i++) {
			if (path.data[i] < '0' || path.data[i] > '9' || end > 6) {
				return false;
			}
			*ret_item = 10 * *ret_item + (size_t)(path.data[i] - '0');
		}
		if (end < 2 || (*ret_item == 0 && path.data[1] != '*')) {
			return false;
		}
		end++;
	} else {
		while (end < path.len && path.data[end] != '.' && path.data[end] != '[') {
			end++;
		}
		*ret_key = view_of(path.data, end);
		if (end == 0) {
			return false;
		}
	}
	bool dot = end < path.len && path.data[end] == '.';

	*rest = view_of(path.data + end + dot, path.len - end - dot);
	return !dot || rest->len > 0;
}

const char *
json_path_check(struct view path, bool *ret_all)
{
	struct view key, rest = path;
	size_t item, depth = 0;

	*ret_all = false;
	while (rest.len > 0) {
		item = 1;
		if (!first_step(rest, &key, &item, &rest)) {
			return "write keys with dots between them, [1] for an item, [*] for all";
		}
		*ret_all = *ret_all || (key.len == 0 && item == 0);
		if (++depth > JSON_PATH_DEPTH) {
			return "the path is too long";
		}
	}
	return NULL;
}

static void
add_text(struct walk *w, struct view text)
{
	struct view *found = arena_larger(w->arena, w->found, w->count, &w->cap, sizeof(*found));
	struct view copy = arena_copy(w->arena, text);

	if (found == NULL || (text.len > 0 && copy.data == NULL)) {
		w->err = EN_ENOMEM;
		return;
	}
	w->found = found;
	w->found[w->count++] = copy;
}

static void
take_leaf(struct walk *w, enum json_token token)
{
	switch (token) {
	case JSON_STRING:
	case JSON_NUMBER:
		add_text(w, w->reader.text);
		break;
	case JSON_TRUE:
		add_text(w, view_text("true"));
		break;
	case JSON_FALSE:
		add_text(w, view_text("false"));
		break;
	case JSON_NULL:
		break;
	default:
		w->err = EN_EFORMAT;
	}
}

static void
take_member(struct walk *w, struct view key, struct view rest)
{
	enum json_token token;

	while (w->err == EN_OK && (token = json_read_next(&w->reader)) == JSON_KEY) {
		bool is_it = view_equal(w->reader.text, key);

		token = json_read_next(&w->reader);
		if (is_it) {
			take_value(w, token, rest);
		} else {
			json_read_skip(&w->reader, token);
		}
	}
}

static void
take_item(struct walk *w, size_t item, struct view rest)
{
	enum json_token token;
	size_t at = 0;

	while (w->err == EN_OK && (token = json_read_next(&w->reader)) != JSON_ARRAY_END && token != JSON_ERROR &&
	    token != JSON_END) {
		at++;
		if (item == 0 || item == at) {
			take_value(w, token, rest);
		} else {
			json_read_skip(&w->reader, token);
		}
	}
}

// Depth is the reader's to limit: the path is no longer than that.
static void
take_value(struct walk *w, enum json_token token, struct view path)
{
	struct view key, rest;
	size_t item = 0;

	if (path.len == 0) {
		take_leaf(w, token);
	} else if (!first_step(path, &key, &item, &rest)) {
		w->err = EN_EFORMAT;
	} else if (token == JSON_OBJECT && key.len > 0) {
		take_member(w, key, rest);
	} else if (token == JSON_ARRAY && key.len == 0) {
		take_item(w, item, rest);
	} else if (token != JSON_NULL) {
		w->err = EN_EFORMAT;
	}
}

enum en_err
json_path_take(struct view text, struct view path, struct arena *arena, struct view **ret, size_t *ret_count)
{
	struct walk w = {.arena = arena};

	json_read_init(&w.reader, text, JSON_PATH_DEPTH);
	take_value(&w, json_read_next(&w.reader), path);
	if (w.err == EN_OK && json_read_next(&w.reader) != JSON_END) {
		w.err = EN_EFORMAT;
	}
	json_read_fini(&w.reader);
	*ret = w.found;
	*ret_count = w.count;
	return w.err;
}
