// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/adapter.h"

#include <stdio.h>

#include "unit/conf/golden.h"

#include "base/limits.h"

#define START                                                                                                                               \
	"adapter: inm-actas\nagency: inm\nbroker: {endpoint: \"tcp://127.0.0.1:5570\", key: keys/broker.cert}\nkey: keys/inm.cert_secret\n" \
	"schema: schemas/inm.binpb\n" // the next line is 6
#define DELIVER "deliver: [{subscription: s, connector: file}]\n"

static enum en_err
load(struct parsed *p, const char *text)
{
	char *folder = test_folder();
	char *path = test_write_text(folder, "adapter.yaml", text);
	struct conf_adapter *adapter = NULL;
	enum en_err err = conf_adapter_load(path, &p->arena, &p->findings, &adapter);

	p->thing = adapter;
	free(path);
	test_folder_remove(folder);
	return err;
}

#define expect_adapter(text, wanted)                                                                                   \
	do {                                                                                                           \
		void *state_;                                                                                          \
		parsed_setup(&state_);                                                                                 \
		assert_err((wanted)[0] == '\0' ? EN_OK : EN_ECONFIG, load(state_, (text)));                            \
		assert_findings(&((struct parsed *)state_)->findings, (wanted));                                       \
		parsed_teardown(&state_);                                                                              \
	} while (0)

// path is folder/below.
static void
assert_below(const char *folder, const char *below, const char *path)
{
	char wanted[256];

	(void)snprintf(wanted, sizeof(wanted), "%s/%s", folder, below);
	assert_string_equal(path, wanted);
}

static void
an_adapter_is_read_with_its_ports_and_paths(void **state)
{
	struct parsed *p = *state;

	assert_ok(load(p,
	    START "spool: {folder: cola, limit: 512 MiB, when_full: stop, keep_sent: 30 days}\n"
		  "alarm_if: {nothing_came: 1 day}\n"
		  "log_level: warn\n"
		  "publish:\n"
		  "  - connector: file\n"
		  "    type: inm.v1.Acta\n"
		  "    source: urn:enlace:inm:actas\n"
		  "    case: [FOLIO_ACTA]\n"
		  "    key: [FOLIO_ACTA, \"No. de persona\"]\n"
		  "    changed_row: refuse\n"
		  "    same_row: send\n"
		  "    columns: {missing: empty, unknown: ignore}\n"
		  "    rejects: rechazos\n"
		  "    options: {in: entrada, pattern: [\"*.csv\", \"*.CSV\"], empty: \"\"}\n"
		  "deliver:\n"
		  "  - {subscription: inm-status, connector: http, window_events: 16}\n"));
	const struct conf_adapter *a = p->thing;

	assert_string_equal(a->name.text, "inm-actas");
	assert_string_equal(a->agency.text, "inm");
	assert_string_equal(a->endpoint.text, "tcp://127.0.0.1:5570");
	assert_below(a->folder, "keys/broker.cert", a->broker_key.text);
	assert_below(a->folder, "keys/inm.cert_secret", a->key.text);
	assert_below(a->folder, "schemas/inm.binpb", a->schema.text);
	assert_below(a->folder, "cola", a->spool_folder.text);
	assert_int_equal(a->spool_limit_bytes, MIB(512));
	assert_true(a->spool_full_stops);
	assert_true(a->keep_sent_ms == UINT64_C(30) * 86400000);
	assert_int_equal(a->nothing_came.ms, 86400000);
	assert_string_equal(a->log_level.text, "warn");
	assert_int_equal(a->publish_count, 1);
	const struct conf_port *in = &a->publish[0];

	assert_int_equal(in->where.line, 10);
	assert_string_equal(in->connector.text, "file");
	assert_string_equal(in->type.text, "inm.v1.Acta");
	assert_string_equal(in->source.text, "urn:enlace:inm:actas");
	assert_int_equal(in->case_columns.count, 1);
	assert_string_equal(in->key_columns.items[1].text, "No. de persona");
	assert_true(
	    in->changed_row_refuse && in->same_row_send && in->columns_missing_empty && in->columns_unknown_ignore);
	assert_below(a->folder, "rechazos", in->rejects.text);
	assert_int_equal(in->option_count, 3);
	assert_string_equal(in->options[0].name.text, "in");
	assert_string_equal(in->options[0].value.text, "entrada");
	assert_string_equal(in->options[1].value.text, "*.csv\n*.CSV");
	assert_string_equal(in->options[2].value.text, "");
	assert_int_equal(a->deliver_count, 1);
	assert_string_equal(a->deliver[0].subscription.text, "inm-status");
	assert_int_equal(a->deliver[0].window_events, 16);
}

static void
what_is_not_said_is_the_careful_choice(void **state)
{
	struct parsed *p = *state;

	assert_ok(load(p, START "publish: [{connector: file, type: t.v1.T, source: u, case: c, key: k}]\n" DELIVER));
	const struct conf_adapter *a = p->thing;
	const struct conf_port *in = &a->publish[0];

	assert_below(a->folder, "spool", a->spool_folder.text);
	assert_int_equal(a->spool_limit_bytes, DEFAULT_SPOOL_BYTES);
	assert_false(a->spool_full_stops);
	assert_true(a->keep_sent_ms == UINT64_C(400) * 86400000);
	assert_int_equal(a->nothing_came.ms, 0);
	assert_string_equal(a->log_level.text, "info");
	assert_false(
	    in->changed_row_refuse || in->same_row_send || in->columns_missing_empty || in->columns_unknown_ignore);
	assert_null(in->rejects.text);
	assert_int_equal(a->deliver[0].window_events, DEFAULT_WINDOW_EVENTS);
}

static void
what_is_missing_is_told(void **state)
{
	(void)state;
	expect_adapter("adapter: a\nbroker: {}\npublish: [{}]\ndeliver: [{}]\n",
	    "E0105 1:1 agency | the agency's short name at the broker\n"
	    "E0105 1:1 key | the file of the own secret key; only its user may read it\n"
	    "E0105 1:1 schema | the descriptor set of the agency's messages (*.binpb)\n"
	    "E0105 2:9 endpoint | where the broker listens: tcp://broker.example:5570\n"
	    "E0105 2:9 key | the file of the broker's public key, which its operator gives you\n"
	    "E0105 3:11 case | columns that tell which case a record belongs to; a case keeps its order\n"
	    "E0105 3:11 connector | how the own system is read: file or http\n"
	    "E0105 3:11 key | columns that a record is known by\n"
	    "E0105 3:11 source | what the events say they come from, as urn:enlace:inm:actas\n"
	    "E0105 3:11 type | the message type of its records, as inm.v1.Acta\n"
	    "E0105 4:11 connector | how the own system is written to: file or http\n"
	    "E0105 4:11 subscription | the name of the agency's subscription at the broker\n");
	expect_adapter(START, "E0105 1:1 publish or deliver | publish: a list, or deliver: a list\n");
}

static void
options_are_texts_and_lists_of_texts(void **state)
{
	(void)state;
	expect_adapter(START "deliver: [{subscription: s, connector: file, options: {a: {b: c}, d: [], e: }}]\n",
	    "E0106 6:59 a | name: text, or name: [text, text]\n"
	    "E0106 6:70 d | name: text, or name: [text, text]\n"
	    "E0106 6:77 e has no value | name: text, or name: [text, text]\n");
	expect_adapter(START "deliver: [{subscription: s, connector: file, options: [a]}]\n",
	    "E0106 6:55 options | name: text, or name: [text, text]\n");
}

static void
a_name_is_fine_at_its_longest_and_not_one_past_it(void **state)
{
	static const char rest[] = "\nagency: a\nbroker: {endpoint: e, key: k}\nkey: k\nschema: s\n" DELIVER;
	char text[512];

	(void)state;
	(void)snprintf(text, sizeof(text), "adapter: %0*d%s", LIMIT_CLIENT_NAME_BYTES, 0, rest);
	expect_adapter(text, "");
	(void)snprintf(text, sizeof(text), "adapter: %0*d%s", LIMIT_CLIENT_NAME_BYTES + 1, 0, rest);
	expect_adapter(text, "E0112 1:10 adapter: at most 64 characters | a shorter name\n");
}

static void
words_and_sizes_are_checked(void **state)
{
	(void)state;
	expect_adapter(START "spool: {limit: 1 KiB, when_full: drop}\n" DELIVER,
	    "E0112 6:16 limit: from 65536 to 1099511627776 bytes | how much disk they may take, as 1 GiB\n"
	    "E0106 6:34 when_full is one of: refuse, stop | refuse, stop\n");
	expect_adapter(START "deliver: [{subscription: s, connector: file, window_events: 0}]\n",
	    "E0112 6:61 window_events: from 1 to 1024 | how many deliveries may be under way at once\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(an_adapter_is_read_with_its_ports_and_paths),
	    PARSED_TEST(what_is_not_said_is_the_careful_choice),
	    PARSED_TEST(what_is_missing_is_told),
	    PARSED_TEST(options_are_texts_and_lists_of_texts),
	    PARSED_TEST(a_name_is_fine_at_its_longest_and_not_one_past_it),
	    PARSED_TEST(words_and_sizes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
