// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.h"

#include <string.h>

#include "base/reason.h"

// ---- fields -------------------------------------------------------------------------------------------------------------

// The columns behind one part of a source, which is a path of the canonical event; NULL when nothing of it came from a column.
static const char *
columns_of(const struct lineage *canonical, const char *part)
{
	for (size_t i = 0; i < canonical->count; i++) {
		const struct map_trace *t = &canonical->items[i];
		const char *columns = t->source == NULL ? t->decided_by : t->source;

		if (columns != NULL && (path_is_below(t->native, part) || path_is_below(part, t->native))) {
			return columns;
		}
	}
	return NULL;
}

// "person.surname1, person.surname2" -> "APELLIDO_PATERNO, APELLIDO_MATERNO".
static const char *
all_columns(struct explanation *e, const struct lineage *canonical, const char *source)
{
	struct buf all = BUF_EMPTY;
	const char *kept = NULL;

	while (source != NULL && *source != '\0') {
		size_t len = strcspn(source, ",");
		const char *part = arena_text(&e->r->call->arena, view_of(source, len)),
			   *columns = part == NULL ? NULL : columns_of(canonical, part);

		if (columns != NULL) {
			buf_printf(&all, "%s%s", all.len == 0 ? "" : ", ", columns);
		}
		source += len;
		source += strspn(source, ", ");
	}
	if (all.len > 0) {
		kept = arena_text(&e->r->call->arena, buf_view(&all));
	}
	buf_fini(&all);
	return kept;
}

static const char *
value_of(struct explanation *e, const struct field_texts *fields, const char *path)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct field_text *f = &fields->items[i];

		if (path_is_same(f->path, path) && f->count > 0) {
			char *text = f->count == 1
			    ? arena_text(&e->r->call->arena, view_text(f->values[0]))
			    : arena_printf(&e->r->call->arena, "%s, ... (%zu)", f->values[0], f->count);

			if (text != NULL && !e->r->call->json) {
				printable(text); // a terminal obeys what it is sent
			}
			return text;
		}
	}
	return NULL;
}

struct explained_field *
explain_fields(struct explanation *e, const struct lineage *lineage, const struct lineage *canonical,
    const struct schema_type *type, struct view payload, size_t *ret_count)
{
	struct arena *arena = &e->r->call->arena;
	struct explained_field *fields = arena_zalloc(arena, (lineage->count + 1) * sizeof(*fields));
	struct field_texts texts = {.count = 0};

	*ret_count = 0;
	if (fields == NULL) {
		e->err = EN_ENOMEM;
		return NULL;
	}
	if (e->values && index_build(&e->index, type, payload, NULL) == EN_OK) {
		field_texts_of(&e->index, arena, &texts);
	}
	for (size_t i = 0; i < lineage->count; i++) {
		const struct map_trace *t = &lineage->items[i];

		// Items of a list are one field made by one line, unless different rows of a table made them.
		if (i > 0 && strcmp(t->target, t[-1].target) == 0 && t->table_row.line == t[-1].table_row.line) {
			continue;
		}
		fields[(*ret_count)++] = (struct explained_field){.trace = t,
		    .columns = canonical == NULL ? NULL : all_columns(e, canonical, t->source),
		    .value = e->values ? value_of(e, &texts, t->target) : NULL};
	}
	return fields;
}

// ---- agencies -------------------------------------------------------------------------------------------------------------

size_t
explain_delivery(const struct rehearsed_output *o, const struct rules_agency *agency, size_t from)
{
	for (size_t i = from == SIZE_MAX ? 0 : from + 1; o->deliveries != NULL && i < o->decision.recipient_count;
	     i++) {
		if (o->deliveries[i].decided->subscription->agency == agency) {
			return i;
		}
	}
	return SIZE_MAX;
}

bool
explain_receives(const struct rehearsed_output *o, const struct rules_agency *agency)
{
	for (size_t i = explain_delivery(o, agency, SIZE_MAX); i != SIZE_MAX; i = explain_delivery(o, agency, i)) {
		if (o->deliveries[i].reason == REASON_NONE) {
			return true;
		}
	}
	return false;
}

static bool
is_spoken_of(const struct rehearsed_output *o, const struct rules_agency *agency)
{
	for (size_t i = 0; i < o->notes.count; i++) {
		if (o->notes.items[i].agency == agency) {
			return true;
		}
	}
	return explain_delivery(o, agency, SIZE_MAX) != SIZE_MAX;
}

bool
explain_includes(const struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency)
{
	if (e->only != NULL) {
		return agency == e->only;
	}
	if (e->why_not) {
		return !explain_receives(o, agency) && agency != e->r->question.sender && !agency->is_operator;
	}
	return is_spoken_of(o, agency);
}

// Whether the route's send_to could mean that agency.
static bool
could_send_to(const struct rules *rules, const char *route, const struct rules_agency *agency)
{
	const struct conf_set *conf = rules_conf(rules);

	for (size_t r = 0; r < conf->route_count; r++) {
		const struct conf_route *c = conf->routes[r];

		for (size_t i = 0; strcmp(c->name.text, route) == 0 && i < c->send_to_count; i++) {
			const struct conf_recipient *to = &c->send_to[i];
			bool in_group = to->among.count == 0;

			for (size_t g = 0; g < to->among.count; g++) {
				for (size_t own = 0; own < agency->conf->groups.count; own++) {
					in_group = in_group ||
					    strcmp(to->among.items[g].text, agency->conf->groups.items[own].text) == 0;
				}
			}
			if (to->addressee ? in_group
					  : to->agency.text != NULL && strcmp(to->agency.text, agency->name) == 0) {
				return true;
			}
		}
	}
	return false;
}

static bool
concerns(const struct rules *rules, const struct decide_note *n, const struct rules_agency *agency)
{
	switch (n->kind) {
	case NOTE_ROUTE_HOLDS:
		return false;
	case NOTE_ROUTE_FALSE:
		return could_send_to(rules, n->route, agency);
	case NOTE_NOT_ADDRESSED:
		return n->agency == agency || could_send_to(rules, n->route, agency);
	default:
		return n->agency == agency;
	}
}

struct explained_reason *
explain_reasons(
    struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency, size_t *ret_count)
{
	struct explained_reason *reasons = arena_zalloc(&e->r->call->arena, (o->notes.count + 2) * sizeof(*reasons));

	*ret_count = 0;
	if (reasons == NULL) {
		e->err = EN_ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < o->notes.count; i++) {
		const struct decide_note *n = &o->notes.items[i];

		if (concerns(e->r->set.rules, n, agency)) {
			reasons[(*ret_count)++] =
			    (struct explained_reason){.note = n, .is_route_false = n->kind == NOTE_ROUTE_FALSE};
		}
	}
	if (*ret_count == 0) {
		*ret_count = 1; // no note: no route sends this message to it
	}
	return reasons;
}

// ---- sentences --------------------------------------------------------------------------------------------------------------

static const struct {
	const char *en, *es;
} notes[] = {
    [NOTE_ROUTE_HOLDS] = {"the route matches", "la ruta aplica"},
    [NOTE_ROUTE_FALSE] = {"the route's condition does not hold", "la condición de la ruta no se cumple"},
    [NOTE_NOT_ADDRESSED] = {"the route sends to the addressee, which it is not",
	"la ruta envía al destinatario del evento, que no es"},
    [NOTE_OWN_WORD] = {"nobody is told what it said itself", "a nadie se le dice lo que dijo"},
    [NOTE_NO_SUBSCRIPTION] = {"no subscription of it for this purpose receives this message",
	"ninguna suscripción suya para este fin recibe este mensaje"},
    [NOTE_FILTER_FALSE] = {"the filter of its subscription does not hold", "el filtro de su suscripción no se cumple"},
    [NOTE_NO_AGREEMENT] = {"no agreement with it for this purpose", "no hay convenio con ella para este fin"},
    [NOTE_NOT_FROM] = {"the agreement does not let this sender tell",
	"el convenio no permite que este remitente informe"},
    [NOTE_NOT_MADE] = {"the message cannot be made from what the agreement grants",
	"el mensaje no puede formarse con lo que el convenio permite"},
    [NOTE_READS] = {"the agreement does not grant a label that the route reads",
	"el convenio no permite una etiqueta que la ruta lee"},
    [NOTE_LAPSED] = {"the agreement is not valid at this time", "el convenio no está vigente en ese momento"},
    [NOTE_LEGAL_BASIS] = {"the event's legal basis is not one of the agreement's",
	"la base legal del evento no está en el convenio"},
    [NOTE_CONSENT] = {"consent", "consentimiento"},
    [NOTE_RECEIVES] = {"receives it", "lo recibe"},
    [NOTE_RECEIVES_ALREADY] = {"receives it already by an earlier route", "ya lo recibe por una ruta anterior"},
};

static const struct {
	const char *en, *es;
} consents[] = {
    [CONSENT_GIVEN] = {"given", "otorgado"},
    [CONSENT_UNCLEAR] = {"it cannot be understood, so it may say anything",
	"no se puede entender, así que puede decir cualquier cosa"},
    [CONSENT_REVOKED] = {"the person took it back", "la persona lo retiró"},
    [CONSENT_NONE] = {"there is none", "no lo hay"},
    [CONSENT_EXPIRED] = {"it has run out", "ya venció"},
    [CONSENT_NOT_SHARED] = {"sharing with other organisations was not agreed to",
	"no se aceptó compartir con otras instituciones"},
    [CONSENT_NOT_FOR_SERVICES] = {"the service was not agreed to", "no se aceptó el servicio"},
    [CONSENT_REFUSES_UNHCR] = {"UNHCR was refused", "se negó a ACNUR"},
    [CONSENT_NOT_NAMED] = {"the recipient is not one that the person named",
	"el destinatario no está entre los que nombró la persona"},
    [CONSENT_AUTHORITY_NOT_NAMED] = {"civil society may tell an authority only when the person named it",
	"la sociedad civil informa a una autoridad solo si la persona la nombró"},
};

const char *
explain_sentence(const struct explanation *e, const struct explained_reason *reason)
{
	const struct cmd_call *call = e->r->call;
	const struct decide_note *n = reason->note;

	if (n == NULL) {
		return cmd_say(call, "no route sends this message to it", "ninguna ruta le envía este mensaje");
	}
	const char *text = cmd_say(call, notes[n->kind].en, notes[n->kind].es);

	if (n->kind == NOTE_CONSENT) {
		const char *full = arena_printf(&e->r->call->arena, "%s: %s", text,
		    cmd_say(call, consents[n->consent].en, consents[n->consent].es));

		return full == NULL ? text : full;
	}
	if (n->path != NULL) {
		const char *full = arena_printf(&e->r->call->arena, "%s: %s", text, n->path);

		return full == NULL ? text : full;
	}
	return text;
}

const char *
explain_withheld(const struct explanation *e, const struct withheld_field *w)
{
	const char *text;

	if (w->by_person != NULL) {
		text = arena_printf(&e->r->call->arena, "%s (%s)",
		    cmd_say(e->r->call, "the person withheld it", "la persona lo reservó"), w->by_person);
	} else {
		text = arena_printf(&e->r->call->arena, "%s %s",
		    cmd_say(e->r->call, "the agreement does not grant", "el convenio no permite"),
		    w->label == LABEL_UNSPECIFIED || w->label >= LABEL_COUNT
			? cmd_say(e->r->call, "a field without a label", "un campo sin etiqueta")
			: label_name(w->label));
	}
	return text == NULL ? "" : text;
}
