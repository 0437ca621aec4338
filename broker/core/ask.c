// SPDX-License-Identifier: Apache-2.0
// What an agency may ask about itself: STATUS and SCHEMA (ENL-039, ENL-040). Answers stand in line with what was
// promised, so that STATUS never tells of what is not durable.
#include "core/engine.h"

#define HELD_MAX 100

bool
session_may_ask(struct core *c, struct session *s)
{
	if (c->now.monotonic_ms - s->asked_since_ms >= 1000) {
		s->asked_since_ms = c->now.monotonic_ms;
		s->asked = 0;
	}
	return ++s->asked <= LIMIT_QUESTIONS_PER_SECOND;
}

static enum en_err
status_held(struct core *c, const struct session *s, Enlace__V1__Status *out)
{
	Enlace__V1__HeldInput *held = arena_alloc(&c->scratch, HELD_MAX * sizeof(*held));
	Enlace__V1__HeldInput **list = arena_alloc(&c->scratch, HELD_MAX * sizeof(*list));

	if (held == NULL || list == NULL) {
		return EN_ENOMEM;
	}
	out->held = list;
	for (size_t i = 0; i < c->state.held.count; i++) {
		const struct held *h = c->state.held.items[i];

		if (strcmp(h->agency, s->agency) != 0) {
			continue;
		}
		out->held_total++;
		if (out->n_held < HELD_MAX) {
			Enlace__V1__HeldInput *o = &held[out->n_held];

			enlace__v1__held_input__init(o);
			o->source = h->source;
			o->id = h->id;
			o->position = h->sequence;
			o->code = (char *)(uintptr_t)reason_code((enum reason)h->reason);
			o->field = h->field;
			o->since_ms = h->since_ms;
			list[out->n_held++] = o;
		}
	}
	return EN_OK;
}

static enum en_err
status_subscriptions(struct core *c, const struct session *s, Enlace__V1__Status *out)
{
	uint32_t count = rules_subscription_count(c->rules);
	Enlace__V1__SubscriptionStatus *all = arena_alloc(&c->scratch, (count + 1) * sizeof(*all));
	Enlace__V1__SubscriptionStatus **list = arena_alloc(&c->scratch, (count + 1) * sizeof(*list));

	if (all == NULL || list == NULL) {
		return EN_ENOMEM;
	}
	out->subscriptions = list;
	for (uint32_t i = 0; i < count; i++) {
		const struct rules_subscription *rules = rules_subscription_at(c->rules, i);
		struct subscription_state *state = strcmp(rules->agency->name, s->agency) == 0
		    ? state_subscription(&c->state, view_text(rules->name))
		    : NULL;
		Enlace__V1__SubscriptionStatus *o = &all[out->n_subscriptions];

		if (state == NULL) {
			continue;
		}
		enlace__v1__subscription_status__init(o);
		o->subscription = state->name;
		o->waiting = subscription_pending(state);
		o->oldest_ms = subscription_oldest_ms(state);
		o->dead_letters = state->dead_count;
		o->attached = state->reader != NULL;
		list[out->n_subscriptions++] = o;
	}
	return EN_OK;
}

enum en_err
session_status(struct core *c, struct session *s)
{
	Enlace__V1__Status out = ENLACE__V1__STATUS__INIT;
	const struct agency_counts *counts = state_agency(&c->state, view_text(s->agency));
	const struct core_key *key = core_key_of(c, s->subject);
	enum en_err err = status_held(c, s, &out);

	if (err == EN_OK) {
		err = status_subscriptions(c, s, &out);
	}
	if (counts != NULL) {
		out.last_recorded_position = counts->last_position;
		out.last_recorded_ms = counts->last_recorded_ms;
	}
	out.key_expires_ms = key == NULL ? 0 : key->valid_to_ms;
	if (err == EN_OK) {
		err = core_promise(c, s, FRAME_STATUS, &out.base, 0, THEN_NOTHING);
	}
	// Of a list that does not fit into the client's frames the oldest are told; held_total says how many there are.
	while (err == EN_ELIMIT && out.n_held > 0) {
		out.n_held /= 2;
		err = core_promise(c, s, FRAME_STATUS, &out.base, 0, THEN_NOTHING);
	}
	return err == EN_ELIMIT ? core_error(c, s->peer, s->form, REASON_OVERSIZE, "", FRAME_STATUS) : err;
}

static bool
may_see(const struct core *c, const struct rules_agency *agency, const char *type)
{
	return rules_may(c->rules, agency, VERB_SCHEMA, type, NULL) == EN_OK;
}

// By digest: one of its own types whose descriptor set has it.
static const struct schema_type *
by_digest(const struct core *c, const struct rules_agency *agency, const char *text)
{
	const struct schema *schema = rules_schema(c->rules);
	size_t count;
	const char *const *names = schema_type_names(schema, &count);
	uint8_t wanted[32], digest[32];

	if (!hex_get(view_text(text), wanted, sizeof(wanted))) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const struct schema_type *type =
		    may_see(c, agency, names[i]) ? schema_type_by_name(schema, names[i]) : NULL;

		if (type != NULL && schema_descriptor_set(schema, type, digest).len > 0 &&
		    memcmp(digest, wanted, sizeof(wanted)) == 0) {
			return type;
		}
	}
	return NULL;
}

enum en_err
session_schema(struct core *c, struct session *s, const Enlace__V1__Schema *asked)
{
	const struct rules_agency *agency = rules_agency_by_name(c->rules, s->agency);
	const struct schema *schema = rules_schema(c->rules);
	Enlace__V1__Schema out = ENLACE__V1__SCHEMA__INIT;
	const struct schema_type *type;
	struct buf hex = BUF_EMPTY;
	uint8_t digest[32];
	struct view set;
	enum en_err err;

	// Whether a foreign type exists is nobody's business.
	if (asked->type[0] != '\0' && !may_see(c, agency, asked->type)) {
		return core_error(c, s->peer, s->form, REASON_NOT_PERMITTED, "type", FRAME_SCHEMA);
	}
	type = asked->type[0] != '\0' ? schema_type_by_name(schema, asked->type) : by_digest(c, agency, asked->digest);
	if (type == NULL) {
		return core_error(c, s->peer, s->form, REASON_SCHEMA_UNKNOWN,
		    asked->type[0] != '\0' ? "type" : "digest", FRAME_SCHEMA);
	}
	set = schema_descriptor_set(schema, type, digest);
	hex_put(&hex, view_of(digest, sizeof(digest)));
	out.type = (char *)(uintptr_t)type->name;
	out.digest = (char *)(uintptr_t)buf_cstr(&hex);
	out.descriptor_set.data = (uint8_t *)(uintptr_t)set.data;
	out.descriptor_set.len = set.len;
	err = hex.err != EN_OK ? hex.err : core_promise(c, s, FRAME_SCHEMA, &out.base, 0, THEN_NOTHING);
	buf_fini(&hex);
	return err == EN_ELIMIT ? core_error(c, s->peer, s->form, REASON_OVERSIZE, "type", FRAME_SCHEMA) : err;
}
