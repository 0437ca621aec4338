// SPDX-License-Identifier: Apache-2.0
// What the fuzzers of payloads share: a line with the name of a type, then the payload. Seeds stay true when schemas are
// added; a name that is unknown stands for the fullest type that we ship.
#ifndef EN_TESTS_FUZZ_PAYLOAD_H
#define EN_TESTS_FUZZ_PAYLOAD_H

#include "fuzz/require.h"
#include "schema/json.h"

static inline const struct schema_type *
fuzz_type(const uint8_t *data, size_t size, struct view *ret_payload)
{
	static struct schema *schema;
	const uint8_t *end = memchr(data, '\n', size);
	size_t head = end == NULL ? 0 : (size_t)(end - data) + 1;
	const struct schema_type *type;

	if (schema == NULL) {
		struct findings findings;

		findings_init(&findings);
		require(schema_load_folder("build/schemas", &findings, &schema) == EN_OK);
		findings_fini(&findings);
	}
	*ret_payload = view_of(data + head, size - head);
	type = end == NULL ? NULL : schema_type_by_view(schema, view_of(data, head - 1));
	return type != NULL ? type : schema_type_by_name(schema, "enlace.v1.Referral");
}

#endif
