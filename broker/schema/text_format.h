// SPDX-License-Identifier: Apache-2.0
// Payload bytes <-> protobuf text format, by schema: what `protoc --encode` reads and `protoc --decode` writes, over types that are loaded at run time.
//
// Reading follows the language of protobuf.dev/reference/protobuf/textformat-spec: comments, both message brackets, lists, adjacent strings, every escape,
// hexadecimal and octal numbers, extensions in brackets, an Any with its content written out. A singular field or a second member of a oneof that stands
// twice is refused. Zeros of fields without presence are left out, as nobody could tell them from absent ones. Fields are appended in the order of the
// text, repeated ones unpacked: index_encode makes the canonical form.
//
// Writing puts texts as UTF-8 and other bytes as octal escapes, two blanks of indentation, fields by number. An unknown field has no name; when it is
// asked for it is written by its number, as protoc does, and nothing reads that again.
#ifndef EN_SCHEMA_TEXT_FORMAT_H
#define EN_SCHEMA_TEXT_FORMAT_H

#include "schema/json.h"

// Appends payload bytes to out. The fault's path is in names of the schema.
EN_MUST_CHECK enum en_err text_to_payload(
    const struct schema_type *t, struct view text, struct buf *out, struct json_fault *reterr_fault);
// Appends the text of an indexed message (message 0: the whole payload).
EN_MUST_CHECK enum en_err text_from_index(const struct index *ix, uint32_t message, bool with_unknown, struct buf *out);

#endif
