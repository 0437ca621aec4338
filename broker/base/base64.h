// SPDX-License-Identifier: Apache-2.0
// Bytes as text, RFC 4648: written in the usual alphabet with padding; read in that one and the one for URLs, with its padding or without any.
#ifndef EN_BASE_BASE64_H
#define EN_BASE_BASE64_H

#include "base/bytes.h"

// Appends the bytes. False, with some of them appended, when the text is no base64.
bool base64_decode(struct view text, struct buf *out);
void base64_encode(struct view bytes, struct buf *out);

#endif
