// SPDX-License-Identifier: Apache-2.0
// Files on their way into an adapter: real folders, a real spool, the broker away.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "connectors/file/file.h"
#include "unit/sdk/adapter.h"

#define TURNS 500

extern const struct enlace_connector file_connector;

// What was asked of the disk, see the Makefile.
static struct {
	size_t looks, names, files; // at a folder; names that those returned; questions about one file
} asked;

int __real_scandir(const char *folder, struct dirent ***ret, int (*filter)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **));
int __wrap_scandir(const char *folder, struct dirent ***ret, int (*filter)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **));
int __real_lstat(const char *path, struct stat *ret);
int __wrap_lstat(const char *path, struct stat *ret);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);

int
__wrap_scandir(const char *folder, struct dirent ***ret, int (*filter)(const struct dirent *),
    int (*order)(const struct dirent **, const struct dirent **))
{
	int count = __real_scandir(folder, ret, filter, order);

	asked.looks++;
	asked.names += count > 0 ? (size_t)count : 0;
	return count;
}

int
__wrap_lstat(const char *path, struct stat *ret)
{
	asked.files++;
	return __real_lstat(path, ret);
}

int
__wrap_access(const char *path, int mode)
{
	asked.files++;
	return __real_access(path, mode);
}

static struct conf_text key_column = {.text = "folio"};
static char text_csv[] = "csv", text_ndjson[] = "ndjson";

struct fixture {
	char *folder;
	struct conf_adapter conf;
	struct conf_option options[4];
	struct conf_port port_conf;
	struct adapter adapter;
	struct enlace_port *port;
};

static struct fixture fixture;

static void
open_files(struct fixture *f)
{
	struct adapter *a = &f->adapter;
	char *spool = test_path(f->folder, "spool"), *sent = test_path(f->folder, "spool/sent.ledger");

	assert_ok(spool_open(spool, MIB(1), &a->spool));
	assert_ok(ledger_open(sent, clock_now().wall_ms, UINT64_C(86400000), &a->sent));
	free(spool);
	free(sent);
}

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct adapter *a = &f->adapter;

	*f = (struct fixture){.folder = test_folder()};
	adapter_of_notes(a);
	f->conf.folder = f->folder;
	a->conf = &f->conf;
	f->options[0] = (struct conf_option){.name.text = "in", .value.text = "in"};
	f->options[1] = (struct conf_option){.name.text = "done", .value.text = "done"};
	f->options[2] = (struct conf_option){.name.text = "stable_for", .value.text = "1 ms"};
	f->options[3] = (struct conf_option){.name.text = "format", .value.text = text_csv};
	f->port_conf = (struct conf_port){.source = {.text = "urn:enlace:test"},
	    .key_columns = {.items = &key_column, .count = 1},
	    .case_columns = {.items = &key_column, .count = 1},
	    .options = f->options,
	    .option_count = EN_COUNT_OF(f->options)};
	f->port = &a->ports[a->port_count++];
	*f->port = (struct enlace_port){
	    .adapter = a, .conf = &f->port_conf, .connector = &file_connector, .is_publish = true, .watch_fd = -1};
	assert_ok(port_set_type(f->port, "note.v1.Row"));
	open_files(f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	adapter_close(&f->adapter);
	test_folder_remove(f->folder);
	return 0;
}

static void
open_port(struct fixture *f)
{
	char error[256] = "";

	f->port->state = file_connector.open(f->port, true, error);
	assert_string_equal(error, "");
}

static void
append(struct fixture *f, const char *name, const char *text)
{
	char *path = test_path(f->folder, name);
	FILE *file = fopen(path, "ae");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static bool
is_there(struct fixture *f, const char *name)
{
	char *path = test_path(f->folder, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

// Turns until the file was moved away.
static void
wait_done(struct fixture *f, const char *name)
{
	for (int i = 0; i < TURNS && !is_there(f, name); i++) {
		uint32_t wait_ms = file_connector.turn(f->port->state);

		(void)poll(NULL, 0, wait_ms > 20 ? 20 : (int)wait_ms);
	}
	assert_true(is_there(f, name));
}

// It is read in pieces; a system that writes slowly, or a spool that is full, make hours of it.
static void
what_is_written_while_a_file_is_read_is_not_lost(void **state)
{
	struct fixture *f = *state;
	char row[32];

	open_port(f);
	append(f, "in/a.csv", "folio,text\n");
	for (int i = 0; i < FILE_ROWS_PER_TURN + 50; i++) {
		snprintf(row, sizeof(row), "A-%d,x\n", i);
		append(f, "in/a.csv", row);
	}
	for (int i = 0; i < TURNS && spool_count(f->adapter.spool) == 0; i++) {
		(void)file_connector.turn(f->port->state);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(spool_count(f->adapter.spool), FILE_ROWS_PER_TURN);
	append(f, "in/a.csv", "LATE,x\n");
	wait_done(f, "done/a.csv");
	assert_int_equal(spool_count(f->adapter.spool), FILE_ROWS_PER_TURN + 51);
}

// Windows writes one before its JSON too.
static void
a_byte_order_mark_is_passed_over(void **state)
{
	struct fixture *f = *state;

	f->options[3].value.text = text_ndjson;
	open_port(f);
	append(f, "in/a.ndjson", "\xef\xbb\xbf{\"folio\":\"A\"}\r\n{\"folio\":\"B\"}\r\n");
	wait_done(f, "done/a.ndjson");
	assert_int_equal(spool_count(f->adapter.spool), 2);
}

// ---- tables as they come -------------------------------------------------------------------------------------------------

static void
write_bytes(struct fixture *f, const char *name, const char *bytes, size_t len)
{
	char *path = test_path(f->folder, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	free(path);
}

#define BYTES(text) text, sizeof(text) - 1

// Good rows go through, whatever stands beside them.
static void
every_row_of_a_table_is_spooled_or_set_aside(void **state)
{
	static const struct {
		const char *bytes;
		size_t len, spooled, rejected;
	} rows[] = {
	    {BYTES("folio,text\r\nA,x\r\nB,y\r\n"), 2, 0},
	    {BYTES("folio,text\nA,\nB,"), 2, 0}, // an empty last column, and no last line end
	    {BYTES("\xef\xbb\xbf"
		   "folio,text\nA,x\n"),
		1, 0},
	    {BYTES("folio,text\nA,\"x, \"\"y\"\"\r\nz\"\nB,y\n"), 2, 0},
	    {BYTES("folio,text\nA,\"x\nB,y\n"), 1, 1}, // a lone quote
	    {BYTES("folio,text\nA,\"x\nB,y\nC,z\"\nD,w\n"), 3, 1}, // two of them
	    {BYTES("folio,text\nA,x\"y\nB,y\n"), 2, 0}, // within a cell it is one
	    {BYTES("folio,text\nA,x\0y\nB,y\n"), 2, 0}, {BYTES("folio,text\nA\0B,x\nB,y\n"), 1, 1}, // not in the case
	    {BYTES("folio,text\nA,Mu\xf1oz\nB,y\n"), 1, 1}, // another encoding than the settings say
	    {BYTES("folio,text,text\nA,x,y\nB,,y\n"), 0, 2}, // a column twice
	    {BYTES("folio,text\nA\nA,x,y\n"), 0, 2}, {BYTES("folio;text\nA;x\n"), 0, 1}, // another separator
	};

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		struct fixture *f = *state;

		open_port(f);
		write_bytes(f, "in/a.csv", rows[i].bytes, rows[i].len);
		wait_done(f, "done/a.csv");
		assert_int_equal(spool_count(f->adapter.spool), rows[i].spooled);
		assert_int_equal(f->port->rejected, rows[i].rejected);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
a_field_of_ten_megabytes_costs_its_row_only(void **state)
{
	struct fixture *f = *state;
	struct buf table = BUF_EMPTY;

	open_port(f);
	buf_put_str(&table, "folio,text\nA,\"");
	for (size_t i = 0; i < 10 * MIB(1) / 64; i++) {
		buf_put_str(&table, "0123456789012345678901234567890123456789012345678901234567890\"\"\n");
	}
	buf_put_str(&table, "\"\nB,y\n");
	assert_ok(table.err);
	write_bytes(f, "in/a.csv", (const char *)table.data, table.len);
	wait_done(f, "done/a.csv");
	assert_int_equal(spool_count(f->adapter.spool), 1);
	assert_int_equal(f->port->rejected, 1);
	buf_fini(&table);
}

// Without its heading the first person of a table stands where the columns' names should.
static void
a_table_without_a_heading_is_set_aside_and_names_nobody_in_the_log(void **state)
{
	struct fixture *f = *state;
	FILE *log = tmpfile();
	char text[4096] = "";

	f->port_conf.columns_missing_empty = true;
	log_set_fd(fileno(log));
	open_port(f);
	append(f, "in/a.csv", "A-1,Dariela Nohemi\nA-2,x\n");
	wait_done(f, "done/a.csv");
	assert_true(pread(fileno(log), text, sizeof(text) - 1, 0) > 0);
	log_set_fd(STDERR_FILENO);
	fclose(log);
	assert_int_equal(f->port->rejected, 1);
	assert_non_null(strstr(text, "column_unknown"));
	assert_null(strstr(text, "Dariela"));
	assert_null(strstr(text, "A-1"));
}

// What is asked for and cannot be is told: it would be another thing without a word.
static void
options_that_cannot_hold_end_the_start(void **state)
{
	struct fixture *f = *state;
	char error[256] = "";

	f->options[2].value = (struct conf_text){.text = "2 xs", .where = {.file = "adapter.yaml", .line = 9}};
	assert_err(EN_ECONFIG, adapter_open_connectors(&f->adapter));
	assert_string_equal(f->adapter.trouble, "adapter.yaml:9: stable_for is written as 10 s, 5 min, 1 h");

	f->options[0] = (struct conf_option){.name.text = "out", .value.text = "out"};
	f->options[1] = (struct conf_option){.name.text = "mode", .value.text = "one_file_each"};
	assert_null(file_connector.open(f->port, false, error));
	assert_string_equal(error, "mode one_file_each writes json");
}

// ---- many files ----------------------------------------------------------------------------------------------------------

static void
append_many(struct fixture *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[32], text[64];

		snprintf(name, sizeof(name), "in/m%04zu.csv", i);
		snprintf(text, sizeof(text), "folio,text\nM-%zu,x\n", i);
		append(f, name, text);
	}
}

static void
what_is_asked_of_the_disk_for_each_file_does_not_grow_with_the_folder(void **state)
{
	static const size_t counts[] = {5, 100, 1000};

	for (size_t i = 0; i < EN_COUNT_OF(counts); i++) {
		struct fixture *f = *state;
		char last[32];

		open_port(f);
		append_many(f, counts[i]);
		memset(&asked, 0, sizeof(asked));
		snprintf(last, sizeof(last), "done/m%04zu.csv", counts[i] - 1);
		for (size_t turns = 0; turns < counts[i] + TURNS && !is_there(f, last); turns++) {
			uint32_t wait_ms = file_connector.turn(f->port->state);

			(void)poll(NULL, 0, (int)wait_ms);
		}
		assert_int_equal(spool_count(f->adapter.spool), counts[i]);
		assert_true(asked.names <= 12 * counts[i]);
		assert_true(asked.files <= 8 * counts[i]);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

// The names of the files that one call after the other says are complete.
static void
assert_next(struct fixture *f, uint64_t now_ms, const char *name)
{
	struct file *file = f->port->state;

	if (name == NULL) {
		assert_false(file_watch(file, now_ms));
	} else {
		assert_true(file_watch(file, now_ms));
		assert_string_equal(file->in.name, name);
	}
}

static void
one_look_at_the_folder_gives_all_of_its_files_in_their_order(void **state)
{
	struct fixture *f = *state;

	open_port(f);
	append_many(f, 500);
	assert_next(f, 1000, NULL);
	memset(&asked, 0, sizeof(asked));
	for (size_t i = 0; i < 500; i++) {
		char name[32];

		snprintf(name, sizeof(name), "m%04zu.csv", i);
		assert_next(f, 2000, name);
	}
	assert_int_equal(asked.looks, 1);
	assert_true(file_waits(f->port->state));
	assert_next(f, 2000, NULL);
	assert_int_equal(asked.looks, 1);
}

static void
a_file_that_is_written_again_after_the_look_is_passed_over(void **state)
{
	struct fixture *f = *state;
	char *gone;

	open_port(f);
	append_many(f, 4);
	assert_next(f, 1000, NULL);
	assert_next(f, 2000, "m0000.csv");
	append(f, "in/m0001.csv", "LATE,x\n");
	gone = test_path(f->folder, "in/m0002.csv");
	assert_int_equal(unlink(gone), 0);
	free(gone);
	assert_next(f, 2000, "m0003.csv");
	assert_next(f, 2000, NULL);
	assert_next(f, 2001, "m0000.csv"); // none was moved away
	assert_next(f, 2001, "m0001.csv");
}

static void
a_file_that_comes_while_others_are_taken_gets_its_place_in_the_order(void **state)
{
	struct fixture *f = *state;

	open_port(f);
	append_many(f, 64);
	wait_done(f, "done/m0000.csv");
	append(f, "in/a.csv", "folio,text\nA,x\n");
	for (int i = 0; i < TURNS && !is_there(f, "done/a.csv"); i++) {
		(void)file_connector.turn(f->port->state);
		(void)poll(NULL, 0, 2);
	}
	assert_true(is_there(f, "done/a.csv"));
	assert_true(is_there(f, "in/m0063.csv"));
}

static void
files_that_cannot_be_taken_hold_nobody_up(void **state)
{
	struct fixture *f = *state;
	int waits = 0;

	open_port(f);
	for (int i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof(name), "in/empty%02d.csv", i);
		append(f, name, "");
	}
	append(f, "in/good.csv", "folio,text\nA,x\n");
	for (int i = 0; i < TURNS && !is_there(f, "done/good.csv"); i++) {
		uint32_t wait_ms = file_connector.turn(f->port->state);

		waits += wait_ms > 0;
		(void)poll(NULL, 0, (int)wait_ms);
	}
	assert_true(is_there(f, "done/good.csv"));
	assert_true(is_there(f, "in/empty00.csv"));
	assert_true(waits < 5);
}

// --once ends when nothing is left to wait for.
static void
what_is_no_file_is_not_waited_for(void **state)
{
	struct fixture *f = *state;
	char *folder = test_path(f->folder, "in/folder.csv");

	open_port(f);
	assert_int_equal(mkdir(folder, 0700), 0);
	free(folder);
	append(f, "in/note.txt", "x");
	assert_next(f, 1000, NULL);
	assert_false(file_waits(f->port->state));
	append(f, "in/m.csv", "folio,text\nA,x\n");
	assert_next(f, 2000, NULL);
	assert_true(file_waits(f->port->state));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_written_while_a_file_is_read_is_not_lost),
	    T(a_byte_order_mark_is_passed_over),
	    T(every_row_of_a_table_is_spooled_or_set_aside),
	    T(a_field_of_ten_megabytes_costs_its_row_only),
	    T(options_that_cannot_hold_end_the_start),
	    T(a_table_without_a_heading_is_set_aside_and_names_nobody_in_the_log),
	    T(what_is_asked_of_the_disk_for_each_file_does_not_grow_with_the_folder),
	    T(one_look_at_the_folder_gives_all_of_its_files_in_their_order),
	    T(a_file_that_is_written_again_after_the_look_is_passed_over),
	    T(a_file_that_comes_while_others_are_taken_gets_its_place_in_the_order),
	    T(files_that_cannot_be_taken_hold_nobody_up),
	    T(what_is_no_file_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("connectors/file", tests, NULL, NULL);
}
