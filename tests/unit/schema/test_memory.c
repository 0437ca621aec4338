// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the first, second, ... request, until everything succeeds: each failure is told, nothing leaks, nothing is half done.
// The Makefile links tests of this name with malloc, calloc, realloc and free wrapped.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/record.h"
#include "unit/schema/kit.h"

static size_t left = SIZE_MAX; // requests until one fails
static long live; // given and not freed
static bool is_over; // whether all later requests fail too
static bool has_failed;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void __real_free(void *p);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);
void __wrap_free(void *p);

static bool
is_refused(void)
{
	if (left > 0) {
		left -= left != SIZE_MAX;
		return false;
	}
	left = is_over ? 0 : SIZE_MAX;
	has_failed = true;
	return true;
}

void *
__wrap_malloc(size_t len)
{
	void *p = is_refused() ? NULL : __real_malloc(len);

	live += p != NULL;
	return p;
}

void *
__wrap_calloc(size_t count, size_t len)
{
	void *p = is_refused() ? NULL : __real_calloc(count, len);

	live += p != NULL;
	return p;
}

void *
__wrap_realloc(void *p, size_t len)
{
	void *grown = is_refused() ? NULL : __real_realloc(p, len);

	live += grown != NULL && p == NULL;
	return grown;
}

void
__wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

// Runs the step with the n-th request failing, for every n that it makes. The step returns what the code under test said: a failure that stays must be
// told; one that passes may be got over (an arena asks again for less).
static void
sweep(enum en_err (*step)(const struct schema *schema), const struct schema *schema, bool over)
{
	size_t failures = 0;

	is_over = over;
	do {
		long before = live;
		enum en_err err;

		has_failed = false;
		left = failures;
		err = step(schema);
		left = SIZE_MAX;
		assert_int_equal(live, before);
		if (over || !has_failed) {
			assert_int_equal(err == EN_OK, !has_failed);
		}
		failures += has_failed;
	} while (has_failed);
	assert_true(failures > 0);
}

static struct view set;

static enum en_err
load_once(const struct schema *unused)
{
	struct findings findings;
	struct schema *schema = NULL;
	enum en_err err;

	(void)unused;
	findings_init(&findings);
	err = schema_new(&schema);
	err = err == EN_OK ? schema_add(schema, set, "schema.binpb", &findings) : err;
	err = err == EN_OK ? schema_seal(schema, &findings) : err;
	schema_unref(&schema);
	findings_fini(&findings);
	return err;
}

static void
loading_a_set_fails_whole(void **state)
{
	size_t len;
	char *bytes = test_read("build/schemas/test/schema.binpb", &len);

	set = view_of(bytes, len);
	sweep(load_once, *state, true);
	sweep(load_once, *state, false);
	free(bytes);
}

static const char json[] =
    "{\"texts\": [\"a\\n\", \"b\"], \"leaf\": {\"leaf\": {\"a\": 1}}, \"counts\": {\"a\": 1}, \"raw\": \"AAAA\", \"mask\": \"a,b\", "
    "\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"list\": [1, 2]}, \"at\": \"1970-01-01T00:00:01Z\", \"db\": 0.5, \"value\": [null]}";

static enum en_err
convert_once(const struct schema *schema)
{
	const struct schema_type *t = schema_type_by_name(schema, "probe.v1.Whole");
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};
	struct buf payload = BUF_EMPTY, again = BUF_EMPTY, canonical = BUF_EMPTY;
	struct index ix;
	enum en_err err = json_to_payload(t, view_text(json), &options, &payload, NULL, &fault);

	index_init(&ix);
	if (err != EN_OK) {
		assert_int_equal(payload.len, 0);
	}
	err = err == EN_OK ? json_from_payload(t, buf_view(&payload), &options, &again, &fault) : err;
	err = err == EN_OK ? index_build(&ix, t, buf_view(&payload), NULL) : err;
	err = err == EN_OK ? index_encode(&ix, 0, &canonical) : err;
	index_fini(&ix);
	buf_fini(&payload);
	buf_fini(&again);
	buf_fini(&canonical);
	return err;
}

static void
converting_a_payload_fails_whole(void **state)
{
	sweep(convert_once, *state, true);
	sweep(convert_once, *state, false);
}

static enum en_err
record_once(const struct schema *schema)
{
	const struct schema_type *t = schema_type_by_name(schema, "record.v1.Row");
	const struct record_cell cells[] = {
	    {view_text("idiomas"), view_text("es|en")}, {view_text("huella"), view_text("AAAA")}};
	struct record_fault fault;
	struct record_cell *again;
	struct buf payload = BUF_EMPTY;
	struct arena arena;
	size_t count;
	enum en_err err;

	arena_init(&arena, 0);
	err = record_to_payload(t, cells, EN_COUNT_OF(cells), false, &payload, &fault);
	err = err == EN_OK ? record_from_payload(t, buf_view(&payload), &arena, &again, &count, &fault) : err;
	arena_fini(&arena);
	buf_fini(&payload);
	return err;
}

static void
converting_a_record_fails_whole(void **state)
{
	sweep(record_once, *state, true);
	sweep(record_once, *state, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(loading_a_set_fails_whole),
	    cmocka_unit_test(converting_a_payload_fails_whole),
	    cmocka_unit_test(converting_a_record_fails_whole),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}
