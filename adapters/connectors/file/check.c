// SPDX-License-Identifier: Apache-2.0
// What doctor asks of a file port: folder rights, and one sample record encoded without sending it.
#include "connectors/file/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct enlace_check
check(const char *name, enum enlace_check_state state, const char *cause, const char *what, const char *remedy)
{
	struct enlace_check c = {.state = state};

	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.cause, sizeof(c.cause), "%s%s%.180s", enlace_say(cause), what[0] == '\0' ? "" : ": ", what);
	snprintf(c.remedy, sizeof(c.remedy), "%s", enlace_say(remedy));
	return c;
}

static struct enlace_check
check_folder(const char *name, const char *folder, bool is_read)
{
	if (access(folder, is_read ? R_OK | W_OK | X_OK : W_OK | X_OK) == 0) {
		return check(name, ENLACE_CHECK_OK,
		    is_read ? "this user may read and empty the folder" : "this user may write the folder", folder, "");
	}
	if (errno == ENOENT && enlace_can_make_folder(folder)) {
		return check(name, ENLACE_CHECK_OK, "the folder is not there yet; the first run makes it", folder, "");
	}
	return check(name, ENLACE_CHECK_FAILED,
	    is_read ? "this user may not read and empty the folder" : "this user may not write the folder", folder,
	    "create it, or give this user the right (chown, chmod)");
}

static struct enlace_check
try_record(struct file *f, const char *origin)
{
	struct enlace_record record = {.origin = origin, .line = f->in.row.line};
	struct enlace_cell cells[CSV_COLUMNS_MAX];
	struct enlace_reason reason;
	char cause[480];

	if (f->format == FILE_CSV) {
		for (size_t i = 0; i < f->in.row.count && i < f->in.header.count; i++) {
			cells[i].name = (struct enlace_text){f->in.header.cells[i].data, f->in.header.cells[i].len};
			cells[i].value = (struct enlace_text){f->in.row.cells[i].data, f->in.row.cells[i].len};
		}
		record.cells = cells;
		record.cell_count = f->in.row.count < f->in.header.count ? f->in.row.count : f->in.header.count;
	} else {
		record.json = (struct enlace_text){f->in.text, f->in.text_len};
	}
	if (enlace_try(f->port, &record, &reason) == ENLACE_SPOOLED) {
		return check("sample record", ENLACE_CHECK_OK, "the first record fits the schema", origin, "");
	}
	snprintf(cause, sizeof(cause), enlace_say("%s line %u, column %s: %s"), reason.code, f->in.row.line,
	    reason.column, reason.text);
	return check(
	    "sample record", ENLACE_CHECK_FAILED, cause, "", "correct the export, or the schema and `columns:`");
}

// The first record of `sample`, or of a file that waits; the file stays.
static struct enlace_check
check_sample(struct file *f)
{
	const char *sample = enlace_option_path(f->port, "sample"), *folder = f->in.folder;
	struct enlace_check result;
	char parent[4096];

	f->in.name[0] = '\0';
	if (sample != NULL) {
		const char *slash = strrchr(sample, '/');

		snprintf(parent, sizeof(parent), "%.*s", slash == NULL ? 1 : (int)(slash - sample),
		    slash == NULL ? "." : sample);
		f->in.folder = parent;
		snprintf(f->in.name, sizeof(f->in.name), "%s", slash == NULL ? sample : slash + 1);
	} else {
		f->in.stable_ms = 0;
		(void)file_watch(f, file_now_ms());
	}
	if (f->in.name[0] == '\0') {
		f->in.folder = folder;
		return check("sample record", ENLACE_CHECK_WARNING, "no file waits, and no `sample:` is named", "",
		    "name a sample file to have one record checked");
	}
	if (!file_take(f)) {
		f->in.folder = folder;
		return check("sample record", ENLACE_CHECK_FAILED, "the sample cannot be read", f->in.name,
		    "see `encoding:` and `separator:`");
	}
	if (f->format == FILE_CSV && csv_read(&f->in.csv, &f->in.row) != CSV_ROW) {
		result = check("sample record", ENLACE_CHECK_WARNING, "the sample has no whole row", f->in.name, "");
	} else {
		result = try_record(f, f->in.name);
	}
	file_drop(f);
	f->in.folder = folder;
	return result;
}

size_t
file_doctor(void *state, struct enlace_check *checks, size_t max)
{
	struct file *f = state;
	size_t count = 0;

	if (max < 3) {
		return 0;
	}
	if (!f->is_publish) {
		checks[count++] = check_folder("out folder", f->out.folder, false);
		return count;
	}
	checks[count++] = check_folder("in folder", f->in.folder, true);
	checks[count++] = check_folder("done folder", f->in.done, false);
	checks[count++] = check_sample(f);
	return count;
}
