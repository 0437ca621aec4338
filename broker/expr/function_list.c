// SPDX-License-Identifier: Apache-2.0
// Sizes, concatenation, what comprehensions put into maps, optional values, base64.
#include "expr/function_int.h"

#include "expr/message.h"
#include "base/base64.h"

#define UNUSED (void)run

// ---- sizes and concatenation ----------------------------------------------------------------------------------------

// Of bytes, a list or a map.
void
cel_size(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(args[0].n);
}

void
cel_add_text(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	size_t len = (size_t)args[0].n + args[1].n;
	uint8_t *both = run_alloc(run, len);

	if (both == NULL) {
		return;
	}
	if (args[0].n > 0) {
		memcpy(both, args[0].bytes, args[0].n);
	}
	if (args[1].n > 0) {
		memcpy(both + args[0].n, args[1].bytes, args[1].n);
	}
	*ret = (struct cel_value){.kind = args[0].kind, .n = (uint32_t)len, .bytes = both};
}

void
cel_add_list(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct cel_value list = args[0];

	for (uint32_t i = 0; i < args[1].n; i++) {
		if (!run_charge(run, 1) || !cel_list_append(&run->arena, &list, cel_list_items(args[1])[i])) {
			run_exhausted(run);
			return;
		}
	}
	*ret = list;
}

// ---- maps -----------------------------------------------------------------------------------------------------------

static struct cel_value
insert(struct cel_run *run, struct cel_value map, struct cel_value key, struct cel_value value)
{
	if (!cel_is_key(key)) {
		return cel_error(CEL_ERROR_KEY_TYPE);
	}
	(void)run_charge_text(run, key);
	if (cel_map_get(map, key) != NULL) {
		return cel_error(CEL_ERROR_REPEATED_KEY);
	}
	if (!run_charge(run, 1) || !cel_map_append(&run->arena, &map, key, value)) {
		run_exhausted(run);
	}
	return map;
}

void
cel_map_insert(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = insert(run, args[0], args[1], args[2]);
}

void
cel_map_insert_map(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct cel_value map = args[0];

	for (uint32_t i = 0; i < args[1].n && map.kind == CEL_MAP && run->err == EN_OK; i++) {
		map = insert(run, map, cel_map_entries(args[1])[i].key, cel_map_entries(args[1])[i].value);
	}
	*ret = map;
}

// ---- optional values ------------------------------------------------------------------------------------------------

void
cel_optional_of(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = run_optional(run, args[0]);
}

static bool
is_zero_message(struct cel_value v)
{
	const struct schema_type *t = cel_message_type(v);

	for (uint32_t i = 0; i < t->field_count; i++) {
		if (message_has(v.index, v.n, &t->fields[i])) {
			return false;
		}
	}
	return v.index->messages[v.n].unknown == INDEX_NONE;
}

static bool
is_zero(struct cel_value v)
{
	switch (v.kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL:
		return !v.boolean;
	case CEL_INT:
	case CEL_UINT:
		return v.integer == 0;
	case CEL_DOUBLE:
		return v.number == 0;
	case CEL_STRING:
	case CEL_BYTES:
	case CEL_LIST:
	case CEL_MAP:
		return v.n == 0;
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		return v.integer == 0 && v.n == 0;
	case CEL_ENUM:
		return v.n == 0;
	case CEL_OPTIONAL:
		return v.inner == NULL;
	case CEL_MESSAGE:
		return is_zero_message(v);
	default:
		return false;
	}
}

void
cel_optional_of_non_zero(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = is_zero(args[0]) ? (struct cel_value){.kind = CEL_OPTIONAL} : run_optional(run, args[0]);
}

void
cel_optional_none(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	(void)args;
	*ret = (struct cel_value){.kind = CEL_OPTIONAL};
}

void
cel_optional_has_value(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_bool(args[0].inner != NULL);
}

void
cel_optional_value(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = args[0].inner == NULL ? cel_error(CEL_ERROR_NO_VALUE) : *args[0].inner;
}

// ---- base64 ---------------------------------------------------------------------------------------------------------

void
cel_base64_encode(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	buf_clear(&run->scratch);
	base64_encode(cel_text(args[0]), &run->scratch);
	*ret = run_scratch(run, CEL_STRING);
}

void
cel_base64_decode(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge_text(run, args[0]);
	buf_clear(&run->scratch);
	if (!base64_decode(cel_text(args[0]), &run->scratch)) {
		*ret = cel_error(CEL_ERROR_CONVERSION);
		return;
	}
	*ret = run_scratch(run, CEL_BYTES);
}
