// SPDX-License-Identifier: Apache-2.0
// What the differential fuzzers share: the oracles there are, the schemas of tests/unit/schema loaded by ours and by each of them, and a way to end
// that says who disagrees about what.
#ifndef EN_TESTS_FUZZ_DIFF_H
#define EN_TESTS_FUZZ_DIFF_H

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "fuzz/oracle.h"
#include "schema/json.h"

static const struct oracle *const oracles[] = {
    &oracle_protobuf,
#ifdef WITH_UPB
    &oracle_upb,
#endif
};
#define ORACLES (sizeof(oracles) / sizeof(oracles[0]))

struct diff {
	struct schema *schema;
	void *pools[ORACLES];
};

// Ends the run: libFuzzer keeps the input.
static inline void
disagree(const char *who, const char *what, const char *detail)
{
	fprintf(stderr, "enlace and %s disagree: %s %s\n", who, what, detail);
	abort();
}

static inline const struct diff *
diff_load(void)
{
	static struct diff diff;
	struct findings findings;
	struct buf set = BUF_EMPTY;

	if (diff.schema != NULL) {
		return &diff;
	}
	findings_init(&findings);
	if (schema_load_file("build/schemas/test/schema.binpb", NULL, &findings, &diff.schema) != EN_OK ||
	    buf_read_file(&set, "build/schemas/test/schema.binpb", LIMIT_DESCRIPTOR_SET_BYTES) != EN_OK) {
		abort();
	}
	findings_fini(&findings);
	for (size_t i = 0; i < ORACLES; i++) {
		if (!oracles[i]->take((const char *)set.data, set.len, &diff.pools[i])) {
			disagree(oracles[i]->name, "it refuses", "the schemas of tests/unit/schema");
		}
	}
	buf_fini(&set);
	return &diff;
}

// The first byte says which type; the rest is the payload or the text.
static inline const struct schema_type *
diff_type(const struct diff *d, const uint8_t *data, size_t size, struct view *ret_rest)
{
	static const char *const types[] = {
	    "probe.v1.Whole", "old.v1.Old", "shapes.v1.Shapes", "probe.v1.Leaf", "shapes.v1.Wide"};

	*ret_rest = size == 0 ? VIEW_EMPTY : view_of(data + 1, size - 1);
	return schema_type_by_name(d->schema, types[size == 0 ? 0 : data[0] % EN_COUNT_OF(types)]);
}

static inline void
diff_show(const char *whose, struct oracle_bytes bytes)
{
	fprintf(stderr, "%s:", whose);
	for (size_t i = 0; i < bytes.len; i++) {
		fprintf(stderr, " %02x", (unsigned char)bytes.data[i]);
	}
	fputc('\n', stderr);
}

// What upb of 3.21 does not read well: an entry of a map that holds a field nobody knows, or a number that its closed enum does not (it loses its
// place in the bytes; C++ protobuf's dynamic messages keep such an entry beside the others instead of apart); and a message where a group should be.
static inline bool
is_odd(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->message_count; i++) {
		const struct index_message *m = &ix->messages[i];

		if (m->type->is_map_entry && m->unknown != INDEX_NONE) {
			return true;
		}
		for (uint32_t u = m->unknown; u != INDEX_NONE; u = ix->elements[u].next) {
			const struct schema_field *f = schema_field_by_number(m->type, ix->elements[u].tag >> 3);

			if (f != NULL && schema_is_message(f)) {
				return true;
			}
		}
	}
	return false;
}

// A number that a closed enum does not know. upb takes an extension with one for present and zero.
static inline bool
has_unheard_number(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->message_count; i++) {
		for (uint32_t u = ix->messages[i].unknown; u != INDEX_NONE; u = ix->elements[u].next) {
			const struct schema_field *f =
			    schema_field_by_number(ix->messages[i].type, ix->elements[u].tag >> 3);

			if (f != NULL && f->kind == KIND_ENUM) {
				return true;
			}
		}
	}
	return false;
}

// Others read the form of a well-known type out of whatever stands in it.
static inline bool
has_more_than_known(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->message_count; i++) {
		if (ix->messages[i].type->well_known != WELL_KNOWN_NONE && ix->messages[i].unknown != INDEX_NONE) {
			return true;
		}
	}
	return false;
}

// A Value holds no such number, says struct.proto; the others write it as a text that comes back as a text.
static inline bool
has_infinite_value(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->message_count; i++) {
		const struct index_message *m = &ix->messages[i];

		for (uint32_t k = 0; m->type->well_known == WELL_KNOWN_VALUE && k < m->type->field_count; k++) {
			const struct index_node *n = index_last(ix, i, &m->type->fields[k]);

			if (n != NULL && m->type->fields[k].kind == KIND_DOUBLE && (n->bits >> 52 & 0x7ff) == 0x7ff) {
				return true;
			}
		}
	}
	return false;
}

static inline bool
is_same(struct oracle_bytes a, struct oracle_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

#endif
