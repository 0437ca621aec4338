// SPDX-License-Identifier: Apache-2.0
// What cannot become an event is set aside in a file that a person opens in a spreadsheet: one CSV per source file, with the line, the reason and
// the row as it came. It is the agency's own data on the agency's own disk; the log gets the line and the code only.
#include "sdk/adapter_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

// One quoted cell. A leading = + - @, or a tab or line end before one, gets a quote before it: a spreadsheet must not run what a record says.
static void
put_cell(struct buf *b, struct view v, bool is_last)
{
	buf_put_u8(b, '"');
	if (v.len > 0 && memchr("=+-@\t\r\n", v.data[0], 7) != NULL) {
		buf_put_u8(b, '\'');
	}
	for (size_t i = 0; i < v.len; i++) {
		if (v.data[i] == '"') {
			buf_put_u8(b, '"');
		}
		buf_put_u8(b, v.data[i] == '\0' ? ' ' : v.data[i]);
	}
	buf_put_str(b, is_last ? "\"\n" : "\",");
}

// The file's last name, without anything that could lead elsewhere.
static void
file_name(const char *origin, char ret[256])
{
	const char *slash = origin == NULL ? NULL : strrchr(origin, '/');
	const char *name = slash != NULL ? slash + 1 : origin;

	if (name == NULL || name[0] == '\0' || name[0] == '.') {
		name = "records";
	}
	snprintf(ret, 256, "%.200s", name);
}

// Whole, or not at all: behind a part of a row the next one would be read as its rest.
static enum en_err
append_to(int fd, struct view row)
{
	static const char head[] = "line,code,column,reason,row\n";
	struct stat info;
	enum en_err err = EN_OK;

	if (fstat(fd, &info) != 0) {
		return EN_EIO;
	}
	if (info.st_size == 0) {
		err = file_write(fd, view_text(head));
	}
	if (err == EN_OK) {
		err = file_write(fd, row);
	}
	if (err == EN_OK && fsync(fd) != 0) {
		err = EN_EIO;
	}
	return err == EN_OK || ftruncate(fd, info.st_size) == 0 ? err : EN_EIO;
}

static enum en_err
append(const char *folder, const char *origin, struct view row)
{
	char name[256], path[4096];
	enum en_err err;
	int fd;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		return EN_EIO;
	}
	file_name(origin, name);
	snprintf(path, sizeof(path), "%s/%s.rejects.csv", folder, name);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		return EN_EIO;
	}
	err = append_to(fd, row);
	close(fd);
	return err;
}

void
reject_write(
    struct enlace_port *port, struct view raw, const char *origin, uint32_t line, const struct enlace_reason *reason)
{
	const char *folder = port->conf->rejects.text;
	// What the schema does not know may be a person: a table without its heading has one there.
	bool is_foreign = strcmp(reason->code, "column_unknown") == 0;
	struct buf row = BUF_EMPTY;

	port->rejected++;
	log_event(LOG_WARN, "record.rejected", LOG_TEXT("origin", origin), LOG_NUM("line", line),
	    LOG_TEXT("code", reason->code), LOG_TEXT("column", is_foreign ? "*" : reason->column));
	if (folder == NULL) {
		return;
	}
	buf_printf(&row, "%u,", line);
	put_cell(&row, view_text(reason->code), false);
	put_cell(&row, view_text(reason->column), false);
	put_cell(&row, view_text(reason->text), false);
	put_cell(&row, raw, true);
	if (row.err != EN_OK || append(folder, origin, buf_view(&row)) != EN_OK) {
		log_event(LOG_ERROR, "rejects.failed", LOG_TEXT("folder", folder),
		    LOG_TEXT("remedy", "the folder must be writable"));
	}
	buf_fini(&row);
}

void
enlace_reject(struct enlace_port *port, struct enlace_text raw, const char *origin, uint32_t line,
    const struct enlace_reason *reason)
{
	reject_write(port, text_view(raw), origin, line, reason);
}
