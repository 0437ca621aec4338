// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/yaml.h"

#include <stdio.h>
#include <time.h>

#include "base/attr.h"
#include "base/limits.h"
#include "unit/conf/golden.h"

struct fixture {
	struct arena arena;
	struct findings findings;
	struct yaml_node *root;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, 0);
	findings_init(&f->findings);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	arena_fini(&f->arena);
	findings_fini(&f->findings);
	free(f);
	return 0;
}

static enum en_err
read_bytes(struct fixture *f, struct view text)
{
	return yaml_read(text, "t.yaml", &f->arena, &f->findings, &f->root);
}

static enum en_err
read_text(struct fixture *f, const char *text)
{
	return read_bytes(f, view_text(text));
}

// One reading of its own, compared with what it wants to find.
static void
expect(const char *text, enum en_err wanted, const char *wanted_findings)
{
	void *state;

	setup(&state);
	assert_err(wanted, read_text(state, text));
	assert_findings(&((struct fixture *)state)->findings, wanted_findings);
	teardown(&state);
}

static void
maps_lists_and_texts_keep_their_order_and_their_place(void **state)
{
	struct fixture *f = *state;

	assert_ok(read_text(f, "one: a\ntwo: [b, 'c d']\n\nthree:\n  - x: |\n      y\n"));
	assert_int_equal(f->root->kind, YAML_MAP);
	assert_int_equal(f->root->count, 3);
	const struct yaml_node *two = f->root->first->next, *three = two->next;

	assert_string_equal(two->key, "two");
	assert_int_equal(two->kind, YAML_LIST);
	assert_string_equal(two->first->next->text, "c d");
	assert_true(two->first->next->is_quoted);
	assert_int_equal(two->first->next->where.line, 2);
	assert_int_equal(two->first->next->where.column, 10);
	assert_string_equal(two->where.file, "t.yaml");
	assert_int_equal(three->key_where.line, 4);
	assert_int_equal(three->where.column, 3);
	assert_string_equal(three->first->first->key, "x");
	assert_string_equal(three->first->first->text, "y\n");
	assert_null(three->next);
}

static void
every_scalar_stays_what_was_written(void **state)
{
	static const char *const words[] = {
	    "NO", "01", "1e3", "null", "~", "true", "0x1F", "2026-01-01", "1_000", "-.inf"};
	struct fixture *f = *state;
	char text[64];

	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		(void)snprintf(text, sizeof(text), "k: %s\n", words[i]);
		assert_ok(read_text(f, text));
		assert_string_equal(f->root->first->text, words[i]);
		assert_false(f->root->first->is_quoted);
	}
}

static void
nothing_after_the_colon_differs_from_an_empty_text(void **state)
{
	struct fixture *f = *state;

	assert_ok(read_text(f, "nothing:\nempty: \"\"\nlist: []\n"));
	assert_true(yaml_is_nothing(yaml_get(f->root, "nothing")));
	assert_false(yaml_is_nothing(yaml_get(f->root, "empty")));
	assert_true(yaml_get(f->root, "empty")->is_quoted);
	assert_false(yaml_is_nothing(yaml_get(f->root, "list")));
	assert_null(yaml_get(f->root, "other"));
	assert_null(yaml_get(yaml_get(f->root, "list"), "other"));
}

static void
anchors_aliases_tags_and_directives_are_all_reported_in_one_run(void **state)
{
	(void)state;
	expect("a: &x 1\nb: *x\nc: !!str d\ne: ! f\ng: &y [1]\nh: !map {i: j}\n", EN_OK,
	    "E0107 1:4 an anchor (&) | -\n"
	    "E0107 2:4 an alias (*) | -\n"
	    "E0107 3:4 a tag (!) | -\n"
	    "E0107 4:4 a tag (!) | -\n"
	    "E0107 5:4 an anchor (&) | -\n"
	    "E0107 6:4 a tag (!) | -\n");
	expect("%YAML 1.1\n---\na: b\n", EN_OK, "E0107 1:1 a directive (%) | -\n");
	expect("%TAG ! tag:x,2026:\n---\na: b\n", EN_OK, "E0107 1:1 a directive (%) | -\n");
}

static void
a_second_document_is_refused_and_the_first_may_begin_with_dashes(void **state)
{
	(void)state;
	expect("---\na: b\n...\n", EN_OK, "");
	expect("a: b\n---\nc: d\n", EN_OK, "E0107 2:1 a second document (---); write one thing in one file | -\n");
}

static void
a_key_that_stands_twice_is_told_with_the_line_of_the_first(void **state)
{
	struct fixture *f = *state;

	expect("a: 1\nb: {c: 1, c: 2}\na: 3\n", EN_OK,
	    "E0104 2:11 c, first in line 2 | -\n"
	    "E0104 3:1 a, first in line 1 | -\n");
	assert_ok(read_text(f, "a: 1\na: 2\n"));
	assert_string_equal(yaml_get(f->root, "a")->text, "1");
	assert_int_equal(f->root->count, 1);
}

static void
a_key_must_be_text(void **state)
{
	(void)state;
	expect("[a]: 1\nb: 2\n", EN_OK, "E0106 1:1 a key must be text | a word and a colon\n");
	expect("{? {x: y} : 1}\n", EN_OK, "E0106 1:4 a key must be text | a word and a colon\n");
}

static void
broken_syntax_is_told_at_its_place(void **state)
{
	(void)state;
	expect("a: b\n  c: d\n", EN_ECONFIG,
	    "E0102 2:4 mapping values are not allowed in this context | the keys of one map begin in one column, with a blank behind the colon, also in the line before; a text that holds a colon stands in quotes\n");
	expect("x: y\na:b\nc: d\n", EN_ECONFIG,
	    "E0102 3:1 could not find expected ':' while scanning a simple key | a colon and a blank follow every key, here or in the line before\n");
	expect("a: b\n c: d\n", EN_ECONFIG,
	    "E0102 2:3 mapping values are not allowed in this context | the keys of one map begin in one column, with a blank behind the colon, also in the line before; a text that holds a colon stands in quotes\n");
	expect("- {a: b}\n  - c\n", EN_ECONFIG,
	    "E0102 2:3 did not find expected '-' indicator while parsing a block collection | the items of one list begin in one column\n");
	expect("a:\n  b: c\n d: e\n", EN_ECONFIG,
	    "E0102 3:2 did not find expected key while parsing a block mapping | the keys of one map begin in one column\n");
	expect("a: [b\n", EN_ECONFIG, "E0102 2:1 did not find expected ',' or ']' while parsing a flow sequence | -\n");
	expect("a:\n\t- b\n", EN_ECONFIG,
	    "E0102 2:1 found character that cannot start any token while scanning for the next token | blanks indent a line, never a tab; a text that begins with @ or ` stands in quotes\n");
}

static void
an_empty_file_is_told(void **state)
{
	(void)state;
	expect("", EN_ECONFIG, "E0102 0:0 the file is empty | -\n");
	expect("# only a remark\n", EN_ECONFIG, "E0102 0:0 the file is empty | -\n");
}

static void
text_that_is_not_utf8_is_told_with_line_and_column(void **state)
{
	(void)state;
	expect("a: b\n\xc3\xb1o: a\xf1o\n", EN_ECONFIG, "E0111 2:6 byte 12 | -\n");
	expect("\xff\xfe"
	       "a",
	    EN_ECONFIG, "E0111 1:1 byte 1 | -\n");
	expect("a: \xed\xa0\x80\n", EN_ECONFIG, "E0111 1:4 byte 4 | -\n");
	expect("a: x\xc3", EN_ECONFIG, "E0111 1:5 byte 5 | -\n");
}

static void
the_mark_of_windows_editors_does_not_count(void **state)
{
	struct fixture *f = *state;

	assert_ok(read_text(f,
	    "\xef\xbb\xbf"
	    "a: b\r\nc: d\r\n"));
	assert_int_equal(f->root->first->key_where.column, 1);
	assert_string_equal(yaml_get(f->root, "a")->text, "b");
	assert_int_equal(yaml_get(f->root, "c")->key_where.line, 2);
}

static void
a_nul_is_refused_however_it_is_written(void **state)
{
	struct fixture *f = *state;

	expect("a: \"x\\0y\"\n", EN_OK, "E0102 1:4 a NUL character | -\n");
	assert_err(EN_ECONFIG, read_bytes(f, view_of("a: x\0y\n", 7)));
	assert_int_equal(f->findings.items[0].code, E0102);
}

static void
columns_count_characters(void **state)
{
	struct fixture *f = *state;

	assert_ok(read_text(f, "{\xc3\xb1\xc3\xb1\xc3\xb1: \xf0\x9f\x98\x80\xf0\x9f\x98\x80, z: 1}\n"));
	assert_int_equal(yaml_get(f->root, "z")->key_where.column, 11);
}

// A list within a list, depth times: "[[[]]]".
static char *
nested(size_t depth)
{
	char *text = calloc(1, 2 * depth + 1);

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return text;
}

static void
depth_is_fine_at_the_limit_and_refused_one_past_it(void **state)
{
	struct fixture *f = *state;
	char *text = nested(LIMIT_YAML_DEPTH);

	assert_ok(read_text(f, text));
	free(text);
	text = nested(LIMIT_YAML_DEPTH + 1);
	assert_err(EN_ECONFIG, read_text(f, text));
	assert_findings(&f->findings, "E0108 1:33 more than 32 levels | -\n");
	free(text);
}

static void
nested_bombs_are_refused_at_once(void **state)
{
	static const char *const units[] = {
	    "[", "{", "[\n", "{a: ", "[a, ", "- ", "? ", "[? ", "[\"a\":", "x: [\n", "[[],"};
	struct fixture *f = *state;
	char *text = calloc(1, LIMIT_YAML_BYTES + 1);

	for (size_t i = 0; i < EN_COUNT_OF(units); i++) {
		size_t unit = strlen(units[i]), len = 0;
		clock_t start = clock();

		for (; len + unit <= LIMIT_YAML_BYTES; len += unit) {
			memcpy(text + len, units[i], unit);
		}
		text[len] = '\0';
		assert_err(EN_ECONFIG, read_text(f, text));
		assert_int_equal(f->findings.items[f->findings.count - 1].code, E0108);
		// libyaml alone takes ten seconds and more; this takes one millisecond, and a hundred on a bad day.
		assert_true((clock() - start) / (CLOCKS_PER_SEC / 1000) < 1000);
	}
	free(text);
}

static void
a_file_is_read_at_the_limit_of_its_size_and_refused_one_past_it(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(LIMIT_YAML_BYTES + 1);

	memset(text, '#', LIMIT_YAML_BYTES + 1);
	memcpy(text, "a: b\n", 5);
	assert_ok(read_bytes(f, view_of(text, LIMIT_YAML_BYTES)));
	assert_err(EN_ECONFIG, read_bytes(f, view_of(text, LIMIT_YAML_BYTES + 1)));
	assert_findings(&f->findings, "E0108 0:0 more than 262144 bytes | -\n");
	free(text);
}

static void
values_are_read_to_the_limit_of_their_number_and_not_past_it(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_EMPTY;

	// The stream, the document and the list have a start and an end each: six events.
	for (size_t i = 0; i < LIMIT_YAML_EVENTS - 6; i++) {
		buf_put_str(&text, "- x\n");
	}
	assert_ok(read_bytes(f, buf_view(&text)));
	assert_int_equal(f->root->count, LIMIT_YAML_EVENTS - 6);
	buf_put_str(&text, "- x\n");
	assert_err(EN_ECONFIG, read_bytes(f, buf_view(&text)));
	assert_int_equal(f->findings.items[0].code, E0108);
	buf_fini(&text);
}

static void
every_cut_of_a_file_is_read_or_refused(void **state)
{
	static const char text[] = "a: &x [1, 'b', \"c\\u00f1\"]\n? {d: e}\n: |\n  f\n\xc3\xb1: *x\n---\n- !t g\n";
	struct fixture *f = *state;

	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + 1);

		memcpy(copy + 1, text, len);
		enum en_err err = read_bytes(f, view_of(copy + 1, len));

		assert_true(err == EN_OK || err == EN_ECONFIG);
		assert_true(err == EN_OK || f->findings.errors > 0);
		free(copy);
	}
}

static void
without_memory_reading_is_an_error_and_never_half_a_tree(void **state)
{
	struct fixture *f = *state;

	for (size_t max = 8; max < 4096; max += 8) {
		struct arena small;
		struct yaml_node *root = NULL;

		arena_init(&small, max);
		enum en_err err = yaml_read(view_text("a: [1, {b: c}]\nd: e\n"), "t.yaml", &small, &f->findings, &root);

		assert_true(err == EN_ENOMEM ? root == NULL : err == EN_OK && root->count == 2);
		arena_fini(&small);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(maps_lists_and_texts_keep_their_order_and_their_place),
	    TEST(every_scalar_stays_what_was_written),
	    TEST(nothing_after_the_colon_differs_from_an_empty_text),
	    TEST(anchors_aliases_tags_and_directives_are_all_reported_in_one_run),
	    TEST(a_second_document_is_refused_and_the_first_may_begin_with_dashes),
	    TEST(a_key_that_stands_twice_is_told_with_the_line_of_the_first),
	    TEST(a_key_must_be_text),
	    TEST(broken_syntax_is_told_at_its_place),
	    TEST(an_empty_file_is_told),
	    TEST(text_that_is_not_utf8_is_told_with_line_and_column),
	    TEST(the_mark_of_windows_editors_does_not_count),
	    TEST(a_nul_is_refused_however_it_is_written),
	    TEST(columns_count_characters),
	    TEST(depth_is_fine_at_the_limit_and_refused_one_past_it),
	    TEST(nested_bombs_are_refused_at_once),
	    TEST(a_file_is_read_at_the_limit_of_its_size_and_refused_one_past_it),
	    TEST(values_are_read_to_the_limit_of_their_number_and_not_past_it),
	    TEST(every_cut_of_a_file_is_read_or_refused),
	    TEST(without_memory_reading_is_an_error_and_never_half_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
