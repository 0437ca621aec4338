// SPDX-License-Identifier: Apache-2.0
// Rows as they are appended: real files, and a process that ends at any byte of them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connectors/file/file.h"
#include "unit/sdk/adapter.h"

extern const struct enlace_connector file_connector;

struct fixture {
	char *folder;
	struct conf_adapter conf;
	struct conf_option options[3];
	struct conf_port port_conf;
	struct adapter adapter;
	struct enlace_port *port;
};

static struct fixture fixture;

// A port that appends the rows of its subscription to out/rows.csv.
static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct adapter *a = &f->adapter;

	*f = (struct fixture){.folder = test_folder()};
	adapter_of_notes(a);
	f->conf.folder = f->folder;
	a->conf = &f->conf;
	f->options[0] = (struct conf_option){.name.text = "out", .value.text = "out"};
	f->options[1] = (struct conf_option){.name.text = "mode", .value.text = "append"};
	f->options[2] = (struct conf_option){.name.text = "name", .value.text = "rows.csv"};
	f->port_conf = (struct conf_port){
	    .subscription.text = "rows", .options = f->options, .option_count = EN_COUNT_OF(f->options)};
	f->port = &a->ports[a->port_count++];
	*f->port =
	    (struct enlace_port){.adapter = a, .conf = &f->port_conf, .connector = &file_connector, .watch_fd = -1};
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

// The adapter as it starts: its ledger of what was taken, a session that has not begun, its port.
static void
start(struct fixture *f)
{
	struct adapter *a = &f->adapter;
	char *taken = test_path(f->folder, "taken.ledger"), error[256] = "";
	struct session_options options = {.client = "c", .software = "t"};

	assert_ok(ledger_open(taken, clock_now().wall_ms, UINT64_C(86400000), &a->taken));
	assert_ok(session_new(&options, &a->session));
	f->port->state = file_connector.open(f->port, false, error);
	assert_string_equal(error, "");
	free(taken);
}

static void
stop(struct fixture *f)
{
	ledger_close(&f->adapter.taken);
	session_free(&f->adapter.session);
	file_connector.close(f->port->state);
	f->port->state = NULL;
}

static void
assert_file(struct fixture *f, const char *name, const char *text)
{
	char *path = test_path(f->folder, name);
	size_t len;
	char *there = test_read(path, &len);

	assert_string_equal(there, text);
	free(there);
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

static void
put(struct fixture *f, const char *name, const char *text)
{
	free(test_write_text(f->folder, name, text));
}

static void
deliver_row(struct fixture *f, const char *type, const struct enlace_cell *cells, size_t count)
{
	struct enlace_delivery d = {
	    .subscription = "rows", .id = "e1", .type = type, .cells = cells, .cell_count = count};

	assert_ok(port_set_type(f->port, type));
	file_connector.deliver(f->port->state, &d);
}

#define CELL(column, text)                                                                                             \
	{                                                                                                              \
		.name = {column, sizeof(column) - 1}, .value = { text, sizeof(text) - 1 }                              \
	}

static const struct enlace_cell row_cells[] = {CELL("folio", "A-1"), CELL("text", "x")};
static const struct enlace_cell note_cells[] = {CELL("text", "y")};

static void
rows_of_the_same_columns_go_under_one_header(void **state)
{
	struct fixture *f = *state;

	start(f);
	deliver_row(f, "note.v1.Row", row_cells, 2);
	deliver_row(f, "note.v1.Row", row_cells, 2);
	assert_file(f, "out/rows.csv", "folio,text\r\nA-1,x\r\nA-1,x\r\n");
	assert_false(is_there(f, "out/rows.csv.1"));
}

// The schema has other columns than when the file was begun.
static void
a_row_of_other_columns_begins_a_file_and_the_old_one_is_kept(void **state)
{
	struct fixture *f = *state;

	start(f);
	put(f, "out/rows.csv.1", "of an earlier change");
	deliver_row(f, "note.v1.Row", row_cells, 2);
	deliver_row(f, "note.v1.Note", note_cells, 1);
	deliver_row(f, "note.v1.Note", note_cells, 1);
	assert_file(f, "out/rows.csv", "text\r\ny\r\ny\r\n");
	assert_file(f, "out/rows.csv.2", "folio,text\r\nA-1,x\r\n");
	assert_file(f, "out/rows.csv.1", "of an earlier change");
}

// The start of a header is not the header.
static void
a_column_that_was_added_at_the_end_begins_a_file_too(void **state)
{
	struct fixture *f = *state;

	start(f);
	put(f, "out/rows.csv", "folio\r\nA-0\r\n");
	deliver_row(f, "note.v1.Row", row_cells, 2);
	assert_file(f, "out/rows.csv", "folio,text\r\nA-1,x\r\n");
	assert_file(f, "out/rows.csv.1", "folio\r\nA-0\r\n");
}

// ---- rows, each once, over the end of the process at any byte of it

// What the broker delivers: a note.v1.Row of a case.
static void
deliver_event(struct fixture *f, const char *id, const char *folio, const char *text)
{
	uint8_t payload[128];
	size_t folio_len = strlen(folio), text_len = strlen(text), len = 4 + folio_len + text_len;
	Io__Cloudevents__V1__CloudEvent event;
	Enlace__V1__Delivery d;

	io__cloudevents__v1__cloud_event__init(&event);
	enlace__v1__delivery__init(&d);
	assert_true(len <= sizeof(payload) && text_len < 128);
	payload[0] = 0x0a;
	payload[1] = (uint8_t)folio_len;
	memcpy(payload + 2, folio, folio_len);
	payload[2 + folio_len] = 0x12;
	payload[3 + folio_len] = (uint8_t)text_len;
	memcpy(payload + 4 + folio_len, text, text_len);
	event.id = (char *)(uintptr_t)id;
	event.type = (char *)(uintptr_t) "note.v1.Row";
	event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
	event.binary_data = (ProtobufCBinaryData){.len = len, .data = payload};
	d.event = &event;
	on_delivered(&f->adapter, "rows", 1, &d);
}

// The system ends the process that writes a file beyond a limit: here a part of a row, or, where the ledger is as long already, right behind the row.
static void
deliver_until_killed(struct fixture *f, size_t limit, const char *id, const char *folio, const char *text)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		start(f);
		test_file_limit(limit);
		(void)signal(SIGXFSZ, SIG_DFL);
		deliver_event(f, id, folio, text);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void
fill_ledger(struct fixture *f, size_t rows)
{
	struct ledger_row row = {.revision = 1, .time_ms = clock_now().wall_ms};

	start(f);
	for (size_t i = 0; i < rows; i++) {
		row.key[0] = (uint8_t)i;
		assert_ok(ledger_put(f->adapter.taken, &row));
	}
	assert_ok(ledger_sync(f->adapter.taken));
	stop(f);
}

static void
a_row_that_was_written_and_not_settled_is_not_written_again(void **state)
{
	struct fixture *f = *state;

	fill_ledger(f, 20);
	deliver_until_killed(f, 1000, "e1", "A-1", "x");
	start(f);
	deliver_event(f, "e2", "A-1", "x"); // the same row of another event is another row, and may come first
	deliver_event(f, "e1", "A-1", "x");
	assert_file(f, "out/rows.csv", "folio,text\r\nA-1,x\r\nA-1,x\r\n");
	stop(f);
	deliver_until_killed(f, 1000, "e3", "A-3", "y");
	start(f);
	deliver_event(f, "e3", "A-3", "z"); // what may be seen of it is narrower now: it was written all the same
	deliver_event(f, "e1", "A-1", "x");
	assert_file(f, "out/rows.csv", "folio,text\r\nA-1,x\r\nA-1,x\r\nA-3,y\r\n");
	stop(f);
}

// Also behind a line of a cell of several, where the file would go on within its quotes.
static void
a_row_cut_off_at_any_byte_is_written_anew(void **state)
{
	struct fixture *f = *state;
	static const char row[] = "A-2,\"some\nlines\"\r\n";
	char before[256], wanted[512], id[16];

	memset(before, 'x', sizeof(before)); // longer than the list
	memcpy(before, "folio,text\r\nA-1,", 16);
	memcpy(before + sizeof(before) - 3, "\r\n", 3);
	snprintf(wanted, sizeof(wanted), "%sA-3,y\r\n%s", before, row);
	for (size_t part = 1; part < sizeof(row) - 1; part++) {
		snprintf(id, sizeof(id), "e%zu", part);
		put(f, "out/rows.csv", before);
		deliver_until_killed(f, strlen(before) + part, id, "A-2", "some\nlines");
		start(f);
		id[0] = 'f';
		deliver_event(f, id, "A-3", "y");
		id[0] = 'e';
		deliver_event(f, id, "A-2", "some\nlines");
		assert_file(f, "out/rows.csv", wanted);
		stop(f);
	}
}

// And the header with it.
static void
a_first_row_cut_off_at_any_byte_is_written_anew(void **state)
{
	struct fixture *f = *state;
	static const char text[] =
	    "it is long, so that the list of rows is not longer than the file: it holds a line of 61 bytes and two names";
	char wanted[256], id[16];
	size_t len = (size_t)snprintf(wanted, sizeof(wanted), "folio,text\r\nA-1,\"%s\"\r\n", text);

	for (size_t part = 80; part < len; part++) {
		snprintf(id, sizeof(id), "e%zu", part);
		put(f, "out/rows.csv", "");
		deliver_until_killed(f, part, id, "A-1", text);
		start(f);
		deliver_event(f, id, "A-1", text);
		assert_file(f, "out/rows.csv", wanted);
		stop(f);
	}
}

// What the agency makes of its file is its own, also when it is as long as with a row that was cut off once.
static void
a_file_that_the_agency_shortened_is_left_as_it_is(void **state)
{
	struct fixture *f = *state;

	start(f);
	deliver_event(f, "e1", "A-1", "a long row");
	stop(f);
	put(f, "out/rows.csv", "folio,text\r\nA-0,");
	start(f);
	deliver_event(f, "e2", "A-2", "x");
	assert_file(f, "out/rows.csv", "folio,text\r\nA-0,\r\nA-2,x\r\n");
	stop(f);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(rows_of_the_same_columns_go_under_one_header),
	    T(a_row_of_other_columns_begins_a_file_and_the_old_one_is_kept),
	    T(a_column_that_was_added_at_the_end_begins_a_file_too),
	    T(a_row_that_was_written_and_not_settled_is_not_written_again),
	    T(a_row_cut_off_at_any_byte_is_written_anew),
	    T(a_first_row_cut_off_at_any_byte_is_written_anew),
	    T(a_file_that_the_agency_shortened_is_left_as_it_is),
	};

	return cmocka_run_group_tests_name("connectors/rows", tests, NULL, NULL);
}
