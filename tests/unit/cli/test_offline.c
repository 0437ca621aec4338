// SPDX-License-Identifier: Apache-2.0
// The commands that need no broker, as a person runs them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

// ---- the program itself ---------------------------------------------------------------------------------------------------------------

static void
without_a_command_it_says_which_there_are(void **state)
{
	struct place *at = *state;

	program_run_in(&at->p, "C", VIEW_EMPTY, (const char *const[]){NULL});
	assert_ended(&at->p, 2);
	assert_int_equal(at->p.out.len, 0);
	assert_said(&at->p.err, "convert");

	run_enlace(&at->p, "--help");
	assert_ended(&at->p, 0);
	assert_int_equal(at->p.err.len, 0);
	assert_said(&at->p.out, "exit codes: 0 done");
}

static void
an_unknown_command_or_option_names_the_nearest(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "stauts");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "did you mean status");
	run_enlace(&at->p, "lint", "--fromat", "json");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "did you mean --format");
	run_enlace(&at->p, "lint", "-x");
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "msg", "sow", "7");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "enlace msg: there is no 'sow'; did you mean show\nusage:\n");
	run_enlace_es(&at->p, "schema", "chek");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "enlace schema: no existe 'chek'; quiso decir check\nuso:\n");
}

static void
an_option_takes_a_value_or_none(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "lint", "--format");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "--format needs a value");
	run_enlace(&at->p, "lint", "--quiet=1");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "--quiet takes no value");
	run_enlace(&at->p, "lint", "--format", "xml");
	assert_ended(&at->p, 2);
}

static void
two_dashes_end_the_options(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "keys", "show", "--", "--help");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "--help: no such thing");
}

static void
every_command_has_help_with_an_example(void **state)
{
	static const char *const names[] = {"lint", "test", "map", "explain", "keys", "agency", "publish", "sub", "msg",
	    "status", "reload", "convert", "schema", "version"};
	struct place *at = *state;
	char example[32];

	for (size_t i = 0; i < EN_COUNT_OF(names); i++) {
		run_enlace(&at->p, names[i], "--help");
		assert_ended(&at->p, 0);
		snprintf(example, sizeof(example), "  enlace %s", names[i]);
		assert_said(&at->p.out, example);
		assert_said(&at->p.out, "--config VALUE");
	}
}

static void
it_speaks_spanish_where_the_system_does(void **state)
{
	struct place *at = *state;

	run_enlace_es(&at->p, "stauts");
	assert_said(&at->p.err, "no existe el comando 'stauts'; quiso decir status");
	run_enlace_es(&at->p, "lint", "--help");
	assert_said(&at->p.out, "revisar la configuración");
}

static void
output_that_does_not_arrive_is_a_failure(void **state)
{
	struct place *at = *state;
	char *program = program_path(), command[4096];

	snprintf(command, sizeof(command), "%s version >/dev/full 2>/dev/null", program);
	int status = system(command);

	assert_int_equal(WEXITSTATUS(status), 74);
	// A closed stream is no place either, and none of the files that a command opens takes its place.
	snprintf(command, sizeof(command), "%s keys new --out %s/k.cert >&- 2>/dev/null <&-", program, at->folder);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 74);
	snprintf(command, sizeof(command), "%s keys show %s/k.cert >/dev/null", program, at->folder);
	assert_int_equal(system(command), 0);
	free(program);
	run_enlace(&at->p, "version", "--format", "json");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "\"protocol\":\"ENLACE/1\"");
}

// ---- lint -------------------------------------------------------------------------------------------------------------------------------

static void
lint_is_silent_about_a_set_in_order(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "lint", "-c", at->settings, "-q", "--deny-warnings");
	assert_ended(&at->p, 0);
	assert_int_equal(at->p.out.len, 0);
	assert_int_equal(at->p.err.len, 0);
}

static void
lint_tells_every_finding_with_its_place(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", "route: r\ntypes: [Referal]\npurpose: p\nsend_to: [{agency: inn}]\n");
	run_enlace(&at->p, "lint", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "routes/r.yaml:2:9: error[E0501]");
	assert_said(&at->p.out, "routes/r.yaml:4:20: error[E0502]");
	assert_said(&at->p.err, "2 errors, 0 warnings");

	run_enlace(&at->p, "lint", at->folder, "--format", "json");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "\"code\":\"E0501\",\"severity\":\"error\"");
	assert_said(&at->p.out, "\"errors\":2,\"warnings\":0}");
	assert_not_said(&at->p.out, "\033");
}

static void
a_warning_is_an_error_only_when_denied(void **state)
{
	struct place *at = *state;

	put(at, "agencies/ops.yaml", "agency: ops\nkind: un\noperator: true\n");
	run_enlace(&at->p, "lint", "-c", at->settings);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "warning[W0703]");
	run_enlace(&at->p, "lint", "-c", at->settings, "--deny-warnings");
	assert_ended(&at->p, 1);
}

static void
findings_of_the_settings_are_part_of_the_report(void **state)
{
	struct place *at = *state;

	put(at, "enlace.yaml", "listne: tcp://127.0.0.1:5570\n");
	run_enlace(&at->p, "lint", "-c", at->settings, "--format", "json");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "\"code\":\"E0103\"");
	assert_said(&at->p.out, "\"hint\":\"listen\"");
}

static void
lint_of_what_is_not_there_is_a_negative_result(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "lint", at->settings);
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "-c FILE");

	run_enlace(&at->p, "lint", "/nonexistent/rules");
	assert_ended(&at->p, 1);
	run_enlace(&at->p, "lint", "-c", "/nonexistent/enlace.yaml");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "E0101");
	run_enlace(&at->p, "lint", "one", "two");
	assert_ended(&at->p, 2);
}

// ---- keys and agencies ----------------------------------------------------------------------------------------------------------------------

static void
a_new_key_is_two_files_of_which_one_is_secret(void **state)
{
	struct place *at = *state;
	char *public_file = path(at, "inm.cert"), *secret_file = path(at, "inm.cert_secret");
	struct stat info;

	run_enlace(&at->p, "keys", "new", "--agency", "inm", "--valid-to", "2027-12-31", "--out", public_file);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "valid to     2027-12-31");
	assert_int_equal(stat(secret_file, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	char *content = test_read(public_file, NULL);

	assert_null(strstr(content, "secret-key"));
	free(content);

	run_enlace(&at->p, "keys", "new", "--out", public_file);
	assert_ended(&at->p, 1); // never over one that is there
	run_enlace(&at->p, "keys", "show", public_file, "--format", "json");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "\"agency\":\"inm\"");
	assert_not_said(&at->p.out, "secret");
	free(public_file);
	free(secret_file);
}

// Whoever sends a key file may have written more into it than a name.
static void
a_key_file_of_somebody_else_steers_no_terminal_and_breaks_no_program(void **state)
{
	struct place *at = *state;
	char *public_file = path(at, "x.cert"), *secret_file = path(at, "x.cert_secret");

	run_enlace(&at->p, "keys", "new", "-q", "--agency", "inm", "--out", public_file);
	assert_int_equal(unlink(secret_file), 0); // that stays with its owner
	free(secret_file);
	char *content = test_read(public_file, NULL), *agency = strstr(content, "\"inm\""),
	     *created = strstr(content, "created = \"");

	assert_non_null(agency);
	assert_non_null(created);
	memcpy(agency, "\"\033[m\"", 5);
	memcpy(created + strlen("created = \""), "20\\6", 4);
	free(test_write_text(at->folder, "x.cert", content));
	free(content);
	run_enlace(&at->p, "keys", "show", public_file);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "agency       ?[m\n");
	run_enlace(&at->p, "keys", "show", public_file, "--format", "json");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "\"agency\":\"\\u001b[m\"");
	assert_said(&at->p.out, "\"created\":\"20\\\\6");
	free(public_file);
}

static void
a_key_needs_a_file_and_a_day_that_is_one(void **state)
{
	struct place *at = *state;
	char *file = path(at, "x.cert");

	run_enlace(&at->p, "keys", "new");
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "keys", "new", "--out", file, "--valid-to", "2027-02-30");
	assert_ended(&at->p, 2);
	assert_int_not_equal(access(file, F_OK), 0);
	run_enlace(&at->p, "keys", "show", file);
	assert_ended(&at->p, 1);
	free(file);
}

static void
an_agency_is_enrolled_and_its_file_begun(void **state)
{
	struct place *at = *state;
	char *key = path(at, "casa.cert"), *file = path(at, "agencies/casa-abierta.yaml");

	run_enlace(&at->p, "keys", "new", "-q", "--out", key);
	assert_ended(&at->p, 0);
	run_enlace(&at->p, "agency", "add", "casa-abierta", "--key", key, "--title", "Casa \"Abierta\": Tapachula # 2",
	    "-c", at->settings, "-q");
	assert_ended(&at->p, 0);
	assert_int_equal(at->p.out.len + at->p.err.len, 0); // quiet is quiet
	char *content = test_read(file, NULL);

	assert_non_null(strstr(content, "title: \"Casa \\\"Abierta\\\": Tapachula # 2\"\n"));
	assert_non_null(strstr(content, "publishes: []\n"));
	free(content);
	run_enlace(&at->p, "lint", "-c", at->settings); // what was begun is in order, and permits nothing
	assert_ended(&at->p, 0);

	put(at, "agencies/casa-abierta.yaml", "agency: casa-abierta\nkind: un\n");
	run_enlace(&at->p, "agency", "add", "casa-abierta", "--key", key, "-c", at->settings);
	assert_ended(&at->p, 0);
	assert_said(&at->p.err, "enrolled already");
	run_enlace(&at->p, "agency", "add", "casa-abierta", "--key", key, "-c", at->settings, "--format", "json");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "{\"agency\":\"casa-abierta\",\"file\":\"");
	assert_said(&at->p.out, "\"known\":true,\"written\":null}");
	assert_int_equal(at->p.err.len, 0);
	content = test_read(file, NULL);
	assert_string_equal(content, "agency: casa-abierta\nkind: un\n");
	free(content);
	free(key);
	free(file);
}

static void
a_key_is_not_enrolled_for_another_agency(void **state)
{
	struct place *at = *state;
	char *key = path(at, "inm.cert");

	run_enlace(&at->p, "keys", "new", "-q", "--agency", "inm", "--out", key);
	run_enlace(&at->p, "agency", "add", "unicef", "--key", key, "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "inm");
	run_enlace(&at->p, "agency", "add", "../unicef", "--key", key, "-c", at->settings);
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "agency", "add", "inm", "--key", key, "--kind", "ngo", "-c", at->settings);
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "agency", "add", "inm", "-c", at->settings);
	assert_ended(&at->p, 2);
	free(key);
}

// ---- convert --------------------------------------------------------------------------------------------------------------------------------

static void
json_becomes_protobuf_and_json_again(void **state)
{
	struct place *at = *state;
	struct buf payload = BUF_EMPTY;

	run_enlace_on(&at->p, view_text("{\"caseId\":\"c-1\",\"consent\":{\"share_with_other_orgs\":\"YES\"}}"),
	    "convert", "--type", "enlace.v1.ConsentUpdate", "-c", at->settings);
	assert_ended(&at->p, 0);
	buf_put_view(&payload, buf_view(&at->p.out));
	assert_view_is("\x0a\x03"
		       "c-1\x1a\x02\x38\x01",
	    buf_view(&payload));
	run_enlace_on(&at->p, buf_view(&payload), "convert", "--type", "enlace.v1.ConsentUpdate", "--from", "bin", "-c",
	    at->settings);
	assert_ended(&at->p, 0);
	assert_string_equal(buf_cstr(&at->p.out),
	    "{\n  \"caseId\": \"c-1\",\n  \"consent\": {\n    \"shareWithOtherOrgs\": \"YES\"\n  }\n}\n");
	buf_fini(&payload);
}

static void
text_format_is_the_third_form(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text("case_id: 'c-1' consent { share_with_other_orgs: YES }"), "convert", "--type",
	    "enlace.v1.ConsentUpdate", "--from", "text", "--to", "json", "-c", at->settings);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "\"caseId\": \"c-1\"");
	run_enlace_on(&at->p, view_text("{\"caseId\":\"c-1\"}"), "convert", "--type", "enlace.v1.ConsentUpdate", "--to",
	    "text", "-c", at->settings);
	assert_ended(&at->p, 0);
	assert_string_equal(buf_cstr(&at->p.out), "case_id: \"c-1\"\n");
	run_enlace_on(&at->p, view_text("case_id: 'secret\n"), "convert", "--type", "enlace.v1.ConsentUpdate", "--from",
	    "text", "-c", at->settings);
	assert_ended(&at->p, 65);
	assert_said(&at->p.err, "1:10: case_id");
	assert_not_said(&at->p.err, "secret");
}

static void
what_is_no_payload_is_bad_data(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p,
	    view_of("\x0a\x05"
		    "c",
		3),
	    "convert", "--type", "enlace.v1.ConsentUpdate", "--from", "bin", "--to", "bin", "-c", at->settings);
	assert_ended(&at->p, 65);
	assert_int_equal(at->p.out.len, 0);
	run_enlace_on(
	    &at->p, view_text("{\"caseId\":"), "convert", "--type", "enlace.v1.ConsentUpdate", "-c", at->settings);
	assert_ended(&at->p, 65);
	run_enlace(&at->p, "convert", "--type", "enlace.v1.ConsentUpdat", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no message enlace.v1.ConsentUpdat; did you mean enlace.v1.ConsentUpdate\n");
	run_enlace(&at->p, "convert", "--from", "xml", "--type", "enlace.v1.ConsentUpdate", "-c", at->settings);
	assert_ended(&at->p, 2);
}

static void
without_a_key_nothing_is_asked_of_a_broker(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "status", "-c", at->settings);
	assert_ended(&at->p, 2);
	assert_string_equal(buf_cstr(&at->p.err),
	    "enlace: the broker asks who you are: name your key with --key FILE.cert_secret or $ENLACE_KEY. None yet? enlace keys new\n");
	run_enlace(&at->p, "msg", "release", "7");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "--reason");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE_TEST(without_a_command_it_says_which_there_are),
	    PLACE_TEST(an_unknown_command_or_option_names_the_nearest),
	    PLACE_TEST(an_option_takes_a_value_or_none),
	    PLACE_TEST(two_dashes_end_the_options),
	    PLACE_TEST(every_command_has_help_with_an_example),
	    PLACE_TEST(it_speaks_spanish_where_the_system_does),
	    PLACE_TEST(output_that_does_not_arrive_is_a_failure),
	    PLACE_TEST(lint_is_silent_about_a_set_in_order),
	    PLACE_TEST(lint_tells_every_finding_with_its_place),
	    PLACE_TEST(a_warning_is_an_error_only_when_denied),
	    PLACE_TEST(findings_of_the_settings_are_part_of_the_report),
	    PLACE_TEST(lint_of_what_is_not_there_is_a_negative_result),
	    PLACE_TEST(a_new_key_is_two_files_of_which_one_is_secret),
	    PLACE_TEST(a_key_file_of_somebody_else_steers_no_terminal_and_breaks_no_program),
	    PLACE_TEST(a_key_needs_a_file_and_a_day_that_is_one),
	    PLACE_TEST(an_agency_is_enrolled_and_its_file_begun),
	    PLACE_TEST(a_key_is_not_enrolled_for_another_agency),
	    PLACE_TEST(json_becomes_protobuf_and_json_again),
	    PLACE_TEST(text_format_is_the_third_form),
	    PLACE_TEST(what_is_no_payload_is_bad_data),
	    PLACE_TEST(without_a_key_nothing_is_asked_of_a_broker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
