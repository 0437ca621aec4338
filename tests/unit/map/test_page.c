// SPDX-License-Identifier: Apache-2.0
// config/mappings/README.md: its examples are mappings, and no word of the language is missing.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

#include "conf/value.h"
#include "page.h"

static void
every_example_compiles_and_runs(void **state)
{
	struct probe *p = *state;
	struct buf set = BUF_EMPTY;

	page_lines(&set);
	page_tables(p);
	between(p, "Registro", "Pagina", "", buf_cstr(&set));
	enum en_err err = run_json(p, page_record);

	if (err != EN_OK) {
		print_message("%s at %s\n", reason_code(p->fault.reason), p->fault.target);
	}
	assert_ok(err);
	const char *json = output_json(p, 0);

	assert_non_null(strstr(json, "\"state_name\":\"Chiapas\""));
	assert_non_null(strstr(json, "\"age\":15"));
	assert_non_null(strstr(json, "\"file_number\":\"803-000515\""));
	assert_non_null(strstr(json, "\"phone\":\"+529621234567\""));
	assert_non_null(strstr(json, "\"weight\":560"));
	assert_non_null(strstr(json, "\"speaks_mam\":true"));
	assert_non_null(strstr(json, "\"closing_note\":\"n\""));
	assert_non_null(strstr(json, "\"gbv_type\":\"RAPE\""));
	assert_non_null(strstr(json, "\"open_services\":2"));
	assert_non_null(strstr(json, "\"urgency\":\"HIGH\""));
	buf_fini(&set);
}

static void
every_word_of_the_language_is_on_the_page(void **state)
{
	struct buf page = BUF_EMPTY;

	(void)state;
	assert_ok(buf_read_file(&page, PAGE, LIMIT_YAML_BYTES));
	for (size_t i = 0; i < conf_arm_object.field_count; i++) {
		const struct bind_field *f = &conf_arm_object.fields[i];

		char key[64];

		(void)snprintf(key, sizeof(key), "%s:", f->key);
		if (strstr(buf_cstr(&page), key) == NULL) {
			fail_msg("%s is not in " PAGE, f->key);
		}
		for (size_t w = 0; f->words != NULL && f->words[w] != NULL; w++) {
			if (strstr(buf_cstr(&page), f->words[w]) == NULL) {
				fail_msg("%s of %s is not in " PAGE, f->words[w], f->key);
			}
		}
	}
	buf_fini(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(every_example_compiles_and_runs),
	    cmocka_unit_test(every_word_of_the_language_is_on_the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
