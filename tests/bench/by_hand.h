// SPDX-License-Identifier: Apache-2.0
// The reference job of the translation bench (translate/referral.proto) as people write it by hand today: parse into objects, copy field by field,
// serialise. Each returns the length of what it wrote to dst, 0 when the acta could not be read. All make the same bytes.
#ifndef EN_TESTS_BENCH_BY_HAND_H
#define EN_TESTS_BENCH_BY_HAND_H

#include <stddef.h>
#include <stdint.h>

#define BY_HAND_ROOM 4096

#ifdef __cplusplus
extern "C" {
#endif
// protobuf-c, with malloc.
size_t by_hand_malloc(const uint8_t *acta, size_t len, uint8_t *dst);
// protobuf-c, with an allocator that only counts up and is reset between events: the fastest that is known by hand.
size_t by_hand_arena(const uint8_t *acta, size_t len, uint8_t *dst);
// C++ on protobuf, messages reused from event to event.
size_t by_hand_cpp(const uint8_t *acta, size_t len, uint8_t *dst);
// No translation at all: one pass over the wire that copies every field with its tag, nothing checked but lengths.
size_t bare_copy(const uint8_t *acta, size_t len, uint8_t *dst);
#ifdef __cplusplus
}
#endif

#endif
