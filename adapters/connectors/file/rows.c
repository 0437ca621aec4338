// SPDX-License-Identifier: Apache-2.0
// Rows are appended exactly once. A row on the disk whose delivery was not settled before a crash comes again: it must be recognised, and a part of
// one cut off, however many lines it has. So before a row is written a line stands in the list beside the file, `.NAME.rows`, and goes when
// the row is settled:
//
//   w 00000000000000004711 00000000000000004790 0123456789abcdef subscription id
//
// w: being written; k: found whole after a crash. From where to where, and a hash of the bytes: what an importer or an editor did to the file since is
// not taken for the row. A row that the agency took away with its file before it was settled is written again.
#include "connectors/file/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_BYTES 4096 // then it begins anew: those at its beginning are of crashes long ago
#define LINE_BYTES 600
#define LINE_FORMAT "%c %020lld %020lld %016llx "
#define LINE_HEAD 61 // what LINE_FORMAT makes

struct line {
	char state;
	long long from, to;
	unsigned long long hash;
};

// FNV-1a.
static unsigned long long
hash_of(const char *bytes, size_t len)
{
	unsigned long long hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	}
	return hash;
}

// What a delivery is called in the list.
static void
name_of(const struct enlace_delivery *d, char ret[LINE_BYTES - LINE_HEAD])
{
	snprintf(ret, LINE_BYTES - LINE_HEAD, "%.250s %.250s", d->subscription, d->id);
	for (char *c = ret; *c != '\0'; c++) {
		*c = *c == '\n' ? '_' : *c;
	}
}

static int
list_fd(struct file *f)
{
	struct file_out *out = &f->out;
	char path[4096];

	if (out->list_fd < 0) {
		snprintf(path, sizeof(path), "%s/.%s.rows", out->folder, out->name);
		out->list_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (out->list_fd >= 0 && !file_sync_folder_of(f)) {
			rows_close(f);
		}
	}
	return out->list_fd;
}

void
rows_close(struct file *f)
{
	if (f->out.list_fd >= 0) {
		close(f->out.list_fd);
	}
	f->out.list_fd = -1;
}

// The list as a text. False when it cannot be read.
static bool
read_list(struct file *f, char ret[LIST_BYTES + LINE_BYTES], size_t *ret_len)
{
	int fd = list_fd(f);
	ssize_t len = fd < 0 ? -1 : pread(fd, ret, LIST_BYTES + LINE_BYTES - 1, 0);

	*ret_len = len < 0 ? 0 : (size_t)len;
	ret[*ret_len] = '\0';
	return len >= 0;
}

// Whether the bytes between are those that were meant.
static bool
is_whole(int fd, const struct line *line)
{
	size_t len = (size_t)(line->to - line->from);
	char *bytes = malloc(len + 1);
	bool is = bytes != NULL && pread(fd, bytes, len, (off_t)line->from) == (ssize_t)len &&
	    hash_of(bytes, len) == line->hash;

	free(bytes);
	return is;
}

// The start of the last line, which alone can be of a row that was being written.
static char *
last_line(char *list, size_t len)
{
	char *at = len == 0 ? NULL : list + len - 1;

	while (at != NULL && at > list && at[-1] != '\n') {
		at--;
	}
	return at;
}

bool
rows_recover(struct file *f, int fd)
{
	char list[LIST_BYTES + LINE_BYTES], *last;
	struct line line;
	struct stat info;
	size_t len;

	if (!read_list(f, list, &len) || fstat(fd, &info) != 0) {
		return false;
	}
	last = last_line(list, len);
	if (last == NULL || sscanf(last, "%c %lld %lld %llx ", &line.state, &line.from, &line.to, &line.hash) != 4 ||
	    line.state != 'w' || line.from < 0 || line.to <= line.from ||
	    line.to - line.from > (long long)FILE_BYTES_MAX) {
		return true;
	}
	if (is_whole(fd, &line)) {
		return pwrite(f->out.list_fd, "k", 1, last - list) == 1;
	}
	if (info.st_size > line.from && info.st_size <= line.to && ftruncate(fd, (off_t)line.from) != 0) {
		return false;
	}
	return ftruncate(f->out.list_fd, last - list) == 0;
}

bool
rows_has(struct file *f, const struct enlace_delivery *d)
{
	char list[LIST_BYTES + LINE_BYTES], name[LINE_BYTES - LINE_HEAD], *at = list, *end;
	size_t len;

	if (!read_list(f, list, &len)) {
		return false;
	}
	name_of(d, name);
	while ((end = strchr(at, '\n')) != NULL) {
		*end = '\0';
		if (end - at > LINE_HEAD && at[0] == 'k' && strcmp(at + LINE_HEAD, name) == 0) {
			return true;
		}
		at = end + 1;
	}
	return false;
}

bool
rows_begin(struct file *f, const struct enlace_delivery *d, long long from, const char *bytes, size_t len)
{
	char line[LINE_BYTES], name[LINE_BYTES - LINE_HEAD];
	int fd = list_fd(f);
	struct stat info;
	int line_len;

	if (fd < 0 || fstat(fd, &info) != 0) {
		return false;
	}
	f->out.line_at = info.st_size > LIST_BYTES ? 0 : info.st_size;
	name_of(d, name);
	line_len = snprintf(
	    line, sizeof(line), LINE_FORMAT "%s\n", 'w', from, from + (long long)len, hash_of(bytes, len), name);
	return ftruncate(fd, f->out.line_at) == 0 && pwrite(fd, line, (size_t)line_len, f->out.line_at) == line_len &&
	    fdatasync(fd) == 0;
}

void
rows_end(struct file *f)
{
	// Where it stays, the next start finds the row whole, and a delivery that does not come.
	(void)!ftruncate(f->out.list_fd, f->out.line_at);
}
