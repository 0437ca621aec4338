// SPDX-License-Identifier: Apache-2.0
// An explanation for programs.
#include "cli/explain.h"

#include "base/reason.h"
#include "cli/json_out.h"

static json_t *
json_fields(struct explanation *e, const struct lineage *lineage, const struct lineage *canonical,
    const struct schema_type *type, struct view payload)
{
	size_t count;
	const struct explained_field *fields = explain_fields(e, lineage, canonical, type, payload, &count);
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct map_trace *t = fields[i].trace;
		json_t *j = json_object();

		json_put_text(j, "field", t->native);
		json_put_text(j, "source", t->source);
		if (canonical != NULL) {
			json_put_text(j, "columns", fields[i].columns);
		}
		if (e->values) {
			json_put_text(j, "value", fields[i].value);
		}
		json_put_place(j, "line", t->where);
		json_put_text(j, "table", t->table);
		json_put_place(j, "table_row", t->table_row);
		json_put_text(j, "decided_by", t->decided_by);
		json_put_text(j, "because", t->because);
		json_array_append_new(all, j);
	}
	return all;
}

static json_t *
json_withheld(const struct explanation *e, const struct rehearsed_delivery *d)
{
	json_t *all = json_array();

	for (size_t i = 0; i < d->withheld_count; i++) {
		const struct withheld_field *w = &d->withheld[i];
		json_t *j = json_object();

		json_put_text(j, "field", w->native);
		json_put_text(
		    j, "label", w->by_person != NULL || w->label == LABEL_UNSPECIFIED ? NULL : label_name(w->label));
		json_put_text(j, "by_person", w->by_person);
		json_put_text(j, "why", explain_withheld(e, w));
		json_put_place(j, "line", w->where);
		json_array_append_new(all, j);
	}
	return all;
}

static json_t *
json_delivery(struct explanation *e, const struct rehearsed_output *o, const struct rehearsed_delivery *d)
{
	json_t *j = json_object();

	json_put_text(j, "subscription", d->decided->subscription->name);
	json_put_text(j, "type", d->decided->subscription->as->name);
	json_put_text(j, "route", d->decided->route);
	json_put_text(j, "agreement", d->decided->agreement);
	json_put_text(j, "purpose", d->decided->purpose);
	json_put_text(j, "reason", d->reason == REASON_NONE ? NULL : reason_code(d->reason));
	json_put_place(j, "at", d->fault.where);
	if (d->reason == REASON_NONE) {
		json_object_set_new(
		    j, "fields", json_fields(e, &d->lineage, &o->lineage, d->decided->subscription->as, d->payload));
	}
	json_object_set_new(j, "withheld", json_withheld(e, d));
	return j;
}

static json_t *
json_reasons(struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency)
{
	size_t count;
	const struct explained_reason *reasons = explain_reasons(e, o, agency, &count);
	json_t *all = json_array();

	for (size_t i = 0; reasons != NULL && i < count; i++) {
		const struct decide_note *n = reasons[i].note;
		json_t *j = json_object();

		json_put_text(j, "why", explain_sentence(e, &reasons[i]));
		json_put_text(j, "route", n == NULL ? NULL : n->route);
		json_put_text(j, "subscription", n == NULL || n->subscription == NULL ? NULL : n->subscription->name);
		json_put_text(j, "agreement", n == NULL ? NULL : n->agreement);
		json_put_text(j, "field", n == NULL ? NULL : n->path);
		json_put_place(j, "at", n == NULL ? (struct where){.line = 0} : n->where);
		json_array_append_new(all, j);
	}
	return all;
}

static json_t *
json_agencies(struct explanation *e, const struct rehearsed_output *o)
{
	const struct rules *rules = e->r->set.rules;
	json_t *all = json_array();

	for (uint32_t a = 0; a < rules_agency_count(rules); a++) {
		const struct rules_agency *agency = rules_agency_at(rules, a);
		json_t *j, *deliveries;

		if (!explain_includes(e, o, agency)) {
			continue;
		}
		j = json_object();
		deliveries = json_array();
		json_put_text(j, "agency", agency->name);
		json_object_set_new(j, "receives", json_boolean(explain_receives(o, agency)));
		for (size_t i = explain_delivery(o, agency, SIZE_MAX); i != SIZE_MAX;
		     i = explain_delivery(o, agency, i)) {
			json_array_append_new(deliveries, json_delivery(e, o, &o->deliveries[i]));
		}
		json_object_set_new(j, "deliveries", deliveries);
		json_object_set_new(j, "reasons", json_reasons(e, o, agency));
		json_array_append_new(all, j);
	}
	return all;
}

static json_t *
json_routes(const struct explanation *e, const struct rehearsed_output *o)
{
	json_t *all = json_array();

	(void)e;
	for (size_t i = 0; i < o->notes.count; i++) {
		const struct decide_note *n = &o->notes.items[i];

		if (n->kind == NOTE_ROUTE_HOLDS || n->kind == NOTE_ROUTE_FALSE) {
			json_t *j = json_object();

			json_put_text(j, "route", n->route);
			json_object_set_new(j, "matches", json_boolean(n->kind == NOTE_ROUTE_HOLDS));
			json_put_text(j, "field", n->path);
			json_put_place(j, "at", n->where);
			json_array_append_new(all, j);
		}
	}
	return all;
}

static json_t *
json_held(const struct rehearsal *h)
{
	json_t *j;

	if (h->reason == REASON_NONE) {
		return json_null();
	}
	j = json_object();
	json_put_text(j, "code", reason_code(h->reason));
	json_put_text(j, "field", h->field[0] == '\0' ? NULL : h->field);
	json_put_text(j, "target", h->fault.target[0] == '\0' ? NULL : h->fault.target);
	json_put_text(j, "table", h->fault.table[0] == '\0' ? NULL : h->fault.table);
	json_put_text(j, "route", h->route);
	json_put_place(j, "at", h->fault.where);
	return j;
}

enum en_err
explain_json(struct explanation *e)
{
	const struct rehearsal *h = &e->r->rehearsal;
	json_t *all = json_object(), *events = json_array();
	char when[25];
	enum en_err err;

	wall_format(e->r->question.recorded_ms, when);
	json_put_text(all, "type", e->r->question.type->name);
	json_put_text(all, "sender", e->r->question.sender->name);
	json_put_text(all, "recorded", when);
	for (size_t i = 0; i < h->output_count; i++) {
		const struct rehearsed_output *o = &h->outputs[i];
		const struct schema_type *type = rules_canonical_type(e->r->set.rules, o->type);
		json_t *j = json_object();

		json_put_text(j, "type", type->name);
		json_put_text(j, "mapping", o->mapping == NULL ? NULL : mapping_name(o->mapping));
		json_object_set_new(j, "fields", json_fields(e, &o->lineage, NULL, type, o->payload));
		json_object_set_new(j, "routes", json_routes(e, o));
		json_object_set_new(j, "agencies", json_agencies(e, o));
		json_array_append_new(events, j);
	}
	json_object_set_new(all, "events", events);
	json_object_set_new(all, "held", json_held(h));
	err = json_print(all);
	return err == EN_OK ? e->err : err;
}
