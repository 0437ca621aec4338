// SPDX-License-Identifier: Apache-2.0
// Deliveries as files: rows appended to one CSV, or one file each, in the agency's own encoding. Settled as taken only when the bytes are on disk.
// Every row of a CSV stands under the header of its own columns: when the columns change, the file is set aside under a number and a new one begun.
#include "connectors/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE_COPIES 10000 // of one name: files that were begun with other columns

struct text {
	char *data;
	size_t len, cap;
	bool failed;
};

static void
put(struct text *t, const char *data, size_t len)
{
	if (!t->failed && t->len + len > t->cap) {
		size_t cap = (t->len + len) * 2 + 256;
		char *grown = realloc(t->data, cap);

		t->failed = grown == NULL;
		t->data = grown == NULL ? t->data : grown;
		t->cap = grown == NULL ? t->cap : cap;
	}
	if (!t->failed) {
		memcpy(t->data + t->len, data, len);
		t->len += len;
	}
}

static void
put_cell(struct text *t, const char *data, size_t len, char separator)
{
	bool quote;

	if (len == 0) {
		return; // an absent cell has no data
	}
	quote = memchr(data, separator, len) != NULL || memchr(data, '"', len) != NULL ||
	    memchr(data, '\n', len) != NULL || memchr(data, '\r', len) != NULL;
	if (quote) {
		put(t, "\"", 1);
	}
	for (size_t i = 0; i < len; i++) {
		put(t, data[i] == '"' ? "\"\"" : &data[i], data[i] == '"' ? 2 : 1);
	}
	if (quote) {
		put(t, "\"", 1);
	}
}

static void
put_header(struct text *t, struct file *f)
{
	const char *const *columns = enlace_port_columns(f->port);

	for (size_t i = 0; columns != NULL && columns[i] != NULL; i++) {
		if (i > 0) {
			put(t, &f->separator, 1);
		}
		put_cell(t, columns[i], strlen(columns[i]), f->separator);
	}
	put(t, "\r\n", 2);
}

static void
put_row(struct text *t, struct file *f, const struct enlace_delivery *d)
{
	for (size_t i = 0; i < d->cell_count; i++) {
		if (i > 0) {
			put(t, &f->separator, 1);
		}
		put_cell(t, d->cells[i].value.data, d->cells[i].value.len, f->separator);
	}
	put(t, "\r\n", 2);
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		data += n;
		len -= (size_t)n;
	}
	return true;
}

// A row that was cut off by a crash was never settled and comes again: it goes, so that the file stays readable.
static bool
cut_torn_row(int fd, off_t size)
{
	char byte;
	off_t end = size;

	while (end > 0 && pread(fd, &byte, 1, end - 1) == 1 && byte != '\n') {
		end--;
	}
	return end == size || ftruncate(fd, end) == 0;
}

// The name of a new file is durable only with the folder that holds it.
static bool
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

// The file that rows go to, at its end; its length so far. -1 when it cannot be.
static int
open_rows(const char *path, off_t *ret_size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) != 0 || !cut_torn_row(fd, info.st_size))) {
		close(fd);
		return -1;
	}
	*ret_size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	return fd;
}

static bool
begins_with(int fd, const char *header, size_t len)
{
	char *there = malloc(len);
	bool does = there != NULL && pread(fd, there, len, 0) == (ssize_t)len && memcmp(there, header, len) == 0;

	free(there);
	return does;
}

// "estados.csv" that was begun with other columns becomes "estados.csv.1", or the first number that is free: nothing is overwritten.
static bool
set_aside(struct file *f, const char *path)
{
	char aside[4096 + 16];

	for (int copy = 1; copy <= ASIDE_COPIES; copy++) {
		snprintf(aside, sizeof(aside), "%s.%d", path, copy);
		if (access(aside, F_OK) == 0) {
			continue;
		}
		if (rename(path, aside) != 0) {
			return false;
		}
		enlace_log(f->port, "warn", "file.columns_changed", "file", f->out.name, "aside",
		    strrchr(aside, '/') + 1, NULL);
		return true;
	}
	return false;
}

// The same, of a file whose header names the columns of now: under another one, values would stand in columns that are not theirs.
static int
open_rows_under(struct file *f, const char *header, size_t header_len, off_t *ret_size)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", f->out.folder, f->out.name);
	fd = open_rows(path, ret_size);
	if (fd < 0 || *ret_size == 0 || begins_with(fd, header, header_len)) {
		return fd;
	}
	close(fd);
	return set_aside(f, path) ? open_rows(path, ret_size) : -1;
}

static bool
append_bytes(const struct file *f, int fd, off_t size, const char *bytes, size_t len)
{
	bool ok = write_all(fd, bytes, len) && fsync(fd) == 0 && (size > 0 || sync_folder(f->out.folder));

	if (!ok) { // it comes again: whoever reads the file meanwhile shall not see a part of it
		(void)!ftruncate(fd, size);
	}
	return ok;
}

static bool
append_row(struct file *f, const struct enlace_delivery *d)
{
	struct text header = {.data = NULL}, row = {.data = NULL};
	bool lossy, ok = false;
	size_t header_len = 0, len = 0;
	off_t size = 0;
	char *header_bytes, *bytes;
	int fd = -1;

	put_header(&header, f);
	header_bytes = header.failed ? NULL : file_from_utf8(header.data, header.len, f->encoding, &header_len, &lossy);
	put_row(&row, f, d);
	bytes = row.failed ? NULL : file_from_utf8(row.data, row.len, f->encoding, &len, &lossy);
	if (header_bytes != NULL && bytes != NULL) {
		if (lossy) {
			enlace_log(f->port, "warn", "file.lossy", "file", f->out.name, "id", d->id, NULL);
		}
		fd = open_rows_under(f, header_bytes, header_len, &size);
	}
	if (fd >= 0) {
		ok = (size > 0 || append_bytes(f, fd, size, header_bytes, header_len)) &&
		    append_bytes(f, fd, size > 0 ? size : (off_t)header_len, bytes, len);
		close(fd);
	}
	free(header_bytes);
	free(bytes);
	free(header.data);
	free(row.data);
	return ok;
}

// New file, sync, rename: a reader of the folder never sees half of one.
static bool
one_file(struct file *f, const struct enlace_delivery *d)
{
	char path[4096], temporary[4096];
	bool ok = false;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.json", f->out.folder, d->id);
	snprintf(temporary, sizeof(temporary), "%s/.%s.tmp", f->out.folder, d->id);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		return false;
	}
	ok = write_all(fd, d->json.data, d->json.len) && write_all(fd, "\n", 1) && fsync(fd) == 0;
	close(fd);
	if (ok && rename(temporary, path) == 0) {
		return sync_folder(f->out.folder);
	}
	(void)unlink(temporary);
	return false;
}

// Event ids become file names: only what cannot lead out of the folder.
static bool
is_safe_name(const char *id)
{
	return id[0] != '\0' && id[0] != '.' && strlen(id) <= 128 &&
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == strlen(id);
}

void
file_deliver(void *state, const struct enlace_delivery *d)
{
	struct file *f = state;
	bool ok;

	if (f->out.append && d->cells == NULL) {
		enlace_settle(f->port, d->token, ENLACE_UNUSABLE, NULL, "not_flat", 0);
		return;
	}
	if (!f->out.append && !is_safe_name(d->id)) {
		enlace_settle(f->port, d->token, ENLACE_UNUSABLE, NULL, "bad_id", 0);
		return;
	}
	ok = f->out.append ? append_row(f, d) : one_file(f, d);
	if (ok) {
		enlace_settle(f->port, d->token, ENLACE_TAKEN, NULL, NULL, 0);
	} else {
		enlace_log(f->port, "error", "file.unwritable", "folder", f->out.folder, NULL);
		enlace_settle(f->port, d->token, ENLACE_LATER, NULL, "disk", 5000);
	}
}
