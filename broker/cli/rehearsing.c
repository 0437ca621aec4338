// SPDX-License-Identifier: Apache-2.0
#include "cli/rehearsing.h"

#include <string.h>

#include "base/reason.h"

const struct schema_type *
rehearsing_type(const struct rehearsing *r, const char *name)
{
	const struct schema *schema = rules_schema(r->set.rules);
	const struct schema_type *t = schema_type_by_name(schema, name);

	if (t == NULL) {
		size_t count;
		const char *const *names = schema_type_names(schema, &count);

		(void)cmd_no_such(r->call, cmd_say(r->call, "no message", "no existe el mensaje"), name, names, count);
	}
	return t;
}

const struct rules_agency *
rehearsing_agency(const struct rehearsing *r, const char *name)
{
	const struct rules_agency *agency = rules_agency_by_name(r->set.rules, name);
	uint32_t count = rules_agency_count(r->set.rules);
	const char **names = agency != NULL ? NULL : arena_alloc(&r->call->arena, (count + 1) * sizeof(*names));

	for (uint32_t i = 0; names != NULL && i < count; i++) {
		names[i] = rules_agency_at(r->set.rules, i)->conf->name.text;
	}
	if (agency == NULL) {
		(void)cmd_no_such(r->call, cmd_say(r->call, "no agency", "no existe la institución"), name, names,
		    names == NULL ? 0 : count);
	}
	return agency;
}

static bool
publishes(const struct rules_agency *agency, const char *type)
{
	for (size_t i = 0; i < agency->conf->publishes.count; i++) {
		if (strcmp(agency->conf->publishes.items[i].text, type) == 0) {
			return true;
		}
	}
	return false;
}

// The one agency that publishes the type; NULL when there is none or more than one.
static const struct rules_agency *
publisher_of(const struct rehearsing *r, const struct schema_type *type)
{
	const struct rules_agency *found = NULL;

	for (uint32_t i = 0; i < rules_agency_count(r->set.rules); i++) {
		const struct rules_agency *agency = rules_agency_at(r->set.rules, i);

		if (publishes(agency, type->name)) {
			if (found != NULL) {
				return NULL;
			}
			found = agency;
		}
	}
	return found;
}

static int
find_sender(struct rehearsing *r)
{
	const char *name = cmd_option(r->call, "sender");
	struct rehearsal_question *q = &r->question;

	q->sender = name == NULL ? publisher_of(r, q->type) : rehearsing_agency(r, name);
	if (q->sender != NULL) {
		return 0;
	}
	if (name == NULL) {
		fprintf(stderr, "enlace: %s %s\n",
		    cmd_say(r->call, "--sender is needed: no single agency publishes",
			"falta --sender: no hay una sola institución que publique"),
		    q->type->name);
	}
	return name == NULL ? 2 : 1;
}

static int
find_time(struct rehearsing *r)
{
	const char *text = cmd_option(r->call, "recorded");

	r->question.recorded_ms = clock_now().wall_ms;
	if (text != NULL && wall_parse(text, &r->question.recorded_ms) != 0) {
		fprintf(stderr, "enlace: --recorded: %s\n",
		    cmd_say(r->call, "as 2026-11-23T15:45:00Z", "como 2026-11-23T15:45:00Z"));
		return 2;
	}
	return 0;
}

static int
find_known(struct rehearsing *r)
{
	const char *text = cmd_option(r->call, "known"), *equals = text == NULL ? NULL : strchr(text, '=');

	if (text == NULL) {
		return 0;
	}
	if (equals == NULL) {
		fprintf(stderr, "enlace: --known: REFERENCE=REFERRAL_ID\n");
		return 2;
	}
	r->known.reference = arena_text(&r->call->arena, view_of(text, (size_t)(equals - text)));
	r->known.referral_id = equals + 1;
	r->question.known = &r->known;
	r->question.known_count = 1;
	return r->known.reference == NULL ? cmd_fail(r->call, EN_ENOMEM, "--known") : 0;
}

static int
read_payload(struct rehearsing *r, const char *path, const char *form_option, const struct schema_type *type,
    struct buf *payload)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf bytes = BUF_EMPTY, unknown = BUF_EMPTY;
	enum payload_form form;
	int code = payload_form_of(r->call, form_option, path, &form);
	enum en_err err;

	if (code != 0) {
		return code;
	}
	err = payload_read(path, &bytes);
	if (err != EN_OK) {
		code = cmd_fail(r->call, err, "%s", path == NULL ? "-" : path);
	} else {
		err = payload_parse(type, buf_view(&bytes), form, true, payload, &unknown, &fault);
		code = err == EN_OK ? 0 : payload_fail(r->call, err, path == NULL ? type->name : path, &fault);
	}
	if (code == 0 && unknown.len > 0 && !r->call->quiet) {
		fprintf(stderr, "enlace: %s %s:\n%s", cmd_say(r->call, "keys that are not of", "claves que no son de"),
		    type->name, buf_cstr(&unknown));
	}
	buf_fini(&unknown);
	buf_fini(&bytes);
	return code;
}

int
rehearsing_ask(struct rehearsing *r, const struct schema_type *type)
{
	const char *consent = cmd_option(r->call, "consent");
	const struct schema_type *consent_type = consent == NULL ? NULL : rehearsing_type(r, "enlace.v1.Consent");
	int code;

	rehearsal_init(&r->rehearsal);
	r->question = (struct rehearsal_question){.rules = r->set.rules, .type = type};
	code = find_sender(r);
	code = code == 0 ? find_time(r) : code;
	code = code == 0 ? find_known(r) : code;
	code = code == 0 ? read_payload(r, cmd_option(r->call, "in"), "from", type, &r->payload) : code;
	if (code == 0 && consent != NULL) {
		code = consent_type == NULL ? 1 : read_payload(r, consent, "consent-form", consent_type, &r->consent);
	}
	r->question.payload = buf_view(&r->payload);
	r->question.case_consent = buf_view(&r->consent);
	return code;
}

void
rehearsing_close(struct rehearsing *r)
{
	buf_fini(&r->payload);
	buf_fini(&r->consent);
	rehearsal_fini(&r->rehearsal);
	ruleset_close(&r->set);
}

int
rehearsing_fault(const struct cmd_call *call, const struct rehearsal *h)
{
	const struct map_fault *f = &h->fault;

	fprintf(stderr, "enlace: ");
	if (f->where.line > 0) {
		fprintf(
		    stderr, "%s:%u:%u: ", f->where.file == NULL ? "" : f->where.file, f->where.line, f->where.column);
	}
	fprintf(stderr, "%s", reason_code(h->reason));
	if (h->field[0] != '\0') {
		fprintf(stderr, " %s %s", cmd_say(call, "at", "en"), h->field);
	}
	if (f->target[0] != '\0' && strcmp(f->target, h->field) != 0) {
		fprintf(stderr, " (%s %s)", cmd_say(call, "for", "para"), f->target);
	}
	if (f->table[0] != '\0') {
		fprintf(stderr, ", %s %s", cmd_say(call, "table", "tabla"), f->table);
	}
	if (h->route != NULL) {
		fprintf(stderr, ", %s %s", cmd_say(call, "route", "ruta"), h->route);
	}
	fprintf(stderr, ": %s\n", reason_text(h->reason, call->lang));
	return 65;
}
