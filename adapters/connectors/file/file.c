// SPDX-License-Identifier: Apache-2.0
// The file connector: a watched folder in, files out. For systems whose interface is an export and an import.
//
// options, publish:  in (folder), done (folder), pattern (default *.csv or *.json), format csv | json | ndjson,
//                    encoding UTF-8 | ISO-8859-1, separator (default ","), stable_for (default 2 s), marker (suffix of a file that says complete),
//                    sample (for doctor)
// options, deliver:  out (folder), format csv | json, mode append | one_file_each, name (of the file that rows are appended to; the file
//                    of other columns is set aside as NAME.1, .2, ...), encoding, separator
#include "connectors/file/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool
one_of(const char *text, const char *const *words, int *ret)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strcasecmp(text, words[i]) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool
open_common(struct file *f, char *error)
{
	static const char *const formats[] = {"csv", "json", "ndjson", NULL};
	static const char *const encodings[] = {"UTF-8", "ISO-8859-1", NULL};
	const char *format = enlace_option(f->port, "format"), *encoding = enlace_option(f->port, "encoding");
	const char *separator = enlace_option(f->port, "separator");
	int word = 0;

	if (format != NULL && !one_of(format, formats, &word)) {
		snprintf(error, 256, enlace_say("format must be csv, json or ndjson"));
		return false;
	}
	f->format = (enum file_format)word;
	word = 0;
	if (encoding != NULL && !one_of(encoding, encodings, &word)) {
		snprintf(error, 256, enlace_say("encoding must be UTF-8 or ISO-8859-1"));
		return false;
	}
	f->encoding = (enum file_encoding)word;
	if (separator != NULL && strlen(separator) != 1) {
		snprintf(error, 256, enlace_say("separator must be one character"));
		return false;
	}
	f->separator = separator == NULL ? ',' : separator[0];
	return true;
}

static bool
make_folder(const struct file *f, const char *folder, char *error)
{
	if (enlace_is_check(f->port)) {
		return true; // doctor looks, and tells
	}
	if (mkdir(folder, 0700) == 0 || errno == EEXIST) {
		return true;
	}
	snprintf(error, 256, enlace_say("cannot create the folder %.200s"), folder);
	return false;
}

static bool
open_in(struct file *f, char *error)
{
	const char *pattern = enlace_option(f->port, "pattern");
	static const char *const patterns[] = {"*.csv", "*.json", "*.ndjson"};

	f->in.folder = enlace_option_path(f->port, "in");
	f->in.done = enlace_option_path(f->port, "done");
	f->in.marker = enlace_option(f->port, "marker");
	f->in.pattern = pattern == NULL ? patterns[f->format] : pattern;
	f->in.stable_ms = enlace_option_ms(f->port, "stable_for", 2000);
	if (f->in.folder == NULL || f->in.done == NULL) {
		snprintf(
		    error, 256, enlace_say("the options `in` and `done` name the folders to read from and to move to"));
		return false;
	}
	return make_folder(f, f->in.folder, error) && make_folder(f, f->in.done, error);
}

static bool
open_out(struct file *f, char *error)
{
	const char *mode = enlace_option(f->port, "mode");
	static const char *const modes[] = {"one_file_each", "append", NULL};
	int word = f->format == FILE_CSV;

	f->out.folder = enlace_option_path(f->port, "out");
	f->out.name = enlace_option(f->port, "name");
	if (f->out.folder == NULL) {
		snprintf(error, 256, enlace_say("the option `out` names the folder to write to"));
		return false;
	}
	if (mode != NULL && !one_of(mode, modes, &word)) {
		snprintf(error, 256, enlace_say("mode must be append or one_file_each"));
		return false;
	}
	f->out.append = word == 1;
	if (f->out.append && (f->out.name == NULL || strchr(f->out.name, '/') != NULL)) {
		snprintf(error, 256,
		    enlace_say("mode append needs the option `name`: the file in `out` that rows are appended to"));
		return false;
	}
	if (f->out.append && f->format != FILE_CSV) {
		snprintf(error, 256, enlace_say("mode append writes csv"));
		return false;
	}
	if (!f->out.append && enlace_option(f->port, "format") != NULL && f->format != FILE_JSON) {
		snprintf(error, 256, enlace_say("mode one_file_each writes json"));
		return false;
	}
	return make_folder(f, f->out.folder, error);
}

static void *
file_open(struct enlace_port *port, bool is_publish, char *error)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		snprintf(error, 256, enlace_say("out of memory"));
		return NULL;
	}
	f->port = port;
	f->is_publish = is_publish;
	f->out.list_fd = -1;
	if (!open_common(f, error) || !(is_publish ? open_in(f, error) : open_out(f, error))) {
		free(f);
		return NULL;
	}
	return f;
}

static uint32_t
read_some(struct file *f)
{
	uint32_t poll_ms = f->in.stable_ms < FILE_POLL_MS ? (uint32_t)f->in.stable_ms / 2 + 20 : FILE_POLL_MS;
	uint32_t wait_ms = 0;

	if (!f->in.is_open) {
		if (!file_watch(f, file_now_ms())) {
			return poll_ms;
		}
		if (!file_take(f)) {
			return 0; // left alone: the next one does not wait for it
		}
		if (!file_foretell(f)) {
			file_drop(f);
			f->in.is_walking = false; // it is the first one again
			return poll_ms;
		}
	}
	(void)file_rows(f, &wait_ms);
	return wait_ms;
}

static uint32_t
file_turn(void *state)
{
	struct file *f = state;
	uint32_t wait_ms;

	if (!f->is_publish) {
		return 60000;
	}
	wait_ms = read_some(f);
	enlace_under_way(f->port, f->in.is_open || file_waits(f));
	return wait_ms;
}

static void
file_close(void *state)
{
	struct file *f = state;

	file_drop(f);
	rows_close(f);
	free(f->in.candidates);
	free(f);
}

extern const struct enlace_connector file_connector;

static const char *const file_options[] = {"in", "done", "pattern", "format", "encoding", "separator", "stable_for",
    "marker", "sample", "out", "mode", "name", NULL};

// Two types would take turns in setting a table of the other's columns aside; one event for two subscriptions would be one file, of the later one.
static const char *const file_own[] = {"out", "name", NULL};

const struct enlace_connector file_connector = {
    .abi = ENLACE_ADAPTER_ABI,
    .name = "file",
    .options = file_options,
    .own = file_own,
    .open = file_open,
    .turn = file_turn,
    .deliver = file_deliver,
    .doctor = file_doctor,
    .close = file_close,
};
