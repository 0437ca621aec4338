// SPDX-License-Identifier: Apache-2.0
// PUBLISH (PROTOCOL.md 7 and 8), played on the engine's stage: each event gets one word, after the disk. Peer 1 is the
// clinic, 2 the child agency.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/limits.h"
#include "support/engine.h"

#define ALERT "enlace.v1.Alert"
#define INTAKE "clinic.v1.Intake"

static void
assert_said(const char *wanted, const char *got)
{
	assert_string_equal(got, wanted);
}

// PUBLISH of one event with that sequence and id, not synced. extra stands beside the attributes.
static void
publish(struct engine *e, uint64_t sequence, const char *id, const char *name, const char *extra)
{
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"%llu\",\"event\":{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":"
		"\"urn:enlace:clinic\",\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":%s}%s}]}",
		(unsigned long long)sequence, id, engine_alert(e, name), extra));
}

static const Enlace__V1__Answer *
answer(struct engine *e, size_t index)
{
	const struct engine_frame *f = engine_newest(e, 1, FRAME_PUBLISHED);

	assert_non_null(f);
	assert_true(index < f->frame.u.published->n_answers);
	return f->frame.u.published->answers[index];
}

static void
nothing_is_answered_before_it_is_durable(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	publish(e, 1, "e1", "A-1", "");
	assert_int_equal(e->record_count, 1);
	assert_null(engine_newest(e, 1, FRAME_PUBLISHED));
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__RECORDED);
	assert_int_equal(answer(e, 0)->position, 1);
}

static void
answers_come_once_and_in_order(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (uint64_t i = 1; i <= 20; i++) {
		publish(e, i, arena_printf(&e->arena, "e%llu", (unsigned long long)i), "A", "");
	}
	engine_sync(e);
	assert_int_equal(engine_count(e, 1, FRAME_PUBLISHED), 20);
	for (uint64_t i = 0, next = 1; i < e->frame_count; i++) {
		if (e->frames[i].frame.kind == FRAME_PUBLISHED) {
			assert_int_equal(e->frames[i].frame.u.published->answers[0]->sequence, next++);
		}
	}
}

static void
after_the_first_busy_everything_is_busy_until_it_comes_again(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_space(e, 1000);
	publish(e, 1, "e1", "A-1", "");
	engine_sync(e);
	assert_string_equal(answer(e, 0)->code, "disk_full");
	assert_true(answer(e, 0)->retry_after_ms > 0);
	engine_space(e, GIB(1));
	publish(e, 2, "e2", "A-2", "");
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__BUSY);
	publish(e, 1, "e1", "A-1", "");
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__RECORDED);
	publish(e, 2, "e2", "A-2", "");
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__RECORDED);
	engine_assert_identities(e);
}

static void
what_is_beyond_the_window_is_busy(void **state)
{
	struct engine *e = *state;
	uint32_t window;

	engine_hello(e, 1, "clinic", "c", NULL);
	window = engine_newest(e, 1, FRAME_WELCOME)->frame.u.welcome->publish_window;
	assert_int_equal(window, LIMIT_PUBLISH_WINDOW_EVENTS);
	for (uint64_t i = 1; i <= window + 1; i++) {
		publish(e, i, arena_printf(&e->arena, "e%llu", (unsigned long long)i), "A", "");
	}
	assert_int_equal(e->record_count, window);
	engine_sync(e);
	assert_int_equal(answer(e, 0)->sequence, window + 1);
	assert_string_equal(answer(e, 0)->code, "busy");
	publish(e, window + 1, "last", "A", "");
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__RECORDED);
}

static void
a_refused_event_keeps_no_other_back(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_said("REFUSED not_permitted type", engine_say(e, 1, "clinic.v1.Reply", "e1", "c", "{}"));
	assert_said("REFUSED schema_invalid *", engine_say(e, 1, INTAKE, "e2", "c", "{\"Ana Paz\":\"x\"}"));
	assert_said("RECORDED", engine_say(e, 1, ALERT, "e3", "c", engine_alert(e, "A-1")));
	assert_true(engine_metric(e, "enlace_ingest_events_total{agency=\"clinic\",outcome=\"refused\"}") == 2.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
the_same_id_with_other_content_is_a_conflict(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_said("RECORDED", engine_say(e, 1, ALERT, "e1", "c", engine_alert(e, "A-1")));
	assert_said("DUPLICATE", engine_say(e, 1, ALERT, "e1", "c", engine_alert(e, "A-1")));
	assert_int_equal(answer(e, 0)->position, 1);
	assert_said("REFUSED duplicate_conflict id", engine_say(e, 1, ALERT, "e1", "c", engine_alert(e, "A-2")));
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", NULL);
	assert_said("DUPLICATE", engine_say(e, 1, ALERT, "e1", "c", engine_alert(e, "A-1")));
	assert_said("REFUSED duplicate_conflict id", engine_say(e, 1, ALERT, "e1", "c", engine_alert(e, "A-2")));
}

static void
a_held_event_is_superseded_under_its_id(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	publish(e, 1, "e1", "A-1", "");
	engine_sync(e);
	publish(e, 2, "e1", "A-2", ",\"supersedes\":true"); // was never held
	engine_sync(e);
	assert_string_equal(answer(e, 0)->code, "duplicate_conflict");
	e->next_sequence[1] = 3;
	assert_said(
	    "HELD table_miss wishes.code", engine_say(e, 1, INTAKE, "e2", "c2", engine_intake(e, "f1", "UNHEARD")));
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"4\",\"supersedes\":true,\"event\":{\"specversion\":\"1.0\",\"id\":\"e2\","
		"\"source\":\"urn:enlace:clinic\",\"type\":\"clinic.v1.Intake\",\"partitionkey\":\"c2\",\"data\":%s}}]}",
		engine_intake(e, "f1", "CHILD")));
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__RECORDED);
	assert_true(engine_metric(e, "enlace_held_events") == 0.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
a_held_event_holds_its_case_and_no_other(void **state)
{
	static const char *const all[] = {"code", "table_miss", "reason", "the table has it now", NULL};
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_said("HELD table_miss wishes.code", engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "NEW")));
	assert_said("HELD case_held", engine_say(e, 1, INTAKE, "e2", "c1", engine_intake(e, "f2", "CHILD")));
	assert_said("RECORDED", engine_say(e, 1, INTAKE, "e3", "c2", engine_intake(e, "f3", "CHILD")));
	assert_string_equal(engine_delivered(e, 2), "f3");
	engine_restart(e);
	assert_true(engine_metric(e, "enlace_held_events") == 2.0);
	engine_reload(e, "codes/wishes.csv", "from,to,label\nCHILD,CHILD_PROTECTION,child\nNEW,CHILD_PROTECTION,new\n");
	engine_request(e, CTL_MSG_RELEASE, all);
	engine_forget_frames(e);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	for (int i = 0; i < 3; i++) {
		engine_tick(e, 1000);
		engine_sync(e);
	}
	assert_true(engine_metric(e, "enlace_held_events") == 0.0);
	assert_string_equal(engine_delivered(e, 2), "f3 f1 f2"); // in the order in which they were said
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
a_foreign_source_is_not_permitted(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "c", NULL);
	engine_send(e, 2, "child", FRAME_PUBLISH,
	    "{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"urn:enlace:clinic\","
	    "\"type\":\"clinic.v1.Reply\",\"partitionkey\":\"c\",\"data\":{}}}]}");
	engine_sync(e);
	assert_string_equal(engine_newest(e, 2, FRAME_PUBLISHED)->frame.u.published->answers[0]->code, "not_permitted");
	assert_string_equal(engine_newest(e, 2, FRAME_PUBLISHED)->frame.u.published->answers[0]->field, "source");
}

// What a client got and sends back in good faith would go round for ever: every delivery has the broker's own source.
static void
an_echo_of_a_delivery_is_refused_and_counted(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	const Enlace__V1__Delivery *got = engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0];

	engine_send(e, 2, "child", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\","
		"\"type\":\"enlace.v1.Referral\",\"partitionkey\":\"c1\",\"data\":%s}}]}",
		got->event->id, got->event->source, got->event->text_data));
	engine_sync(e);
	assert_string_equal(engine_newest(e, 2, FRAME_PUBLISHED)->frame.u.published->answers[0]->code, "echo");
	assert_string_equal(engine_newest(e, 2, FRAME_PUBLISHED)->frame.u.published->answers[0]->field, "source");
	assert_true(engine_metric(e, "enlace_ingest_events_total{agency=\"child\",outcome=\"refused\"}") == 1.0);
	assert_string_equal(engine_delivered(e, 2), "f1");
	engine_assert_identities(e);
}

// A referral has one owner: whoever received it may answer, and not say it anew under its number.
static void
nobody_revises_the_referral_of_another(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	const char *record = engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0]->event->text_data;

	assert_string_equal(
	    engine_say(e, 2, "enlace.v1.Referral", "mine", "c1", record), "REFUSED not_permitted referral_id");
	assert_string_equal(engine_delivered(e, 2), "f1");
	engine_assert_identities(e);
}

// A table without its heading takes the first person for one.
static void
a_name_that_the_schema_does_not_know_is_told_to_nobody(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "x", "c", "{\"Dariela\":\"x\"}"), "REFUSED schema_invalid *");
	assert_true(engine_logged(e, "events.refused"));
	assert_null(strstr(buf_cstr(&e->log), "Dariela"));
}

static void
each_missing_attribute_is_named(void **state)
{
	static const struct {
		const char *event, *field;
	} rows[] = {
	    {"{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"partitionkey\":\"c\"}", "id"},
	    {"{\"specversion\":\"1.0\",\"id\":\"i\",\"type\":\"t\",\"partitionkey\":\"c\"}", "source"},
	    {"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"partitionkey\":\"c\"}", "type"},
	    {"{\"specversion\":\"2.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\",\"partitionkey\":\"c\"}",
		"specversion"},
	    {"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\"}", "partitionkey"},
	};
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		engine_send(e, 1, "clinic", FRAME_PUBLISH,
		    arena_printf(
			&e->arena, "{\"events\":[{\"sequence\":\"%zu\",\"event\":%s}]}", i + 1, rows[i].event));
		engine_sync(e);
		assert_string_equal(answer(e, 0)->code, "envelope_invalid");
		assert_string_equal(answer(e, 0)->field, rows[i].field);
	}
}

// One event of an alert with that attribute more; the next good one is recorded: nobody pays for another's envelope.
static void
assert_envelope_refused(struct engine *e, uint64_t sequence, const char *attributes, const char *field)
{
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"%llu\",\"event\":{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":"
		"\"urn:enlace:clinic\",\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\"%s}},"
		"{\"sequence\":\"%llu\",\"event\":{\"specversion\":\"1.0\",\"id\":\"good-%llu\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":%s}}]}",
		(unsigned long long)sequence, attributes, (unsigned long long)sequence + 1,
		(unsigned long long)sequence, engine_alert(e, "A")));
	engine_sync(e);
	assert_string_equal(answer(e, 0)->code, "envelope_invalid");
	assert_string_equal(answer(e, 0)->field, field);
	assert_int_equal(answer(e, 1)->verdict, ENLACE__V1__VERDICT__RECORDED);
}

static void
a_broken_attribute_is_its_events_own_fault(void **state)
{
	struct engine *e = *state;
	struct buf many = BUF_EMPTY;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_envelope_refused(e, 1, ",\"time\":\"yesterday\"", "time");
	assert_envelope_refused(e, 3, ",\"expirytime\":\"2026-13-01T00:00:00Z\"", "expirytime");
	assert_envelope_refused(e, 5, ",\"extra\":{\"a\":1}", "extra");
	assert_envelope_refused(e, 7, ",\"extra\":1.5", "extra");
	assert_envelope_refused(e, 9, ",\"subject\":7", "subject");
	for (size_t i = 0; i < LIMIT_ATTRIBUTES; i++) { // and partitionkey: one too many
		buf_printf(&many, ",\"x%zu\":\"y\"", i);
	}
	assert_envelope_refused(e, 11, buf_cstr(&many), "attributes");
	buf_fini(&many);
	engine_assert_identities(e);
}

static void
a_number_where_the_schema_has_text_is_kept_as_it_was_written(void **state)
{
	static const char *const written[] = {"1.10", "12345678901234567890123", "1e2", "-0", "true"};
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	for (size_t i = 0; i < EN_COUNT_OF(written); i++) {
		engine_forget_frames(e);
		assert_said("RECORDED",
		    engine_say(e, 1, INTAKE, written[i], written[i],
			arena_printf(&e->arena,
			    "{ \"name\" : \"}\\\"]\" , \"folio\":%s,\"wishes\":[{\"code\":\"CHILD\"}]}", written[i])));
		assert_string_equal(engine_delivered(e, 2), written[i]);
	}
}

// ---- data in its place: form N has bytes, form J a record ----------------------------------------------------------

static void
assert_data_refused(struct engine *e)
{
	engine_sync(e);
	assert_int_equal(answer(e, 0)->verdict, ENLACE__V1__VERDICT__REFUSED);
	assert_string_equal(answer(e, 0)->code, "envelope_invalid");
	assert_string_equal(answer(e, 0)->field, "data");
}

static void
bytes_in_the_json_form_are_refused(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    "{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"urn:enlace:clinic\","
	    "\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data_base64\":\"CgFB\"}}]}");
	assert_data_refused(e);
	engine_assert_identities(e);
}

// protobuf-c has no const texts.
#define TEXT(text) ((char *)(uintptr_t)(text))

// One event of an alert in form N; its data is what the caller sets.
static void
publish_native(struct engine *e, uint64_t sequence, Io__Cloudevents__V1__CloudEvent *event)
{
	Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value;
	Io__Cloudevents__V1__CloudEvent__AttributesEntry entry, *entries = &entry;
	Enlace__V1__Event item, *items = &item;
	Enlace__V1__Publish message;

	io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(&value);
	io__cloudevents__v1__cloud_event__attributes_entry__init(&entry);
	enlace__v1__event__init(&item);
	enlace__v1__publish__init(&message);
	value.attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
	value.ce_string = TEXT("c");
	entry.key = TEXT("partitionkey");
	entry.value = &value;
	event->id = TEXT("i");
	event->source = TEXT("urn:enlace:clinic");
	event->spec_version = TEXT("1.0");
	event->type = TEXT(ALERT);
	event->n_attributes = 1;
	event->attributes = &entries;
	item.sequence = sequence;
	item.event = event;
	message.n_events = 1;
	message.events = &items;
	engine_send_native(e, 1, "clinic", FRAME_PUBLISH, &message.base);
}

static void
only_bytes_are_data_in_the_protobuf_form(void **state)
{
	struct engine *e = *state;
	Io__Cloudevents__V1__CloudEvent text, any, bytes;
	Google__Protobuf__Any message;
	Enlace__V1__Hello hello;

	io__cloudevents__v1__cloud_event__init(&text);
	any = bytes = text;
	google__protobuf__any__init(&message);
	enlace__v1__hello__init(&hello);
	hello.client = TEXT("c");
	engine_send_native(e, 1, "clinic", FRAME_HELLO, &hello.base);
	assert_non_null(engine_newest(e, 1, FRAME_WELCOME));
	text.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA;
	text.text_data = TEXT("{}");
	publish_native(e, 1, &text);
	assert_data_refused(e);
	any.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
	any.proto_data = &message;
	publish_native(e, 2, &any);
	assert_data_refused(e);
	bytes.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
	publish_native(e, 3, &bytes);
	engine_sync(e);
	assert_string_not_equal(answer(e, 0)->code, "envelope_invalid");
	engine_assert_identities(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nothing_is_answered_before_it_is_durable),
	    T(answers_come_once_and_in_order),
	    T(after_the_first_busy_everything_is_busy_until_it_comes_again),
	    T(what_is_beyond_the_window_is_busy),
	    T(a_refused_event_keeps_no_other_back),
	    T(the_same_id_with_other_content_is_a_conflict),
	    T(a_held_event_is_superseded_under_its_id),
	    T(a_held_event_holds_its_case_and_no_other),
	    T(a_foreign_source_is_not_permitted),
	    T(an_echo_of_a_delivery_is_refused_and_counted),
	    T(nobody_revises_the_referral_of_another),
	    T(a_name_that_the_schema_does_not_know_is_told_to_nobody),
	    T(each_missing_attribute_is_named),
	    T(a_broken_attribute_is_its_events_own_fault),
	    T(a_number_where_the_schema_has_text_is_kept_as_it_was_written),
	    T(bytes_in_the_json_form_are_refused),
	    T(only_bytes_are_data_in_the_protobuf_form),
	};

	return cmocka_run_group_tests_name("core/publish", tests, NULL, NULL);
}
