// SPDX-License-Identifier: Apache-2.0
// What is wrong in a configuration file, a schema or a table, told to the person who will edit it: a stable code,
// file:line:col, an excerpt, what to do, the nearest name. Findings are collected, not thrown: one run reports all of
// them, to LIMIT_FINDINGS.
//
// Codes stand in finding.tbl.h: E01xx YAML and files, E02xx schemas, E03xx mappings, E04xx leaks and labels, E05xx
// routes, E06xx subscriptions, E07xx agreements and agencies, E08xx daemon and adapter settings,
// E09xx expressions, E10xx the tests of a rule set, W.... warnings.
// Never reused.
#ifndef EN_BASE_FINDING_H
#define EN_BASE_FINDING_H

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

// A place in a file. line and column count from 1, columns in characters; line 0: the whole file. file is interned in
// the findings or borrowed for as long.
struct where {
	const char *file;
	uint32_t line, column;
};

enum finding_code {
#define EN_FINDING(name, code, is_error, en, es, help_en, help_es) name,
#include "base/finding.tbl.h"
#undef EN_FINDING
	FINDING_COUNT
};

struct finding {
	enum finding_code code;
	struct where where;
	const char *detail;	// what exactly: a name, a path, never a personal value. May be NULL
	const char *hint;	// the nearest name, or what to write. May be NULL
	const char *excerpt;	// the line of the file, without its newline. May be NULL
	const char *scope, *name;	// a name that was looked up there and is not there (findings_missing). May be NULL
};

struct findings {
	struct arena arena;	// owns every text
	enum en_lang lang;	// of the texts
	struct finding *items;
	size_t count, cap;
	size_t errors, warnings;	// counted also past the limit
};

void findings_init(struct findings *f);	// in English
void findings_init_in(struct findings *f, enum en_lang lang);
void findings_fini(struct findings *f);
// detail is printf-style and in English: its Spanish stands in say.tbl.h, and so does that of a hint which is a
// sentence (a hint without a blank is a name). Words among the arguments go through findings_say. All is copied; hint
// NULL for none. Reads the excerpt from where.file when it can.
void findings_add(struct findings *f, enum finding_code code, struct where where, const char *hint,
    const char *detail_fmt, ...) EN_PRINTF(5, 6);
// Says of the finding just added which name is missing in what (a message, an enum, or a field with a closed list, by its full name), for those who
// can find out what became of it.
void findings_missing(struct findings *f, const char *scope, struct view name);
// Of the findings from that one on, those of one code and place become one, with each of their details: of what was
// looked at several times, as a condition is for every type of a route. Those of findings_missing stay.
void findings_merge(struct findings *f, size_t from);
// A word or sentence in the language of the findings.
const char *findings_say(const struct findings *f, const char *english) EN_FORMAT_ARG(2);
// Orders by file, line, column, code.
void findings_sort(struct findings *f);
// "PATH:LINE:COL: error[E0123] text: detail", the excerpt with a caret, "help: ...", one blank line. Colour only when
// asked.
void findings_print_text(const struct findings *f, FILE *out, bool colour);
// The same on stderr, as the reader's side can show it (base/terminal.h).
void findings_tell(const struct findings *f);
// {"findings":[{"code","severity","file","line","column","text","detail","hint","help"}],"errors":N,"warnings":N}
void findings_print_json(const struct findings *f, FILE *out);

// What to do about it, as the text form says behind "help:".
void finding_put_help(const struct finding *finding, enum en_lang lang, struct buf *b);

// Whether an excerpt is taken from such a file: a regular one.
bool finding_reads(const char *path);

const char *finding_code_text(enum finding_code code);	// "E0123"
bool finding_is_error(enum finding_code code);
// What is wrong, and what to do about it, without the detail of one place.
const char *finding_text(enum finding_code code, enum en_lang lang);
const char *finding_help(enum finding_code code, enum en_lang lang);

// The candidate nearest to name by edit distance (case and accents folded), or NULL when none is near enough
// (distance over a third of the length).
const char *nearest_name(const char *name, const char *const *candidates, size_t count);

#endif
