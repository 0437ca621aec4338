// SPDX-License-Identifier: Apache-2.0
// Expressions over an indexed message, beside @bufbuild/cel on Node with the same texts (expr/cases.txt) on the same message, decoded. Both must come to the
// same answer, or the bench stops. The reference is given plain values, which it reads faster than messages; what it takes for the message stands in a row of
// its own. Instructions are counted by callgrind in a process of its own (bench --cel NAME).
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/bench.h"
#include "expr/env.h"
#include "expr/program.h"
#include "expr/run.h"
#include "schema/json.h"

#define CASES "tests/bench/expr/cases.txt"
#define SET "build/schemas/bench.binpb"
#define ACTA "tests/bench/translate/acta.json"
#define NODE "build/bench/node"
#define REFERENCE "tests/bench/expr/reference.mjs"
#define EVALUATIONS 200000
#define COUNTED 100 // evaluations under callgrind
#define CASES_MAX 16

struct expr_case {
	char name[64];
	char text[256];
	struct cel_program *program;
	double reference, reference_message; // nanoseconds
};

struct bench_expr {
	struct schema *schema;
	struct arena arena;
	struct cel_variable data;
	struct index ix;
	struct buf payload;
	struct cel_run *run;
	struct cel_value variables[1];
	struct expr_case cases[CASES_MAX];
	size_t count;
};

static void
need(enum en_err err, const char *what)
{
	if (err != EN_OK) {
		bench_fail(what, en_err_code(err));
	}
}

static void
load_message(struct bench_expr *b)
{
	const struct json_options options = {.lenient = false};
	const struct schema_type *type;
	struct json_fault fault;
	struct findings findings;
	struct buf text = BUF_EMPTY;

	findings_init(&findings);
	need(schema_new(&b->schema), SET);
	need(buf_read_file(&text, SET, LIMIT_DESCRIPTOR_SET_BYTES), SET);
	need(schema_add(b->schema, buf_view(&text), SET, &findings), SET);
	need(schema_seal(b->schema, &findings), SET);
	findings_fini(&findings);
	type = schema_type_by_name(b->schema, "bench.Acta");
	buf_clear(&text);
	need(buf_read_file(&text, ACTA, LIMIT_EVENT_BYTES), ACTA);
	need(json_to_payload(type, buf_view(&text), &options, &b->payload, NULL, &fault), ACTA);
	buf_fini(&text);
	index_init(&b->ix);
	need(index_build(&b->ix, type, buf_view(&b->payload), NULL), ACTA);
	b->data = (struct cel_variable){"data", cel_type_of_message(&b->arena, type)};
	b->variables[0] = cel_message(&b->ix, 0);
}

static void
compile_case(struct bench_expr *b, struct expr_case *c)
{
	const struct cel_env env = {.schema = b->schema,
	    .container = "",
	    .variables = &b->data,
	    .variable_count = 1,
	    .context = CEL_NO_CONTEXT,
	    .limits = CEL_LIMITS};
	const struct cel_program_options options = {.schema = b->schema};
	struct cel_fault fault;
	struct cel_ast *ast;

	need(cel_parse(&b->arena, view_text(c->text), &env.limits, &ast, &fault), c->text);
	need(cel_resolve(ast, &env), c->text);
	need(cel_check(ast, &env, cel_type_of_kind(CEL_BOOL), &fault), c->text);
	need(cel_program_build(ast, &options, &c->program, &fault), c->text);
}

static struct bench_expr *
open_bench(void)
{
	struct bench_expr *b = calloc(1, sizeof(*b));
	char line[512];
	FILE *in = fopen(CASES, "re");

	arena_init(&b->arena, 0);
	load_message(b);
	need(cel_run_new(&b->run), "run");
	while (in != NULL && b->count < CASES_MAX && fgets(line, sizeof(line), in) != NULL) {
		struct expr_case *c = &b->cases[b->count];

		if (sscanf(line, "%63[^\t]\t%255[^\n]", c->name, c->text) == 2) {
			compile_case(b, c);
			b->count++;
		}
	}
	if (in == NULL || b->count == 0) {
		bench_fail("no cases", CASES);
	}
	fclose(in);
	return b;
}

static void
close_bench(struct bench_expr *b)
{
	for (size_t i = 0; i < b->count; i++) {
		cel_program_fini(b->cases[i].program);
	}
	cel_run_free(&b->run);
	index_fini(&b->ix);
	buf_fini(&b->payload);
	arena_fini(&b->arena);
	schema_unref(&b->schema);
	free(b);
}

// What callgrind collects: nothing else is in it. Not static, so that its name stays.
bool expr_evaluations(struct bench_expr *b, const struct expr_case *c, size_t count) __attribute__((noinline));
bool
expr_evaluations(struct bench_expr *b, const struct expr_case *c, size_t count)
{
	struct cel_value v = cel_null();

	for (size_t i = 0; i < count; i++) {
		if (cel_run_program(b->run, c->program, b->variables, &v) != EN_OK || v.kind != CEL_BOOL) {
			bench_fail("an expression failed", c->text);
		}
	}
	return v.boolean;
}

static bool
text_is(const struct index *ix, uint32_t message, const struct schema_field *f, const char *wanted)
{
	const struct index_node *n = index_last(ix, message, f);

	return n != NULL && view_is(index_bytes(ix, n), wanted);
}

// The first case as somebody would write it in C, who knows the fields: the floor.
bool expr_by_hand(struct bench_expr *b, const struct expr_case *c, size_t count) __attribute__((noinline));
bool
expr_by_hand(struct bench_expr *b, const struct expr_case *c, size_t count)
{
	bool holds = false;

	(void)c;
	for (size_t i = 0; i < count; i++) {
		const struct index *ix = &b->ix;
		const struct schema_type *acta = ix->messages[0].type;
		const struct index_node *person = index_last(ix, 0, schema_field_by_number(acta, 6));
		const struct index_node *priority = index_last(ix, 0, schema_field_by_number(acta, 5));
		const struct schema_field *sex = schema_field_by_number(acta->fields[5].message, 4);

		holds = text_is(ix, 0, schema_field_by_number(acta, 1), "INM-TAP-2026-000123") && person != NULL &&
		    (text_is(ix, person->message, sex, "M") || text_is(ix, person->message, sex, "H")) &&
		    (priority == NULL || (int32_t)priority->bits < 12);
	}
	return holds;
}

static double
nanoseconds(
    struct bench_expr *b, const struct expr_case *c, bool (*way)(struct bench_expr *, const struct expr_case *, size_t))
{
	double ns[BENCH_RUNS];

	for (size_t run = 0; run < BENCH_RUNS; run++) {
		uint64_t start = clock_monotonic_ns();

		(void)way(b, c, EVALUATIONS);
		ns[run] = (double)(clock_monotonic_ns() - start) / EVALUATIONS;
	}
	return bench_median(ns, BENCH_RUNS);
}

int
bench_expr_one(const char *name)
{
	struct bench_expr *b = open_bench();
	int code = 2;

	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(name, b->cases[i].name) == 0) {
			(void)expr_evaluations(b, &b->cases[i], COUNTED);
			(void)expr_by_hand(b, &b->cases[i], COUNTED);
			code = 0;
		}
	}
	close_bench(b);
	return code;
}

static void
run_reference(struct bench_expr *b)
{
	char line[256], name[64], answer[16];
	double values, message;
	size_t found = 0;
	FILE *out = popen("node " REFERENCE " " NODE " " CASES " " SET " " ACTA, "re");

	while (out != NULL && fgets(line, sizeof(line), out) != NULL) {
		if (sscanf(line, "%63[^\t]\t%15[^\t]\t%lf\t%lf", name, answer, &values, &message) != 4) {
			bench_fail("the reference said", line);
		}
		for (size_t i = 0; i < b->count; i++) {
			struct expr_case *c = &b->cases[i];

			if (strcmp(name, c->name) == 0) {
				bool ours = expr_evaluations(b, c, 1);

				if (strcmp(answer, ours ? "true" : "false") != 0) {
					bench_fail("other answer than the reference", c->text);
				}
				c->reference = values;
				c->reference_message = message;
				found++;
			}
		}
	}
	if (out == NULL || pclose(out) != 0 || found != b->count) {
		bench_fail("the reference did not run", REFERENCE);
	}
}

void
bench_expr(void)
{
	struct bench_expr *b = open_bench();
	double ns[CASES_MAX];
	char name[128];

	run_reference(b);
	for (size_t i = 0; i < b->count; i++) {
		ns[i] = nanoseconds(b, &b->cases[i], expr_evaluations);
		snprintf(name, sizeof(name), "%s / @bufbuild/cel", b->cases[i].name);
		bench_row_of_cost(name, "ns", ns[i], b->cases[i].reference, 0.25, "<= 0.25");
	}
	bench_row_of_cost("three terms / of a message", "ns", ns[0], b->cases[0].reference_message, 0, "-");
	bench_row_of_cost("three terms / 100 ns", "ns", ns[0], 100, 1, "<= 1");
	bench_row_of_cost(
	    "three terms / by hand in C", "ns", ns[0], nanoseconds(b, &b->cases[0], expr_by_hand), 0, "-");
	bench_row_of_cost("three terms / by hand in C", "instr.",
	    bench_instructions("--cel", b->cases[0].name, "expr_evaluations", COUNTED),
	    bench_instructions("--cel", b->cases[0].name, "expr_by_hand", COUNTED), 0, "-");
	close_bench(b);
}
