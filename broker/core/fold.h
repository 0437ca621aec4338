// SPDX-License-Identifier: Apache-2.0
// The referral's states and the moves that the state machine of domain.md 1.4 allows. Numbers are those of enlace.v1.ReferralState.
#ifndef EN_CORE_FOLD_H
#define EN_CORE_FOLD_H

#include "base/bytes.h"

enum referral_state {
	REFERRAL_UNKNOWN, REFERRAL_SUBMITTED, REFERRAL_FAULT, REFERRAL_DELIVERED, REFERRAL_RECEIVED, REFERRAL_ACCEPTED, REFERRAL_DECLINED,
	REFERRAL_IN_SERVICE, REFERRAL_ON_HOLD, REFERRAL_COMPLETED, REFERRAL_FAILED, REFERRAL_CANCELLED, REFERRAL_REVOKED, REFERRAL_EXPIRED
};

// Receivers do skip RECEIVED, and answer before our own DELIVERED is known: both are allowed. EXPIRED is a flag that escalates; it ends nothing.
bool referral_may_move(uint8_t from, uint8_t to);

#endif
