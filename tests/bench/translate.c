// SPDX-License-Identifier: Apache-2.0
// One acta of 503 bytes into a referral: by YAML rules with everything checked (tags, depth, counts, UTF-8, presence, codes, dates), against the same job by
// hand, which checks less. All make the same bytes, or the bench stops. Nanoseconds are medians of runs that alternate; instructions are counted by
// callgrind in a process of its own (bench --translate NAME), and do not vary.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "bench/bench.h"
#include "bench/by_hand.h"
#include "map/map.h"
#include "schema/json.h"

#define FOLDER "tests/bench/translate"
#define SET "build/schemas/bench.binpb"
#define EVENTS 4000
#define RUNS 25 // of each way, one after the other and all over again
#define COUNTED 100 // events under callgrind
#define WARM 10

struct job {
	struct findings findings;
	struct conf_set *conf;
	struct schema *schema;
	struct code_tables *tables;
	struct mapping *mapping, *decided_mapping;
	struct plan *plan, *decided;
	struct index ix;
	struct map_run run;
	struct map_env env;
	struct buf acta;
	uint8_t room[BY_HAND_ROOM];
};

static void
need(struct job *j, enum en_err err, const char *what)
{
	if (err == EN_OK) {
		return;
	}
	for (size_t i = 0; i < j->findings.count; i++) {
		fprintf(stderr, "%s:%u: %s\n", j->findings.items[i].where.file, j->findings.items[i].where.line,
		    j->findings.items[i].detail);
	}
	bench_fail(what, en_err_code(err));
}

static struct plan *
load_plan(struct job *j, const char *name, struct mapping **mapping)
{
	struct grants all = grants_all();
	struct plan *plan = NULL;

	for (size_t i = 0; i < j->conf->mapping_count; i++) {
		if (strcmp(j->conf->mappings[i]->name.text, name) == 0) {
			need(j, mapping_compile(j->conf->mappings[i], j->schema, j->tables, &j->findings, mapping),
			    name);
			need(j, plan_new(*mapping, &all, &j->findings, &plan), name);
		}
	}
	if (plan == NULL) {
		bench_fail("no such mapping", name);
	}
	return plan;
}

static void
job_open(struct job *j)
{
	struct buf text = BUF_EMPTY;
	struct json_fault fault;

	*j = (struct job){.env = {.recorded_wall_ms = 1795000000000, .sender = "inm"}};
	findings_init(&j->findings);
	index_init(&j->ix);
	map_run_init(&j->run);
	need(j, conf_set_load(FOLDER, &j->findings, &j->conf), FOLDER);
	need(j, schema_new(&j->schema), "schema");
	need(j, buf_read_file(&text, SET, LIMIT_DESCRIPTOR_SET_BYTES), SET);
	need(j, schema_add(j->schema, buf_view(&text), SET, &j->findings), SET);
	need(j, schema_seal(j->schema, &j->findings), SET);
	need(j, code_tables_new(j->conf, &j->findings, &j->tables), "codes");
	j->plan = load_plan(j, "acta-to-referral", &j->mapping);
	j->decided = load_plan(j, "acta-to-referral-decided", &j->decided_mapping);
	buf_clear(&text);
	need(j, buf_read_file(&text, FOLDER "/acta.json", LIMIT_EVENT_BYTES), "acta.json");
	need(j,
	    json_to_payload(mapping_from(j->mapping), buf_view(&text), &(struct json_options){.lenient = false},
		&j->acta, NULL, &fault),
	    fault.path);
	buf_fini(&text);
}

static void
job_close(struct job *j)
{
	plan_free(&j->plan);
	plan_free(&j->decided);
	mapping_free(&j->mapping);
	mapping_free(&j->decided_mapping);
	code_tables_free(&j->tables);
	map_run_fini(&j->run);
	index_fini(&j->ix);
	schema_unref(&j->schema);
	conf_set_free(&j->conf);
	findings_fini(&j->findings);
	buf_fini(&j->acta);
}

// ---- one event, each way -------------------------------------------------------------------------------------------

typedef size_t (*way)(struct job *j);

static size_t
run_plan(struct job *j, const struct plan *plan)
{
	struct map_fault fault;

	if (index_build(&j->ix, mapping_from(j->mapping), buf_view(&j->acta), NULL) != EN_OK ||
	    plan_run(plan, &j->ix, &j->env, &j->run, &fault) != EN_OK) {
		return 0;
	}
	return j->run.outputs[0].payload.len;
}

static size_t
with_enlace(struct job *j)
{
	return run_plan(j, j->plan);
}

static size_t
with_decisions(struct job *j)
{
	return run_plan(j, j->decided);
}

static size_t
with_index(struct job *j)
{
	return index_build(&j->ix, mapping_from(j->mapping), buf_view(&j->acta), NULL) == EN_OK ? j->ix.node_count : 0;
}

static size_t
with_malloc(struct job *j)
{
	return by_hand_malloc(j->acta.data, j->acta.len, j->room);
}

static size_t
with_arena(struct job *j)
{
	return by_hand_arena(j->acta.data, j->acta.len, j->room);
}

static size_t
with_cpp(struct job *j)
{
	return by_hand_cpp(j->acta.data, j->acta.len, j->room);
}

static size_t
with_copy(struct job *j)
{
	return bare_copy(j->acta.data, j->acta.len, j->room);
}

enum { ENLACE, DECIDED, INDEX, ARENA, MALLOC, CPP, COPY, WAYS };
static const struct {
	const char *name;
	way run;
	bool same_bytes;
} ways[WAYS] = {
    [ENLACE] = {"enlace", with_enlace, true},
    [DECIDED] = {"decided", with_decisions, false},
    [INDEX] = {"index", with_index, false},
    [ARENA] = {"arena", with_arena, true},
    [MALLOC] = {"malloc", with_malloc, true},
    [CPP] = {"cpp", with_cpp, true},
    [COPY] = {"copy", with_copy, false},
};

static void
check_same(struct job *j)
{
	for (size_t i = 0; i < WAYS; i++) {
		size_t len = ways[i].run(j);
		bool same = true;

		if (len > 0 && i != ENLACE && ways[i].same_bytes) {
			same = with_enlace(j) == len && view_equal(view_of(j->room, len), j->run.outputs[0].payload);
		}
		if (len == 0 || !same) {
			bench_fail(same ? "an event failed" : "other bytes than enlace", ways[i].name);
		}
	}
}

// What callgrind collects: nothing else is in it. Not static, so that its name stays.
void translate_events(struct job *j, way run, size_t count) __attribute__((noinline));
void
translate_events(struct job *j, way run, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (run(j) == 0) {
			bench_fail("translate", "an event failed");
		}
	}
}

// Of this thread: what else the machine does meanwhile is not in it.
static uint64_t
thread_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); // Linux always has it
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static double
nanoseconds(struct job *j, way run)
{
	uint64_t start = thread_ns();

	translate_events(j, run, EVENTS);
	return (double)(thread_ns() - start) / EVENTS;
}

// ---- counting instructions -----------------------------------------------------------------------------------------

int
bench_translate_one(const char *name)
{
	struct job *j = calloc(1, sizeof(*j));
	int code = 2;

	job_open(j);
	for (size_t i = 0; i < WAYS; i++) {
		if (strcmp(name, ways[i].name) == 0) {
			for (size_t k = 0; k < WARM; k++) {
				(void)ways[i].run(j);
			}
			translate_events(j, ways[i].run, COUNTED);
			code = 0;
		}
	}
	job_close(j);
	free(j);
	return code;
}

// Instructions of one event.
static double
instructions(const char *name)
{
	char command[512], self[256] = "", line[256];
	double count = 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0) {
		bench_fail("callgrind", "cannot find this program");
	}
	snprintf(command, sizeof(command),
	    "valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=translate_events '%s' --translate %s 2>&1",
	    self, name);
	FILE *out = popen(command, "re");

	while (out != NULL && fgets(line, sizeof(line), out) != NULL) {
		const char *at = strstr(line, "Collected : ");

		count = at != NULL ? strtod(at + strlen("Collected : "), NULL) / COUNTED : count;
	}
	if (out != NULL) {
		(void)pclose(out);
	}
	if (count <= 0) {
		bench_fail("callgrind", "counted nothing; is valgrind installed?");
	}
	return count;
}

// ---- rows ----------------------------------------------------------------------------------------------------------

void
bench_translate(void)
{
	struct job *j = calloc(1, sizeof(*j));
	double ns[WAYS][RUNS], median[WAYS], count[WAYS];

	job_open(j);
	check_same(j);
	for (size_t run = 0; run < RUNS; run++) {
		for (size_t i = 0; i < WAYS; i++) {
			ns[i][run] = nanoseconds(j, ways[i].run);
		}
	}
	for (size_t i = 0; i < WAYS; i++) {
		median[i] = bench_median(ns[i], RUNS);
		count[i] = instructions(ways[i].name);
	}
	bench_row_of_cost("translate / protobuf-c, arena", "ns", median[ENLACE], median[ARENA], 1.0 / 3, "<= 0.33");
	bench_row_of_cost("translate / protobuf-c, malloc", "ns", median[ENLACE], median[MALLOC], 1.0 / 3, "<= 0.33");
	bench_row_of_cost("translate / C++ protobuf", "ns", median[ENLACE], median[CPP], 1.0 / 3, "<= 0.33");
	bench_row_of_cost("translate / bare copy", "ns", median[ENLACE], median[COPY], 0, "-");
	bench_row_of_cost("of it: the index / bare copy", "ns", median[INDEX], median[COPY], 0, "-");
	bench_row_of_cost("3 conditions, 2 tables more / none", "ns", median[DECIDED], median[ENLACE], 1.5, "<= 1.5");
	bench_row_of_cost("translate / protobuf-c, arena", "instr.", count[ENLACE], count[ARENA], 1.0 / 3, "<= 0.33");
	bench_row_of_cost("3 conditions, 2 tables more / none", "instr.", count[DECIDED], count[ENLACE], 1.5, "<= 1.5");
	job_close(j);
	free(j);
}
