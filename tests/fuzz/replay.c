// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its seeds without a fuzzer: the program's name says which (replay_frame -> tests/fuzz/seeds/frame), or the arguments name files.
// Every seed is also cut at some of its bytes, which costs little and finds much.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_MAX (1 << 20)

static int
replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(SEED_MAX);
	size_t len;

	if (file == NULL || data == NULL) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		exit(1);
	}
	len = fread(data, 1, SEED_MAX, file);
	fclose(file);
	for (size_t cut = 0; cut <= len; cut += 1 + len / 64) {
		uint8_t *exact = malloc(len - cut + 1); // of the exact size, so that a sanitizer sees one byte too many

		memcpy(exact, data, len - cut);
		(void)LLVMFuzzerTestOneInput(exact, len - cut);
		free(exact);
	}
	free(data);
	return 1;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '_');
	char folder[512], path[1024];
	struct dirent *entry;
	int seeds = 0;
	DIR *dir;

	for (int i = 1; i < argc; i++) {
		seeds += replay(argv[i]);
	}
	snprintf(folder, sizeof(folder), "tests/fuzz/seeds/%s", name == NULL ? "" : name + 1);
	dir = argc > 1 ? NULL : opendir(folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			seeds += replay(path);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
	printf("%s: %d seeds\n", folder, seeds);
	return seeds > 0 ? 0 : 1;
}
