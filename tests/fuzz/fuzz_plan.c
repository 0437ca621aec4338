// SPDX-License-Identifier: Apache-2.0
// Any payload through a mapping that we ship, the lowered way and the general way: the same bytes, or the same fault. The first line names the mapping, the
// rest is the payload. `make fuzz FUZZ=plan` runs it.
#include "base/crypto.h"
#include "fuzz/payload.h"
#include "map/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stage {
	struct conf_set *conf;
	struct schema *schema;
	struct code_tables *tables;
	struct mapping **mappings;
	struct plan **plans;
};

static struct stage *
stage(void)
{
	static struct stage s;
	const struct grants all = grants_all();
	struct findings findings;

	if (s.conf != NULL) {
		return &s;
	}
	findings_init(&findings);
	require(crypto_init() == EN_OK);
	require(schema_load_folder("build/schemas", &findings, &s.schema) == EN_OK);
	require(conf_set_load("config", &findings, &s.conf) == EN_OK);
	require(code_tables_new(s.conf, &findings, &s.tables) == EN_OK);
	s.mappings = calloc(s.conf->mapping_count, sizeof(struct mapping *));
	s.plans = calloc(s.conf->mapping_count, sizeof(struct plan *));
	require(s.conf->mapping_count > 0 && s.mappings != NULL && s.plans != NULL);
	for (size_t i = 0; i < s.conf->mapping_count; i++) {
		require(mapping_compile(s.conf->mappings[i], s.schema, s.tables, &findings, &s.mappings[i]) == EN_OK);
		require(plan_new(s.mappings[i], &all, &findings, &s.plans[i]) == EN_OK);
	}
	findings_fini(&findings);
	return &s;
}

// A name that is unknown stands for one of them all the same.
static size_t
chosen(const struct stage *s, struct view name)
{
	size_t i = 0;

	while (i < s->conf->mapping_count && !view_is(name, s->conf->mappings[i]->name.text)) {
		i++;
	}
	return i < s->conf->mapping_count ? i : name.len % s->conf->mapping_count;
}

struct way {
	struct map_run run;
	struct map_fault fault;
	enum en_err err;
};

static void
go(struct way *w, const struct plan *plan, const struct index *ix, bool trace)
{
	struct map_env env = {.recorded_wall_ms = 1795000000000, .sender = "inm"};

	map_run_init(&w->run);
	w->run.trace = trace;
	w->fault = (struct map_fault){.reason = REASON_NONE};
	w->err = plan_run(plan, ix, &env, &w->run, &w->fault);
}

static void
compare(const struct way *a, const struct way *b)
{
	require(a->err == b->err && a->run.output_count == b->run.output_count);
	require(a->fault.reason == b->fault.reason && a->fault.where.line == b->fault.where.line &&
	    strcmp(a->fault.target, b->fault.target) == 0 && strcmp(a->fault.source, b->fault.source) == 0);
	for (size_t i = 0; i < a->run.output_count; i++) {
		require(view_equal(a->run.outputs[i].payload, b->run.outputs[i].payload));
		require(view_equal(a->run.outputs[i].split_key, b->run.outputs[i].split_key));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct stage *s = stage();
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	size_t head = end == NULL ? 0 : (size_t)(end - data) + 1;
	size_t i = chosen(s, view_of(data, head == 0 ? 0 : head - 1));
	struct index ix;

	index_init(&ix);
	if (index_build(&ix, mapping_from(s->mappings[i]), view_of(data + head, size - head), NULL) == EN_OK) {
		struct way fast, general;

		go(&fast, s->plans[i], &ix, false);
		go(&general, s->plans[i], &ix, true);
		compare(&fast, &general);
		map_run_fini(&fast.run);
		map_run_fini(&general.run);
	}
	index_fini(&ix);
	return 0;
}
