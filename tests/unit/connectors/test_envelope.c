// SPDX-License-Identifier: Apache-2.0
// The record inside an envelope: the same bytes, or nothing.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/http/http.h"
#include "support/support.h"

// In memory of exactly its size, so that a byte too far is seen.
static char *
unwrap(const char *body)
{
	size_t len = strlen(body);
	char *exact = malloc(len + (len == 0)), *ret = NULL;
	struct enlace_text text;

	assert_non_null(exact);
	memcpy(exact, body, len);
	if (http_unwrap(exact, len, "data", &text)) {
		ret = strndup(text.data, text.len);
		assert_non_null(ret);
	}
	free(exact);
	return ret;
}

static void
assert_unwrapped(const char *body, const char *record)
{
	char *got = unwrap(body);

	assert_non_null(got);
	assert_string_equal(got, record);
	free(got);
}

// What a parser that writes again makes other bytes of, or refuses.
static void
a_record_is_the_bytes_that_came(void **state)
{
	static const char *const records[] = {
	    "{\"n\":1.0}",
	    "{\"n\":1e3}",
	    "{\"n\":1.50}",
	    "{\"n\":0.12345678901234567}",
	    "{\"n\":123456789012345678901234567890}",
	    "{\"n\":-0}",
	    "{\"n\":1E400}",
	    "{ \"b\" : \"\\u00e1\\/\" ,\n\"a\":[1.10,{}] }",
	    "{\"s\":\"}],{\\\"data\\\":1\\\\\"}",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		snprintf(body, sizeof(body), "{\"data\":%s}", records[i]);
		assert_unwrapped(body, records[i]);
		snprintf(body, sizeof(body),
		    " {\"id\": 98765432109876543210,\"in\":{\"data\":[1]}, \"data\" : %s , \"x\":\"data\"}\n",
		    records[i]);
		assert_unwrapped(body, records[i]);
	}
	assert_unwrapped("{\"d\\u0061ta\":{\"n\":2.0}}", "{\"n\":2.0}");
	assert_unwrapped("{\"data\":7.0 }", "7.0");
}

static void
what_is_no_json_with_the_key_once_is_refused(void **state)
{
	static const char *const bodies[] = {"", "{", "{}", "[]", "null", "\"data\"", "{\"data\"",
	    "{\"data\":", "{\"data\":}", "{\"data\":,\"x\":1}", "{\"data\":{}", "{\"data\":{}}x", "{\"data\":{},}",
	    "{,\"data\":{}}", "{\"x\":@,\"data\":{}}", "{\"data\":{},\"data\":{}}", "{\"data\":{},\"d\\u0061ta\":{}}",
	    "{\"other\":{\"data\":{}}}", "[{\"data\":{}}]", "{\"data\":{}]", "{\"data\":\"\\", "{\"data\":1 2}",
	    "{\"x\":\"\\"};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		char *got = unwrap(bodies[i]);

		if (got != NULL) {
			fail_msg("taken: %s", bodies[i]);
		}
	}
}

static void
every_truncation_is_refused(void **state)
{
	static const char body[] = "{\"id\":[1,\"a\\\"b\"],\"data\":{\"n\":[1.0,{\"x\":\"}\"}]},\"z\":null}";
	char cut[sizeof(body)];

	(void)state;
	for (size_t len = 0; len + 1 < sizeof(body); len++) {
		memcpy(cut, body, len);
		cut[len] = '\0';
		assert_null(unwrap(cut));
	}
	assert_unwrapped(body, "{\"n\":[1.0,{\"x\":\"}\"}]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_record_is_the_bytes_that_came),
	    cmocka_unit_test(what_is_no_json_with_the_key_once_is_refused),
	    cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests_name("connectors/envelope", tests, NULL, NULL);
}
