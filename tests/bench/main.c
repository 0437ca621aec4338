// SPDX-License-Identifier: Apache-2.0
// `make bench`, or `make bench BENCH=publish` for one group.
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

struct group {
	const char *name;
	void (*run)(void);
};

int
main(int argc, char **argv)
{
	static const struct group groups[] = {{"translate", bench_translate}, {"cel", bench_expr}, {"load", bench_load},
	    {"append", bench_append}, {"publish", bench_publish}, {"latency", bench_latency}};
	const char *wanted = getenv("BENCH");
	bool found = false;

	if (argc == 3 && strcmp(argv[1], "--translate") == 0) {
		return bench_translate_one(argv[2]);
	}
	if (argc == 3 && strcmp(argv[1], "--cel") == 0) {
		return bench_expr_one(argv[2]);
	}
	if (getenv("ENLACED") == NULL || net_init() != EN_OK) {
		bench_fail("start", "run it by: make bench");
	}
	printf("%-34s %14s %14s %-10s\n", "case", "enlace", "reference", "unit");
	for (size_t i = 0; i < EN_COUNT_OF(groups); i++) {
		if (wanted != NULL && wanted[0] != '\0' && strcmp(wanted, groups[i].name) != 0) {
			continue;
		}
		found = true;
		bench_open(groups[i].name);
		groups[i].run();
		bench_close();
	}
	net_fini();
	return found ? 0 : 2;
}
