// SPDX-License-Identifier: Apache-2.0
// Which files are complete. A system that writes straight into the folder is the rule, so a file is taken only when its size and time have not changed
// for stable_for, or when its marker file (NAME + marker) is there. Hidden names and those that end in .tmp, .part or .filepart are being written.
// Oldest name first, so that exports named by date go in order.
//
// One look at the folder serves many files: the names are gone through in their order, and each file is asked for its size and time when its turn comes,
// so that one that is being written again by then is passed over. Files that come meanwhile get their place in the order from the next look. A look costs
// as much as the folder holds; the files that were taken since the last one pay for it, so that taking n files costs n log n.
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
#define LOOK_SHARE 8 // when one of so many that the last look saw was taken: with a handful of files, before each

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

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
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

// What is known of a file of that name from the last look. Both are in the order of names: *at only moves on.
static struct file_candidate
known(const struct file_in *in, size_t *at, const char *name)
{
	struct file_candidate fresh = {.size = -1};

	while (*at < in->candidate_count && strcmp(in->candidates[*at].name, name) < 0) {
		(*at)++;
	}
	if (*at < in->candidate_count && strcmp(in->candidates[*at].name, name) == 0 && !in->candidates[*at].is_gone) {
		return in->candidates[*at];
	}
	strcpy(fresh.name, name);
	return fresh;
}

// The names of the folder as they are now; those that are gone are forgotten. Without memory for them there are none until the next look.
static void
look(struct file_in *in)
{
	struct dirent **entries = NULL;
	int count = scandir(in->folder, &entries, NULL, by_name);
	size_t cap = count > CANDIDATES_MAX ? CANDIDATES_MAX : count > 0 ? (size_t)count : 0, fresh_count = 0, at = 0;
	struct file_candidate *fresh = calloc(cap + 1, sizeof(*fresh));

	for (int i = 0; i < count; i++) {
		if (fresh != NULL && fresh_count < cap && is_wanted(in, entries[i]->d_name)) {
			fresh[fresh_count++] = known(in, &at, entries[i]->d_name);
		}
		free(entries[i]);
	}
	free(entries);
	free(in->candidates);
	in->candidates = fresh;
	in->current = NULL;
	in->candidate_count = fresh_count;
	in->seen = count > 0 ? (size_t)count : 0;
	in->next = in->taken = 0;
	in->is_walking = true;
}

bool
file_waits(const struct file *f)
{
	const struct file_in *in = &f->in;

	if (in->is_walking || in->taken > 0) {
		return true; // more was found, or more may have come since the look that found the last one
	}
	// With markers a file is complete or it is not: who waits for a marker waits for somebody else.
	for (size_t i = 0; i < in->candidate_count && in->marker == NULL; i++) {
		if (!in->candidates[i].is_told && !in->candidates[i].is_gone) {
			return true;
		}
	}
	return false;
}

bool
file_watch(struct file *f, uint64_t now_ms)
{
	struct file_in *in = &f->in;

	if (!in->is_walking || in->taken * LOOK_SHARE >= in->seen) {
		look(in);
	}
	while (in->next < in->candidate_count) {
		struct file_candidate *c = &in->candidates[in->next++];
		char path[4096];
		struct stat info;

		snprintf(path, sizeof(path), "%s/%s", in->folder, c->name);
		c->is_gone = lstat(path, &info) != 0 || !S_ISREG(info.st_mode);
		if (!c->is_gone && is_complete(in, c, &info, now_ms)) {
			in->current = c;
			strcpy(in->name, c->name);
			return true;
		}
	}
	in->is_walking = false;
	return false;
}
