// SPDX-License-Identifier: Apache-2.0
// The growing buffer, and the two things that write into one: hexadecimal and the contents of a file.
// Invariant: len <= cap, and data is NULL exactly when cap is 0.
#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CAP 64U

void
buf_fini(struct buf *b)
{
	free(b->data);
	*b = BUF_EMPTY;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->err = EN_OK;
}

bool
buf_grow(struct buf *b, size_t more)
{
	if (b->err != EN_OK) {
		return false;
	}
	if (more > SIZE_MAX / 2 - b->len) {
		b->err = EN_ENOMEM;
		return false;
	}
	size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;

	while (cap < b->len + more) {
		cap *= 2;
	}
	uint8_t *data = realloc(b->data, cap);

	if (data == NULL) {
		b->err = EN_ENOMEM;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void
buf_put_str(struct buf *b, const char *text)
{
	buf_put_view(b, view_text(text));
}

void
buf_put_utf8(struct buf *b, uint32_t character)
{
	if (buf_reserve(b, UTF8_BYTES)) {
		b->len += utf8_write(character, b->data + b->len);
	}
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	if (!buf_reserve(b, 1)) {
		return;
	}
	va_start(args, fmt);
	int len = vsnprintf((char *)b->data + b->len, b->cap - b->len, fmt, args);
	va_end(args);
	if (len < 0) {
		b->err = EN_EINTERNAL;
		return;
	}
	// vsnprintf also writes a NUL, which needs its room although it is not counted.
	if ((size_t)len >= b->cap - b->len) {
		if (!buf_reserve(b, (size_t)len + 1)) {
			return;
		}
		va_start(args, fmt);
		len = vsnprintf((char *)b->data + b->len, b->cap - b->len, fmt, args);
		va_end(args);
	}
	b->len += (size_t)len;
}

const char *
buf_cstr(struct buf *b)
{
	if (!buf_reserve(b, 1)) {
		return "";
	}
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

static enum en_err
err_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return EN_ENOTFOUND;
	case EACCES:
	case EPERM:
		return EN_EDENIED;
	case ENOMEM:
		return EN_ENOMEM;
	default:
		return EN_EIO;
	}
}

// Reads to the end of the file, or to one byte past max, which is how a file that grows meanwhile is noticed.
static enum en_err
read_all(struct buf *b, int fd, size_t max)
{
	size_t start = b->len;
	struct stat st;
	size_t expected = 0;

	if (fstat(fd, &st) != 0) {
		return err_of_errno(errno);
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0) {
		if ((uint64_t)st.st_size > max) {
			return EN_ELIMIT;
		}
		expected = (size_t)st.st_size;
	}
	for (;;) {
		size_t done = b->len - start;
		// One byte more than expected, so that the read at the end finds the end without growing the buffer.
		size_t want = expected >= done ? expected - done + 1 : 4096;

		if (!buf_reserve(b, want)) {
			return b->err;
		}
		ssize_t got = read(fd, b->data + b->len, want);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return err_of_errno(errno);
		}
		if (got == 0) {
			return EN_OK;
		}
		b->len += (size_t)got;
		if (b->len - start > max) {
			return EN_ELIMIT;
		}
	}
}

enum en_err
buf_read_file(struct buf *b, const char *path, size_t max)
{
	size_t start = b->len;

	if (b->err != EN_OK) {
		return b->err;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return err_of_errno(errno);
	}
	enum en_err err = read_all(b, fd, max);

	(void)close(fd); // read only: nothing can be lost
	if (err != EN_OK) {
		b->len = start;
	}
	return err;
}

void
hex_write(struct view v, uint8_t *dst)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < v.len; i++) {
		dst[2 * i] = (uint8_t)digits[v.data[i] >> 4];
		dst[2 * i + 1] = (uint8_t)digits[v.data[i] & 15];
	}
}

void
hex_put(struct buf *b, struct view v)
{
	if (v.len > SIZE_MAX / 4 || !buf_reserve(b, 2 * v.len)) {
		b->err = EN_ENOMEM;
		return;
	}
	hex_write(v, b->data + b->len);
	b->len += 2 * v.len;
}

int
hex_value(uint8_t digit)
{
	if (digit >= '0' && digit <= '9') {
		return digit - '0';
	}
	if (digit >= 'a' && digit <= 'f') {
		return digit - 'a' + 10;
	}
	if (digit >= 'A' && digit <= 'F') {
		return digit - 'A' + 10;
	}
	return -1;
}

bool
hex_get(struct view text, void *dst, size_t len)
{
	uint8_t *out = dst;

	if (text.len % 2 != 0 || text.len / 2 != len) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (hex_value(text.data[i]) < 0) {
			return false;
		}
	}
	for (size_t i = 0; i < len; i++) {
		out[i] = (uint8_t)(hex_value(text.data[2 * i]) << 4 | hex_value(text.data[2 * i + 1]));
	}
	return true;
}
