// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"

bool
terminal_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < EN_COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0') {
			return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
		}
	}
	return false;
}

bool
terminal_has_colours(FILE *stream)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(stream)) == 1 && (no_colour == NULL || no_colour[0] == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

// ---- letters ----------------------------------------------------------------------------------------------------------------

// U+00A0 to U+00FF, each by the letter that looks most like it.
static const char latin[] = " !c#$Y|S\"ca\"--R-o+23'uP.,1o\"????"
			    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTs"
			    "aaaaaaaceeeeiiiidnooooo/ouuuuyty";
_Static_assert(sizeof(latin) == 0x60 + 1, "one letter for each");

static const struct {
	uint32_t first, last;
	char letter;
} signs[] = {{0x2010, 0x2015, '-'}, {0x2018, 0x201b, '\''}, {0x201c, 0x201f, '"'}, {0x2022, 0x2022, '*'},
    {0x2026, 0x2026, '.'}, {0x2190, 0x2190, '<'}, {0x2192, 0x2192, '>'}, {0x2500, 0x2501, '-'}, {0x2502, 0x2503, '|'}};

// '\0' when it is dropped.
static char
letter_of(uint32_t point)
{
	if (point >= 0xa0 && point <= 0xff) {
		return latin[point - 0xa0];
	}
	if (point >= 0x300 && point <= 0x36f) {
		return '\0';
	}
	for (size_t i = 0; i < EN_COUNT_OF(signs); i++) {
		if (point >= signs[i].first && point <= signs[i].last) {
			return signs[i].letter;
		}
	}
	return '?';
}

// How many bytes the sequence has that begins with this one; 1 when none does.
static size_t
sequence_length(uint8_t first)
{
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
}

static uint32_t
code_point(const uint8_t *p, size_t len)
{
	uint32_t point = p[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++) {
		point = point << 6 | (p[i] & 0x3fU);
	}
	return point;
}

void
ascii_fold(struct view text, struct buf *b)
{
	for (size_t at = 0; at < text.len;) {
		const uint8_t *p = text.data + at;
		size_t len = sequence_length(p[0]);

		if (p[0] < 0x80) {
			buf_put_u8(b, p[0]);
		} else if (len > text.len - at || len == 1 || !view_is_utf8(view_of(p, len))) {
			buf_put_u8(b, '?');
			len = 1;
		} else {
			char letter = letter_of(code_point(p, len));

			if (letter != '\0') {
				buf_put_u8(b, (uint8_t)letter);
			}
		}
		at += len;
	}
}

// ---- stream -----------------------------------------------------------------------------------------------------------------

struct ascii_stream {
	int fd;
	uint8_t rest[4]; // the beginning of a letter whose other bytes are to come
	size_t rest_len;
};

// How many bytes at the end are a letter that has only begun.
static size_t
begun(struct view text)
{
	for (size_t back = 1; back <= 3 && back <= text.len; back++) {
		uint8_t byte = text.data[text.len - back];

		if ((byte & 0xc0) != 0x80) {
			return sequence_length(byte) > back ? back : 0;
		}
	}
	return 0;
}

static ssize_t
ascii_write(void *cookie, const char *text, size_t len)
{
	struct ascii_stream *s = cookie;
	struct buf all = BUF_EMPTY, folded = BUF_EMPTY;
	bool written;

	buf_put(&all, s->rest, s->rest_len);
	buf_put(&all, text, len);
	struct view whole = buf_view(&all);
	size_t keep = all.err == EN_OK ? begun(whole) : 0;

	ascii_fold(view_of(whole.data, whole.len - keep), &folded);
	written = all.err == EN_OK && folded.err == EN_OK && file_write(s->fd, buf_view(&folded)) == EN_OK;
	if (written && keep > 0) {
		memcpy(s->rest, whole.data + whole.len - keep, keep);
	}
	s->rest_len = keep;
	buf_fini(&folded);
	buf_fini(&all);
	return written ? (ssize_t)len : 0;
}

static int
ascii_close(void *cookie)
{
	struct ascii_stream *s = cookie;
	bool written = s->rest_len == 0 || file_write(s->fd, view_text("?")) == EN_OK;

	free(s);
	return written ? 0 : -1;
}

FILE *
terminal_ascii(FILE *stream)
{
	struct ascii_stream *s = calloc(1, sizeof(*s));
	FILE *ascii = NULL;

	if (s != NULL) {
		s->fd = fileno(stream);
		ascii = fopencookie(s, "w", (cookie_io_functions_t){.write = ascii_write, .close = ascii_close});
	}
	if (ascii == NULL) {
		free(s);
		return NULL;
	}
	(void)setvbuf(ascii, NULL, _IOLBF, BUFSIZ);
	return ascii;
}

void
terminal_say(FILE *out, const char *words)
{
	struct buf text = BUF_EMPTY;

	if (terminal_is_utf8()) {
		buf_put_view(&text, view_text(words));
	} else {
		ascii_fold(view_text(words), &text);
	}
	fputs(buf_cstr(&text), out);
	buf_fini(&text);
}
