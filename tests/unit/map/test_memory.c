// SPDX-License-Identifier: Apache-2.0
// Memory that runs out while a mapping with every verb and step is compiled, planned and run: each
// failure is told, nothing leaks, nothing is half done.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"
#include "map/program.h"
#include "page.h"
#include "support/scarce.h"

struct page_case {
	struct probe *p;
	const struct conf_mapping *conf;
	struct grants grants;
};

static struct page_case
page_setup(struct probe *p)
{
	struct buf set = BUF_EMPTY;

	page_lines(&set);
	page_tables(p);
	between(p, "Registro", "Pagina", "", buf_cstr(&set));
	buf_fini(&set);
	index_json(p, page_record);
	return (struct page_case){.p = p, .conf = p->mapping->conf, .grants = grants_all()};
}

static enum en_err
compile_once(void *context)
{
	const struct page_case *c = context;
	struct mapping *m = NULL;
	struct findings findings;

	findings_init(&findings);
	enum en_err err = mapping_compile(c->conf, c->p->schema, c->p->tables, &findings, &m);

	mapping_free(&m);
	findings_fini(&findings);
	return err;
}

static enum en_err
plan_once(void *context)
{
	const struct page_case *c = context;
	struct plan *plan = NULL;
	enum en_err err = plan_new(c->p->mapping, &c->grants, NULL, &plan);

	plan_free(&plan);
	return err;
}

static enum en_err
run_once(void *context)
{
	const struct page_case *c = context;
	struct map_run run;
	struct map_fault fault;

	map_run_init(&run);
	enum en_err err = plan_run(c->p->plan, &c->p->index, &c->p->env, &run, &fault);

	map_run_fini(&run);
	return err;
}

static enum en_err
tables_once(void *context)
{
	const struct page_case *c = context;
	struct code_tables *tables = NULL;
	struct findings findings;

	findings_init(&findings);
	enum en_err err = code_tables_new(&c->p->codes, &findings, &tables);

	code_tables_free(&tables);
	findings_fini(&findings);
	return err;
}

static void
no_step_of_a_mapping_loses_itself_without_memory(void **state)
{
	struct page_case c = page_setup(*state);
	enum en_err (*const steps[])(void *) = {compile_once, plan_once, run_once, tables_once};

	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		scarce_sweep_one(steps[i], &c, false);
		scarce_sweep_one(steps[i], &c, true);
	}
}

// From the second event on: the index, the outputs and what steps need in between are where those of the event before were.
static void
a_warm_run_asks_for_no_memory(void **state)
{
	struct probe *p = *state;
	static const char *const sets[] = {NULL, // the page: every verb and step, the general way
	    "  numero: numero\n  nombre: persona.nombre\n  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase, nota: c.numero}}\n"
	    "  nivel:\n    choose:\n      - {when: {persona.sexo: ALTO}, is: a}\n    otherwise: absent\n"};
	struct index_fault fault;

#if defined(__SANITIZE_ADDRESS__) // every piece of an arena is a block of its own there
	skip();
#endif
	for (size_t i = 0; i < EN_COUNT_OF(sets); i++) {
		if (sets[i] == NULL) {
			(void)page_setup(p);
		} else {
			caso_to_vista(p, sets[i]);
			plan_with(p, grants_all());
			index_json(p, CASO);
		}
		struct view payload = buf_view(&p->payload);

		for (int round = 0; round < 4; round++) {
			bool is_warm = round >= 2;

			scarce_is_over = is_warm;
			scarce_left = is_warm ? 0 : SIZE_MAX;
			enum en_err built = index_build(&p->index, mapping_from(p->mapping), payload, &fault);
			enum en_err ran = plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault);

			scarce_is_over = false;
			scarce_left = SIZE_MAX;
			assert_ok(built);
			assert_ok(ran);
			assert_int_equal(p->run.output_count, 1);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(no_step_of_a_mapping_loses_itself_without_memory),
	    probe_test(a_warm_run_asks_for_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
