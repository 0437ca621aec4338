// SPDX-License-Identifier: Apache-2.0
// Text that was written for a machine: HTML, escapes, letters in two pieces. Each function writes to dst, which has room
// for as many bytes as the text and may be the text itself, and returns how many it wrote. Pure.
#ifndef EN_MAP_MARKUP_H
#define EN_MAP_MARKUP_H

#include "base/bytes.h"

// Tags go, with what stands in script and style; where a block or a line ends, a blank stays. Entities are left.
size_t markup_strip(struct view text, uint8_t *dst);
// Entities (&ntilde; &#241; &#xf1;) and backslash escapes (\u00f1 \n \") become characters. What is none stays.
size_t markup_unescape(struct view text, uint8_t *dst);
// A letter and the combining mark behind it become the one letter of Latin-1 that they are.
size_t markup_compose(struct view text, uint8_t *dst);

#endif
