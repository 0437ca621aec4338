// SPDX-License-Identifier: Apache-2.0
// `enlace publish`: one event from a JSON record, as an adapter would send it; prints the broker's word on it.
#include "cli/session.h"

#include <string.h>

#include "base/limits.h"
#include "base/log.h"

static const struct cmd_option options[] = {
    {"type", true, "the message, as inm.v1.Acta"},
    {"source", true, "CloudEvents source, one of the agency's"},
    {"id", true, "the event's id; the same id and content again is answered duplicate"},
    {"case", true, "the partition key"},
    {"supersedes", false, "replaces a held event of the same id"},
    CONNECT_OPTIONS(SESSION_BROKER_HELP, SESSION_KEY_HELP),
    {NULL, false, NULL},
};

static const char *const verdicts[] = {"", "recorded", "held", "refused", "busy", "duplicate"};

static int
print_answer(const struct cmd_call *call, const Enlace__V1__Answer *a)
{
	const char *verdict = (size_t)a->verdict < EN_COUNT_OF(verdicts) ? verdicts[a->verdict] : "?";
	int code = a->verdict == ENLACE__V1__VERDICT__RECORDED || a->verdict == ENLACE__V1__VERDICT__DUPLICATE ? 0
	    : a->verdict == ENLACE__V1__VERDICT__BUSY                                                          ? 75
													       : 1;

	if (call->json) {
		struct buf b = BUF_EMPTY;

		buf_printf(&b, "{\"verdict\":\"%s\",\"position\":%llu,\"outputs\":%u,\"code\":\"", verdict,
		    (unsigned long long)a->position, a->outputs);
		json_escape(&b, view_text(a->code));
		buf_put_str(&b, "\",\"field\":\"");
		json_escape(&b, view_text(a->field));
		buf_put_str(&b, "\"}\n");
		int printed = cmd_print(call, &b);

		return printed == 0 ? code : printed;
	}
	printf(cmd_say(call, "%s at %llu, %u outputs", "%s en %llu, %u salidas"), verdict,
	    (unsigned long long)a->position, a->outputs);
	if (a->code[0] != '\0') {
		printf(": %s", a->code);
	}
	if (a->field[0] != '\0') {
		printf(" %s %s", cmd_say(call, "at", "en"), a->field);
	}
	putchar('\n');
	if (a->text[0] != '\0') {
		cmd_words_follow();
		fprintf(stderr, "%s\n", a->text);
	}
	return code;
}

static enum en_err
send_event(struct cmd_call *call, struct agency_session *s, struct view json)
{
	struct event_parts parts = {.id = cmd_option(call, "id"),
	    .source = cmd_option(call, "source"),
	    .type = cmd_option(call, "type"),
	    .partitionkey = cmd_option(call, "case"),
	    .time_ms = clock_now().wall_ms,
	    .payload = json,
	    .payload_is_json = true};
	Enlace__V1__Publish publish = ENLACE__V1__PUBLISH__INIT;
	Enlace__V1__Event event = ENLACE__V1__EVENT__INIT, *list = &event;
	enum en_err err = event_build(&parts, &call->arena, &event.event);

	event.sequence = s->next_sequence;
	event.supersedes = cmd_option(call, "supersedes") != NULL;
	publish.n_events = 1;
	publish.events = &list;
	return err == EN_OK ? agency_session_send(s, FRAME_PUBLISH, &publish.base) : err;
}

static int
run(struct cmd_call *call)
{
	struct agency_session session;
	struct buf json = BUF_EMPTY;
	struct frame frame;
	enum en_err err;
	int code;

	if (call->argument_count != 1 || cmd_option(call, "type") == NULL || cmd_option(call, "id") == NULL ||
	    cmd_option(call, "case") == NULL || cmd_option(call, "source") == NULL) {
		return cmd_usage(call, &cmd_publish);
	}
	err = buf_read_file(&json, call->arguments[0], LIMIT_EVENT_BYTES);
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", call->arguments[0]);
	}
	code = agency_session_open(call, "enlace-publish", NULL, 0, &session);
	if (code == 0) {
		err = send_event(call, &session, buf_view(&json));
		do {
			err = err == EN_OK ? agency_session_receive(&session, 15000, &frame) : err;
		} while (err == EN_OK && frame.kind != FRAME_PUBLISHED);
		code = err == EN_OK && frame.u.published->n_answers == 1
		    ? print_answer(call, frame.u.published->answers[0])
		    : cmd_fail(
			  call, err == EN_OK ? EN_EPROTOCOL : err, "%s", cmd_say(call, "the answer", "la respuesta"));
	}
	agency_session_close(&session);
	buf_fini(&json);
	return code;
}

const struct cmd cmd_publish = {"publish", "send one event from a JSON record",
    "enviar un evento desde un registro JSON",
    "  enlace publish acta.json --type inm.v1.Acta --source urn:enlace:inm --id 1 --case INM-1 --key inm.cert_secret\n",
    options, run};
