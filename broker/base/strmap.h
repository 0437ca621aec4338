// SPDX-License-Identifier: Apache-2.0
// A hash map from text or bytes to a pointer: open addressing, keyed SipHash-like mixing per map, so that a peer who
// chooses keys cannot make it slow. Keys are copied into the map; values belong to the caller. One thread for
// writers.
#ifndef EN_BASE_STRMAP_H
#define EN_BASE_STRMAP_H

#include "base/bytes.h"

struct strmap {
	struct strmap_slot *slots;
	size_t count, cap;	// cap is 0 or a power of two
	size_t filled;		// slots that are not free: live ones and graves
	size_t recent;		// where strmap_get_again found its key
	uint64_t seed;
};

// Zeroed memory is an empty map with seed 0. seed: from the daemon's random source, or 0 where no peer chooses keys.
void strmap_init(struct strmap *m, uint64_t seed);
void strmap_fini(struct strmap *m);	// frees the keys; values are the caller's
// NULL when the key is not there.
void *strmap_get(const struct strmap *m, struct view key);
// The same, quicker when the key is the one that it found the last time. One thread, also while nobody writes.
void *strmap_get_again(struct strmap *m, struct view key);
// Sets or replaces; *ret_old (may be NULL) gets the value replaced or NULL. value must not be NULL. EN_ENOMEM leaves
// the map as it was.
EN_MUST_CHECK enum en_err strmap_put(struct strmap *m, struct view key, void *value, void **ret_old);
// Returns the value removed, NULL when there was none.
void *strmap_remove(struct strmap *m, struct view key);
// Walks in no particular order; *at starts as 0. False at the end. Do not change the map meanwhile (strmap_remove of
// the current key is allowed).
bool strmap_next(const struct strmap *m, size_t *at, struct view *ret_key, void **ret_value);

// The hash that the map uses, for other tables.
uint64_t hash_bytes(uint64_t seed, struct view v);
// The same with a key of 128 bits, for what is kept on a disk: of a payload that can be guessed it gives nothing away without
// the key.
uint64_t hash_keyed(const uint8_t key[16], struct view v);

#endif
