// SPDX-License-Identifier: Apache-2.0
// What the tests of mappings share: the probe schema, mappings written as text, payloads written as JSON, findings as
// one text.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_MAP_FIXTURE_H
#define EN_TESTS_UNIT_MAP_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "expr/run.h"
#include "map/map.h"
#include "schema/json.h"
#include "support/support.h"

#ifndef PROBE_SCHEMA
#define PROBE_SCHEMA "build/schemas/test/map.binpb"
#endif
#define CANONICAL_SCHEMA "build/schemas/enlace.binpb"

struct probe {
	struct arena arena;
	struct findings findings;
	struct schema *schema;
	struct conf_set codes;
	struct code_tables *tables;
	struct mapping *mapping;
	struct plan *plan;
	struct index index;
	struct map_run run;
	struct map_fault fault;
	struct map_env env;
	struct cel_run *cel;
	struct condition_ask ask;
	struct buf payload, json;
};

static inline void
probe_add(struct probe *p, const char *path)
{
	struct buf set = BUF_EMPTY;

	assert_ok(buf_read_file(&set, path, LIMIT_DESCRIPTOR_SET_BYTES));
	assert_ok(schema_add(p->schema, buf_view(&set), path, &p->findings));
	buf_fini(&set);
}

static int
probe_setup(void **state)
{
	struct probe *p = calloc(1, sizeof(*p));

	arena_init(&p->arena, 0);
	findings_init(&p->findings);
	index_init(&p->index);
	map_run_init(&p->run);
	assert_ok(crypto_init());
	assert_ok(schema_new(&p->schema));
	probe_add(p, CANONICAL_SCHEMA);
	probe_add(p, PROBE_SCHEMA);
	assert_ok(schema_seal(p->schema, &p->findings));
	assert_ok(code_tables_new(&p->codes, &p->findings, &p->tables));
	p->env = (struct map_env){.recorded_wall_ms = INT64_C(1795000000000), .sender = "inm"};
	p->ask = (struct condition_ask){p->env.recorded_wall_ms, p->env.sender, &p->cel};
	memset(p->env.id_key, 7, sizeof(p->env.id_key));
	*state = p;
	return 0;
}

static int
probe_teardown(void **state)
{
	struct probe *p = *state;

	plan_free(&p->plan);
	mapping_free(&p->mapping);
	code_tables_free(&p->tables);
	map_run_fini(&p->run);
	cel_run_free(&p->cel);
	index_fini(&p->index);
	schema_unref(&p->schema);
	findings_fini(&p->findings);
	arena_fini(&p->arena);
	buf_fini(&p->payload);
	buf_fini(&p->json);
	free(p);
	return 0;
}

// A code table from pairs of texts, NULL-terminated. Call it before compile.
static inline void
add_table(struct probe *p, const char *name, const char *direction, const char *const *pairs)
{
	struct conf_table **tables = arena_zalloc(&p->arena, (p->codes.table_count + 1) * sizeof(*tables));
	struct conf_table *t = arena_zalloc(&p->arena, sizeof(*t));

	while (pairs[2 * t->row_count] != NULL) {
		t->row_count++;
	}
	t->rows = arena_zalloc(&p->arena, (t->row_count + 1) * sizeof(*t->rows));
	for (size_t i = 0; i < t->row_count; i++) {
		t->rows[i] = (struct conf_table_row){
		    .from = pairs[2 * i], .to = pairs[2 * i + 1], .where = {.file = "codes.csv", .line = (uint32_t)i + 2, .column = 1}};
	}
	t->name.text = name;
	t->direction.text = direction;
	if (p->codes.table_count > 0) {
		memcpy(tables, p->codes.tables, p->codes.table_count * sizeof(*tables));
	}
	tables[p->codes.table_count++] = t;
	p->codes.tables = tables;
	code_tables_free(&p->tables);
	assert_ok(code_tables_new(&p->codes, &p->findings, &p->tables));
}

static inline enum en_err
compile(struct probe *p, const char *text)
{
	struct conf_mapping *conf = NULL;

	plan_free(&p->plan);
	mapping_free(&p->mapping);
	enum en_err err = conf_mapping_parse(view_text(text), "m.yaml", &p->arena, &p->findings, &conf);

	return err != EN_OK ? err : mapping_compile(conf, p->schema, p->tables, &p->findings, &p->mapping);
}

// The findings as "CODE LINE:COLUMN detail | hint\n", in the order of the file.
static inline const char *
found(struct probe *p)
{
	struct buf b = BUF_EMPTY;

	findings_sort(&p->findings);
	for (size_t i = 0; i < p->findings.count; i++) {
		const struct finding *f = &p->findings.items[i];

		buf_printf(&b, "%s %u:%u %s%s%s\n", finding_code_text(f->code), f->where.line, f->where.column, f->detail == NULL ? "" : f->detail,
		    f->hint == NULL ? "" : " | ", f->hint == NULL ? "" : f->hint);
	}
	const char *text = arena_text(&p->arena, buf_view(&b));

	buf_fini(&b);
	return text;
}

// A mapping between two types with these lines in `set` (indented by two) and everything else of the source unused:
// what is not the test's matter.
static inline const char *
mapping_text(struct probe *p, const char *from, const char *to, const char *head, const char *set)
{
	return arena_printf(&p->arena, "mapping: probe\nfrom: %s\nto: %s\n%sset:\n%s", from, to, head, set);
}

// Compiles it, adding to `unused` what the findings say is not read, and fails on any other error.
static inline void
compile_ok(struct probe *p, const char *text)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	if (compile(p, text) == EN_OK) {
		return;
	}
	struct buf b = BUF_EMPTY;

	buf_put_str(&b, text);
	buf_put_str(&b, "unused:\n");
	for (size_t i = 0; i < p->findings.count; i++) {
		const struct finding *f = &p->findings.items[i];

		if (f->code == E0315) {
			buf_printf(&b, "  %s: \"not here\"\n", f->detail);
		} else if (finding_is_error(f->code)) {
			print_message("%s", found(p));
			fail_msg("the mapping has errors");
		}
	}
	findings_fini(&p->findings);
	findings_init(&p->findings);
	enum en_err err = compile(p, arena_text(&p->arena, buf_view(&b)));

	if (err != EN_OK) {
		print_message("%s", found(p));
	}
	assert_ok(err);
	buf_fini(&b);
}

static inline void
plan_with(struct probe *p, struct grants grants)
{
	plan_free(&p->plan);
	assert_ok(plan_new(p->mapping, &grants, &p->findings, &p->plan));
}

static inline void
index_json(struct probe *p, const char *json)
{
	struct json_fault fault = {.err = EN_OK};
	struct index_fault index_fault;

	buf_clear(&p->payload);
	enum en_err err = json_to_payload(mapping_from(p->mapping), view_text(json), &(struct json_options){.lenient = false}, &p->payload, NULL, &fault);

	if (err != EN_OK) {
		print_message("%s: %s\n", fault.path, fault.hint);
	}
	assert_ok(err);
	assert_ok(index_build(&p->index, mapping_from(p->mapping), buf_view(&p->payload), &index_fault));
}

// One output as JSON text with the names of the .proto.
static inline const char *
output_json(struct probe *p, size_t i)
{
	struct json_fault fault;

	assert_true(i < p->run.output_count);
	buf_clear(&p->json);
	assert_ok(json_from_payload(mapping_to(p->mapping), p->run.outputs[i].payload, &(struct json_options){.use_proto_names = true}, &p->json, &fault));
	return buf_cstr(&p->json);
}

static inline enum en_err
run_json(struct probe *p, const char *json)
{
	index_json(p, json);
	return plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault);
}

static inline void
assert_becomes(struct probe *p, const char *json, const char *wanted)
{
	enum en_err err = run_json(p, json);

	if (err != EN_OK) {
		print_message("%s at %s from %s\n", reason_code(p->fault.reason), p->fault.target, p->fault.source);
	}
	assert_ok(err);
	assert_int_equal(p->run.output_count, 1);
	assert_string_equal(output_json(p, 0), wanted);
}

static inline void
assert_fault(struct probe *p, const char *json, enum reason reason, const char *target, const char *source)
{
	assert_err(EN_EMAPPING, run_json(p, json));
	assert_string_equal(reason_code(p->fault.reason), reason_code(reason));
	assert_string_equal(p->fault.target, target);
	assert_string_equal(p->fault.source, source);
	assert_string_equal(p->fault.mapping, "probe");
	assert_int_equal(p->run.output_count, 0);
}

// Acta to Ficha with every grant: the lines of `set` are the test.
static inline void
acta_to_ficha(struct probe *p, const char *set)
{
	compile_ok(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "", set));
	plan_with(p, grants_all());
}

static inline struct grants
grants_of(enum label label, enum grant level)
{
	struct grants g = grants_none();

	g.level[label] = (uint8_t)level;
	return g;
}

static inline void
caso_to_vista(struct probe *p, const char *set)
{
	compile_ok(p, mapping_text(p, "probe.v1.Caso", "probe.v1.Vista", "", set));
}

// A Caso with a value of every label.
#define CASO \
	"{\"numero\": \"C-1\", \"nota\": \"narrada\", \"persona\": {\"nombre\": \"Ana\", \"sexo\": \"ALTO\", \"nacimiento\": {\"year\": 2011, \"month\": 3, \"day\": 5}, " \
	"\"contactos\": [{\"clase\": \"TEL\", \"numero\": \"55\", \"nota\": \"tia\"}], \"domicilio\": {\"line\": \"5 de mayo\", \"adm1\": \"07\", \"country\": \"MEX\"}, " \
	"\"sinEtiqueta\": \"x\", \"necesidades\": [\"SC-UC\"]}}"

#define probe_test(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)

#endif
