// SPDX-License-Identifier: Apache-2.0
// The broker's word on an event: recorded needs none of ours; held and refused are told to the connector, the log and the rejects folder.
#include "sdk/adapter_int.h"

#include <stdio.h>

static struct enlace_port *
port_of(struct adapter *a, const struct spool_entry *entry)
{
	for (size_t i = 0; i < a->port_count; i++) {
		struct enlace_port *p = &a->ports[i];

		if (p->is_publish && view_is(entry->type, p->type->name) &&
		    view_is(entry->source, p->conf->source.text)) {
			return p;
		}
	}
	return NULL;
}

// What is refused for good is nobody's any more: a webhook has no file in which it still stands.
static void
set_aside(
    struct enlace_port *port, const struct spool_entry *entry, const char *origin, const struct enlace_reason *reason)
{
	static const struct json_options options = {.pretty = false};
	struct json_fault fault;
	struct buf record = BUF_EMPTY;

	if (json_from_payload(port->type, entry->payload, &options, &record, &fault) != EN_OK) {
		buf_clear(&record);
		buf_put_str(&record, "(the record is in the file that it came from)");
	}
	reject_write(port, buf_view(&record), origin, entry->line, reason);
	buf_fini(&record);
}

void
on_answered(void *context, uint64_t spool_number, const Enlace__V1__Answer *answer)
{
	static const char *const verdicts[] = {"", "recorded", "held", "refused", "busy", "duplicate"};
	struct adapter *a = context;
	struct spool_entry entry;
	struct enlace_port *port;
	struct enlace_reason reason;
	const char *verdict = (unsigned int)answer->verdict < EN_COUNT_OF(verdicts) ? verdicts[answer->verdict] : "";
	char origin[256];

	if (spool_read(a->spool, spool_number, &entry) != EN_OK || entry.number != spool_number) {
		return;
	}
	port = port_of(a, &entry);
	snprintf(origin, sizeof(origin), "%.*s", (int)entry.origin.len, (const char *)entry.origin.data);
	if (answer->verdict == ENLACE__V1__VERDICT__RECORDED || answer->verdict == ENLACE__V1__VERDICT__DUPLICATE) {
		log_event(LOG_INFO, "event.answered", LOG_TEXT("verdict", verdict), LOG_TEXT("origin", origin),
		    LOG_NUM("line", entry.line), LOG_NUM("position", answer->position),
		    LOG_NUM("outputs", answer->outputs));
		return;
	}
	log_event(LOG_WARN, "event.answered", LOG_TEXT("verdict", verdict), LOG_TEXT("code", answer->code),
	    LOG_TEXT("field", answer->field), LOG_TEXT("origin", origin), LOG_NUM("line", entry.line),
	    LOG_NUM("position", answer->position));
	if (port == NULL) {
		return;
	}
	if (port->connector->answered != NULL && port->state != NULL) {
		port->connector->answered(port->state, origin, entry.line, verdict, answer->code, answer->field);
	}
	if (answer->verdict == ENLACE__V1__VERDICT__REFUSED) {
		(void)submit_refuse(&reason, answer->code, answer->field, answer->text, NULL);
		set_aside(port, &entry, origin, &reason);
	}
}
