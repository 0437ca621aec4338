// SPDX-License-Identifier: Apache-2.0
// Somebody else's protobuf, to be asked for a second opinion: C++ protobuf as Debian ships it (oracle_protobuf.cc), and upb from Debian's source of
// protobuf where `make fuzz` could fetch it (oracle_upb.c). Both are asked the same questions; what comes back is from malloc.
#ifndef EN_TESTS_FUZZ_ORACLE_H
#define EN_TESTS_FUZZ_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct oracle_bytes {
	char *data;
	size_t len;
};

struct oracle {
	const char *name;
	// Whether it takes a FileDescriptorSet, which must hold what it imports. *ret_pool is for the others, and for drop.
	bool (*take)(const char *set, size_t len, void **ret_pool);
	void (*drop)(void *pool);
	// Whether it takes a payload, required fields apart; and what it makes of it: one way to write each content, unknown fields kept.
	bool (*encode)(void *pool, const char *type, const char *payload, size_t len, struct oracle_bytes *ret);
	// JSON -> payload written as above.
	bool (*from_json)(void *pool, const char *type, const char *text, size_t len, struct oracle_bytes *ret);
	// Payload -> JSON.
	bool (*to_json)(void *pool, const char *type, const char *payload, size_t len, struct oracle_bytes *ret);
};

extern const struct oracle oracle_protobuf;
#ifdef WITH_UPB
extern const struct oracle oracle_upb;
#endif

// A set that C++ protobuf took, as protoc would have written it: every type said, every name whole, nothing that descriptor.proto does not know.
bool oracle_compiled_set(void *pool, const char *set, size_t len, struct oracle_bytes *ret);

#define ORACLE_DEPTH 100 // of ours: LIMIT_CODEC_DEPTH

#ifdef __cplusplus
}
#endif

#endif
