// SPDX-License-Identifier: Apache-2.0
#include "cli/json_out.h"

#include <stdlib.h>
#include <string.h>

// A copy in which every byte beyond ASCII is '?'.
static json_t *
ascii(const char *value)
{
	char *copy = strdup(value);
	json_t *j;

	for (char *at = copy; at != NULL && *at != '\0'; at++) {
		*at = (unsigned char)*at > 0x7e ? '?' : *at;
	}
	j = copy == NULL ? NULL : json_string(copy);
	free(copy);
	return j;
}

void
json_put_text(json_t *to, const char *key, const char *value)
{
	json_t *text = value == NULL ? json_null() : json_string(value);

	json_object_set_new(to, key, text == NULL ? ascii(value) : text);
}

void
json_put_place(json_t *to, const char *key, struct where where)
{
	json_t *place;

	if (where.line == 0) {
		json_object_set_new(to, key, json_null());
		return;
	}
	place = json_object();
	json_put_text(place, "file", where.file == NULL ? "" : where.file);
	json_object_set_new(place, "line", json_integer(where.line));
	json_object_set_new(place, "column", json_integer(where.column));
	json_object_set_new(to, key, place);
}

enum en_err
json_print(json_t *document)
{
	int wrote = document == NULL ? 0 : json_dumpf(document, stdout, JSON_COMPACT);

	if (document == NULL) {
		return EN_ENOMEM;
	}
	json_decref(document);
	putchar('\n');
	return wrote == 0 ? EN_OK : EN_EIO;
}

int
json_tell(const struct cmd_call *call, json_t *document, int code)
{
	enum en_err err = json_print(document);

	return err == EN_OK ? code : cmd_fail(call, err, "stdout");
}
