// SPDX-License-Identifier: Apache-2.0
// A line is built in a buffer of the calling thread and leaves with one write, so lines of several threads never mix.
// The level and the descriptor are atomics; the counts of repeats stand in a small table behind a mutex. When two
// events share a row of that table, the newcomer takes it and the count of the other is told first: nothing is lost.
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/strmap.h"

#define REPEAT_ROWS 64U
#define EVENT_NAME_BYTES 48U

struct repeat_row {
	char event[EVENT_NAME_BYTES];
	uint64_t window_ms; // when this second began
	uint32_t written, swallowed;
};

static _Atomic int level_now = LOG_INFO;
static _Atomic int fd_now = STDERR_FILENO;
static pthread_mutex_t repeat_lock = PTHREAD_MUTEX_INITIALIZER;
static struct repeat_row repeats[REPEAT_ROWS];

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

void
log_set_level(enum log_level level)
{
	atomic_store(&level_now, (int)level);
}

bool
log_level_from_text(const char *text, enum log_level *ret)
{
	for (size_t i = 0; i < EN_COUNT_OF(level_names); i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*ret = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void
log_set_fd(int fd)
{
	atomic_store(&fd_now, fd);
}

// Whether this line may be written. *ret_before gets how many of the same event were swallowed before it; *ret_other is
// filled with a row whose count must be told because it loses its place.
static bool
admit(const char *event, uint64_t now_ms, uint32_t *ret_before, struct repeat_row *ret_other)
{
	struct repeat_row *row = &repeats[hash_bytes(0, view_text(event)) % REPEAT_ROWS];
	bool may_write = true;

	*ret_before = 0;
	*ret_other = (struct repeat_row){0};
	(void)pthread_mutex_lock(&repeat_lock); // a plain mutex: cannot fail
	if (strncmp(row->event, event, EVENT_NAME_BYTES - 1) != 0) {
		*ret_other = *row;
		*row = (struct repeat_row){.window_ms = now_ms};
		strncpy(row->event, event, EVENT_NAME_BYTES - 1);
	}
	if (now_ms - row->window_ms >= 1000) {
		row->window_ms = now_ms;
		row->written = 0;
	}
	if (row->written >= LIMIT_LOG_REPEATS) {
		row->swallowed++;
		may_write = false;
	} else {
		row->written++;
		*ret_before = row->swallowed;
		row->swallowed = 0;
	}
	(void)pthread_mutex_unlock(&repeat_lock);
	return may_write;
}

static void
put_text(struct buf *b, struct view text)
{
	bool is_cut = text.len > LIMIT_LOG_FIELD_BYTES;

	buf_put_u8(b, '"');
	json_escape(b, is_cut ? view_of(text.data, LIMIT_LOG_FIELD_BYTES) : text);
	buf_put_str(b, is_cut ? "...\"" : "\"");
}

static void
put_field(struct buf *b, const struct log_field *f)
{
	buf_put_u8(b, ',');
	put_text(b, view_text(f->name));
	buf_put_u8(b, ':');
	switch (f->kind) {
	case LOG_FIELD_TEXT:
		if (f->text == NULL) {
			buf_put_str(b, "null");
		} else {
			put_text(b, view_text(f->text));
		}
		break;
	case LOG_FIELD_NUMBER:
		buf_printf(b, "%lld", (long long)f->number);
		break;
	case LOG_FIELD_BYTES:
		put_text(b, f->bytes);
		break;
	}
}

static void
put_head(struct buf *b, int64_t wall_ms, enum log_level level, const char *event)
{
	char time[25];

	wall_format(wall_ms, time);
	buf_printf(b, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", time, level_names[level]);
	put_text(b, view_text(event));
}

static void
write_line(int fd, const struct buf *b)
{
	ssize_t done;

	// A log that cannot be written must not stop the program, and there is nowhere to tell it.
	do {
		done = write(fd, b->data, b->len);
	} while (done < 0 && errno == EINTR);
}

void
log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	int fd = atomic_load(&fd_now);
	struct buf line = BUF_EMPTY;
	struct repeat_row other;
	uint32_t swallowed;

	if (fd < 0 || (int)level < atomic_load(&level_now)) {
		return;
	}
	struct moment now = clock_now();
	bool may_write = admit(event, now.monotonic_ms, &swallowed, &other);

	if (other.swallowed > 0) {
		put_head(&line, now.wall_ms, LOG_INFO, "log.repeats");
		buf_put_str(&line, ",\"of\":");
		put_text(&line, view_text(other.event));
		buf_printf(&line, ",\"repeats\":%u}\n", other.swallowed);
	}
	if (may_write) {
		put_head(&line, now.wall_ms, level, event);
		for (size_t i = 0; i < count; i++) {
			put_field(&line, &fields[i]);
		}
		if (swallowed > 0) {
			buf_printf(&line, ",\"repeats\":%u", swallowed);
		}
		buf_put_str(&line, "}\n");
	}
	if (line.err == EN_OK && line.len > 0) {
		write_line(fd, &line);
	}
	buf_fini(&line);
}

// The length of the longest prefix of text that needs no escaping, in whole characters.
static size_t
plain_prefix(struct view text)
{
	size_t i = 0;

	while (i < text.len && text.data[i] >= 0x20 && text.data[i] < 0x80 && text.data[i] != '"' &&
	    text.data[i] != '\\') {
		i++;
	}
	return i;
}

// The length of the well-formed character of more than one byte at the start of text, 0 when there is none.
static size_t
wide_character(struct view text)
{
	for (size_t len = 2; len <= 4 && len <= text.len; len++) {
		if (view_is_utf8(view_of(text.data, len))) {
			return len;
		}
	}
	return 0;
}

static void
escape_byte(struct buf *b, uint8_t c)
{
	static const char short_forms[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	if (c >= 0x80) {
		buf_put_str(b, "\\ufffd");
	} else if (c == '"' || c == '\\') {
		buf_printf(b, "\\%c", c);
	} else if (c < sizeof(short_forms) && short_forms[c] != 0) {
		buf_printf(b, "\\%c", short_forms[c]);
	} else {
		buf_printf(b, "\\u%04x", c);
	}
}

void
json_escape(struct buf *b, struct view text)
{
	while (text.len > 0) {
		size_t len = plain_prefix(text);

		if (len == 0 && text.data[0] >= 0x80) {
			len = wide_character(text);
		}
		if (len > 0) {
			buf_put(b, text.data, len);
		} else {
			escape_byte(b, text.data[0]);
			len = 1;
		}
		text = view_of(text.data + len, text.len - len);
	}
}
