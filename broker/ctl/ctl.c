// SPDX-License-Identifier: Apache-2.0
#include "ctl/ctl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/finding.h"
#include "base/log.h"

#define CTL_REQUEST_BYTES 65536

static const struct ctl_row rows[] = {
#define CTL(name, verb, changes, args, answers) {verb, changes, args, answers},
#include "ctl/ctl.tbl.h"
#undef CTL
};

_Static_assert(EN_COUNT_OF(rows) == CTL_VERB_COUNT, "one row a verb");

const struct ctl_row *
ctl_row(enum ctl_verb verb)
{
	return &rows[verb];
}

// "state:s? after:n?" -> the name at *at, its type, whether it may be left out. False at the end.
static bool
next_arg(const char **at, char name[32], char *ret_type, bool *ret_optional)
{
	size_t len;

	while (**at == ' ') {
		(*at)++;
	}
	len = strcspn(*at, ":");
	if (**at == '\0' || len >= 32) {
		return false;
	}
	memcpy(name, *at, len);
	name[len] = '\0';
	*ret_type = (*at)[len + 1];
	*ret_optional = (*at)[len + 2] == '?';
	*at += len + 2 + (*ret_optional ? 1 : 0);
	return true;
}

static enum en_err
find_verb(const char *verb, enum ctl_verb *ret, char reterr_text[200])
{
	const char *names[CTL_VERB_COUNT], *near;

	for (size_t i = 0; i < CTL_VERB_COUNT; i++) {
		if (strcmp(rows[i].verb, verb) == 0) {
			*ret = (enum ctl_verb)i;
			return EN_OK;
		}
		names[i] = rows[i].verb;
	}
	near = nearest_name(verb, names, CTL_VERB_COUNT);
	snprintf(reterr_text, 200, "there is no verb '%.40s'%s%s", verb, near == NULL ? "" : "; did you mean ",
	    near == NULL ? "" : near);
	return EN_EUSAGE;
}

static bool
arg_value(struct arena *arena, const json_t *value, char type, struct ctl_arg *ret)
{
	if (type == 's' && json_is_string(value)) {
		ret->text = arena_text(arena, view_of(json_string_value(value), json_string_length(value)));
		return ret->text != NULL;
	}
	if (type == 'n' && json_is_integer(value)) {
		ret->number = json_integer_value(value);
		return true;
	}
	// 64-bit numbers come as text, as in ProtoJSON.
	if (type == 'n' && json_is_string(value) && json_string_length(value) > 0) {
		char *end;

		ret->number = strtoll(json_string_value(value), &end, 10);
		return *end == '\0';
	}
	if (type == 'b' && json_is_boolean(value)) {
		ret->number = json_is_true(value);
		return true;
	}
	return false;
}

static enum en_err
take_args(json_t *given, struct arena *arena, struct ctl_request *request, char reterr_text[200])
{
	const char *at = rows[request->verb].args;
	size_t taken = 0, count = 0;
	char name[32], type;
	bool optional;

	while (next_arg(&at, name, &type, &optional)) {
		const json_t *value = json_object_get(given, name);

		if (value == NULL && !optional) {
			snprintf(reterr_text, 200, "%s needs the argument '%s'", rows[request->verb].verb, name);
			return EN_EUSAGE;
		}
		if (value == NULL) {
			continue;
		}
		request->args[count] = (struct ctl_arg){.name = arena_text(arena, view_text(name))};
		if (request->args[count].name == NULL || !arg_value(arena, value, type, &request->args[count])) {
			snprintf(reterr_text, 200, "the argument '%s' must be a %s", name,
			    type == 's'       ? "text"
				: type == 'n' ? "number"
					      : "boolean");
			return EN_EUSAGE;
		}
		count++;
		taken++;
	}
	if (json_object_size(given) > taken) {
		snprintf(reterr_text, 200, "%s takes only: %.120s", rows[request->verb].verb, rows[request->verb].args);
		return EN_EUSAGE;
	}
	return EN_OK;
}

enum en_err
ctl_request_parse(struct view json, struct arena *arena, struct ctl_request *ret, char reterr_text[200])
{
	struct ctl_request request = {.id = ""};
	json_t *root = NULL, *args, *name;
	const char *verb;
	enum en_err err = EN_EUSAGE;

	if (json.len <= CTL_REQUEST_BYTES) {
		root = json_loadb((const char *)json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	}
	verb = json_string_value(json_object_get(root, "verb"));
	name = json_object_get(root, "id");
	args = json_object_get(root, "args");
	if (verb == NULL || (name != NULL && !json_is_string(name)) || (args != NULL && !json_is_object(args))) {
		snprintf(reterr_text, 200, "a request is JSON: {\"verb\":\"status\",\"id\":\"1\",\"args\":{}}");
		goto out;
	}
	err = find_verb(verb, &request.verb, reterr_text);
	if (err == EN_OK && name != NULL) {
		request.id = arena_text(arena, view_text(json_string_value(name)));
		err = request.id == NULL ? EN_ENOMEM : EN_OK;
	}
	if (err == EN_OK) {
		err = take_args(args, arena, &request, reterr_text);
	}
	if (err == EN_OK) {
		*ret = request;
	}
out:
	json_decref(root);
	return err;
}

// The type of the verb's argument, 0 when it has no such argument.
static char
arg_type(enum ctl_verb verb, const char *wanted)
{
	const char *at = rows[verb].args;
	char name[32], type;
	bool optional;

	while (next_arg(&at, name, &type, &optional)) {
		if (strcmp(name, wanted) == 0) {
			return type;
		}
	}
	return '\0';
}

enum en_err
ctl_request_build(enum ctl_verb verb, const char *id, const char *const *args, struct buf *out)
{
	bool first = true;

	buf_printf(out, "{\"verb\":\"%s\",\"id\":\"", rows[verb].verb);
	json_escape(out, view_text(id));
	buf_put_str(out, "\",\"args\":{");
	for (; args != NULL && args[0] != NULL; args += 2) {
		char type = arg_type(verb, args[0]);

		if (type == '\0') {
			return EN_EUSAGE;
		}
		buf_printf(out, "%s\"%s\":", first ? "" : ",", args[0]);
		first = false;
		if (type == 'b') {
			buf_put_str(out, strcmp(args[1], "true") == 0 ? "true" : "false");
			continue;
		}
		buf_put_u8(out, '"');
		json_escape(out, view_text(args[1]));
		buf_put_u8(out, '"');
	}
	buf_put_str(out, "}}");
	return out->err;
}

const struct ctl_arg *
ctl_arg(const struct ctl_request *request, const char *name)
{
	for (size_t i = 0; request->args[i].name != NULL; i++) {
		if (strcmp(request->args[i].name, name) == 0) {
			return &request->args[i];
		}
	}
	return NULL;
}

void
ctl_reply_error(struct buf *out, const char *id, const char *code, const char *text)
{
	buf_put_str(out, "{\"ok\":false,\"id\":\"");
	json_escape(out, view_text(id));
	buf_printf(out, "\",\"code\":\"%s\",\"text\":\"", code);
	json_escape(out, view_text(text));
	buf_put_str(out, "\"}");
}

void
ctl_reply_begin(struct buf *out, const char *id)
{
	buf_put_str(out, "{\"ok\":true,\"id\":\"");
	json_escape(out, view_text(id));
	buf_put_u8(out, '"');
}
