// SPDX-License-Identifier: Apache-2.0
// How long it takes to load a thousand mappings and a hundred thousand rows of code tables: files read, parsed, checked against the schemas, compiled, and
// planned for one recipient. The mappings are the reference job of the translation bench under other names; the rows are made up. The reference is
// the second that it may take.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "bench/bench.h"
#include "map/map.h"

#define FOLDER "build/bench/load"
#define MODEL "tests/bench/translate/mappings/acta-to-referral.yaml"
#define SET "build/schemas/bench.binpb"
#define MAPPINGS 1000
#define TABLES 100
#define ROWS_PER_TABLE 1000
#define RUNS 5

static void
write_file(const char *path, struct view text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL || fwrite(text.data, 1, text.len, f) != text.len || fclose(f) != 0) {
		bench_fail("cannot write", path);
	}
}

static void
write_tables(void)
{
	for (unsigned int t = 0; t < TABLES; t++) {
		struct buf rows = BUF_EMPTY, head = BUF_EMPTY;
		char path[128];

		buf_put_str(&rows, "from,to,label\n");
		for (unsigned int i = 0; i < ROWS_PER_TABLE; i++) {
			buf_printf(&rows, "%02u%06u,clave-%u,Localidad %u de %u\n", t, i, i, i, t);
		}
		buf_printf(&head,
		    "table: bench-%u\nsystem_from: \"bench.Acta\"\nsystem_to: \"bench.Referral\"\nversion: \"1\"\nowner: bench\nprovenance: \"made up for the bench\"\n",
		    t);
		snprintf(path, sizeof(path), FOLDER "/codes/bench-%u.csv", t);
		write_file(path, buf_view(&rows));
		snprintf(path, sizeof(path), FOLDER "/codes/bench-%u.yaml", t);
		write_file(path, buf_view(&head));
		buf_fini(&rows);
		buf_fini(&head);
	}
}

// The model with a name of its own, and one of the tables where it had a field as it was. Sexes keep their table.
static void
write_mappings(void)
{
	static const char name[] = "mapping: acta-to-referral", office[] = "office:                oficina";
	struct buf model = BUF_EMPTY;

	if (buf_read_file(&model, MODEL, LIMIT_YAML_BYTES) != EN_OK) {
		bench_fail("cannot read", MODEL);
	}
	const char *text = buf_cstr(&model), *a = strstr(text, name), *b = strstr(text, office);

	if (a == NULL || b == NULL) {
		bench_fail("no longer what it was", MODEL);
	}
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		struct buf out = BUF_EMPTY;
		char path[128];

		buf_printf(&out, "mapping: acta-to-referral-%u", i);
		buf_put(&out, a + strlen(name), (size_t)(b - a) - strlen(name));
		buf_printf(&out, "office:                {from: oficina, table: bench-%u}", i % TABLES);
		buf_put_str(&out, b + strlen(office));
		snprintf(path, sizeof(path), FOLDER "/mappings/acta-%u.yaml", i);
		write_file(path, buf_view(&out));
		buf_fini(&out);
	}
	buf_fini(&model);
}

static void
copy_file(const char *from, const char *to)
{
	struct buf bytes = BUF_EMPTY;

	if (buf_read_file(&bytes, from, LIMIT_YAML_BYTES) != EN_OK) {
		bench_fail("cannot read", from);
	}
	write_file(to, buf_view(&bytes));
	buf_fini(&bytes);
}

static void
write_folder(void)
{
	(void)mkdir(FOLDER, 0755);
	(void)mkdir(FOLDER "/codes", 0755);
	(void)mkdir(FOLDER "/mappings", 0755);
	copy_file("tests/bench/translate/codes/bench-sexo.csv", FOLDER "/codes/bench-sexo.csv");
	copy_file("tests/bench/translate/codes/bench-sexo.yaml", FOLDER "/codes/bench-sexo.yaml");
	write_tables();
	write_mappings();
}

static void
need(const struct findings *findings, enum en_err err, const char *what)
{
	if (err != EN_OK) {
		bench_fail(what, findings->count == 0 ? en_err_code(err) : findings->items[0].detail);
	}
}

static struct schema *
load_schema(struct findings *findings)
{
	struct buf set = BUF_EMPTY;
	struct schema *schema = NULL;

	need(findings, buf_read_file(&set, SET, LIMIT_DESCRIPTOR_SET_BYTES), SET);
	need(findings, schema_new(&schema), "schema");
	need(findings, schema_add(schema, buf_view(&set), SET, findings), SET);
	need(findings, schema_seal(schema, findings), SET);
	buf_fini(&set);
	return schema;
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); // Linux always has it
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// What `enlace apply` and the daemon's start do with the mappings of a folder. Returns the seconds until all plans were there.
static double
load(const struct schema *schema)
{
	static struct mapping *mappings[MAPPINGS];
	static struct plan *plans[MAPPINGS];
	const struct grants all = grants_all();
	struct findings findings;
	struct conf_set *conf = NULL;
	struct code_tables *tables = NULL;
	double start = seconds();

	findings_init(&findings);
	need(&findings, conf_set_load(FOLDER, &findings, &conf), FOLDER);
	need(&findings, code_tables_new(conf, &findings, &tables), "codes");
	if (conf->mapping_count != MAPPINGS || conf->table_count != TABLES + 1) {
		bench_fail("not all of it was loaded", FOLDER);
	}
	for (size_t i = 0; i < MAPPINGS; i++) {
		need(&findings, mapping_compile(conf->mappings[i], schema, tables, &findings, &mappings[i]), "mapping");
		need(&findings, plan_new(mappings[i], &all, &findings, &plans[i]), "plan");
	}
	double took = seconds() - start;

	for (size_t i = 0; i < MAPPINGS; i++) {
		plan_free(&plans[i]);
		mapping_free(&mappings[i]);
	}
	code_tables_free(&tables);
	conf_set_free(&conf);
	findings_fini(&findings);
	return took;
}

void
bench_load(void)
{
	struct findings findings;
	double took[RUNS];

	findings_init(&findings);
	struct schema *schema = load_schema(&findings);

	write_folder();
	for (size_t i = 0; i < RUNS; i++) {
		took[i] = load(schema);
	}
	bench_row(&(struct bench_row){.name = "1,000 mappings, 100,000 table rows",
	    .unit = "ms",
	    .enlace = bench_median(took, RUNS) * 1000,
	    .reference = 1000,
	    .goal = 1,
	    .goal_text = "< 1 s",
	    .smaller_is_better = true});
	schema_unref(&schema);
	findings_fini(&findings);
}
