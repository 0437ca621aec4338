// SPDX-License-Identifier: Apache-2.0
// Collecting findings. Everything is copied into the findings' own arena, so a finding outlives the file, the tree
// and the configuration that it speaks of. When memory runs out a finding loses its texts or its place in the list,
// but it is always counted: errors > 0 stays true, and nothing invalid is taken for valid.
#include "base/finding.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/say.h"

static const struct {
	const char *text;
	bool is_error;
} codes[] = {
#define EN_FINDING(name, code, is_error, en, es, help_en, help_es) [name] = {code, is_error},
#include "base/finding.tbl.h"
#undef EN_FINDING
};
_Static_assert(EN_COUNT_OF(codes) == FINDING_COUNT, "one row per finding");

const char *
finding_code_text(enum finding_code code)
{
	return (unsigned)code < FINDING_COUNT ? codes[code].text : "E0000";
}

bool
finding_is_error(enum finding_code code)
{
	return (unsigned)code >= FINDING_COUNT || codes[code].is_error;
}

void
findings_init(struct findings *f)
{
	findings_init_in(f, EN_LANG_EN);
}

void
findings_init_in(struct findings *f, enum en_lang lang)
{
	*f = (struct findings){.lang = lang};
	arena_init(&f->arena, 0);
}

const char *
findings_say(const struct findings *f, const char *english)
{
	return en_say(f->lang, english);
}

void
findings_fini(struct findings *f)
{
	free(f->items);
	arena_fini(&f->arena);
	findings_init_in(f, f->lang);
}

static bool
same_file(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

// Findings come file by file, so looking at the newest one finds nearly every name again.
static const char *
intern_file(struct findings *f, const char *file)
{
	if (file == NULL) {
		return NULL;
	}
	if (f->count > 0 && same_file(f->items[f->count - 1].where.file, file)) {
		return f->items[f->count - 1].where.file;
	}
	return arena_text(&f->arena, view_text(file));
}

// The text of line number `line` of the file's bytes, without its line end and cut to the limit between two characters.
static struct view
line_of(struct view text, uint32_t line)
{
	const uint8_t *start = text.data, *end = text.data + text.len;

	for (uint32_t at = 1; at < line; at++) {
		const uint8_t *newline = memchr(start, '\n', (size_t)(end - start));

		if (newline == NULL) {
			return VIEW_EMPTY;
		}
		start = newline + 1;
	}
	const uint8_t *newline = memchr(start, '\n', (size_t)(end - start));
	size_t len = (size_t)((newline == NULL ? end : newline) - start);

	if (len > 0 && start[len - 1] == '\r') {
		len--;
	}
	if (len > LIMIT_EXCERPT_BYTES) {
		len = LIMIT_EXCERPT_BYTES;
		while (len > 0 && (start[len] & 0xc0) == 0x80) {
			len--;
		}
	}
	return view_of(start, len);
}

bool
finding_reads(const char *path)
{
	struct stat st;

	// Never a pipe or a device: opening one could wait for ever.
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

// A copy by which no terminal is steered, whatever stands in a file: each control character is a blank, in as many columns.
static const char *
copy_plain(struct findings *f, struct view text)
{
	char *copy = arena_text(&f->arena, text);

	for (uint8_t *p = (uint8_t *)copy; p != NULL && *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f) {
			*p = ' ';
		} else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
			p[1] = 0xa0; // U+0080 to U+009F, as the blank beside them
		}
	}
	return copy;
}

static const char *
excerpt_of(struct findings *f, struct where where)
{
	struct buf text = BUF_EMPTY;
	const char *excerpt = NULL;

	if (where.file == NULL || where.line == 0 || !finding_reads(where.file)) {
		return NULL;
	}
	if (buf_read_file(&text, where.file, LIMIT_EXCERPT_FILE_BYTES) == EN_OK && text.len > 0) {
		struct view line = line_of(buf_view(&text), where.line);

		excerpt = line.len > 0 && view_is_utf8(line) ? copy_plain(f, line) : NULL;
	}
	buf_fini(&text);
	return excerpt;
}

static const char *format_detail(struct findings *f, const char *fmt, va_list args) EN_PRINTF(2, 0);

static const char *
format_detail(struct findings *f, const char *fmt, va_list args)
{
	char text[1024];

	if (fmt == NULL) {
		return NULL;
	}
	if (vsnprintf(text, sizeof(text), findings_say(f, fmt), args) < 0) {
		return NULL;
	}
	size_t len = strlen(text);

	// A detail that was cut may end inside a character.
	while (len > 0 && !view_is_utf8(view_of(text, len)) && len > sizeof(text) - 5) {
		len--;
	}
	return copy_plain(f, view_of(text, len));
}

// A hint without a blank is a name, which stays as it is in every language.
static const char *
copy_hint(struct findings *f, const char *hint)
{
	if (hint == NULL) {
		return NULL;
	}
	return copy_plain(f, view_text(strchr(hint, ' ') == NULL ? hint : findings_say(f, hint)));
}

void
findings_add(
    struct findings *f, enum finding_code code, struct where where, const char *hint, const char *detail_fmt, ...)
{
	if (finding_is_error(code)) {
		f->errors++;
	} else {
		f->warnings++;
	}
	if (f->count >= LIMIT_FINDINGS) {
		return;
	}
	if (f->count == f->cap) {
		size_t cap = f->cap == 0 ? 16 : f->cap * 2;
		struct finding *items = realloc(f->items, cap * sizeof(*items));

		if (items == NULL) {
			return;
		}
		f->items = items;
		f->cap = cap;
	}
	struct finding finding = {.code = code, .where = where};
	va_list args;

	finding.where.file = intern_file(f, where.file);
	va_start(args, detail_fmt);
	finding.detail = format_detail(f, detail_fmt, args);
	va_end(args);
	finding.hint = copy_hint(f, hint);
	finding.excerpt = excerpt_of(f, where);
	f->items[f->count++] = finding;
}

void
findings_missing(struct findings *f, const char *scope, struct view name)
{
	// Past the limit the last finding is another one's.
	if (f->count > 0 && f->errors + f->warnings == f->count) {
		f->items[f->count - 1].scope = arena_text(&f->arena, view_text(scope));
		f->items[f->count - 1].name = arena_text(&f->arena, name);
	}
}

// The finding from that one on that says the same of the same place; NULL when none does.
static struct finding *
find_alike(struct findings *f, size_t from, size_t to, const struct finding *wanted)
{
	for (size_t i = from; i < to; i++) {
		struct finding *one = &f->items[i];

		// Files are interned.
		if (one->code == wanted->code && one->where.file == wanted->where.file &&
		    one->where.line == wanted->where.line && one->where.column == wanted->where.column &&
		    one->scope == NULL && wanted->scope == NULL) {
			return one;
		}
	}
	return NULL;
}

#define BETWEEN_DETAILS "; "

static bool
has_detail(const char *details, const char *detail)
{
	size_t len = strlen(detail), between = strlen(BETWEEN_DETAILS);

	for (const char *at = details; at != NULL; at = strstr(at, BETWEEN_DETAILS)) {
		at += at == details ? 0 : between;
		if (strncmp(at, detail, len) == 0 &&
		    (at[len] == '\0' || strncmp(at + len, BETWEEN_DETAILS, between) == 0)) {
			return true;
		}
	}
	return false;
}

// Without memory the details that there are stay.
static void
add_detail(struct findings *f, struct finding *to, const char *detail)
{
	const char *both;

	if (detail == NULL || has_detail(to->detail, detail)) {
		return;
	}
	both = to->detail == NULL ? detail : arena_printf(&f->arena, "%s" BETWEEN_DETAILS "%s", to->detail, detail);
	to->detail = both == NULL ? to->detail : both;
}

void
findings_merge(struct findings *f, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < f->count; i++) {
		struct finding *alike = find_alike(f, from, kept, &f->items[i]);

		if (alike == NULL) {
			f->items[kept++] = f->items[i];
			continue;
		}
		add_detail(f, alike, f->items[i].detail);
		f->errors -= finding_is_error(alike->code);
		f->warnings -= !finding_is_error(alike->code);
	}
	f->count = f->count < kept ? f->count : kept;
}

static int
compare_text(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
compare(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	int by_file = compare_text(a->where.file, b->where.file);

	if (by_file != 0) {
		return by_file;
	}
	if (a->where.line != b->where.line) {
		return a->where.line < b->where.line ? -1 : 1;
	}
	if (a->where.column != b->where.column) {
		return a->where.column < b->where.column ? -1 : 1;
	}
	if (a->code != b->code) {
		return a->code < b->code ? -1 : 1;
	}
	return compare_text(a->detail, b->detail);
}

void
findings_sort(struct findings *f)
{
	if (f->count > 1) {
		qsort(f->items, f->count, sizeof(*f->items), compare);
	}
}
