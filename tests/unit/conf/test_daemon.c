// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include <stdio.h>

#include "unit/conf/golden.h"

#include "base/limits.h"

#define NEEDED                                                                                                            \
	"listen: tcp://127.0.0.1:0\nkey: keys/broker.secret\nkeys: keys\nschemas: ../schemas\njournal: /var/lib/enlace\n" \
	"id_secret: keys/ids\n" // the next line is 7

// Loads the text as folder/enlace.yaml; the folder's name is put before what is compared, so it is returned.
static enum en_err
load(struct parsed *p, const char *folder, const char *text)
{
	char *path = test_write_text(folder, "enlace.yaml", text);
	struct conf_daemon *daemon = NULL;
	enum en_err err = conf_daemon_load(path, &p->arena, &p->findings, &daemon);

	p->thing = daemon;
	free(path);
	return err;
}

#define expect_daemon(text, wanted)                                                                                    \
	do {                                                                                                           \
		void *state_;                                                                                          \
		char *folder_ = test_folder();                                                                         \
		parsed_setup(&state_);                                                                                 \
		assert_err((wanted)[0] == '\0' ? EN_OK : EN_ECONFIG, load(state_, folder_, (text)));                   \
		assert_findings(&((struct parsed *)state_)->findings, (wanted));                                       \
		parsed_teardown(&state_);                                                                              \
		test_folder_remove(folder_);                                                                           \
	} while (0)

static void
paths_are_made_relative_to_the_folder_of_the_file(void **state)
{
	struct parsed *p = *state;
	char *folder = test_folder(), wanted[256];

	assert_ok(load(p, folder,
	    NEEDED "operators: ipc://run/ops\nhttp: 127.0.0.1:0\nuser: enlace\nlog_level: debug\nlanguage: es\n"));
	const struct conf_daemon *d = p->thing;

	assert_string_equal(d->listen.text, "tcp://127.0.0.1:0");
	(void)snprintf(wanted, sizeof(wanted), "%s/keys/broker.secret", folder);
	assert_string_equal(d->key.text, wanted);
	(void)snprintf(wanted, sizeof(wanted), "%s/../schemas", folder);
	assert_string_equal(d->schemas.text, wanted);
	(void)snprintf(wanted, sizeof(wanted), "ipc://%s/run/ops", folder);
	assert_string_equal(d->operators.text, wanted);
	assert_string_equal(d->journal.text, "/var/lib/enlace");
	assert_string_equal(d->rules.text, folder);
	assert_string_equal(d->user.text, "enlace");
	assert_string_equal(d->log_level.text, "debug");
	assert_string_equal(d->language.text, "es");
	test_folder_remove(folder);
}

static void
limits_have_defaults_that_may_be_overridden(void **state)
{
	struct parsed *p = *state;
	char *folder = test_folder();

	assert_ok(load(p, folder, NEEDED));
	const struct conf_daemon *d = p->thing;

	assert_int_equal(d->frame_bytes, LIMIT_FRAME_BYTES);
	assert_int_equal(d->event_bytes, LIMIT_EVENT_BYTES);
	assert_int_equal(d->journal_quota_bytes, DEFAULT_JOURNAL_QUOTA_BYTES);
	assert_int_equal(d->heartbeat_ms, DEFAULT_HEARTBEAT_MS);
	assert_int_equal(d->parked, LIMIT_PARKED);
	assert_null(d->operators.text);
	assert_null(d->http.text);
	assert_string_equal(d->log_level.text, "info");
	assert_null(d->language.text);

	assert_ok(load(p, folder,
	    NEEDED
	    "limits: {journal_quota: 64 MiB, frame: 2 MiB, event: 1 MiB, window_events: 8, window_bytes: 64 KiB, parked: 3,\n"
	    "  held: 4, dedup_per_source: 5, heartbeat: 100 ms, sessions: 6, sessions_per_agency: 7, hot: 1 MiB, publish_window: 9}\n"));
	d = p->thing;
	assert_int_equal(d->journal_quota_bytes, MIB(64));
	assert_int_equal(d->frame_bytes, MIB(2));
	assert_int_equal(d->event_bytes, MIB(1));
	assert_int_equal(d->window_events, 8);
	assert_int_equal(d->window_bytes, KIB(64));
	assert_int_equal(d->parked, 3);
	assert_int_equal(d->held, 4);
	assert_int_equal(d->dedup_per_source, 5);
	assert_int_equal(d->heartbeat_ms, 100);
	assert_int_equal(d->sessions, 6);
	assert_int_equal(d->sessions_per_agency, 7);
	assert_int_equal(d->hot_bytes, MIB(1));
	assert_int_equal(d->publish_window, 9);
	test_folder_remove(folder);
}

static void
a_limit_out_of_its_range_is_told(void **state)
{
	(void)state;
	expect_daemon(NEEDED "limits: {window_events: 1025, heartbeat: 99 ms}\n",
	    "E0112 7:25 window_events: from 1 to 1024 | deliveries under way per subscription, at most\n"
	    "E0112 7:42 heartbeat: from 100 to 600000 ms | how often the broker asks whether a client is there, as 5 s\n");
	expect_daemon(NEEDED "limits: {frame: 1 MiB, event: 513 KiB}\n",
	    "E0112 7:9 event is more than half of frame | raise frame or lower event\n");
	expect_daemon(NEEDED "limits: {frame: 1 MiB, event: 512 KiB}\n", "");
}

static void
endpoints_are_of_their_kind(void **state)
{
	(void)state;
	expect_daemon(
	    "listen: ipc://x\nkey: k\nkeys: k\nschemas: s\njournal: j\nid_secret: i\noperators: tcp://127.0.0.1:1\n",
	    "E0106 1:9 listen is a tcp:// endpoint | tcp://127.0.0.1:5570\n"
	    "E0106 7:12 operators is an ipc:// endpoint | ipc://run/operators\n");
	expect_daemon(
	    NEEDED "operators: \"ipc://\"\n", "E0106 7:12 operators is an ipc:// endpoint | ipc://run/operators\n");
}

static void
a_socket_path_is_fine_at_its_longest_and_not_one_past_it(void **state)
{
	char text[512], wanted[128];

	(void)state;
	(void)snprintf(text, sizeof(text), "%soperators: ipc:///%0106d\n", NEEDED, 0);
	expect_daemon(text, "");
	(void)snprintf(text, sizeof(text), "%soperators: ipc:///%0107d\n", NEEDED, 0);
	(void)snprintf(
	    wanted, sizeof(wanted), "E0112 7:12 operators: 108 characters, at most 107 | use a shorter path\n");
	expect_daemon(text, wanted);
}

static void
what_is_needed_and_missing_is_told_all_at_once(void **state)
{
	(void)state;
	expect_daemon("http: 127.0.0.1:8570\nlisten_on: x\n",
	    "E0105 1:1 id_secret | the file of the secret for keyed ids; made at the first start\n"
	    "E0105 1:1 journal | the folder of the journal\n"
	    "E0105 1:1 key | the file of the broker's secret key; only its user may read it\n"
	    "E0105 1:1 keys | the folder of the agencies' public keys\n"
	    "E0105 1:1 listen | where agencies connect: tcp://127.0.0.1:5570\n"
	    "E0105 1:1 schemas | the folder of the descriptor sets (*.binpb)\n"
	    "E0103 2:1 listen_on | listen\n");
}

static void
a_file_that_is_not_there_or_too_large_is_told(void **state)
{
	struct parsed *p = *state;
	struct conf_daemon *daemon = NULL;
	char *folder = test_folder();
	char *text = malloc(LIMIT_YAML_BYTES + 2);

	assert_err(EN_ECONFIG, conf_daemon_load("/nonexistent/enlace.yaml", &p->arena, &p->findings, &daemon));
	assert_findings(&p->findings, "E0101 0:0 no such thing | -\n");
	assert_null(daemon);
	memset(text, '#', LIMIT_YAML_BYTES + 1);
	text[LIMIT_YAML_BYTES + 1] = '\0';
	expect_daemon(text, "E0108 0:0 more than 262144 bytes | -\n");
	free(text);
	test_folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(paths_are_made_relative_to_the_folder_of_the_file),
	    PARSED_TEST(limits_have_defaults_that_may_be_overridden),
	    PARSED_TEST(a_limit_out_of_its_range_is_told),
	    PARSED_TEST(endpoints_are_of_their_kind),
	    PARSED_TEST(a_socket_path_is_fine_at_its_longest_and_not_one_past_it),
	    PARSED_TEST(what_is_needed_and_missing_is_told_all_at_once),
	    PARSED_TEST(a_file_that_is_not_there_or_too_large_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
