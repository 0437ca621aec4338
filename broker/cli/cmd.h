// SPDX-License-Identifier: Apache-2.0
// `enlace`: one command, one file, one const descriptor. main.c finds the command, options.c reads its options, and the command does the rest. Data goes to stdout, words to stderr; --format json is stable; exit codes are those of landscape 7.2.
#ifndef EN_CLI_CMD_H
#define EN_CLI_CMD_H

#include <stdio.h>

#include "base/arena.h"
#include "base/finding.h"
#include "conf/conf.h"

#ifndef ENLACE_VERSION
#define ENLACE_VERSION "0.1.0"
#endif

#define CMD_ARGUMENTS_MAX 64
#define CMD_OPTIONS_MAX 16

// What every command gets. Options of its own come by name (cmd_option).
struct cmd_call {
	struct arena arena;
	const char *arguments[CMD_ARGUMENTS_MAX];
	size_t argument_count;
	const char *names[CMD_OPTIONS_MAX], *values[CMD_OPTIONS_MAX]; // value "" for a switch
	size_t option_count;
	const char *config; // -c
	bool json, sarif, quiet, yes;
	bool colour, colour_out; // what stderr and stdout show
	unsigned int verbose;
	enum en_lang lang;
};

struct cmd_option {
	const char *name; // without dashes
	bool takes_value;
	const char *help;
};

struct cmd {
	const char *name, *summary, *summary_es;
	const char *usage; // lines of "enlace NAME ...": examples first
	const struct cmd_option *options; // ends with a NULL name. One of them named as a common one takes its place
	// Returns the exit code.
	int (*run)(struct cmd_call *call);
};

extern const struct cmd cmd_lint, cmd_explain_code, cmd_config_schema, cmd_keys, cmd_agency, cmd_publish, cmd_sub,
    cmd_msg, cmd_status, cmd_convert, cmd_version, cmd_reload, cmd_schema, cmd_test, cmd_map, cmd_explain;

// ---- options.c
// Fills the call from what stands after the command's name. Returns 0, or 2 having said what is wrong and what is near.
int cmd_parse(const struct cmd *cmd, struct cmd_call *call, int argc, char **argv);
// The options of a command and those of all, for its help.
void cmd_print_options(const struct cmd_call *call, const struct cmd *cmd, FILE *out);
// The usage of a command, what stands behind each example in the language of the call.
void cmd_print_usage(const struct cmd_call *call, const struct cmd *cmd, FILE *out);
// The value, "" for a switch, NULL when it was not given.
const char *cmd_option(const struct cmd_call *call, const char *name);
// ---- main.c
// One of two texts, in the language of the call.
const char *cmd_say(const struct cmd_call *call, const char *en, const char *es) EN_FORMAT_ARG(2) EN_FORMAT_ARG(3);
// The word for that many, in the language of the call.
const char *cmd_noun(const struct cmd_call *call, size_t count, const char *en_one, const char *en_many, const char *es_one,
    const char *es_many);
// Before words on stderr that follow what was printed: so they do where both go to one file. Whether it arrived is asked at the end.
void cmd_words_follow(void);
// Prints what was put together and frees it; 0, or the exit code of what kept it from being whole.
int cmd_print(const struct cmd_call *call, struct buf *b);
// Says what is wrong on stderr and returns the error's exit code.
int cmd_fail(const struct cmd_call *call, enum en_err err, const char *fmt, ...) EN_PRINTF(3, 4);
// Says that nothing has this name, and which of those that there are is near: "no agency imn; did you mean inm". Returns 1.
int cmd_no_such(const struct cmd_call *call, const char *no_such, const char *name, const char *const *names, size_t count);
// Prints the usage of a command on stderr; returns 2.
int cmd_usage(const struct cmd_call *call, const struct cmd *cmd);
// The same of a command whose first argument is a verb: an unknown one is told, with the nearest.
int cmd_usage_of_verbs(const struct cmd_call *call, const struct cmd *cmd);
// "enlace: WHAT" on stderr; returns 2.
int cmd_misused(const struct cmd_call *call, const char *en, const char *es);
// enlace.yaml as named by -c; findings are printed. EN_ECONFIG.
EN_MUST_CHECK enum en_err cmd_settings(struct cmd_call *call, struct conf_daemon **ret);

// ---- table.c: rows for people. Widths follow the content; the last column is cut at the terminal's width only when there is a terminal.
#define TABLE_COLUMNS_MAX 32
struct table {
	struct arena *arena;
	const char **cells;
	size_t columns, count, cap;
};
void table_init(struct table *t, struct arena *arena, size_t columns);
void table_cell(struct table *t, const char *text); // copied, as printable makes it
void table_print(const struct table *t, FILE *out);
// In characters: bytes that continue one take no room.
size_t text_width(const char *text);
// Control characters become '?', in place: peers choose ids, and a terminal obeys what it is sent. text is UTF-8.
void printable(char *text);
// "3 min", "2 h", "5 days" of that many milliseconds; "-" for 0.
void age_text(int64_t age_ms, enum en_lang lang, char ret[24]);
// "2026-11-23 15:04:05", where this process is.
void local_time_text(int64_t wall_ms, char ret[24]);

#endif
