// SPDX-License-Identifier: Apache-2.0
#include "core/fold.h"

#define BIT(state) (1u << (state))

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
