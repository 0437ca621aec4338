// SPDX-License-Identifier: Apache-2.0
// Where in a file a byte of a value stands: a value of a YAML file may be quoted, folded over several lines or written as a block, so that its text and
// what stands in the file are not the same bytes.
#ifndef EN_BASE_PLACE_H
#define EN_BASE_PLACE_H

#include "base/bytes.h"
#include "base/finding.h"

// source: the file, from the value's first byte on (its quote, its | or >), which stands at start. text: what the value is. The place of the byte
// `offset` of the text; start itself where the two do not go together. Pure.
struct where place_within(struct view source, struct where start, struct view text, size_t offset);
// The same, of start.file as it is now. Where that cannot be read, the text is taken for one that is in quotes, in one line.
struct where place_of(struct where start, struct view text, size_t offset);

#endif
