// SPDX-License-Identifier: Apache-2.0
// `enlace map`: one mapping on one input. The outputs are data and go to stdout; what was withheld, and why nothing came out, are words.
#include "cli/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "cli/round_trip.h"

static const struct cmd_option options[] = {
    REHEARSING_OPTIONS,
    {"to", true, "json, text or binary (default: json)"},
    {"recipient", true, "AGENCY/AGREEMENT: through what that agreement grants it (default: everything)"},
    {"grants", true, "the same, written out: identity=full,family=coarse"},
    {"round-trip", true, "the mapping that leads back: tell what is lost, of every record or of the one of --in"},
    {"values", false, "with --round-trip and --in: print the record's values too: it is yours to know"},
    {NULL, false, NULL},
};

// ---- grants -------------------------------------------------------------------------------------------------------------

static bool
is_recipient_of(const struct rules *rules, const char *agreement, const char *agency)
{
	const struct conf_set *conf = rules_conf(rules);

	for (size_t i = 0; i < conf->agreement_count; i++) {
		const struct conf_agreement *a = conf->agreements[i];

		for (size_t t = 0; strcmp(a->name.text, agreement) == 0 && t < a->to.count; t++) {
			if (strcmp(a->to.items[t].text, agency) == 0) {
				return true;
			}
		}
	}
	return false;
}

static int
no_such_agreement(const struct rehearsing *r, const char *agency, const char *name)
{
	const struct conf_set *conf = rules_conf(r->set.rules);
	const char **names = arena_alloc(&r->call->arena, (conf->agreement_count + 1) * sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; names != NULL && i < conf->agreement_count; i++) {
		const char *one = conf->agreements[i]->name.text;

		if (is_recipient_of(r->set.rules, one, agency)) {
			names[count++] = one;
		}
	}
	return cmd_no_such(r->call,
	    cmd_say(
		r->call, "no agreement with this agency is called", "ningún convenio con esta institución se llama"),
	    name, names, count);
}

static int
grants_of_recipient(const struct rehearsing *r, const char *text, struct grants *ret)
{
	const char *slash = strchr(text, '/');
	const char *agency = slash == NULL ? NULL : arena_text(&r->call->arena, view_of(text, (size_t)(slash - text)));

	if (agency == NULL) {
		fprintf(stderr, "enlace map: --recipient: %s\n",
		    cmd_say(r->call, "AGENCY/AGREEMENT, as unicef/inm-unicef-child-protection",
			"INSTITUCION/CONVENIO, como unicef/inm-unicef-child-protection"));
		return 2;
	}
	if (rehearsing_agency(r, agency) == NULL) {
		return 1;
	}
	if (!rules_grants_of(r->set.rules, slash + 1, ret) || !is_recipient_of(r->set.rules, slash + 1, agency)) {
		return no_such_agreement(r, agency, slash + 1);
	}
	return 0;
}

static int
bad_grant(const struct rehearsing *r, const char *text)
{
	fprintf(stderr, "enlace map: --grants: %s: %s\n", text,
	    cmd_say(r->call, "LABEL=full, coarse or pseudonym", "ETIQUETA=full, coarse o pseudonym"));
	return 2;
}

static int
no_such_label(const struct rehearsing *r, const char *name)
{
	const char *names[LABEL_COUNT];
	size_t count = 0;

	for (size_t i = LABEL_UNSPECIFIED + 1; i < LABEL_COUNT; i++) {
		names[count++] = label_name((enum label)i);
	}
	return cmd_no_such(r->call, cmd_say(r->call, "no label", "no existe la etiqueta"), name, names, count);
}

static int
grants_as_written(const struct rehearsing *r, const char *text, struct grants *ret)
{
	static const char *const levels[] = {
	    [GRANT_NONE] = "none", [GRANT_PSEUDONYM] = "pseudonym", [GRANT_COARSE] = "coarse", [GRANT_FULL] = "full"};
	char *copy = arena_text(&r->call->arena, view_text(text)), *rest = NULL;

	*ret = grants_none();
	for (char *one = copy == NULL ? NULL : strtok_r(copy, ",", &rest); one != NULL;
	     one = strtok_r(NULL, ",", &rest)) {
		char *equals = strchr(one, '=');
		size_t level = 0;
		enum label label;

		if (equals == NULL) {
			return bad_grant(r, one);
		}
		*equals = '\0';
		label = label_from_name(one);
		if (label == LABEL_COUNT) {
			return no_such_label(r, one);
		}
		while (level < EN_COUNT_OF(levels) && strcmp(levels[level], equals + 1) != 0) {
			level++;
		}
		if (level == EN_COUNT_OF(levels)) {
			*equals = '=';
			return bad_grant(r, one);
		}
		ret->level[label] = (uint8_t)level;
	}
	return 0;
}

static int
find_grants(const struct rehearsing *r, struct grants *ret)
{
	const char *recipient = cmd_option(r->call, "recipient"), *written = cmd_option(r->call, "grants");

	*ret = grants_all();
	if (recipient != NULL && written != NULL) {
		fprintf(
		    stderr, "enlace map: %s\n", cmd_say(r->call, "--recipient or --grants", "--recipient o --grants"));
		return 2;
	}
	return recipient != NULL ? grants_of_recipient(r, recipient, ret)
	    : written != NULL    ? grants_as_written(r, written, ret)
				 : 0;
}

// ---- outputs ------------------------------------------------------------------------------------------------------------

// Nothing at all is nowhere, of which fwrite must not be told.
static bool
print_bytes(const struct buf *b)
{
	return b->len == 0 || fwrite(b->data, 1, b->len, stdout) == b->len;
}

// Several outputs in one stream: JSON documents one after the other; texts under a comment; payloads each behind their length.
static enum en_err
print_output(const struct rehearsing *r, const struct schema_type *t, size_t i, enum payload_form form)
{
	const struct rehearsal *h = &r->rehearsal;
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY, head = BUF_EMPTY;
	enum en_err err = payload_write(t, h->outputs[i].payload, form, &out, &fault);

	if (h->output_count > 1 && form == PAYLOAD_TEXT) {
		buf_printf(&head, "# %zu / %zu: %s\n", i + 1, h->output_count, t->name);
	} else if (h->output_count > 1 && form == PAYLOAD_BINARY) {
		buf_put_varint(&head, out.len);
	}
	err = err == EN_OK ? head.err : err;
	if (err == EN_OK && (!print_bytes(&head) || !print_bytes(&out))) {
		err = EN_EIO;
	}
	buf_fini(&head);
	buf_fini(&out);
	return err;
}

static void
tell_withheld(const struct rehearsing *r, const struct plan *plan)
{
	size_t count;
	const struct plan_hidden *hidden = plan_hidden_fields(plan, &count);

	for (size_t i = 0; i < count && !r->call->quiet; i++) {
		fprintf(stderr, "%s: %s: %s (%s)\n", mapping_name(plan_mapping(plan)),
		    cmd_say(r->call, "withheld", "reservado"), hidden[i].native,
		    hidden[i].label == LABEL_UNSPECIFIED ? "-" : label_name(hidden[i].label));
	}
}

static int
map(struct rehearsing *r, const struct plan *plan)
{
	const struct mapping *m = plan_mapping(plan);
	enum payload_form form;
	int code = payload_form_of(r->call, "to", NULL, &form);
	enum en_err err;

	if (code != 0) {
		return code;
	}
	err = rehearse_plan(&r->rehearsal, &r->question, plan);
	if (err != EN_OK) {
		return cmd_fail(r->call, err, "%s", mapping_name(m));
	}
	if (r->rehearsal.reason != REASON_NONE) {
		return rehearsing_fault(r->call, &r->rehearsal);
	}
	for (size_t i = 0; i < r->rehearsal.output_count && err == EN_OK; i++) {
		err = print_output(r, mapping_to(m), i, form);
	}
	if (err != EN_OK) {
		return cmd_fail(r->call, err, "%s", mapping_to(m)->name);
	}
	tell_withheld(r, plan);
	if (r->rehearsal.output_count == 0) {
		fprintf(stderr, "%s: %s\n", mapping_name(m),
		    cmd_say(r->call, "nothing: its `when` does not hold, or there is no item",
			"nada: su `when` no se cumple o no hay elementos"));
		return 1;
	}
	return 0;
}

// The plan of the mapping through the grants.
static int
make_plan(struct rehearsing *r, const struct mapping *m, struct plan **ret)
{
	struct findings findings;
	struct grants grants;
	int code = find_grants(r, &grants);
	enum en_err err;

	if (code != 0) {
		return code;
	}
	findings_init_in(&findings, r->call->lang);
	err = plan_new(m, &grants, &findings, ret);
	ruleset_print(r->call, &findings);
	findings_fini(&findings);
	return err == EN_OK ? 0 : cmd_fail(r->call, err, "%s", mapping_name(m));
}

static const struct mapping *
find_mapping(const struct rehearsing *r, const char *name)
{
	const struct conf_set *conf = rules_conf(r->set.rules);
	const struct mapping *m = rules_mapping_by_name(r->set.rules, name);
	const char **names = arena_alloc(&r->call->arena, (conf->mapping_count + 1) * sizeof(*names));

	if (m != NULL || names == NULL) {
		return m;
	}
	for (size_t i = 0; i < conf->mapping_count; i++) {
		names[i] = conf->mappings[i]->name.text;
	}
	(void)cmd_no_such(
	    r->call, cmd_say(r->call, "no mapping", "no existe la correspondencia"), name, names, conf->mapping_count);
	return NULL;
}

static int
map_record(struct rehearsing *r, const struct mapping *m)
{
	struct plan *plan = NULL;
	int code = rehearsing_ask(r, mapping_from(m));

	if (code == 0) {
		code = make_plan(r, m, &plan);
	}
	if (code == 0) {
		code = map(r, plan);
	}
	plan_free(&plan);
	return code;
}

static int
map_and_back(struct rehearsing *r, const struct mapping *there, const char *name)
{
	const struct mapping *back = find_mapping(r, name);

	return back == NULL ? 1 : round_trip(r, there, back);
}

static int
run(struct cmd_call *call)
{
	const char *back = cmd_option(call, "round-trip");
	struct rehearsing r = {.call = call};
	const struct mapping *m;
	int code;

	if (call->argument_count != 1) {
		return cmd_usage(call, &cmd_map);
	}
	code = ruleset_open(call, NULL, &r.set);
	if (code != 0) {
		return code;
	}
	m = find_mapping(&r, call->arguments[0]);
	code = m == NULL ? 1 : back == NULL ? map_record(&r, m) : map_and_back(&r, m, back);
	rehearsing_close(&r);
	return code;
}

const struct cmd cmd_map = {"map", "run one mapping on one record and print what comes out",
    "correr una correspondencia con un registro y mostrar lo que sale",
    "  enlace map inm-acta-to-referral --in acta.json                       what the acta becomes\n"
    "  enlace map referral-to-unicef-case --in referral.json --sender inm \\\n"
    "      --recipient unicef/inm-unicef-child-protection                   what UNICEF may see of it\n"
    "  enlace map inm-acta-to-alert --to text < acta.json                   protobuf text format\n"
    "  enlace map kobo-to-referral --round-trip referral-to-kobo            what is lost on the way there and back\n"
    "  enlace map kobo-to-referral --round-trip referral-to-kobo --in f.json    the same, of one record\n",
    options, run};
