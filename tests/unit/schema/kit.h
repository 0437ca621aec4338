// SPDX-License-Identifier: Apache-2.0
// What the tests of broker/schema share: the schemas of this folder, and payloads written in hexadecimal.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_SCHEMA_KIT_H
#define EN_TESTS_UNIT_SCHEMA_KIT_H

#include <stdlib.h>

#include "base/limits.h"
#include "schema/json.h"

#include "support/support.h"

// The set of a folder of tests/unit, as make compiles it.
static inline struct schema *
kit_schema(const char *path)
{
	struct findings findings;
	struct schema *schema = NULL;

	findings_init(&findings);
	assert_ok(schema_load_file(path, NULL, &findings, &schema));
	findings_fini(&findings);
	return schema;
}

// Loads tests/unit/schema/*.proto as *state.
static inline int
kit_load(void **state)
{
	*state = kit_schema("build/schemas/test/schema.binpb");
	return 0;
}

static inline int
kit_unload(void **state)
{
	struct schema *schema = *state;

	schema_unref(&schema);
	return 0;
}

static inline const struct schema_type *
kit_type(void *state, const char *name)
{
	const struct schema_type *t = schema_type_by_name(state, name);

	assert_non_null(t);
	return t;
}

static inline const struct schema_field *
kit_field(const struct schema_type *t, const char *name)
{
	const struct schema_field *f = schema_field_by_name(t, view_text(name));

	assert_non_null(f);
	return f;
}

// "08 01" -> two bytes, appended. Blanks do not count.
static inline void
kit_hex(struct buf *out, const char *hex)
{
	for (; *hex != '\0'; hex++) {
		char pair[3] = {hex[0], hex[1], '\0'};

		if (*hex == ' ') {
			continue;
		}
		buf_put_u8(out, (uint8_t)strtoul(pair, NULL, 16));
		hex++;
	}
	assert_int_equal(out->err, EN_OK);
}

static inline void
kit_expect_bytes(struct view got, const char *wanted_hex)
{
	struct buf wanted = BUF_EMPTY, got_hex = BUF_EMPTY, wanted_again = BUF_EMPTY;

	kit_hex(&wanted, wanted_hex);
	hex_put(&got_hex, got);
	hex_put(&wanted_again, buf_view(&wanted));
	assert_string_equal(buf_cstr(&got_hex), buf_cstr(&wanted_again));
	buf_fini(&wanted);
	buf_fini(&got_hex);
	buf_fini(&wanted_again);
}

// Indexes the payload with the depth of the codec, and returns what index_build says.
static inline enum en_err
kit_index(struct index *ix, const struct schema_type *t, struct view payload, struct index_fault *fault)
{
	index_init(ix);
	ix->depth_max = LIMIT_CODEC_DEPTH;
	return index_build(ix, t, payload, fault);
}

// The payload in its canonical form.
static inline void
kit_expect_canonical(const struct schema_type *t, const char *hex, const char *wanted_hex)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	struct index ix;

	kit_hex(&in, hex);
	assert_ok(kit_index(&ix, t, buf_view(&in), NULL));
	assert_ok(index_encode(&ix, 0, &out));
	kit_expect_bytes(buf_view(&out), wanted_hex);
	index_fini(&ix);
	buf_fini(&in);
	buf_fini(&out);
}

static inline void
kit_expect_refused(const struct schema_type *t, const char *hex, enum en_err wanted, const char *wanted_path)
{
	struct buf in = BUF_EMPTY;
	struct index_fault fault = {.err = EN_OK};
	struct index ix;

	kit_hex(&in, hex);
	assert_err(wanted, kit_index(&ix, t, buf_view(&in), &fault));
	assert_int_equal(fault.err, wanted);
	assert_string_equal(fault.path, wanted_path);
	index_fini(&ix);
	buf_fini(&in);
}

// JSON -> payload, strict unless said otherwise.
static inline void
kit_expect_payload(const struct schema_type *t, const char *json, bool lenient, const char *wanted_hex)
{
	const struct json_options options = {.lenient = lenient};
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;

	assert_ok(json_to_payload(t, view_text(json), &options, &out, NULL, &fault));
	kit_expect_bytes(buf_view(&out), wanted_hex);
	buf_fini(&out);
}

static inline void
kit_expect_json_refused(const struct schema_type *t, const char *json, bool lenient, enum en_err wanted, const char *wanted_path)
{
	const struct json_options options = {.lenient = lenient};
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;

	buf_put_str(&out, "kept");
	assert_err(wanted, json_to_payload(t, view_text(json), &options, &out, NULL, &fault));
	assert_int_equal(fault.err, wanted);
	assert_string_equal(fault.path, wanted_path);
	assert_view_is("kept", buf_view(&out)); // nothing is left of what was written
	buf_fini(&out);
}

// Payload -> JSON on one line.
static inline void
kit_expect_json(const struct schema_type *t, const char *hex, const char *wanted)
{
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	kit_hex(&in, hex);
	assert_ok(json_from_payload(t, buf_view(&in), &options, &out, &fault));
	assert_string_equal(buf_cstr(&out), wanted);
	buf_fini(&in);
	buf_fini(&out);
}

#endif
