// SPDX-License-Identifier: Apache-2.0
// The rule set: agencies, mappings, routes, agreements, subscriptions, compiled together, checked on both sides, known by its digest.
// Immutable after rules_load; reference-counted (thread-safe), so that a reload swaps a pointer and sessions never notice.
//
//   inbound   which mappings fit an agency's event (agency schema -> canonical)
//   decide    one pure function: routes x addressees x subscriptions x agreements x consent -> recipients, purposes, deadlines, at the time
//             of recording
//   narrow    the same question for one recorded decision at delivery: it may only say less
//   view      the plan (canonical -> recipient's schema) for (mapping, grants), compiled once and shared by equal grants
//
// Deny is the default everywhere: an unknown field, label, agency, purpose or agreement means no (design 2.3). A delivery exists where the
// event is addressed or routed to an agency AND its subscription's purpose and filter fit AND an agreement grants it AND the consent allows it.
// No clock, random, file or socket after rules_load.
#ifndef EN_RULES_RULES_H
#define EN_RULES_RULES_H

#include "map/map.h"

struct rules;

enum agency_kind { AGENCY_AUTHORITY, AGENCY_UN, AGENCY_CIVIL_SOCIETY };

struct rules_agency {
	const char *name;
	enum agency_kind kind;
	uint32_t index;
	bool is_operator;
	const struct conf_agency *conf;
};

struct rules_subscription {
	const char *name;
	uint32_t index;
	const struct rules_agency *agency;
	const char *purpose;
	const struct schema_type *as;		// what deliveries carry
	bool continues_after_dead_letter;	// on_dead_letter: continue; otherwise the case is held
	const uint64_t *retry_after_ms;
	size_t retry_count;
	uint64_t give_up_ms;			// 0: never is not possible (lint)
	uint64_t oldest_waits_ms, nobody_attached_ms;	// alarms; 0: none
	uint32_t receives;			// a bit per enum canonical
	const struct conf_subscription *conf;
};

// The canonical messages, package enlace.v1.
enum canonical { CANONICAL_REFERRAL, CANONICAL_STATUS, CANONICAL_ALERT, CANONICAL_CONSENT, CANONICAL_COUNT };

// Loads dir (agencies/, agreements/, routes/, subscriptions/, mappings/, codes/) against the schema, which is referenced. Everything
// that lint knows is checked here: there is no second path. Warnings alone do not fail. EN_ECONFIG with findings otherwise.
// An empty or half-parsed policy is an error (security R68).
EN_MUST_CHECK enum en_err rules_load(const char *dir, struct schema *schema, struct findings *findings, struct rules **ret);
// What depends on the day: warnings for subscriptions whose every agreement has lapsed (W0603) or will within thirty days (W0604), and for code tables
// whose days do not include today (W0305). Apart, because loading knows no clock.
void rules_check_days(const struct rules *r, int64_t wall_ms, struct findings *findings);
struct rules *rules_ref(struct rules *r);
void rules_unref(struct rules **rp);

const uint8_t *rules_digest(const struct rules *r);	// 32 bytes
const struct schema *rules_schema(const struct rules *r);
const struct schema_type *rules_canonical_type(const struct rules *r, enum canonical c);
// CANONICAL_COUNT when the type is none.
enum canonical rules_canonical_of(const struct rules *r, const struct schema_type *t);
const struct rules_agency *rules_agency_by_name(const struct rules *r, const char *name);	// NULL
const struct rules_agency *rules_agency_at(const struct rules *r, uint32_t index);		// NULL past the end
uint32_t rules_agency_count(const struct rules *r);
const struct rules_subscription *rules_subscription_by_name(const struct rules *r, const char *name);	// NULL
const struct rules_subscription *rules_subscription_at(const struct rules *r, uint32_t index);	// NULL past the end
uint32_t rules_subscription_count(const struct rules *r);

// For tools that look at the files behind the rules.
const struct conf_set *rules_conf(const struct rules *r);
const struct mapping *rules_mapping_by_name(const struct rules *r, const char *name);	// of mappings/; NULL
// What the agreement lets its recipients know; false when there is none of that name.
bool rules_grants_of(const struct rules *r, const char *agreement, struct grants *ret);

// ---- authorisation: one pure function, no second path (security R69) ------------------------------------------------------------------
enum verb { VERB_PUBLISH, VERB_SOURCE, VERB_SUBSCRIBE, VERB_SCHEMA, VERB_OPERATE };
// what: for PUBLISH the message type, for SOURCE a source that the agency wants to use, for SUBSCRIBE the subscription's name, for SCHEMA the type, for OPERATE the operators' verb.
// source (PUBLISH only): the CloudEvents source, which must be one of the agency's. EN_OK or EN_EDENIED.
EN_MUST_CHECK enum en_err rules_may(const struct rules *r, const struct rules_agency *agency, enum verb verb, const char *what, const char *source);

// ---- inbound --------------------------------------------------------------------------------------------------------------------------
// The plans of every mapping from type t to a canonical message, in order of name. A canonical type has none: it passes as it is.
// Each plan's own `when` is part of plan_run. *ret_count 0: REASON_NO_MAPPING.
const struct plan *const *rules_inbound(const struct rules *r, const struct schema_type *t, size_t *ret_count);

// What the broker fills in of a ReferralStatus, because only it knows whose referral it is: fields to append to the payload, where the last one
// counts. Empty ones are left out.
struct status_facts {
	struct view source_case, source_service;
	const char *to_agency, *actor_agency;
	uint32_t previous_state;	// 0: none
};
void rules_complete_status(const struct rules *r, const struct status_facts *facts, struct buf *payload);

// ---- decide -----------------------------------------------------------------------------------------------------------------------------
// What was asked on the way to a decision, for explanations: a note for each question that was answered, in the order of asking.
enum note_kind {
	NOTE_ROUTE_HOLDS,	// the route's condition
	NOTE_ROUTE_FALSE,	// path and where: the term that does not hold
	NOTE_NOT_ADDRESSED,	// the route sends to whom the event is addressed: to nobody, or to one that it does not send to
	NOTE_OWN_WORD,		// nobody is told what it said itself
	NOTE_NO_SUBSCRIPTION,	// of this agency, for the route's purpose and this message
	NOTE_FILTER_FALSE,	// the subscription's; path and where as above
	NOTE_NO_AGREEMENT,	// of the agency for the purpose
	NOTE_NOT_FROM,		// the agreement does not let this sender tell
	NOTE_NOT_MADE,		// the message cannot be made from what the agreement grants
	NOTE_READS,		// the agreement does not grant what the route reads
	NOTE_LAPSED,		// the agreement is not valid then
	NOTE_LEGAL_BASIS,	// the event's is not one of the agreement's
	NOTE_CONSENT,		// consent says what is missing
	NOTE_RECEIVES,
	NOTE_RECEIVES_ALREADY,	// by an earlier route
};
enum consent_term {
	CONSENT_GIVEN, CONSENT_UNCLEAR, CONSENT_REVOKED, CONSENT_NONE, CONSENT_EXPIRED, CONSENT_NOT_SHARED, CONSENT_NOT_FOR_SERVICES,
	CONSENT_REFUSES_UNHCR, CONSENT_NOT_NAMED, CONSENT_AUTHORITY_NOT_NAMED
};
struct decide_note {
	enum note_kind kind;
	const char *route;
	const struct rules_agency *agency;		// NULL: about the route alone
	const struct rules_subscription *subscription;	// NULL
	const char *agreement;				// NULL
	const char *path;				// NULL
	struct where where;				// the line that said so; line 0: none
	enum consent_term consent;
};
struct decide_notes {	// zeroed by the caller; in the arena of the decision
	struct decide_note *items;
	size_t count, cap;
};

struct decide_input {
	const struct rules_agency *from;	// who sent the event
	enum canonical type;
	const struct index *canonical;		// the indexed canonical payload
	int64_t wall_ms;			// of recording
	struct view case_consent;		// the newest Consent of the case by a ConsentUpdate, as enlace.v1.Consent bytes; empty: none
	bool is_brokers;			// the broker itself speaks, about what `from` sent: so `from` may be told
	struct decide_notes *notes;		// NULL: nobody asks why
	struct cel_run **run;			// scratch for expressions, as in condition_ask; NULL: made and freed within the call
};

struct decided {
	const struct rules_subscription *subscription;
	const char *route, *agreement, *purpose;
	bool addressed;				// the event is addressed to this agency, also where the route names it
	int64_t acknowledge_by_ms, decide_by_ms;	// wall; 0: none
};

// Who was meant and gets nothing, and why: each agency once, with the reason that came furthest.
struct missed {
	const struct rules_agency *agency;	// never NULL; one with the name "" and index UINT32_MAX for an addressee that is no agency of these rules
	const char *route;		// NULL: the event is addressed to it, and no route that matched sends to its addressee
	enum reason reason;		// REASON_NO_RECIPIENT (route NULL), REASON_NO_SUBSCRIPTION (also: its filter said no), REASON_NO_AGREEMENT,
					// REASON_AGREEMENT_LAPSED, REASON_LEGAL_BASIS, REASON_CONSENT
	bool addressed;
};

enum if_nobody { NOBODY_HOLD, NOBODY_ALARM, NOBODY_FINE };

struct decision {
	struct decided *recipients;	// in the arena given; at most one per subscription (the first route by name wins)
	size_t recipient_count;
	struct missed *missed;
	size_t missed_count;
	enum if_nobody if_nobody;	// the most careful of the routes that matched, or the type's default (Referral, Alert: hold; ReferralStatus: alarm)
	// REASON_CONDITION_ERROR with route and field when a condition (the route's, or the filter of a subscription it leads to) could not be
	// decided: the event is held, and nobody is a recipient or missed.
	enum reason fault;
	const char *fault_route;
	char fault_path[256];
};
EN_MUST_CHECK enum en_err rules_decide(const struct rules *r, const struct decide_input *in, struct arena *arena, struct decision *ret);

// ---- at delivery ----------------------------------------------------------------------------------------------------------------------------
struct narrow_input {
	const struct rules_subscription *subscription;
	const struct rules_agency *from;
	const char *purpose, *agreement, *route;	// as decided
	enum canonical type;
	const struct index *canonical;
	struct view case_consent;
	int64_t wall_ms;			// now
};
// REASON_NONE: it may go, through *ret_plan, with *ret_masked (NULL-terminated, in the arena: what the person withheld; NULL: nothing).
// Otherwise why not, and it does not go: REASON_NO_SUBSCRIPTION, REASON_NO_AGREEMENT, REASON_AGREEMENT_LAPSED, REASON_LEGAL_BASIS, REASON_CONSENT; REASON_BUSY is lack of
// memory and decides nothing: ask again. subscription and from are of r. Neither the filter nor the route is asked again: what was due stays due. But
// whoever receives learns what the route read, as long as there is that route: where the agreement does not grant it any more, that is REASON_NO_AGREEMENT.
enum reason rules_narrow(const struct rules *r, const struct narrow_input *in, struct arena *arena, const struct plan **ret_plan, const char *const **ret_masked);

// Fields of the subscription's message that every agreement for it hides, for WELCOME and explanations: native names. Borrowed.
const char *const *rules_hidden_fields(const struct rules *r, const struct rules_subscription *s, size_t *ret_count);
// The same for one agreement, with labels.
const struct plan_hidden *rules_hidden_by(const struct rules *r, const struct rules_subscription *s, const char *agreement, enum canonical type, size_t *ret_count);

#endif
