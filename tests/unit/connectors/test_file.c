// SPDX-License-Identifier: Apache-2.0
// Files on their way into an adapter: real folders, a real spool, the broker away.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "connectors/file/file.h"
#include "sdk/adapter_int.h"
#include "support/support.h"

#define TURNS 500

extern const struct enlace_connector file_connector;

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
load_schema(struct adapter *a)
{
	struct findings findings;
	size_t len;
	char *set = test_read("build/schemas/test/sdk.binpb", &len);

	findings_init(&findings);
	assert_ok(schema_new(&a->schema));
	assert_ok(schema_add(a->schema, view_of(set, len), "sdk", &findings));
	assert_ok(schema_seal(a->schema, &findings));
	findings_fini(&findings);
	free(set);
}

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
	arena_init(&a->arena, 0);
	arena_init(&a->scratch, 0);
	index_init(&a->index);
	load_schema(a);
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

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_written_while_a_file_is_read_is_not_lost),
	    T(a_byte_order_mark_is_passed_over),
	};

	return cmocka_run_group_tests_name("connectors/file", tests, NULL, NULL);
}
