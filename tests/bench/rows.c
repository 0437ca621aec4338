// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

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

double
bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}
