// SPDX-License-Identifier: Apache-2.0
// Damaged records as few ranges: what is lost together is one, and what is found again is there already.
#include <string.h>

#include "journal/journal_int.h"

void
damage_add(struct damage *d, uint64_t sequence)
{
	struct damage_range *at = d->ranges, *end = d->ranges + d->count;

	while (at < end && at->last + 1 < sequence) {
		at++;
	}
	if (at < end && at->first <= sequence && sequence <= at->last) {
		return;
	}
	if (at < end && at->last + 1 == sequence) {
		at->last = sequence;
		if (at + 1 < end && at[1].first == sequence + 1) {
			at->last = at[1].last;
			memmove(at + 1, at + 2, (size_t)(end - at - 2) * sizeof(*at));
			d->count--;
		}
	} else if (at < end && at->first == sequence + 1) {
		at->first = sequence;
	} else if (d->count == LIMIT_DAMAGE_RANGES) {
		d->is_more = true;
		return;
	} else {
		memmove(at + 1, at, (size_t)(end - at) * sizeof(*at));
		*at = (struct damage_range){.first = sequence, .last = sequence};
		d->count++;
	}
	d->records++;
}
