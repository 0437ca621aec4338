// SPDX-License-Identifier: Apache-2.0
// What the files of this folder share: the compiled rule set. Names are gone where a decision is made: agencies are numbers, sets of agencies are
// bits, labels are grants, days are instants. Everything hangs in the arena of struct rules and is immutable once rules_load has returned.
#ifndef EN_RULES_RULES_INT_H
#define EN_RULES_RULES_INT_H

#include <stdatomic.h>

#include "rules/rules.h"

// A bit per agency.
struct agency_set {
	uint64_t *words;
	bool any; // everybody; words is NULL
};

struct agreement {
	const char *name;
	const struct conf_agreement *conf;
	struct agency_set from, to;
	uint64_t legal_bases;			// a bit per number of enlace.v1.LegalBasis
	struct grants grants;
	int64_t from_ms, until_ms;		// wall; until_ms is the first instant after it
};

// How a subscription sees the canonical messages through one agreement.
struct agreement_view {
	const struct agreement *agreement;
	const struct plan *plans[CANONICAL_COUNT];	// NULL: not received
};

struct subscription {
	struct rules_subscription pub;
	struct condition *filters[CANONICAL_COUNT];	// NULL: none, or not received
	const struct mapping *mappings[CANONICAL_COUNT];	// to pub.as; NULL: not received
	struct agreement_view *views;				// one per agreement for its agency and purpose, by name
	size_t view_count;
	const char *const *hidden;
	size_t hidden_count;
};

struct agency {
	struct rules_agency pub;
	const char *const *sources;
	size_t source_count;
	struct subscription **subscriptions;	// by name
	size_t subscription_count;
};

struct recipient {
	const struct conf_recipient *conf;
	const struct agency *agency;	// NULL: the addressee
	struct agency_set among;	// of the addressee
};

struct route {
	const char *name, *purpose;
	const struct conf_route *conf;
	struct condition *conditions[CANONICAL_COUNT];	// NULL: not of this type
	struct recipient *recipients;
	size_t recipient_count;
};

struct inbound {
	const struct schema_type *type;
	const struct plan **plans;	// by the mapping's name
	size_t count;
};

struct plan_entry {	// plans are shared by equal (mapping, grants)
	const struct mapping *mapping;
	struct grants grants;
	struct plan *plan;
};

// The fields that decisions read, looked up once. NULL where a message has no such field.
struct canonical_fields {
	const struct schema_type *type;
	const struct schema_field *legal_basis, *consent, *person, *kind;
	const struct schema_field *addressee[2];	// the way to the addressee's name; [1] NULL when [0] is the name itself
};
struct consent_fields {
	const struct schema_type *type;
	const struct schema_field *for_services, *share, *share_unhcr, *recipients, *withheld, *valid_to, *valid_to_ms, *revoked_at;
	int32_t yes, no;
	int32_t basis_consent, basis_vital, basis_obligation;
	int32_t kind_transfer, kind_transfer_request;
};

struct rules {
	atomic_size_t references;
	struct arena arena;
	struct conf_set *conf;
	struct schema *schema;
	struct code_tables *tables;
	uint8_t digest[32];

	struct canonical_fields canonical[CANONICAL_COUNT];
	struct consent_fields consent;

	struct agency *agencies;	// all by name
	struct agreement *agreements;
	struct subscription *subscriptions;
	struct route *routes;
	size_t agency_count, agreement_count, subscription_count, route_count;
	struct strmap agency_names, subscription_names;
	struct agency unknown_agency;	// stands for an addressee that is none of these

	struct mapping **mappings;	// of conf's mappings, NULL where one did not compile; then identities
	size_t mapping_count, mapping_cap;
	struct inbound *inbound;
	size_t inbound_count;
	struct plan_entry *plans;
	size_t plan_count, plan_cap;
};

// ---- loading: each adds its findings and goes on; err is EN_ENOMEM, sticky ----------------------------------------------------------------
struct loading {
	struct rules *rules;
	struct findings *findings;
	const char *dir;
	enum en_err err;
};

// Zeroed memory in the rules' arena, also for nothing; NULL sets l->err.
void *load_array(struct loading *l, size_t count, size_t size);
// The name's place in what is known, with a finding and the nearest name otherwise.
enum canonical load_canonical_name(struct loading *l, const struct conf_text *name, enum finding_code code);
const struct agency *load_agency_name(struct loading *l, const struct conf_text *name, enum finding_code code);
enum label load_label_name(struct loading *l, const struct conf_text *name, enum finding_code code);

// The condition for messages of that type; NULL after findings.
struct condition *load_condition(struct loading *l, const struct conf_condition *conf, enum canonical type);

void load_canonical(struct loading *l);		// consent.c: before everything else
void load_agencies(struct loading *l);		// agency.c
void load_agreements(struct loading *l);	// agreement.c
void load_mappings(struct loading *l);		// view.c
void load_subscriptions(struct loading *l);	// subscription.c
void load_routes(struct loading *l);		// route.c
void load_views(struct loading *l);		// view.c
void check_rules(struct loading *l);		// check.c: what can only be said about all together

// ---- agency.c -------------------------------------------------------------------------------------------------------------------------------
const struct agency *agency_by_view(const struct rules *r, struct view name);
static inline const struct agency *
agency_of(const struct rules *r, const struct rules_agency *pub)
{
	return pub->index < r->agency_count ? &r->agencies[pub->index] : NULL;
}
bool agency_set_make(struct loading *l, struct agency_set *set);
void agency_set_add(struct agency_set *set, const struct agency *a);
bool agency_set_has(const struct agency_set *set, const struct rules_agency *a);
bool agency_has_group(const struct agency *a, const char *group);
// Whether a list of texts holds one.
bool list_has(const struct conf_list *list, const char *text);

// ---- route.c ----------------------------------------------------------------------------------------------------------------------------
// Whether the route can send such messages to the subscription: for its purpose, to its agency by name or as an addressee.
bool route_leads_to(const struct route *route, enum canonical type, const struct subscription *s);

// ---- agreement.c ------------------------------------------------------------------------------------------------------------------------
// Whether it is for this purpose.
bool agreement_is_for(const struct agreement *a, const char *purpose);
bool agreement_is_valid(const struct agreement *a, int64_t wall_ms);

// ---- reading.c: conditions disclose what they read ----------------------------------------------------------------------------------------
// Whether somebody with these grants may be told by receiving that the condition held.
bool reading_is_granted(const struct condition *c, const struct grants *grants);
// The path that made condition_holds say CONDITION_ERROR; "" when none did.
const char *reading_fault(const struct condition *c, const struct index *ix, const struct condition_ask *ask);
// The first term that does not hold, as written, and its place; NULL when all do.
const char *reading_refusal(const struct condition *c, const struct index *ix, const struct condition_ask *ask, struct where *ret_where);

// ---- consent.c --------------------------------------------------------------------------------------------------------------------------
// What the event and the case say about consent; pointers go into the payloads and the arena.
struct consent_facts {
	bool has_basis;			// the message has a legal basis at all
	int32_t basis;			// 0: not said
	bool needs_basis;		// something personal is in it
	bool is_transfer;
	bool is_referral;
	bool has_consent;
	bool for_services, share, refuses_unhcr;	// YES, YES, NO
	bool is_revoked, is_expired;
	bool is_unclear;		// it withholds something that no vocabulary knows, or cannot be read
	struct view *recipients;
	size_t recipient_count;
	const char *const *masked;	// NULL-terminated, or NULL
};
EN_MUST_CHECK enum en_err consent_read(const struct rules *r, enum canonical type, const struct index *ix, struct view case_consent, int64_t wall_ms,
    struct arena *arena, struct consent_facts *ret);
// REASON_NONE, REASON_LEGAL_BASIS, or REASON_CONSENT for *ret_term.
enum reason consent_allows(const struct rules *r, const struct consent_facts *facts, const struct rules_agency *from, const struct rules_agency *to,
    const struct agreement *agreement, enum consent_term *ret_term);
// The addressee's name in the message; empty when there is none.
struct view addressee_of(const struct rules *r, enum canonical type, const struct index *ix);

// ---- view.c -------------------------------------------------------------------------------------------------------------------------------
const struct agreement_view *view_by_agreement(const struct subscription *s, const char *agreement);

static inline struct subscription *
subscription_of(const struct rules *r, const struct rules_subscription *pub)
{
	return pub->index < r->subscription_count ? &r->subscriptions[pub->index] : NULL;
}

#endif
