// SPDX-License-Identifier: Apache-2.0
// Records on their way into an adapter: what is new, what is known, and what happens when there is no room. The files are real, the broker is away.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "unit/sdk/adapter.h"

#define DAY_MS UINT64_C(86400000)

static struct conf_text key_column = {.text = "folio"};
static const struct enlace_connector connector = {.abi = ENLACE_ADAPTER_ABI, .name = "test"};

struct fixture {
	char *folder;
	struct conf_adapter conf;
	struct conf_port port_conf;
	struct adapter adapter;
	struct enlace_port *port;
};

static struct fixture fixture;

static void
open_state(struct fixture *f)
{
	struct adapter *a = &f->adapter;
	char *spool = test_path(f->folder, "spool"), *sent = test_path(f->folder, "spool/sent.ledger");

	assert_ok(spool_open(spool, f->conf.spool_limit_bytes, &a->spool));
	assert_ok(ledger_open(sent, clock_now().wall_ms, DAY_MS, &a->sent));
	free(spool);
	free(sent);
}

// As after kill -9: what was not written is gone.
static void
restart(struct fixture *f)
{
	ledger_close(&f->adapter.sent);
	spool_close(&f->adapter.spool);
	enlace_expect_nothing(f->port);
	open_state(f);
}

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct adapter *a = &f->adapter;

	*f = (struct fixture){.folder = test_folder(), .conf = {.spool_limit_bytes = MIB(1)}};
	adapter_of_notes(a);
	a->conf = &f->conf;
	f->port_conf = (struct conf_port){.source = {.text = "urn:enlace:test"},
	    .key_columns = {.items = &key_column, .count = 1},
	    .case_columns = {.items = &key_column, .count = 1}};
	f->port = &a->ports[a->port_count++];
	*f->port = (struct enlace_port){
	    .adapter = a, .conf = &f->port_conf, .connector = &connector, .is_publish = true, .watch_fd = -1};
	assert_ok(port_set_type(f->port, "note.v1.Row"));
	open_state(f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	enlace_expect_nothing(f->port);
	f->adapter.port_count = 0; // its connector is the test's
	adapter_close(&f->adapter);
	test_folder_remove(f->folder);
	return 0;
}

static struct enlace_record
row(struct enlace_cell cells[2], const char *folio, const char *text)
{
	cells[0] = (struct enlace_cell){{"folio", 5}, {folio, strlen(folio)}};
	cells[1] = (struct enlace_cell){{"text", 4}, {text, strlen(text)}};
	return (struct enlace_record){.cells = cells, .cell_count = 2, .origin = "file.csv", .line = 2};
}

static enum enlace_submit_result
submit(struct fixture *f, const char *folio, const char *text)
{
	struct enlace_cell cells[2];
	struct enlace_record record = row(cells, folio, text);

	return enlace_submit(f->port, &record, NULL);
}

static void
expect(struct fixture *f, const char *folio, const char *text)
{
	struct enlace_cell cells[2];
	struct enlace_record record = row(cells, folio, text);

	enlace_expect(f->port, &record);
}

// How many different events the spool holds.
static size_t
different_ids(struct fixture *f)
{
	struct strmap ids = {0};
	struct spool_entry e;
	size_t count;

	for (uint64_t from = 0; spool_read(f->adapter.spool, from, &e) == EN_OK; from = e.number + 1) {
		assert_ok(strmap_put(&ids, e.id, f, NULL));
	}
	count = ids.count;
	strmap_fini(&ids);
	return count;
}

static void
a_row_is_known_by_its_key_and_content(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SAME);
	assert_int_equal(submit(f, "A-1", "corrected"), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-2", "first"), ENLACE_SPOOLED);
	assert_int_equal(different_ids(f), 3);
}

static void
a_correction_that_is_taken_back_is_news(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-1", "corrected"), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(different_ids(f), 3);
}

// ---- what adapter.yaml says of rows that are odd ---------------------------------------------------------------------

static void
a_changed_row_is_set_aside_where_the_settings_refuse_it(void **state)
{
	struct fixture *f = *state;
	struct enlace_cell cells[2];
	struct enlace_record record = row(cells, "A-1", "corrected");
	struct enlace_reason reason = {.code = ""};

	f->port_conf.changed_row_refuse = true;
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(enlace_submit(f->port, &record, &reason), ENLACE_REJECTED);
	assert_string_equal(reason.code, "row_changed");
	assert_string_equal(reason.column, "folio");
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SAME); // what was sent is still what is known
	assert_int_equal(different_ids(f), 1);
}

static void
the_same_row_is_sent_again_where_the_settings_say_so(void **state)
{
	struct fixture *f = *state;

	f->port_conf.same_row_send = true;
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(different_ids(f), 2); // or the broker would call it a duplicate
}

static void
a_column_that_is_missing_is_refused_or_taken_for_empty(void **state)
{
	struct fixture *f = *state;
	struct enlace_cell cells[2];
	struct enlace_record record = row(cells, "A-1", "");
	struct enlace_reason reason = {.code = ""};

	record.cell_count = 1;
	assert_int_equal(enlace_submit(f->port, &record, &reason), ENLACE_REJECTED);
	assert_string_equal(reason.code, "column_missing");
	assert_string_equal(reason.column, "text");
	f->port_conf.columns_missing_empty = true;
	assert_int_equal(enlace_submit(f->port, &record, NULL), ENLACE_SPOOLED);
	assert_int_equal(different_ids(f), 1);
}

static void
a_column_that_is_unknown_is_refused_or_left_out(void **state)
{
	struct fixture *f = *state;
	struct enlace_cell cells[3];
	struct enlace_record record = row(cells, "A-1", "first");
	struct enlace_reason reason = {.code = ""};

	cells[2] = (struct enlace_cell){{"txet", 4}, {"x", 1}};
	record.cell_count = 3;
	assert_int_equal(enlace_submit(f->port, &record, &reason), ENLACE_REJECTED);
	assert_string_equal(reason.code, "column_unknown");
	assert_string_equal(reason.column, "txet");
	f->port_conf.columns_unknown_ignore = true;
	assert_int_equal(enlace_submit(f->port, &record, NULL), ENLACE_SPOOLED);
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SAME); // nothing of it was sent
}

static void
play_file(struct fixture *f, enum enlace_submit_result first, enum enlace_submit_result second)
{
	expect(f, "A-1", "first");
	expect(f, "A-1", "corrected");
	assert_int_equal(submit(f, "A-1", "first"), first);
	assert_int_equal(submit(f, "A-1", "corrected"), second);
	enlace_expect_nothing(f->port);
}

static void
a_file_that_holds_a_row_twice_sends_both_states_once(void **state)
{
	struct fixture *f = *state;

	play_file(f, ENLACE_SPOOLED, ENLACE_SPOOLED);
	play_file(f, ENLACE_SAME, ENLACE_SAME);
	assert_ok(adapter_flush(&f->adapter));
	restart(f);
	play_file(f, ENLACE_SAME, ENLACE_SAME);
	assert_int_equal(spool_count(f->adapter.spool), 2);
}

static void
an_older_state_alone_in_a_file_is_the_newest_one(void **state)
{
	struct fixture *f = *state;

	play_file(f, ENLACE_SPOOLED, ENLACE_SPOOLED);
	expect(f, "A-1", "first");
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_int_equal(different_ids(f), 3);
}

static void
what_is_read_again_after_a_kill_is_the_same_event(void **state)
{
	struct fixture *f = *state;

	play_file(f, ENLACE_SPOOLED, ENLACE_SPOOLED);
	restart(f); // the spool has both, the ledger has neither: nobody asked for it
	play_file(f, ENLACE_SPOOLED, ENLACE_SPOOLED);
	assert_int_equal(spool_count(f->adapter.spool), 4);
	assert_int_equal(different_ids(f), 2); // the broker calls the other two duplicates
}

static void
a_full_spool_takes_nothing_and_goes_on_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	enum enlace_submit_result result = ENLACE_SPOOLED;
	char text[1001] = "";
	uint64_t kept = 0;
	char folio[16];

	memset(text, 'x', sizeof(text) - 1);
	f->conf.spool_limit_bytes = 5000;
	restart(f);
	while (result == ENLACE_SPOOLED) {
		snprintf(folio, sizeof(folio), "A-%llu", (unsigned long long)kept);
		result = submit(f, folio, text);
		kept += result == ENLACE_SPOOLED;
	}
	assert_int_equal(result, ENLACE_FULL);
	assert_true(f->adapter.is_full);
	assert_int_equal(spool_count(f->adapter.spool), kept);

	for (uint64_t number = 1; number <= kept; number++) {
		spool_done(f->adapter.spool, number);
	}
	assert_int_equal(submit(f, folio, text), ENLACE_SPOOLED);
	assert_false(f->adapter.is_full);
	assert_int_equal(spool_count(f->adapter.spool), 1);
}

static void
a_record_that_found_no_room_is_still_to_come(void **state)
{
	struct fixture *f = *state;

	play_file(f, ENLACE_SPOOLED, ENLACE_SPOOLED);
	expect(f, "A-1", "first");
	expect(f, "A-1", "corrected");
	f->adapter.waits_for_room = true;
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_FULL);
	f->adapter.waits_for_room = false;
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SAME);
	assert_int_equal(submit(f, "A-1", "corrected"), ENLACE_SAME);
}

// The spool found room and the ledger did not: nothing more is taken on until it has, and nothing is taken on twice.
static void
a_ledger_without_room_stops_what_comes_and_loses_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	test_file_limit(10);
	assert_false(enlace_flush(f->port));
	assert_int_equal(submit(f, "A-2", "first"), ENLACE_FULL);
	test_file_limit(SIZE_MAX);
	assert_true(enlace_flush(f->port));
	assert_int_equal(submit(f, "A-2", "first"), ENLACE_SPOOLED);
	assert_true(enlace_flush(f->port));
	restart(f);

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SAME);
	assert_int_equal(spool_count(f->adapter.spool), 2);
}

static void
a_disk_without_room_refuses_a_record_and_keeps_the_others(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	assert_true(enlace_flush(f->port));
	test_file_limit(150); // a part of the next entry
	assert_int_equal(submit(f, "A-2", "first"), ENLACE_FULL);
	test_file_limit(SIZE_MAX);
	restart(f);

	assert_int_equal(spool_torn_bytes(f->adapter.spool), 0);
	assert_int_equal(spool_count(f->adapter.spool), 1);
	assert_int_equal(submit(f, "A-2", "first"), ENLACE_SPOOLED);
}

static char *
rejects(struct fixture *f)
{
	char *path = test_path(f->port_conf.rejects.text, "file.csv.rejects.csv"), *text = test_read(path, NULL);

	free(path);
	return text;
}

// A webhook's service has forgotten it by then.
static void
a_record_that_the_broker_refuses_is_set_aside_whole(void **state)
{
	struct fixture *f = *state;
	Enlace__V1__Answer answer;
	char *text;

	enlace__v1__answer__init(&answer);
	answer.verdict = ENLACE__V1__VERDICT__REFUSED;
	answer.code = (char *)(uintptr_t) "conflict";
	f->port_conf.rejects.text = test_path(f->folder, "rejects");
	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	on_answered(&f->adapter, 1, &answer);
	text = rejects(f);

	assert_non_null(strstr(text, "2,\"conflict\","));
	assert_non_null(strstr(text, "{\"\"folio\"\":\"\"A-1\"\",\"\"text\"\":\"\"first\"\"}"));
	free(text);
	free((char *)(uintptr_t)f->port_conf.rejects.text);
}

static void
a_reject_without_room_leaves_no_part_of_it(void **state)
{
	struct fixture *f = *state;
	struct enlace_reason reason = {.code = "row_broken"};
	struct enlace_text raw = {"a row", 5};
	char *before, *after;

	f->port_conf.rejects.text = test_path(f->folder, "rejects");
	enlace_reject(f->port, raw, "file.csv", 1, &reason);
	before = rejects(f);
	test_file_limit(strlen(before) + 5);
	enlace_reject(f->port, raw, "file.csv", 2, &reason);
	test_file_limit(SIZE_MAX);
	after = rejects(f);

	assert_string_equal(after, before);
	free(before);
	free(after);
	free((char *)(uintptr_t)f->port_conf.rejects.text);
}

// A descriptor of this process to that file; -1.
static int
find_file(const char *name)
{
	char path[64], target[4096];

	for (int fd = 3; fd < 1024; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
		if (strstr(target, name) != NULL) {
			return fd;
		}
	}
	return -1;
}

// fsync tells of a failure once; then all seems well.
static void
a_disk_that_failed_once_is_not_believed_again(void **state)
{
	struct fixture *f = *state;
	int fd, kept, nothing = open("/dev/null", O_RDWR | O_CLOEXEC); // it cannot be synced

	assert_int_equal(submit(f, "A-1", "first"), ENLACE_SPOOLED);
	fd = find_file("/spool/spool-");
	kept = dup(fd);
	assert_int_equal(dup2(nothing, fd), fd);
	assert_false(enlace_flush(f->port));
	assert_int_equal(dup2(kept, fd), fd);
	assert_false(enlace_flush(f->port));
	close(kept);
	close(nothing);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_row_is_known_by_its_key_and_content),
	    TEST(a_correction_that_is_taken_back_is_news),
	    TEST(a_changed_row_is_set_aside_where_the_settings_refuse_it),
	    TEST(the_same_row_is_sent_again_where_the_settings_say_so),
	    TEST(a_column_that_is_missing_is_refused_or_taken_for_empty),
	    TEST(a_column_that_is_unknown_is_refused_or_left_out),
	    TEST(a_file_that_holds_a_row_twice_sends_both_states_once),
	    TEST(an_older_state_alone_in_a_file_is_the_newest_one),
	    TEST(what_is_read_again_after_a_kill_is_the_same_event),
	    TEST(a_full_spool_takes_nothing_and_goes_on_when_there_is_room),
	    TEST(a_record_that_found_no_room_is_still_to_come),
	    TEST(a_ledger_without_room_stops_what_comes_and_loses_nothing),
	    TEST(a_disk_without_room_refuses_a_record_and_keeps_the_others),
	    TEST(a_record_that_the_broker_refuses_is_set_aside_whole),
	    TEST(a_reject_without_room_leaves_no_part_of_it),
	    TEST(a_disk_that_failed_once_is_not_believed_again),
	};

	return cmocka_run_group_tests_name("sdk/submit", tests, NULL, NULL);
}
