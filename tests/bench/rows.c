// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// One group is open at a time; a bench is one thread.
static FILE *json;
static size_t rows;

void
bench_fail(const char *what, const char *detail)
{
	fprintf(stderr, "bench: %s: %s\n", what, detail);
	exit(1);
}

void
bench_open(const char *group)
{
	char path[256];

	(void)mkdir("build", 0755);
	(void)mkdir("build/bench", 0755);
	snprintf(path, sizeof(path), "build/bench/%s.json", group);
	json = fopen(path, "we");
	if (json == NULL) {
		bench_fail("cannot write", path);
	}
	rows = 0;
	fputs("[\n", json);
}

void
bench_close(void)
{
	fputs("\n]\n", json);
	fclose(json);
	json = NULL;
}

void
bench_row(const struct bench_row *row)
{
	double ratio = row->reference > 0 ? row->enlace / row->reference : 0;
	bool has_goal = row->goal > 0;
	bool met = row->smaller_is_better ? ratio <= row->goal : ratio >= row->goal;

	printf("%-34s %14.1f %14.1f %-10s ratio %6.2f  goal %-8s %s\n", row->name, row->enlace, row->reference,
	    row->unit, ratio, row->goal_text,
	    !has_goal ? ""
		: met ? "met"
		      : "NOT MET");
	fflush(stdout);
	fprintf(json,
	    "%s  {\"case\": \"%s\", \"enlace\": %.3f, \"reference\": %.3f, \"unit\": \"%s\", \"ratio\": %.4f, \"goal\": \"%s\", \"met\": %s}",
	    rows++ == 0 ? "" : ",\n", row->name, row->enlace, row->reference, row->unit, ratio, row->goal_text,
	    !has_goal ? "null"
		: met ? "true"
		      : "false");
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

void
bench_sort(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
}

void
bench_sleep_until(uint64_t monotonic_ns)
{
	struct timespec at = {
	    .tv_sec = (time_t)(monotonic_ns / 1000000000), .tv_nsec = (long)(monotonic_ns % 1000000000)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
	}
}

double
bench_median(double *values, size_t count)
{
	bench_sort(values, count);
	return values[count / 2];
}

double
bench_instructions(const char *option, const char *name, const char *function, size_t count)
{
	char command[512], self[256] = "", line[256];
	double total = 0;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0) {
		bench_fail("callgrind", "cannot find this program");
	}
	snprintf(command, sizeof(command),
	    "valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=%s '%s' %s '%s' 2>&1", function,
	    self, option, name);
	FILE *out = popen(command, "re");

	while (out != NULL && fgets(line, sizeof(line), out) != NULL) {
		const char *at = strstr(line, "Collected : ");

		total = at != NULL ? strtod(at + strlen("Collected : "), NULL) : total;
	}
	if (out != NULL) {
		(void)pclose(out);
	}
	if (total <= 0) {
		bench_fail("callgrind", "counted nothing; is valgrind installed?");
	}
	return total / (double)count;
}

void
bench_row_of_cost(
    const char *name, const char *unit, double enlace, double reference, double goal, const char *goal_text)
{
	bench_row(&(struct bench_row){.name = name,
	    .unit = unit,
	    .enlace = enlace,
	    .reference = reference,
	    .goal = goal,
	    .goal_text = goal_text,
	    .smaller_is_better = true});
}
