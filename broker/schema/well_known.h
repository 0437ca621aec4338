// SPDX-License-Identifier: Apache-2.0
// The messages of google/protobuf/*.proto that ProtoJSON writes in a form of their own (protobuf.dev, "ProtoJSON Format"), and the texts of
// those forms. Seconds and nanoseconds are those of the messages: of one sign in a duration, nanoseconds never below zero in a timestamp.
#ifndef EN_SCHEMA_WELL_KNOWN_H
#define EN_SCHEMA_WELL_KNOWN_H

#include "schema/schema.h"

// What the type is by its full name. *ret_is_sound: whether it has the fields of that message; nothing behind this page checks again.
enum schema_well_known well_known_of(const struct schema_type *t, bool *ret_is_sound);

// The type that an Any's type_url names: "type.googleapis.com/package.Message", the name behind the last slash. NULL when the url has no
// slash with something before it, or the schemas no such type.
const struct schema_type *well_known_any_type(const struct schema *schema, struct view url);

// Whether a Timestamp or a Duration may hold them.
bool timestamp_is_valid(int64_t seconds, int64_t nanos);
bool duration_is_valid(int64_t seconds, int64_t nanos);

// RFC 3339 with a T, a Z or an offset, to nine digits of a second, years 1 to 9999. False when it is anything else.
bool timestamp_from_text(struct view text, int64_t *ret_seconds, int32_t *ret_nanos);
// In UTC with 0, 3, 6 or 9 digits. False, and nothing appended, when the message allows no such values.
bool timestamp_to_text(int64_t seconds, int32_t nanos, struct buf *out);
// "-1.5s", to nine digits and 10,000 years.
bool duration_from_text(struct view text, int64_t *ret_seconds, int32_t *ret_nanos);
bool duration_to_text(int64_t seconds, int32_t nanos, struct buf *out);

// One path of a FieldMask: "fooBar.baz" <-> "foo_bar.baz". False, with part of it appended, when it would not come back the same.
bool mask_path_from_text(struct view camel, struct buf *out);
bool mask_path_to_text(struct view snake, struct buf *out);

#endif
