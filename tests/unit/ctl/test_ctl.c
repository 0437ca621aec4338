// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "ctl/ctl.h"
#include "support/support.h"

#define LIMIT_BYTES 65536

struct fixture {
	struct arena arena;
	struct ctl_request request;
	char text[200];
};

static struct fixture fixture;

static int
set_up(void **state)
{
	fixture = (struct fixture){.text = ""};
	arena_init(&fixture.arena, 0);
	*state = &fixture;
	return 0;
}

static int
tear_down(void **state)
{
	arena_fini(&((struct fixture *)*state)->arena);
	return 0;
}

static enum en_err
parse(struct fixture *f, const char *json)
{
	return ctl_request_parse(view_text(json), &f->arena, &f->request, f->text);
}

static void
a_built_request_is_parsed_as_it_was_meant(void **state)
{
	struct fixture *f = *state;
	struct buf json = BUF_EMPTY;
	const char *args[] = {"state", "held", "limit", "18446744", NULL};

	assert_ok(ctl_request_build(CTL_MSG_LS, "7\"", args, &json));
	assert_ok(ctl_request_parse(buf_view(&json), &f->arena, &f->request, f->text));

	assert_int_equal(f->request.verb, CTL_MSG_LS);
	assert_string_equal(f->request.id, "7\"");
	assert_string_equal(ctl_arg(&f->request, "state")->text, "held");
	assert_int_equal(ctl_arg(&f->request, "limit")->number, 18446744);
	assert_null(ctl_arg(&f->request, "agency"));
	buf_fini(&json);
}

static void
an_unknown_verb_names_the_nearest_one(void **state)
{
	struct fixture *f = *state;

	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"msg.lss\"}"));
	assert_non_null(strstr(f->text, "msg.ls"));
}

static void
a_missing_and_an_unknown_argument_are_told(void **state)
{
	struct fixture *f = *state;

	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"msg.show\",\"args\":{}}"));
	assert_non_null(strstr(f->text, "position"));
	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"status\",\"args\":{\"colour\":\"red\"}}"));
	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"msg.show\",\"args\":{\"position\":\"12x\"}}"));
	// What is no object would be no arguments at all, and the verb would do another thing.
	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"msg.ls\",\"args\":[\"state\",\"dead\"]}"));
	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"msg.ls\",\"id\":7}"));
}

static void
a_request_at_the_limit_is_read_and_a_longer_one_is_not(void **state)
{
	struct fixture *f = *state;
	char *json = malloc(LIMIT_BYTES + 2);

	assert_non_null(json);
	memset(json, ' ', LIMIT_BYTES + 1);
	memcpy(json, "{\"verb\":\"status\"}", 17);
	json[LIMIT_BYTES] = '\0';
	assert_ok(parse(f, json));
	json[LIMIT_BYTES] = ' ';
	json[LIMIT_BYTES + 1] = '\0';
	assert_err(EN_EUSAGE, parse(f, json));
	free(json);
}

static void
what_is_no_request_is_refused_at_every_truncation(void **state)
{
	struct fixture *f = *state;
	static const char whole[] = "{\"verb\":\"msg.show\",\"id\":\"1\",\"args\":{\"position\":12}}";

	assert_ok(parse(f, whole));
	for (size_t len = 0; len + 1 < sizeof(whole); len++) {
		assert_err(EN_EUSAGE, ctl_request_parse(view_of(whole, len), &f->arena, &f->request, f->text));
	}
	assert_err(EN_EUSAGE, parse(f, "[]"));
	assert_err(EN_EUSAGE, parse(f, "{\"verb\":\"status\",\"verb\":\"metrics\"}"));
}

static void
a_build_with_an_argument_that_the_verb_lacks_is_our_own_mistake(void **state)
{
	struct buf json = BUF_EMPTY;
	const char *args[] = {"colour", "red", NULL};

	(void)state;
	assert_err(EN_EUSAGE, ctl_request_build(CTL_STATUS, "1", args, &json));
	buf_fini(&json);
}

static void
an_error_reply_is_escaped_json(void **state)
{
	struct buf reply = BUF_EMPTY;

	(void)state;
	ctl_reply_error(&reply, "a\"b", "busy", "line\nbreak");
	assert_string_equal(
	    buf_cstr(&reply), "{\"ok\":false,\"id\":\"a\\\"b\",\"code\":\"busy\",\"text\":\"line\\nbreak\"}");
	buf_fini(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_built_request_is_parsed_as_it_was_meant, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_unknown_verb_names_the_nearest_one, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_missing_and_an_unknown_argument_are_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_request_at_the_limit_is_read_and_a_longer_one_is_not, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_no_request_is_refused_at_every_truncation, set_up, tear_down),
	    cmocka_unit_test(a_build_with_an_argument_that_the_verb_lacks_is_our_own_mistake),
	    cmocka_unit_test(an_error_reply_is_escaped_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
