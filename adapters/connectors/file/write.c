// SPDX-License-Identifier: Apache-2.0
// Deliveries as files: rows appended to one CSV (each once, see rows.c), or one file each, in the agency's own encoding. Settled as taken only when the
// bytes are on disk.
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

bool
file_sync_folder_of(const struct file *f)
{
	int fd = open(f->out.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

// The file that rows go to, at its end; its length so far. -1 when it cannot be.
static int
open_rows(struct file *f, const char *path, off_t *ret_size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && !f->out.is_recovered && !rows_recover(f, fd)) {
		close(fd);
		return -1;
	}
	f->out.is_recovered = f->out.is_recovered || fd >= 0;
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

// The same, of a file whose header names the columns of now: under another one, values would stand in columns that are not theirs. Takes the descriptor
// of the file that is there.
static int
open_rows_under(struct file *f, const char *path, int fd, const char *header, size_t header_len, off_t *ret_size)
{
	if (*ret_size == 0 || begins_with(fd, header, header_len)) {
		return fd;
	}
	close(fd);
	return set_aside(f, path) ? open_rows(f, path, ret_size) : -1;
}

static bool
append_bytes(struct file *f, const struct enlace_delivery *d, int fd, off_t size, const char *bytes, size_t len)
{
	bool ok = rows_begin(f, d, size, bytes, len) && write_all(fd, bytes, len) && fsync(fd) == 0 &&
	    (size > 0 || file_sync_folder_of(f));

	// It comes again: whoever reads the file meanwhile shall not see a part of it.
	if (!ok && ftruncate(fd, size) != 0) {
		f->out.is_recovered = false;
	} else if (!ok) {
		rows_end(f);
	}
	return ok;
}

// An editor may have left the last row without its end.
static bool
ends_within_a_line(int fd, off_t size)
{
	char byte;

	return size > 0 && pread(fd, &byte, 1, size - 1) == 1 && byte != '\n';
}

// The row in the agency's encoding, with what must stand before it where the file ends. NULL without memory.
static char *
row_bytes(struct file *f, const struct enlace_delivery *d, int fd, off_t size, size_t *ret_len)
{
	struct text text = {.data = NULL};
	bool lossy = false;
	char *bytes;

	if (size == 0) {
		put_header(&text, f);
	} else if (ends_within_a_line(fd, size)) {
		put(&text, "\r\n", 2);
	}
	put_row(&text, f, d);
	bytes = text.failed ? NULL : file_from_utf8(text.data, text.len, f->encoding, ret_len, &lossy);
	if (lossy) {
		enlace_log(f->port, "warn", "file.lossy", "file", f->out.name, "id", d->id, NULL);
	}
	free(text.data);
	return bytes;
}

static char *
header_bytes(struct file *f, size_t *ret_len)
{
	struct text text = {.data = NULL};
	bool lossy;
	char *bytes;

	put_header(&text, f);
	bytes = text.failed ? NULL : file_from_utf8(text.data, text.len, f->encoding, ret_len, &lossy);
	free(text.data);
	return bytes;
}

static bool
append_row(struct file *f, const struct enlace_delivery *d, const char *path, int fd, off_t size)
{
	size_t header_len = 0, len = 0;
	char *header = header_bytes(f, &header_len), *bytes = NULL;
	bool ok;

	fd = header == NULL ? fd : open_rows_under(f, path, fd, header, header_len, &size);
	if (header != NULL && fd >= 0) {
		bytes = row_bytes(f, d, fd, size, &len);
	}
	ok = bytes != NULL && append_bytes(f, d, fd, size, bytes, len);
	if (fd >= 0) {
		close(fd);
	}
	free(header);
	free(bytes);
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
		return file_sync_folder_of(f);
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

static void
settle_written(struct file *f, const struct enlace_delivery *d, bool ok)
{
	if (ok) {
		enlace_settle(f->port, d->token, ENLACE_TAKEN, NULL, NULL, 0);
	} else {
		enlace_log(f->port, "error", "file.unwritable", "folder", f->out.folder, NULL);
		enlace_settle(f->port, d->token, ENLACE_LATER, NULL, "disk", 5000);
	}
}

static void
deliver_row(struct file *f, const struct enlace_delivery *d)
{
	char path[4096];
	off_t size;
	int fd;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", f->out.folder, f->out.name);
	fd = open_rows(f, path, &size);
	if (fd >= 0 && rows_has(f, d)) {
		enlace_log(f->port, "info", "file.row_known", "file", f->out.name, "id", d->id, NULL);
		settle_written(f, d, true);
		close(fd);
		return;
	}
	ok = fd >= 0 && append_row(f, d, path, fd, size);
	settle_written(f, d, ok);
	if (ok) {
		rows_end(f);
	}
}

void
file_deliver(void *state, const struct enlace_delivery *d)
{
	struct file *f = state;

	if (f->out.append && d->cells == NULL) {
		enlace_settle(f->port, d->token, ENLACE_UNUSABLE, NULL, "not_flat", 0);
	} else if (f->out.append) {
		deliver_row(f, d);
	} else if (!is_safe_name(d->id)) {
		enlace_settle(f->port, d->token, ENLACE_UNUSABLE, NULL, "bad_id", 0);
	} else {
		settle_written(f, d, one_file(f, d));
	}
}
