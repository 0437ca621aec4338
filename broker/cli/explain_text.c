// SPDX-License-Identifier: Apache-2.0
// An explanation for people.
#include "cli/explain.h"

#include "base/reason.h"

#define TARGET_WIDTH 34

static void
print_place(struct where where)
{
	if (where.line > 0) {
		printf("  %s:%u:%u", where.file == NULL ? "" : where.file, where.line, where.column);
	}
}

static void
print_field(const struct explanation *e, const struct explained_field *f)
{
	const struct map_trace *t = f->trace;
	const struct cmd_call *call = e->r->call;

	printf("    %-*s", TARGET_WIDTH, t->native);
	if (t->source == NULL) {
		printf(" <- (%s)", cmd_say(call, "the mapping itself", "la propia correspondencia"));
	} else {
		printf(" <- %s", t->source);
	}
	if (f->columns != NULL) {
		printf(" <- %s", f->columns);
	}
	if (f->value != NULL) {
		printf(" = %s", f->value);
	}
	print_place(t->where);
	if (t->table != NULL) {
		printf(", %s %s", cmd_say(call, "table", "tabla"), t->table);
		print_place(t->table_row);
	}
	if (t->decided_by != NULL) {
		printf(", %s %s", cmd_say(call, "decided by", "según"), t->decided_by);
	}
	if (t->because != NULL) {
		printf(", %s: %s", cmd_say(call, "because", "porque"), t->because);
	}
	putchar('\n');
}

static void
print_lineage(struct explanation *e, const struct lineage *lineage, const struct lineage *canonical,
    const struct schema_type *type, struct view payload)
{
	size_t count;
	const struct explained_field *fields = explain_fields(e, lineage, canonical, type, payload, &count);

	for (size_t i = 0; i < count; i++) {
		print_field(e, &fields[i]);
	}
}

static void
print_delivery(struct explanation *e, const struct rehearsed_output *o, const struct rehearsed_delivery *d)
{
	const struct cmd_call *call = e->r->call;
	const struct decided *x = d->decided;

	printf("  %s: %s", x->subscription->agency->name, x->subscription->name);
	if (d->reason != REASON_NONE) {
		printf(", %s: %s, %s", cmd_say(call, "not delivered", "no se entrega"), reason_code(d->reason),
		    reason_text(d->reason, call->lang));
		print_place(d->fault.where);
		putchar('\n');
		return;
	}
	printf(" %s %s, %s %s, %s %s\n", cmd_say(call, "receives", "recibe"), x->subscription->as->name,
	    cmd_say(call, "route", "ruta"), x->route, cmd_say(call, "agreement", "convenio"), x->agreement);
	if (!e->why_not) {
		print_lineage(e, &d->lineage, &o->lineage, x->subscription->as, d->payload);
	}
	for (size_t i = 0; i < d->withheld_count; i++) {
		printf("    %-*s -- %s", TARGET_WIDTH, d->withheld[i].native, explain_withheld(e, &d->withheld[i]));
		print_place(d->withheld[i].where);
		putchar('\n');
	}
}

static void
print_reasons(struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency)
{
	size_t count;
	const struct explained_reason *reasons = explain_reasons(e, o, agency, &count);

	printf("  %s: %s\n", agency->name, cmd_say(e->r->call, "receives nothing of it", "no recibe nada de esto"));
	for (size_t i = 0; reasons != NULL && i < count; i++) {
		const struct decide_note *n = reasons[i].note;

		printf("    ");
		if (n != NULL) {
			printf("%s %s: ", cmd_say(e->r->call, "route", "ruta"), n->route);
		}
		printf("%s", explain_sentence(e, &reasons[i]));
		if (n != NULL && n->subscription != NULL) {
			printf(", %s", n->subscription->name);
		}
		if (n != NULL && n->agreement != NULL) {
			printf(", %s %s", cmd_say(e->r->call, "agreement", "convenio"), n->agreement);
		}
		if (n != NULL) {
			print_place(n->where);
		}
		putchar('\n');
	}
}

static void
print_routes(const struct explanation *e, const struct rehearsed_output *o)
{
	for (size_t i = 0; i < o->notes.count; i++) {
		const struct decide_note *n = &o->notes.items[i];

		if (n->kind != NOTE_ROUTE_HOLDS && n->kind != NOTE_ROUTE_FALSE) {
			continue;
		}
		printf("  %s %s: %s", cmd_say(e->r->call, "route", "ruta"), n->route,
		    explain_sentence(e, &(struct explained_reason){.note = n}));
		print_place(n->where);
		putchar('\n');
	}
}

static void
print_output(struct explanation *e, size_t number)
{
	const struct rehearsed_output *o = &e->r->rehearsal.outputs[number];
	const struct rules *rules = e->r->set.rules;
	const struct schema_type *type = rules_canonical_type(rules, o->type);

	printf("\n%zu  %s%s%s\n", number + 1, type->name,
	    o->mapping == NULL ? "" : cmd_say(e->r->call, " by ", " por "),
	    o->mapping == NULL ? "" : mapping_name(o->mapping));
	if (!e->why_not && e->only == NULL) {
		print_lineage(e, &o->lineage, NULL, type, o->payload);
	}
	if (e->only == NULL) {
		print_routes(e, o);
	}
	for (uint32_t a = 0; a < rules_agency_count(rules); a++) {
		const struct rules_agency *agency = rules_agency_at(rules, a);

		if (!explain_includes(e, o, agency)) {
			continue;
		}
		for (size_t i = explain_delivery(o, agency, SIZE_MAX); i != SIZE_MAX;
		     i = explain_delivery(o, agency, i)) {
			print_delivery(e, o, &o->deliveries[i]);
		}
		if (explain_delivery(o, agency, SIZE_MAX) == SIZE_MAX) {
			print_reasons(e, o, agency);
		}
	}
}

void
explain_text(struct explanation *e)
{
	const struct rehearsal *h = &e->r->rehearsal;
	const struct rehearsal_question *q = &e->r->question;
	char when[25];

	wall_format(q->recorded_ms, when);
	printf("%s %s %s, %s %s\n", q->type->name, cmd_say(e->r->call, "from", "de"), q->sender->name,
	    cmd_say(e->r->call, "recorded", "registrado"), when);
	for (size_t i = 0; i < h->output_count; i++) {
		print_output(e, i);
	}
	if (h->reason != REASON_NONE) {
		putchar('\n');
		(void)fflush(stdout); // the reason follows on stderr; whether this arrived is asked at the end
		(void)rehearsing_fault(e->r->call, h);
	}
}
