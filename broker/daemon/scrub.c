// SPDX-License-Identifier: Apache-2.0
// The start verifies the newest records alone; the older ones are verified here while the broker works, a piece at a time,
// by the thread that reads: neither LMDB nor the disk notices a flipped bit, and a backup is only as good as what it copied.
#include "daemon/daemon.h"

#include "base/limits.h"

void
scrub_begin(struct daemon *d, struct moment now)
{
	bool has_older = d->last_sequence > LIMIT_VERIFY_AT_START;

	d->scrub = (struct scrub){.next = 1,
	    .end = has_older ? d->last_sequence - LIMIT_VERIFY_AT_START : 0,
	    .at_start = d->last_sequence,
	    .all_verified_ms = has_older ? 0 : now.wall_ms};
}

enum en_err
scrub_tick(struct daemon *d, struct moment now)
{
	struct scrub *s = &d->scrub;
	uint64_t until = s->next + LIMIT_SCRUB_RECORDS - 1;
	enum en_err err;

	if (s->is_asked || s->next > s->end || now.monotonic_ms < s->next_ms) {
		return EN_OK;
	}
	s->next_ms = now.monotonic_ms + LIMIT_SCRUB_EVERY_MS;
	// In no lane: what is whole is looked at and not handed over.
	err = journal_read(d->journal, SCRUB_READ, s->next, until < s->end ? until : s->end, 0, 1);
	s->is_asked = err == EN_OK;
	return err == EN_EBUSY ? EN_OK : err;
}

void
scrub_take(struct daemon *d, const struct journal_event *event, struct moment now)
{
	struct scrub *s = &d->scrub;

	for (size_t i = 0; i < event->record_count; i++) {
		log_event(LOG_ERROR, "journal.quarantined", LOG_NUM("position", event->records[i].sequence),
		    LOG_TEXT("remedy", "its record is damaged: look at the disk, and at the backup of that time"));
	}
	s->damaged += event->record_count;
	s->is_asked = false;
	s->next = event->next;
	if (s->next > s->end) {
		s->all_verified_ms = now.wall_ms;
		log_event(s->damaged > 0 ? LOG_ERROR : LOG_INFO, "journal.verified", LOG_NUM("records", s->end),
		    LOG_NUM("damaged", s->damaged));
	}
}

enum en_err
scrub_tell(struct daemon *d, struct moment now)
{
	const struct scrub *s = &d->scrub;
	struct core_journal journal = {.verified = s->at_start - s->end + s->next - 1,
	    .at_start = s->at_start,
	    .all_verified_ms = s->all_verified_ms};
	struct core_input in = {.kind = INPUT_JOURNAL, .journal = &journal};

	journal_damage(d->journal, &journal.damage);
	return daemon_step(d, &in, now);
}
