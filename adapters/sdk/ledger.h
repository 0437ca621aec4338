// SPDX-License-Identifier: Apache-2.0
// The ledger: what was sent, and what was taken, known by a hash of its key, with a hash of its content, a revision and a short text (the recipient's own
// number). A table in memory over an append-only file with a checksum per row; rewritten at open when most of it is superseded or older than what is
// kept, or when a row of it was damaged, which costs that row and is told. It holds keyed hashes and references only, no value of a record.
//
// One thread. Rows are written by ledger_sync, and not before: a row that is on the disk says that its event is too, so the spool is synced first.
// Losing the ledger loses no event: what was sent is sent again under the same id, and the broker answers duplicate.
#ifndef ENLACE_SDK_LEDGER_H
#define ENLACE_SDK_LEDGER_H

#include "base/arena.h"
#include "base/strmap.h"

#define LEDGER_KEY_BYTES 16

struct ledger;

struct ledger_row {
	uint8_t key[LEDGER_KEY_BYTES], content[LEDGER_KEY_BYTES];
	uint32_t revision;
	int64_t time_ms;
	char text[129];
};

// Rows older than keep_ms before now_ms are forgotten at open.
EN_MUST_CHECK enum en_err ledger_open(const char *path, int64_t now_ms, uint64_t keep_ms, struct ledger **ret);
void ledger_close(struct ledger **lp);
// The row that came last under that key; NULL when the key is not there; borrowed until the next put.
const struct ledger_row *ledger_get(const struct ledger *l, const uint8_t key[LEDGER_KEY_BYTES]);
// Whether a row of that key ever had that content.
bool ledger_has(const struct ledger *l, const struct ledger_row *row);
// Adds or replaces, in memory. EN_ENOMEM: nothing changed.
EN_MUST_CHECK enum en_err ledger_put(struct ledger *l, const struct ledger_row *row);
// Makes what was put durable. EN_EFULL on a full disk: it is kept for the next call, and the file is as it was. EN_EIO.
EN_MUST_CHECK enum en_err ledger_sync(struct ledger *l);
size_t ledger_count(const struct ledger *l);	// of keys

#endif
