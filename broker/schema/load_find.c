// SPDX-License-Identifier: Apache-2.0
// How the fields of a type are found: by number, which is what payloads say, and by name, which is what people say.
#include "schema/load.h"

#define ENTRIES_MAX 1024U // numbers past that are looked for

// What the pass over a payload may do at once. Slowly: what asks for more than the field's own place (a oneof forgets its other members, a closed
// enum its unknown numbers, an entry of a map may turn out to be unknown), and what is rare.
static enum schema_take
take_of(const struct schema_field *f)
{
	if (f->oneof >= 0 || f->is_map) {
		return TAKE_SLOWLY;
	}
	switch (f->kind) {
	case KIND_STRING:
		return f->repeated ? TAKE_TEXTS : TAKE_TEXT;
	case KIND_BYTES:
		return f->repeated ? TAKE_SLOWLY : TAKE_BYTES;
	case KIND_MESSAGE:
		return f->repeated ? TAKE_MESSAGES : TAKE_MESSAGE;
	case KIND_GROUP:
		return TAKE_SLOWLY;
	case KIND_ENUM:
		return f->repeated || f->enumeration == NULL || f->enumeration->closed ? TAKE_SLOWLY : TAKE_VARINT;
	case KIND_BOOL:
		return f->repeated ? TAKE_SLOWLY : TAKE_BOOL;
	default:
		break;
	}
	enum wire_type wire = schema_wire_type(f->kind);

	return f->repeated ? TAKE_SLOWLY : wire == WIRE_VARINT ? TAKE_VARINT : wire == WIRE_I64 ? TAKE_I64 : TAKE_I32;
}

static bool
find_by_number(struct load *l, struct schema_type *t, struct schema_field *fields)
{
	uint32_t last = t->field_count == 0 ? 0 : fields[t->field_count - 1].number;
	uint32_t count = last < ENTRIES_MAX ? last + 1 : ENTRIES_MAX;

	count = count < SCHEMA_ENTRIES_MIN ? SCHEMA_ENTRIES_MIN : count;
	struct schema_entry *entries = arena_zalloc(&l->schema->arena, count * sizeof(*entries));

	for (uint32_t i = 0; entries != NULL && i < t->field_count; i++) {
		struct schema_field *f = &fields[i];

		f->slot = i;
		if (f->number < count) {
			entries[f->number] =
			    (struct schema_entry){.tag = f->number << 3 | (uint32_t)schema_wire_type(f->kind),
				.slot = (uint16_t)i,
				.take = (uint8_t)take_of(f),
				.kind = (uint8_t)f->kind};
		}
	}
	t->entries = entries;
	t->entry_count = count;
	return entries != NULL;
}

void
load_find(struct load *l, struct schema_type *t, struct schema_field *fields)
{
	if (!find_by_number(l, t, fields)) {
		l->err = EN_ENOMEM;
		return;
	}
	// The native name wins where one field's name is another's json_name.
	for (size_t i = 0; i < t->field_count; i++) {
		if (strmap_put(&t->by_name, view_text(fields[i].name), &fields[i], NULL) != EN_OK) {
			l->err = EN_ENOMEM;
		}
	}
	for (size_t i = 0; i < t->field_count; i++) {
		if (strmap_put(&t->by_name, view_text(fields[i].json_name), &fields[i], NULL) != EN_OK) {
			l->err = EN_ENOMEM;
		}
	}
}
