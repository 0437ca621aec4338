// SPDX-License-Identifier: Apache-2.0
// One file on its way in: decoded, read row by row, a broken row set aside with its line and reason while the good ones go through, then moved to `done`
// once everything is durable in the spool. A row that the spool has no room for waits; nothing is skipped.
#include "connectors/file/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DONE_COPIES 10000 // of one name

// Told once, and looked at again later: what stands in the way (rights, a folder that is gone) is mended while it waits.
static void
leave_alone(struct file *f, const char *code)
{
	struct file_candidate *c = f->in.current;

	if (c == NULL) {
		return;
	}
	c->again_ms = file_now_ms() + FILE_LEFT_MS;
	if (!c->is_told) {
		enlace_log(f->port, "error", "file.left", "file", f->in.name, "code", code, NULL);
	}
	c->is_told = true;
}

static char *
slurp(struct file_in *in, const char *path, size_t *ret_len, const char **ret_code)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;
	char *text = NULL;
	size_t len = 0;

	*ret_code = "unreadable";
	if (fd >= 0 && fstat(fd, &info) == 0) {
		if ((unsigned long long)info.st_size > FILE_BYTES_MAX) {
			*ret_code = "too_large";
		} else {
			text = malloc((size_t)info.st_size + 1);
		}
	}
	while (text != NULL && len < (size_t)info.st_size) {
		ssize_t n = read(fd, text + len, (size_t)info.st_size - len);

		if (n <= 0) {
			free(text);
			text = NULL;
			break;
		}
		len += (size_t)n;
	}
	if (fd >= 0) {
		close(fd);
	}
	if (text != NULL) {
		in->size = (long long)info.st_size;
		in->mtime_ns = file_mtime_ns(&info);
	}
	*ret_len = len;
	return text;
}

// The header row, kept in a text of its own: the reader's cells live for one row.
static bool
read_header(struct file *f)
{
	struct file_in *in = &f->in;
	size_t len = 0, at = 0;

	if (csv_read(&in->csv, &in->header) != CSV_ROW) {
		return false;
	}
	for (size_t i = 0; i < in->header.count; i++) {
		len += in->header.cells[i].len + 1;
	}
	in->header_text = malloc(len + 1);
	if (in->header_text == NULL) {
		return false;
	}
	for (size_t i = 0; i < in->header.count; i++) {
		struct csv_text cell = in->header.cells[i];

		memcpy(in->header_text + at, cell.data, cell.len);
		in->header.cells[i].data = in->header_text + at;
		at += cell.len + 1;
	}
	in->csv.columns = in->header.count;
	return true;
}

// To the first row, or the first text. False when the file has no header.
static bool
rewind_rows(struct file *f)
{
	struct file_in *in = &f->in;

	csv_close(&in->csv);
	free(in->header_text);
	in->header_text = NULL;
	in->next_line = in->text_len >= 3 && memcmp(in->text, "\xef\xbb\xbf", 3) == 0 ? in->text + 3 : in->text;
	in->line = 1;
	in->has_row = false;
	return f->format != FILE_CSV || (csv_open(&in->csv, in->text, in->text_len, f->separator) && read_header(f));
}

bool
file_take(struct file *f)
{
	struct file_in *in = &f->in;
	const char *code = "out_of_memory";
	char path[4096];
	size_t len;
	char *raw;

	snprintf(path, sizeof(path), "%s/%s", in->folder, in->name);
	raw = slurp(in, path, &len, &code);
	if (raw != NULL) {
		in->text = file_to_utf8(raw, len, f->encoding, &in->text_len);
		free(raw);
	}
	if (in->text == NULL) {
		leave_alone(f, code);
		return false;
	}
	in->rows = in->spooled = in->same = in->rejected = 0;
	in->is_open = true;
	if (!rewind_rows(f)) {
		leave_alone(f, "no_header");
		file_drop(f);
		return false;
	}
	return true;
}

void
file_drop(struct file *f)
{
	csv_close(&f->in.csv);
	free(f->in.header_text);
	free(f->in.text);
	f->in.header_text = f->in.text = NULL;
	f->in.is_open = false;
	if (f->is_publish) {
		enlace_expect_nothing(f->port);
	}
}

// "actas.csv" that was there before becomes "actas.csv.2".
static bool
move_to_done(struct file *f)
{
	char from[4096], to[4096], marker[4096];

	snprintf(from, sizeof(from), "%s/%s", f->in.folder, f->in.name);
	for (int copy = 1; copy <= DONE_COPIES; copy++) {
		if (copy == 1) {
			snprintf(to, sizeof(to), "%s/%s", f->in.done, f->in.name);
		} else {
			snprintf(to, sizeof(to), "%s/%s.%d", f->in.done, f->in.name, copy);
		}
		if (access(to, F_OK) != 0) {
			break;
		}
		if (copy == DONE_COPIES) {
			return false; // the oldest ones are nobody's to overwrite
		}
	}
	if (rename(from, to) != 0) {
		return false;
	}
	if (f->in.marker != NULL) {
		snprintf(marker, sizeof(marker), "%s%s", from, f->in.marker);
		(void)unlink(marker);
	}
	return true;
}

// Whether the system went on writing while we read, perhaps for hours, with a spool without room.
static bool
has_changed(const struct file_in *in)
{
	char path[4096];
	struct stat info;

	snprintf(path, sizeof(path), "%s/%s", in->folder, in->name);
	return lstat(path, &info) == 0 && ((long long)info.st_size != in->size || file_mtime_ns(&info) != in->mtime_ns);
}

static void
finish(struct file *f)
{
	char rows[24], spooled[24], same[24], rejected[24];

	if (!enlace_flush(f->port)) {
		leave_alone(f, "io"); // rows that are known by now will be skipped when it is taken again
	} else if (has_changed(&f->in)) {
		enlace_log(f->port, "info", "file.changed", "file", f->in.name,
		    NULL); // it is taken again, when it is complete
	} else if (!move_to_done(f)) {
		leave_alone(f, "done_unwritable");
	} else {
		f->in.current->is_gone = true;
		f->in.taken++;
		snprintf(rows, sizeof(rows), "%llu", (unsigned long long)f->in.rows);
		snprintf(spooled, sizeof(spooled), "%llu", (unsigned long long)f->in.spooled);
		snprintf(same, sizeof(same), "%llu", (unsigned long long)f->in.same);
		snprintf(rejected, sizeof(rejected), "%llu", (unsigned long long)f->in.rejected);
		enlace_log(f->port, "info", "file.done", "file", f->in.name, "rows", rows, "new", spooled, "same", same,
		    "rejected", rejected, NULL);
	}
	file_drop(f);
}

static void
reject_row(struct file *f, const char *problem)
{
	struct enlace_reason reason = {.code = "row_broken"};

	snprintf(reason.text, sizeof(reason.text), enlace_say("%s; correct the row and export it again"),
	    enlace_say(problem));
	enlace_reject(
	    f->port, (struct enlace_text){f->in.row.raw.data, f->in.row.raw.len}, f->in.name, f->in.row.line, &reason);
	f->in.rejected++;
}

// The row just read, as a record in those cells.
static struct enlace_record
record_of_row(const struct file *f, struct enlace_cell cells[CSV_COLUMNS_MAX])
{
	for (size_t i = 0; i < f->in.row.count; i++) {
		cells[i].name = (struct enlace_text){f->in.header.cells[i].data, f->in.header.cells[i].len};
		cells[i].value = (struct enlace_text){f->in.row.cells[i].data, f->in.row.cells[i].len};
	}
	return (struct enlace_record){
	    .cells = cells, .cell_count = f->in.row.count, .origin = f->in.name, .line = f->in.row.line};
}

// The next piece of JSON: a line, or the whole file. False at the end.
static bool
next_json(struct file *f, struct enlace_record *record)
{
	struct file_in *in = &f->in;
	const char *end = in->text + in->text_len, *start = in->next_line, *stop;

	while (start < end && (*start == '\n' || *start == '\r' || *start == ' ' || *start == '\t')) {
		in->line += *start == '\n';
		start++;
	}
	if (start == end) {
		return false;
	}
	stop = f->format == FILE_NDJSON ? memchr(start, '\n', (size_t)(end - start)) : end;
	stop = stop == NULL ? end : stop;
	*record = (struct enlace_record){.json = {start, (size_t)(stop - start)}, .origin = in->name, .line = in->line};
	in->next_line = stop;
	return true;
}

// One row or text. False at the end of the file.
static bool
step(struct file *f, enum enlace_submit_result *ret)
{
	struct file_in *in = &f->in;
	struct enlace_cell cells[CSV_COLUMNS_MAX];
	struct enlace_record record;
	const char *before = in->next_line;
	uint32_t line_before = in->line;

	*ret = ENLACE_REJECTED;
	if (f->format != FILE_CSV) {
		if (!next_json(f, &record)) {
			return false;
		}
		*ret = enlace_submit(f->port, &record, NULL);
		if (*ret == ENLACE_FULL || *ret == ENLACE_FAILED) {
			in->next_line = before;
			in->line = line_before;
		}
		return true;
	}
	if (!in->has_row) {
		enum csv_result result = csv_read(&in->csv, &in->row);

		if (result == CSV_END) {
			return false;
		}
		if (result == CSV_BROKEN || in->row.count != in->header.count) {
			in->rows++;
			reject_row(f,
			    result == CSV_BROKEN ? in->row.problem
						 : "the row does not have as many cells as the header");
			return true;
		}
	}
	record = record_of_row(f, cells);
	*ret = enlace_submit(f->port, &record, NULL);
	in->has_row = *ret == ENLACE_FULL || *ret == ENLACE_FAILED;
	return true;
}

// Tells the library which rows will come, so that it knows the last one of each key; broken ones will be told when it is their turn.
bool
file_foretell(struct file *f)
{
	struct file_in *in = &f->in;
	struct enlace_cell cells[CSV_COLUMNS_MAX];
	struct enlace_record record;

	if (f->format == FILE_JSON) {
		return true; // one record
	}
	if (f->format == FILE_NDJSON) {
		while (next_json(f, &record)) {
			enlace_expect(f->port, &record);
		}
		return rewind_rows(f);
	}
	for (enum csv_result result; (result = csv_read(&in->csv, &in->row)) != CSV_END;) {
		if (result == CSV_ROW && in->row.count == in->header.count) {
			record = record_of_row(f, cells);
			enlace_expect(f->port, &record);
		}
	}
	return rewind_rows(f);
}

bool
file_rows(struct file *f, uint32_t *ret_wait_ms)
{
	*ret_wait_ms = 0;
	for (int i = 0; i < FILE_ROWS_PER_TURN; i++) {
		uint64_t rejected = f->in.rejected;
		enum enlace_submit_result result;

		if (!step(f, &result)) {
			finish(f);
			return true;
		}
		if (result == ENLACE_FULL || result == ENLACE_FAILED) {
			*ret_wait_ms = FILE_RETRY_MS;
			return false;
		}
		if (f->in.rejected == rejected) {
			f->in.rows++;
			f->in.spooled += result == ENLACE_SPOOLED;
			f->in.same += result == ENLACE_SAME;
			f->in.rejected += result == ENLACE_REJECTED;
		}
	}
	return false;
}
