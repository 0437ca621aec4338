// SPDX-License-Identifier: Apache-2.0
#include "core/state.h"

#include <stdlib.h>

#define BIT(state) (1u << (state))

const char *
referral_state_name(uint8_t state)
{
	static const char *const names[REFERRAL_STATE_COUNT] = {
	    "UNKNOWN",
	    "SUBMITTED",
	    "FAULT",
	    "DELIVERED",
	    "RECEIVED",
	    "ACCEPTED",
	    "DECLINED",
	    "IN_SERVICE",
	    "ON_HOLD",
	    "COMPLETED",
	    "FAILED",
	    "CANCELLED",
	    "REVOKED",
	    "EXPIRED",
	};

	return names[state < REFERRAL_STATE_COUNT ? state : REFERRAL_UNKNOWN];
}

bool
referral_may_move(uint8_t from, uint8_t to)
{
	static const unsigned int open_ended = BIT(REFERRAL_CANCELLED) | BIT(REFERRAL_REVOKED);
	static const unsigned int answers =
	    BIT(REFERRAL_RECEIVED) | BIT(REFERRAL_ACCEPTED) | BIT(REFERRAL_DECLINED) | BIT(REFERRAL_EXPIRED);
	static const unsigned int moves[] = {
	    [REFERRAL_SUBMITTED] = BIT(REFERRAL_DELIVERED) | BIT(REFERRAL_FAULT) | answers | open_ended,
	    [REFERRAL_DELIVERED] = answers | open_ended,
	    [REFERRAL_RECEIVED] = BIT(REFERRAL_ACCEPTED) | BIT(REFERRAL_DECLINED) | BIT(REFERRAL_EXPIRED) | open_ended,
	    [REFERRAL_EXPIRED] = BIT(REFERRAL_RECEIVED) | BIT(REFERRAL_ACCEPTED) | BIT(REFERRAL_DECLINED) | open_ended,
	    [REFERRAL_ACCEPTED] = BIT(REFERRAL_IN_SERVICE) | BIT(REFERRAL_ON_HOLD) | BIT(REFERRAL_COMPLETED) |
		BIT(REFERRAL_FAILED) | open_ended,
	    [REFERRAL_ON_HOLD] = BIT(REFERRAL_IN_SERVICE) | BIT(REFERRAL_FAILED) | open_ended,
	    [REFERRAL_IN_SERVICE] = BIT(REFERRAL_ON_HOLD) | BIT(REFERRAL_COMPLETED) | BIT(REFERRAL_FAILED) | open_ended,
	};

	return from < EN_COUNT_OF(moves) && to < 32 && (moves[from] & BIT(to)) != 0;
}

struct referral *
referral_new(struct view id, const struct agency_counts *from, struct view source_case, struct view source_service)
{
	struct referral *r = calloc(1, sizeof(*r) + id.len + 1);

	if (r == NULL) {
		return NULL;
	}
	memcpy(r->id, id.data, id.len);
	r->from = from;
	r->state = REFERRAL_SUBMITTED;
	r->source_case = view_dup(source_case);
	r->source_service = view_dup(source_service);
	if (r->source_case == NULL || r->source_service == NULL) {
		referral_free(&r);
	}
	return r;
}

void
referral_free(struct referral **rp)
{
	struct referral *r = *rp;

	*rp = NULL;
	if (r != NULL) {
		free(r->parties);
		free(r->source_case);
		free(r->source_service);
		free(r);
	}
}

bool
referral_has_party(const struct referral *r, const struct agency_counts *agency)
{
	for (uint16_t i = 0; i < r->party_count; i++) {
		if (r->parties[i].agency == agency) {
			return true;
		}
	}
	return r->from == agency;
}

void
referral_take(struct referral *r, const struct agency_counts *agency, uint64_t sequence)
{
	for (uint16_t i = 0; i < r->party_count; i++) {
		if (r->parties[i].agency == agency && r->parties[i].taken < sequence) {
			r->parties[i].taken = sequence;
		}
	}
}

bool
referral_was_taken(const struct referral *r, const char *agency, uint64_t sequence)
{
	for (uint16_t i = 0; i < r->party_count; i++) {
		if (strcmp(r->parties[i].agency->name, agency) == 0) {
			return r->parties[i].taken >= sequence;
		}
	}
	return false;
}

enum en_err
referral_add_party(struct referral *r, const struct agency_counts *agency)
{
	struct referral_party *grown;

	if (referral_has_party(r, agency) || r->party_count == UINT16_MAX) {
		return EN_OK;
	}
	grown = realloc(r->parties, (r->party_count + 1u) * sizeof(*grown));
	if (grown == NULL) {
		return EN_ENOMEM;
	}
	r->parties = grown;
	r->parties[r->party_count++] = (struct referral_party){.agency = agency};
	return EN_OK;
}
