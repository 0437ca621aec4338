// SPDX-License-Identifier: Apache-2.0
// The record inside a service's envelope, as the bytes that came: a parser that reads numbers and writes them again would make 1.0 of 1.00, lose the end of a
// long one, and refuse a longer one. The value is cut out by its brackets and quotes; what is left of the envelope, with null in its place, has to be JSON
// with that key once. The value itself is checked by whoever takes the record, so that both together are JSON as strict as if it had been read whole.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/http/http.h"

static const char *
behind_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) {
		p++;
	}
	return p;
}

// From an opening quote.
static const char *
behind_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		p += *p == '\\' && p + 1 < end;
	}
	return p < end ? p + 1 : end;
}

static const char *
behind_value(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = behind_string(p, end);
		} else if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (*p == '}' || *p == ']') {
			if (depth == 0) {
				return p;
			}
			depth--;
			p++;
		} else if (depth > 0 || (*p != ',' && behind_space(p, end) == p)) {
			p++;
			continue;
		} else {
			return p;
		}
		if (depth == 0) {
			return p;
		}
	}
	return p;
}

// A key may be written with escapes.
static bool
is_key(const char *text, size_t len, const char *key)
{
	json_t *name = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	bool is = json_is_string(name) && strcmp(json_string_value(name), key) == 0;

	json_decref(name);
	return is;
}

// The value of the key in the object that the body seems to be; no data when there is none.
static struct enlace_text
find(const char *body, size_t len, const char *key)
{
	const char *end = body + len, *p = behind_space(body, end);

	while (p < end && (*p == '{' || *p == ',')) {
		const char *name = behind_space(p + 1, end), *name_end, *value;

		if (name == end || *name != '"') {
			break;
		}
		name_end = behind_string(name, end);
		p = behind_space(name_end, end);
		if (p == end || *p != ':') {
			break;
		}
		value = behind_space(p + 1, end);
		p = behind_value(value, end);
		if (is_key(name, (size_t)(name_end - name), key)) {
			return (struct enlace_text){value, (size_t)(p - value)};
		}
		p = behind_space(p, end);
	}
	return (struct enlace_text){NULL, 0};
}

// Numbers are read as what cannot be too large an integer; nobody uses them.
static bool
is_envelope(const char *body, size_t len, struct enlace_text value)
{
	size_t before = (size_t)(value.data - body), after = len - before - value.len;
	char *text = malloc(before + 4 + after);
	json_t *root = NULL;
	bool is;

	if (text != NULL) {
		memcpy(text, body, before);
		memcpy(text + before, "null", 4);
		memcpy(text + before + 4, value.data + value.len, after);
		root = json_loadb(text, before + 4 + after, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
	}
	is = json_is_object(root);
	json_decref(root);
	free(text);
	return is;
}

bool
http_unwrap(const char *body, size_t len, const char *key, struct enlace_text *ret)
{
	*ret = find(body, len, key);
	return ret->len > 0 && is_envelope(body, len, *ret);
}
