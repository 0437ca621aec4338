// SPDX-License-Identifier: Apache-2.0
// config/mappings/README.md: its examples are mappings, and no word of the language is missing.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

#include "conf/value.h"

#define PAGE "config/mappings/README.md"

static void
read_page(struct buf *page)
{
	assert_ok(buf_read_file(page, PAGE, LIMIT_YAML_BYTES));
}

// Every line of every ```yaml block, as the lines of one `set`.
static void
collect_lines(struct buf *page, struct buf *set)
{
	bool inside = false;
	char *rest = (char *)(uintptr_t)buf_cstr(page), *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "```", 3) == 0) {
			inside = strcmp(line, "```yaml") == 0;
		} else if (inside) {
			buf_printf(set, "  %s\n", line);
		}
	}
}

static void
load_tables(struct probe *p)
{
	table(
	    p, "table: usuarios\ncolumns: [user, agency, email]\n", "user,agency,email\nmaria,unicef,m@example.org\n");
	table(p,
	    "table: lugares\ncolumns: [code, parent, level, name]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
	    "code,parent,level,name\n07,,adm1,Chiapas\n07089,07,adm2,Tapachula\n");
	table(p, "table: registro-sexo\n", "from,to\nF,FEMALE\nM,MALE\n");
	table(p, "table: ida-y-vuelta\ndirection: both_ways\n", "from,to\nA,uno\nB,dos\n");
	table(p, "table: kilos\n", "from,to\nkg,1\nlb,0.45359237\n");
	table(p, "table: pais\n", "from,to\nHONDURENA,HND\n");
	table(p, "table: lada\ncolumns: [country, code, trunk, lengths, infix]\n",
	    "country,code,trunk,lengths,infix\nMEX,52,044|045|01,10,1\n");
}

static void
every_example_compiles_and_runs(void **state)
{
	struct probe *p = *state;
	struct buf page = BUF_EMPTY, set = BUF_EMPTY;

	read_page(&page);
	collect_lines(&page, &set);
	load_tables(p);
	between(p, "Registro", "Pagina", "", buf_cstr(&set));
	enum en_err err = run_json(p,
	    "{\"folio\": \"A-1\", \"usuario\": \"maria\", \"agencia\": \"unicef\", \"municipio\": \"07089\", \"nna\": \"S\", \"edad\": \"13\", "
	    "\"nombre_completo\": \"Ana Lopez Paz\", \"peso\": \"1.234,5\", \"unidad\": \"lb\", \"caso\": \"c\", "
	    "\"nacimiento\": \"05/03/2011\", \"telefono\": \"044 962 123 4567\", \"clase\": \"\", \"idiomas\": \"mam es\", \"fecha_registro\": \"23/11/2026\"}");

	if (err != EN_OK) {
		print_message("%s at %s\n", reason_code(p->fault.reason), p->fault.target);
	}
	assert_ok(err);
	const char *json = output_json(p, 0);

	assert_non_null(strstr(json, "\"state_name\":\"Chiapas\""));
	assert_non_null(strstr(json, "\"age\":15"));
	assert_non_null(strstr(json, "\"phone\":\"+529621234567\""));
	assert_non_null(strstr(json, "\"weight\":560"));
	assert_non_null(strstr(json, "\"speaks_mam\":true"));
	buf_fini(&page);
	buf_fini(&set);
}

static void
every_word_of_the_language_is_on_the_page(void **state)
{
	struct buf page = BUF_EMPTY;

	(void)state;
	read_page(&page);
	for (size_t i = 0; i < conf_arm_object.field_count; i++) {
		const struct bind_field *f = &conf_arm_object.fields[i];

		if (strstr(buf_cstr(&page), f->key) == NULL) {
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
