// SPDX-License-Identifier: Apache-2.0
// Which files are complete. A system that writes straight into the folder is the rule, so a file is taken only when its size and time have not changed
// for stable_for, or when its marker file (NAME + marker) is there. Hidden names and those that end in .tmp, .part or .filepart are being written.
// Oldest name first, so that exports named by date go in order.
#include "connectors/file/file.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CANDIDATES_MAX 10000 // watched at once; what is beyond waits until others are gone

uint64_t
file_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n > e && strcmp(name + n - e, end) == 0;
}

static bool
is_wanted(const struct file_in *in, const char *name)
{
	return name[0] != '.' && strlen(name) < sizeof(in->name) && !ends_with(name, ".tmp") &&
	    !ends_with(name, ".part") && !ends_with(name, ".filepart") && fnmatch(in->pattern, name, FNM_PERIOD) == 0;
}

static struct file_candidate *
candidate(struct file_in *in, const char *name)
{
	for (size_t i = 0; i < in->candidate_count; i++) {
		if (strcmp(in->candidates[i].name, name) == 0) {
			return &in->candidates[i];
		}
	}
	if (in->candidate_count == in->candidate_cap) {
		size_t cap = in->candidate_cap == 0 ? 16 : in->candidate_cap * 2;
		struct file_candidate *grown = NULL;

		cap = cap > CANDIDATES_MAX ? CANDIDATES_MAX : cap;
		if (in->candidate_count < cap) {
			grown = realloc(in->candidates, cap * sizeof(*grown));
		}
		if (grown == NULL) {
			return NULL;
		}
		in->candidates = grown;
		in->candidate_cap = cap;
	}
	in->candidates[in->candidate_count] = (struct file_candidate){.size = -1};
	strcpy(in->candidates[in->candidate_count].name, name);
	return &in->candidates[in->candidate_count++];
}

long long
file_mtime_ns(const struct stat *info)
{
	return (long long)info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec;
}

static bool
is_complete(const struct file_in *in, struct file_candidate *c, const struct stat *info, uint64_t now_ms)
{
	long long mtime_ns = file_mtime_ns(info);

	if (c->size != (long long)info->st_size || c->mtime_ns != mtime_ns) {
		c->size = (long long)info->st_size;
		c->mtime_ns = mtime_ns;
		c->since_ms = now_ms;
		c->again_ms = 0;
		c->is_told = false;
	}
	if (now_ms < c->again_ms) {
		return false;
	}
	if (in->marker != NULL) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s%s", in->folder, c->name, in->marker);
		return access(path, F_OK) == 0;
	}
	return now_ms - c->since_ms >= in->stable_ms;
}

// Forgets those that are gone, so that the table stays as small as the folder.
static void
forget_gone(struct file_in *in)
{
	size_t kept = 0;

	for (size_t i = 0; i < in->candidate_count; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", in->folder, in->candidates[i].name);
		if (access(path, F_OK) == 0) {
			in->candidates[kept++] = in->candidates[i];
		}
	}
	in->candidate_count = kept;
}

bool
file_waits(const struct file *f)
{
	// With markers a file is complete or it is not: who waits for a marker waits for somebody else.
	for (size_t i = 0; i < f->in.candidate_count && f->in.marker == NULL; i++) {
		if (!f->in.candidates[i].is_told) {
			return true;
		}
	}
	return false;
}

bool
file_watch(struct file *f, uint64_t now_ms)
{
	struct file_in *in = &f->in;
	struct dirent **entries = NULL;
	int count = scandir(in->folder, &entries, NULL, alphasort);
	bool found = false;

	for (int i = 0; i < count; i++) {
		char path[4096];
		struct stat info;
		struct file_candidate *c;

		snprintf(path, sizeof(path), "%s/%s", in->folder, entries[i]->d_name);
		if (!found && is_wanted(in, entries[i]->d_name) && lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
		    (c = candidate(in, entries[i]->d_name)) != NULL && is_complete(in, c, &info, now_ms)) {
			strcpy(in->name, c->name);
			found = true;
		}
		free(entries[i]);
	}
	free(entries);
	forget_gone(in);
	return found;
}
