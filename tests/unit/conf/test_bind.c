// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/bind.h"

#include "unit/conf/golden.h"

#include "base/limits.h"

// A kind of file with one row of every type.
struct inner {
	struct where where;
	struct conf_text name;
};
struct thing {
	struct conf_text text, name, word, day, path, any;
	struct conf_list list, words;
	bool is_so, choice;
	uint64_t number, size, milliseconds;
	struct conf_duration duration, *durations;
	size_t duration_count;
	struct conf_text nested;
	struct inner *items;
	size_t item_count;
};

static const char *const colours[] = {"red", "green", NULL};
static const struct bind_field nested_fields[] = {
    {.key = "text", .type = BIND_TEXT, BIND_AT(thing, nested), .text = "a default", .help = "nested help"}};
static const struct bind_object nested_object = {
    .name = "nested", .fields = nested_fields, .field_count = 1, .where_offset = BIND_NO_WHERE};
static const struct bind_field inner_fields[] = {
    {.key = "name", .type = BIND_NAME, .is_required = true, BIND_AT(inner, name), .help = "inner help"}};
static const struct bind_object inner_object = {.name = "inner",
    .fields = inner_fields,
    .field_count = 1,
    .size = sizeof(struct inner),
    .where_offset = offsetof(struct inner, where)};
static const struct bind_field fields[] = {
    {.key = "text", .type = BIND_TEXT, .is_required = true, BIND_AT(thing, text), .help = "text help"},
    {.key = "name", .type = BIND_NAME, BIND_AT(thing, name), .text = "unnamed", .help = "name help"},
    {.key = "word", .type = BIND_WORD, BIND_AT(thing, word), .words = colours, .help = "word help"},
    {.key = "day", .type = BIND_DAY, BIND_AT(thing, day), .help = "day help"},
    {.key = "path", .type = BIND_PATH, BIND_AT(thing, path), .help = "path help"},
    {.key = "any", .type = BIND_ANY_TEXT, BIND_AT(thing, any), .help = "any help"},
    {.key = "list", .type = BIND_LIST, BIND_AT(thing, list), .help = "list help"},
    {.key = "words", .type = BIND_WORDS, BIND_AT(thing, words), .words = colours, .help = "words help"},
    {.key = "is_so", .type = BIND_BOOL, BIND_AT(thing, is_so), .help = "bool help"},
    {.key = "choice", .type = BIND_CHOICE, BIND_AT(thing, choice), .words = colours, .help = "choice help"},
    {.key = "number",
	.type = BIND_NUMBER,
	.min = 2,
	.max = 9,
	.number = 5,
	BIND_AT(thing, number),
	.help = "number help"},
    {.key = "size",
	.type = BIND_SIZE,
	.min = 1024,
	.max = 4096,
	.number = 2048,
	BIND_AT(thing, size),
	.help = "size help"},
    {.key = "milliseconds",
	.type = BIND_MILLISECONDS,
	.min = 10,
	.number = 20,
	BIND_AT(thing, milliseconds),
	.help = "ms help"},
    {.key = "duration",
	.type = BIND_DURATION,
	.min = 1000,
	.max = 60000,
	BIND_AT(thing, duration),
	.help = "duration help"},
    {.key = "durations",
	.type = BIND_DURATIONS,
	BIND_AT(thing, durations),
	BIND_COUNT_AT(thing, duration_count),
	.help = "durations help"},
    {.key = "nested", .type = BIND_OBJECT, .object = &nested_object, .help = "object help"},
    {.key = "items",
	.type = BIND_OBJECTS,
	BIND_AT(thing, items),
	BIND_COUNT_AT(thing, item_count),
	.object = &inner_object,
	.help = "items help"},
};
static const struct bind_object thing_object = {.name = "thing",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct thing),
    .where_offset = BIND_NO_WHERE};

static struct thing
bind_it(struct parsed *p, const char *text, enum en_err wanted)
{
	struct thing thing = {0};

	assert_err(wanted,
	    conf_object_parse(&thing_object, view_text(text), "folder/t.yaml", &p->arena, &p->findings, &thing));
	return thing;
}

#define expect_bind(text, wanted)                                                                                      \
	do {                                                                                                           \
		void *state_;                                                                                          \
		parsed_setup(&state_);                                                                                 \
		(void)bind_it(state_, (text), EN_ECONFIG);                                                             \
		assert_findings(&((struct parsed *)state_)->findings, (wanted));                                       \
		parsed_teardown(&state_);                                                                              \
	} while (0)

static void
every_type_of_row_is_bound_with_its_place(void **state)
{
	struct thing t = bind_it(*state,
	    "text: a b\nname: a.b-c_d:e/f\nword: green\nday: 2026-11-23\npath: sub/file\nany: \"\"\nlist: [a, \"\"]\nwords: red\n"
	    "is_so: true\nchoice: green\nnumber: 9\nsize: 1 KiB\nmilliseconds: 1 s\nduration: 1 min\ndurations: [1 s, 2 s]\n"
	    "nested: {text: n}\nitems:\n- {name: x}\n- {name: y}\n",
	    EN_OK);

	assert_string_equal(t.text.text, "a b");
	assert_string_equal(t.text.where.file, "folder/t.yaml");
	assert_int_equal(t.text.where.line, 1);
	assert_int_equal(t.text.where.column, 7);
	assert_string_equal(t.name.text, "a.b-c_d:e/f");
	assert_string_equal(t.word.text, "green");
	assert_string_equal(t.day.text, "2026-11-23");
	assert_string_equal(t.path.text, "folder/sub/file");
	assert_string_equal(t.any.text, "");
	assert_int_equal(t.list.count, 2);
	assert_string_equal(t.list.items[1].text, "");
	assert_int_equal(t.list.items[1].where.column, 11);
	assert_int_equal(t.words.count, 1);
	assert_true(t.is_so && t.choice);
	assert_int_equal(t.number, 9);
	assert_int_equal(t.size, 1024);
	assert_int_equal(t.milliseconds, 1000);
	assert_int_equal(t.duration.ms, 60000);
	assert_int_equal(t.duration.where.line, 14);
	assert_int_equal(t.duration_count, 2);
	assert_int_equal(t.durations[1].ms, 2000);
	assert_string_equal(t.nested.text, "n");
	assert_int_equal(t.item_count, 2);
	assert_string_equal(t.items[1].name.text, "y");
	assert_int_equal(t.items[1].where.line, 19);
}

static void
what_is_absent_has_its_default_and_no_place(void **state)
{
	struct thing t = bind_it(*state, "text: a\n", EN_OK);

	assert_string_equal(t.name.text, "unnamed");
	assert_int_equal(t.name.where.line, 0);
	assert_null(t.word.text);
	assert_int_equal(t.number, 5);
	assert_int_equal(t.size, 2048);
	assert_int_equal(t.milliseconds, 20);
	assert_int_equal(t.duration.where.line, 0);
	assert_int_equal(t.list.count, 0);
	assert_string_equal(t.nested.text, "a default");
	assert_false(t.is_so || t.choice);
}

static void
unknown_keys_are_told_with_the_nearest_name(void **state)
{
	(void)state;
	expect_bind("text: a\nnubmer: 3\nnested: {txt: b}\n",
	    "E0103 2:1 nubmer | number\n"
	    "E0103 3:10 txt | text\n");
	expect_bind("text: a\nnested: {entirely_other: b}\n", "E0103 2:10 entirely_other | known here: text\n");
	expect_bind("text: a\nnested: {text a}\n",
	    "E0103 2:10 text a | a colon and a blank follow every key; a text that holds a comma or a colon stands in quotes\n");
}

static void
missing_keys_are_told_where_their_map_begins(void **state)
{
	(void)state;
	expect_bind("name: a\nitems:\n- {}\n",
	    "E0105 1:1 text | text help\n"
	    "E0105 3:3 name | inner help\n");
}

static void
wrong_forms_are_told_with_what_to_write(void **state)
{
	(void)state;
	expect_bind(
	    "text: [a]\nname: a b\nword: gren\nday: 31/12/2026\npath:\nany: {a: b}\nlist: {a: b}\nwords: [red, blue]\n"
	    "is_so: yes\nchoice: blue\nnumber: three\nsize: 1 MB\nmilliseconds: 5\nduration: soon\ndurations: []\n"
	    "nested: a\nitems: {name: x}\n",
	    "E0106 1:7 text | text help\n"
	    "E0106 2:7 name | name help\n"
	    "E0106 3:7 word is one of: red, green | green\n"
	    "E0106 4:6 day | day help\n"
	    "E0106 5:6 path has no value | path help\n"
	    "E0106 6:6 any | any help\n"
	    "E0106 7:7 list | list help\n"
	    "E0106 8:14 an item is one of: red, green | red, green\n"
	    "E0106 9:8 is_so is one of: true, false | true, false\n"
	    "E0106 10:9 choice is one of: red, green | red, green\n"
	    "E0106 11:9 number is a whole number | number help\n"
	    "E0106 12:7 size is a size, as 64 KiB | size help\n"
	    "E0106 13:15 milliseconds is a length of time, as 30 s | ms help\n"
	    "E0106 14:11 duration is a length of time, as 30 s | duration help\n"
	    "E0106 15:12 durations | durations help\n"
	    "E0106 16:9 nested | object help\n"
	    "E0106 17:8 items | items help\n");
}

static void
keys_without_a_value_are_told(void **state)
{
	(void)state;
	expect_bind("text:\nlist:\nis_so:\nnumber:\nitems:\n- a\nchoice:\n",
	    "E0106 1:6 text has no value | text help\n"
	    "E0106 2:6 list has no value | list help\n"
	    "E0106 3:7 is_so has no value | true or false\n"
	    "E0106 4:8 number has no value | number help\n"
	    "E0106 6:3 an item | items help\n"
	    "E0106 7:8 choice has no value | choice help\n");
}

static void
an_empty_list_says_neither_none_nor_all_and_is_refused(void **state)
{
	(void)state;
	expect_bind("text: a\nlist: []\nwords: []\nitems: []\n",
	    "E0106 2:7 list | list help\n"
	    "E0106 3:8 words | words help\n"
	    "E0106 4:8 items | items help\n");
}

static void
numbers_are_fine_at_both_ends_of_their_range_and_not_past_them(void **state)
{
	(void)bind_it(*state, "text: a\nnumber: 2\nsize: 4096\nmilliseconds: 10 ms\nduration: 1 s\n", EN_OK);
	expect_bind("text: a\nnumber: 1\nsize: 4097\nmilliseconds: 9 ms\nduration: 61 s\n",
	    "E0112 2:9 number: from 2 to 9 | number help\n"
	    "E0112 3:7 size: from 1024 to 4096 bytes | size help\n"
	    "E0112 4:15 milliseconds: at least 10 ms | ms help\n"
	    "E0112 5:11 duration: from 1000 to 60000 ms | duration help\n");
	expect_bind("text: a\nnumber: 10\nsize: 1023\nduration: 999 ms\n",
	    "E0112 2:9 number: from 2 to 9 | number help\n"
	    "E0112 3:7 size: from 1024 to 4096 bytes | size help\n"
	    "E0112 4:11 duration: from 1000 to 60000 ms | duration help\n");
}

static void
a_name_is_fine_at_its_longest_and_not_one_past_it(void **state)
{
	char text[LIMIT_ID_BYTES + 32] = "text: a\nname: ";
	size_t start = strlen(text);

	memset(text + start, 'x', LIMIT_ID_BYTES);
	(void)bind_it(*state, text, EN_OK);
	text[start + LIMIT_ID_BYTES] = 'x';
	expect_bind(text, "E0106 2:7 name | name help\n");
}

static void
what_was_refused_as_yaml_is_not_told_again(void **state)
{
	(void)state;
	expect_bind("text: *a\nlist: *b\nnumber: *c\nitems: [*d]\nnested: *e\n",
	    "E0107 1:7 an alias (*) | -\n"
	    "E0107 2:7 an alias (*) | -\n"
	    "E0107 3:9 an alias (*) | -\n"
	    "E0107 4:9 an alias (*) | -\n"
	    "E0107 5:9 an alias (*) | -\n");
}

static void
a_file_that_is_no_map_is_told(void **state)
{
	(void)state;
	expect_bind("- a\n", "E0106 1:1 the file | keys and values: `key: value`, one in a line\n");
	expect_bind("a\n", "E0106 1:1 the file | keys and values: `key: value`, one in a line\n");
}

static void
running_out_of_memory_is_an_error_at_every_allocation(void **state)
{
	static const char text[] = "text: a\nlist: [a, b]\ndurations: [1 s]\nitems: [{name: x}]\npath: p\n";
	struct parsed *p = *state;
	bool was_fine = false;

	for (size_t max = 8; max < 16384; max += 8) {
		struct arena small;
		struct thing thing = {0};

		arena_init(&small, max);
		enum en_err err =
		    conf_object_parse(&thing_object, view_text(text), "t.yaml", &small, &p->findings, &thing);

		assert_true(err == EN_OK || (err == EN_ENOMEM && !was_fine));
		was_fine = err == EN_OK;
		arena_fini(&small);
	}
	assert_true(was_fine);
}

static bool
has_help(const struct bind_object *object, unsigned depth)
{
	for (size_t i = 0; i < object->field_count; i++) {
		const struct bind_field *field = &object->fields[i];
		bool has_words = field->type == BIND_WORD || field->type == BIND_WORDS || field->type == BIND_CHOICE;

		if (field->help == NULL || field->help[0] == '\0' || strchr(field->help, '\n') != NULL ||
		    (has_words && field->words == NULL) || (field->type == BIND_CUSTOM && field->read == NULL) ||
		    (field->max != 0 &&
			(field->number > field->max || (field->number != 0 && field->number < field->min))) ||
		    ((field->type == BIND_OBJECT || field->type == BIND_OBJECTS) && field->object == NULL)) {
			print_error("%s: %s\n", object->name, field->key);
			return false;
		}
		if (field->object != NULL && depth < 3 && !has_help(field->object, depth + 1)) {
			return false;
		}
	}
	return true;
}

static void
every_row_of_every_kind_has_its_help_and_a_default_within_its_range(void **state)
{
	(void)state;
	for (size_t i = 0; i < CONF_KIND_COUNT; i++) {
		assert_string_equal(conf_kinds[i].object->fields[0].key, conf_kinds[i].key);
		assert_true(has_help(conf_kinds[i].object, 0));
	}
	assert_true(has_help(&conf_daemon_object, 0));
	assert_true(has_help(&conf_adapter_object, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(every_type_of_row_is_bound_with_its_place),
	    PARSED_TEST(what_is_absent_has_its_default_and_no_place),
	    PARSED_TEST(unknown_keys_are_told_with_the_nearest_name),
	    PARSED_TEST(missing_keys_are_told_where_their_map_begins),
	    PARSED_TEST(wrong_forms_are_told_with_what_to_write),
	    PARSED_TEST(keys_without_a_value_are_told),
	    PARSED_TEST(an_empty_list_says_neither_none_nor_all_and_is_refused),
	    PARSED_TEST(numbers_are_fine_at_both_ends_of_their_range_and_not_past_them),
	    PARSED_TEST(a_name_is_fine_at_its_longest_and_not_one_past_it),
	    PARSED_TEST(what_was_refused_as_yaml_is_not_told_again),
	    PARSED_TEST(a_file_that_is_no_map_is_told),
	    PARSED_TEST(running_out_of_memory_is_an_error_at_every_allocation),
	    PARSED_TEST(every_row_of_every_kind_has_its_help_and_a_default_within_its_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
