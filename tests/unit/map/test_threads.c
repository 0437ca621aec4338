// SPDX-License-Identifier: Apache-2.0
// One plan, many threads: plans are immutable, what changes is each thread's own. `make SAN=thread unit/map` watches every access.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "difficulty.h"
#include "page.h"

enum { THREADS = 4, ROUNDS = 200 };

struct worker {
	pthread_t thread;
	const struct plan *plan;
	const struct schema_type *from;
	const struct map_env *env;
	struct view payload, wanted;
	bool trace;
	size_t same;
};

static void *
work(void *context)
{
	struct worker *w = context;
	struct index_fault index_fault;
	struct map_fault fault;
	struct index index;
	struct map_run run;

	index_init(&index);
	map_run_init(&run);
	run.trace = w->trace;
	for (int i = 0; i < ROUNDS; i++) {
		bool good = index_build(&index, w->from, w->payload, &index_fault) == EN_OK &&
		    plan_run(w->plan, &index, w->env, &run, &fault) == EN_OK;

		w->same += good && run.output_count == 1 && view_equal(run.outputs[0].payload, w->wanted);
	}
	map_run_fini(&run);
	index_fini(&index);
	return NULL;
}

// Some keep the lineage, which is the general way; the others go the lowered one. All make the same bytes.
static void
expect_the_same_from_all(struct probe *p, const char *json)
{
	struct worker workers[THREADS];
	struct buf wanted = BUF_EMPTY;

	assert_ok(run_json(p, json));
	buf_put_view(&wanted, p->run.outputs[0].payload);
	for (size_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.plan = p->plan,
		    .from = mapping_from(p->mapping),
		    .env = &p->env,
		    .payload = buf_view(&p->payload),
		    .wanted = buf_view(&wanted),
		    .trace = i % 2 == 1};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_int_equal(workers[i].same, ROUNDS);
	}
	buf_fini(&wanted);
}

static void
a_plan_is_shared_by_threads(void **state)
{
	struct probe *p = *state;
	struct buf set = BUF_EMPTY;

	page_lines(&set);
	page_tables(p);
	between(p, "Registro", "Pagina", "", buf_cstr(&set));
	expect_the_same_from_all(p, page_record);
	buf_fini(&set);
	caso_to_vista(p,
	    "  numero: numero\n  nombre: persona.nombre\n  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase, nota: c.numero}}\n"
	    "  nivel:\n    choose:\n      - {when: {persona.sexo: ALTO}, is: a}\n    otherwise: absent\n");
	plan_with(p, grants_all());
	expect_the_same_from_all(p, CASO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_plan_is_shared_by_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
