// SPDX-License-Identifier: Apache-2.0
// Messages as values: fields are read from the wire index when they are asked for; messages of well-known types are what the language makes of them.
#ifndef EN_EXPR_MESSAGE_H
#define EN_EXPR_MESSAGE_H

#include "expr/run.h"

// A message of the index as a value: Timestamp, Duration, wrappers, Struct, Value, ListValue and Any become times, scalars, maps, lists and what is
// inside. CEL_ERROR_ANY for an Any of no known type.
struct cel_value cel_value_of_message(struct cel_run *run, const struct index *ix, uint32_t number);
// The field's value, or its default when it does not occur: an empty list, map or message, null for wrappers, Any and Value.
struct cel_value message_field(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_field *f);
// What has() says: present, and not the default of a field without presence.
bool message_has(const struct index *ix, uint32_t number, const struct schema_field *f);
// An empty message of the type, or what the language makes of one.
struct cel_value message_empty(struct cel_run *run, const struct schema_type *t);
// A scalar from the bits of its node.
struct cel_value message_scalar(const struct schema_field *f, uint64_t bits);
// What such a field is when it does not occur.
struct cel_value message_default_scalar(const struct schema_field *f);
// Same type, same fields, equal values, and the same unknown fields in the same order.
bool message_equal(struct cel_run *run, struct cel_value a, struct cel_value b);

#endif
