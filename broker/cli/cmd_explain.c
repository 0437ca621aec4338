// SPDX-License-Identifier: Apache-2.0
// `enlace explain`: one record through the whole rule set, offline: what would become of it, who would be told what, and why somebody would not.
#include "cli/cmd.h"

#include <string.h>

#include "cli/explain.h"

static const struct cmd_option options[] = {
    REHEARSING_OPTIONS,
    {"type", true, "the message of the record (default: the one that --sender publishes)"},
    {"recipient", true, "an agency: only what concerns it"},
    {"why-not", false, "the agencies that receive nothing, and why"},
    {"values", false, "print the values of the record too: it is yours to know"},
    {NULL, false, NULL},
};

static const struct schema_type *
find_type(const struct rehearsing *r)
{
	const char *name = cmd_option(r->call, "type"), *sender = cmd_option(r->call, "sender");
	const struct rules_agency *agency = sender == NULL ? NULL : rules_agency_by_name(r->set.rules, sender);

	if (name != NULL) {
		return rehearsing_type(r, name);
	}
	if (agency != NULL && agency->conf->publishes.count == 1) {
		return rehearsing_type(r, agency->conf->publishes.items[0].text);
	}
	fprintf(stderr, "enlace explain: %s\n",
	    cmd_say(r->call, "--type is needed, or a --sender that publishes one type",
		"falta --type, o un --sender que publique un solo tipo"));
	return NULL;
}

// 0 when the record would be recorded and somebody (or that agency) would receive it.
static int
verdict(const struct explanation *e)
{
	const struct rehearsal *h = &e->r->rehearsal;

	for (size_t i = 0; i < h->output_count && h->reason == REASON_NONE; i++) {
		if (e->only == NULL || explain_receives(&h->outputs[i], e->only)) {
			return 0;
		}
	}
	return 1;
}

static int
explain(struct rehearsing *r, const struct rules_agency *only)
{
	struct explanation e = {.r = r,
	    .only = only,
	    .why_not = cmd_option(r->call, "why-not") != NULL,
	    .values = cmd_option(r->call, "values") != NULL};
	enum en_err err = rehearse(&r->rehearsal, &r->question);

	if (err != EN_OK) {
		return cmd_fail(r->call, err, "%s", r->question.type->name);
	}
	index_init(&e.index);
	if (r->call->json) {
		err = explain_json(&e);
	} else {
		explain_text(&e);
		err = e.err;
	}
	index_fini(&e.index);
	return err == EN_OK ? verdict(&e) : cmd_fail(r->call, err, "stdout");
}

static int
run(struct cmd_call *call)
{
	const char *recipient = cmd_option(call, "recipient");
	struct rehearsing r = {.call = call};
	const struct rules_agency *only = NULL;
	const struct schema_type *type = NULL;
	int code;

	if (call->argument_count > 0) {
		return cmd_usage(call, &cmd_explain);
	}
	code = ruleset_open(call, NULL, &r.set);
	if (code != 0) {
		return code;
	}
	if (recipient != NULL) {
		only = rehearsing_agency(&r, recipient);
		code = only == NULL ? 1 : 0;
	}
	if (code == 0) {
		type = find_type(&r);
		code = type == NULL ? 2 : rehearsing_ask(&r, type);
	}
	if (code == 0) {
		code = explain(&r, only);
	}
	rehearsing_close(&r);
	return code;
}

const struct cmd cmd_explain = {"explain", "say what would become of a record, line by line, and who would not be told",
    "decir qué sería de un registro, línea por línea, y a quién no se le diría",
    "  enlace explain --sender inm --in acta.json                          every field, every recipient\n"
    "  enlace explain --sender inm --in acta.json --recipient comar        what concerns COMAR\n"
    "  enlace explain --sender inm --in acta.json --why-not                who receives nothing, and why\n",
    options, run};
