// SPDX-License-Identifier: Apache-2.0
// A reply for people. The broker answers with members and rows; this side knows no verb's columns, so a new column needs no new client.
#include "cli/operator.h"

#include <jansson.h>
#include <string.h>

#include "base/say.h"

#define MEMBER_WIDTH 18
#define COLUMNS_MAX TABLE_COLUMNS_MAX
#define DEPTH_MAX 4

// Names of what is a moment or a length of time end so.
static size_t
name_without_ms(const char *key)
{
	size_t len = strlen(key);

	return len > 3 && strcmp(key + len - 3, "_ms") == 0 ? len - 3 : len;
}

// Moments since 1970 are thousands of times longer than anything lasts here.
#define LONGEST_AGE_MS INT64_C(100000000000)

static void
moment_text(const struct cmd_call *call, int64_t ms, bool with_clock, char ret[512])
{
	int64_t now = clock_now().wall_ms;
	char age[24], clock[24];

	age_text(ms > LONGEST_AGE_MS ? now - ms : ms, call->lang, age);
	if (with_clock && ms > LONGEST_AGE_MS) {
		local_time_text(ms, clock);
		snprintf(ret, 512, "%s (%s)", clock, age);
	} else {
		snprintf(ret, 512, "%s", age);
	}
}

static void
list_text(const json_t *list, char ret[512])
{
	size_t at = 0, i;
	const json_t *item;

	ret[0] = '\0';
	json_array_foreach(list, i, item)
	{
		if (json_is_string(item) && at < 500) {
			at +=
			    (size_t)snprintf(ret + at, 512 - at, "%s%s", at == 0 ? "" : ", ", json_string_value(item));
		}
	}
}

static void
cell_text(const struct cmd_call *call, const char *key, const json_t *value, bool with_clock, char ret[512])
{
	if (json_is_string(value) && strcmp(key, "remedy") == 0) {
		snprintf(ret, 512, "%s", en_say(call->lang, json_string_value(value)));
	} else if (json_is_string(value)) {
		snprintf(ret, 512, "%s", json_string_value(value));
	} else if (json_is_integer(value) && key[name_without_ms(key)] != '\0') {
		moment_text(call, json_integer_value(value), with_clock, ret);
	} else if (json_is_integer(value)) {
		snprintf(ret, 512, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_boolean(value)) {
		snprintf(ret, 512, "%s", json_is_true(value) ? cmd_say(call, "yes", "sí") : "no");
	} else if (json_is_array(value)) {
		list_text(value, ret);
	} else {
		snprintf(ret, 512, "-");
	}
	printable(ret);
}

// Rows within a row do not fit into a cell: they come below, each under the name of its row.
static bool
is_rows(const json_t *value)
{
	return json_is_array(value) && (json_array_size(value) == 0 || json_is_object(json_array_get(value, 0)));
}

// Whether the column is a list of rows in every row that has something in it.
static bool
is_nested(const json_t *rows, const char *key)
{
	size_t i;
	const json_t *row;

	json_array_foreach(rows, i, row)
	{
		const json_t *value = json_object_get(row, key);

		if (json_is_array(value) && json_array_size(value) > 0) {
			return is_rows(value);
		}
	}
	return false;
}

static bool
is_blank(const json_t *rows, const char *key)
{
	size_t i;
	const json_t *row;

	json_array_foreach(rows, i, row)
	{
		const json_t *value = json_object_get(row, key);

		if (!json_is_array(value) || json_array_size(value) > 0) {
			return false;
		}
	}
	return true;
}

static void
heading(const char *key, char ret[512])
{
	snprintf(ret, 512, "%.*s", (int)name_without_ms(key), key);
}

// The columns are the keys of the first row without those that are rows themselves or empty in all of them.
static size_t
print_head(struct table *table, json_t *rows, const char **columns, size_t max)
{
	const char *key;
	json_t *value;
	char text[512];
	size_t count = 0;

	json_object_foreach(json_array_get(rows, 0), key, value)
	{
		if (count < max && !is_nested(rows, key) && !is_blank(rows, key)) {
			columns[count++] = key;
		}
	}
	table->columns = count;
	for (size_t i = 0; i < count; i++) {
		heading(columns[i], text);
		table_cell(table, text);
	}
	return count;
}

static void print_rows(struct cmd_call *call, json_t *rows, int depth);

static void
print_inner_rows(struct cmd_call *call, json_t *row, const char *row_name, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(row, key, value)
	{
		if (is_rows(value) && json_array_size(value) > 0 && depth < DEPTH_MAX) {
			printf("\n%s: %s\n", row_name, key);
			print_rows(call, value, depth + 1);
		}
	}
}

// An array of objects as a table; "_ms" columns are told as ages.
static void
print_rows(struct cmd_call *call, json_t *rows, int depth)
{
	struct table table;
	const char *columns[COLUMNS_MAX];
	json_t *row;
	char text[512];
	size_t i, count;

	table_init(&table, &call->arena, 0);
	count = print_head(&table, rows, columns, EN_COUNT_OF(columns));
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < count; c++) {
			cell_text(call, columns[c], json_object_get(row, columns[c]), false, text);
			table_cell(&table, text);
		}
	}
	table_print(&table, stdout);
	json_array_foreach(rows, i, row)
	{
		cell_text(call, count == 0 ? "" : columns[0], count == 0 ? NULL : json_object_get(row, columns[0]),
		    false, text);
		print_inner_rows(call, row, text, depth);
	}
}

static void
print_member(struct cmd_call *call, const char *key, json_t *value, int depth)
{
	char text[512];
	const char *inner_key;
	json_t *inner;

	if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
		printf("\n%s\n", key);
		print_rows(call, value, 0);
	} else if (json_is_object(value) && depth < DEPTH_MAX) {
		printf("%*s%s\n", depth * 2, "", key);
		json_object_foreach(value, inner_key, inner)
		{
			print_member(call, inner_key, inner, depth + 1);
		}
	} else if (!json_is_array(value) || json_array_size(value) > 0) {
		cell_text(call, key, value, true, text);
		printf("%*s%-*.*s %s\n", depth * 2, "", MEMBER_WIDTH, (int)name_without_ms(key), key, text);
	}
}

int
operator_print(struct cmd_call *call, struct view reply)
{
	json_t *root = json_loadb((const char *)reply.data, reply.len, 0, NULL), *value;
	const char *key, *code = json_string_value(json_object_get(root, "code"));
	bool ok = json_is_true(json_object_get(root, "ok"));

	if (root == NULL) {
		return cmd_fail(call, EN_EPROTOCOL, "%s", cmd_say(call, "the reply", "la respuesta"));
	}
	if (call->json) {
		fwrite(reply.data, 1, reply.len, stdout);
		putchar('\n');
	} else if (!ok) {
		const char *text = json_string_value(json_object_get(root, "text"));

		fprintf(stderr, "enlace: %s: %s\n", code == NULL ? "refused" : code, text == NULL ? "" : text);
	} else {
		json_object_foreach(root, key, value)
		{
			if (strcmp(key, "ok") != 0 && strcmp(key, "id") != 0) {
				print_member(call, key, value, 0);
			}
		}
	}
	bool is_denied = !ok && code != NULL && strcmp(code, reason_code(REASON_NOT_PERMITTED)) == 0;

	json_decref(root);
	return is_denied ? en_err_exit_code(EN_EDENIED) : ok ? 0 : 1;
}
