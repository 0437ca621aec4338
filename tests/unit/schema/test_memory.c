// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the first, second, ... request, until everything succeeds: each failure is told, nothing leaks, nothing is half done.
// The Makefile links tests of this name with malloc, calloc, realloc and free wrapped.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/record.h"
#include "support/scarce.h"
#include "unit/schema/kit.h"

static struct view set;

static enum en_err
load_once(void *unused)
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
	scarce_sweep(load_once, *state);
	free(bytes);
}

static const char json[] =
    "{\"texts\": [\"a\\n\", \"b\"], \"leaf\": {\"leaf\": {\"a\": 1}}, \"counts\": {\"a\": 1}, \"raw\": \"AAAA\", \"mask\": \"a,b\", "
    "\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"list\": [1, 2]}, \"at\": \"1970-01-01T00:00:01Z\", \"db\": 0.5, \"value\": [null]}";

static enum en_err
convert_once(void *context)
{
	const struct schema *schema = context;
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
	scarce_sweep(convert_once, *state);
}

static enum en_err
record_once(void *context)
{
	const struct schema *schema = context;
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
	scarce_sweep(record_once, *state);
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
