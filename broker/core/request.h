// SPDX-License-Identifier: Apache-2.0
// What request.c and request_msg.c share.
#ifndef EN_CORE_REQUEST_H
#define EN_CORE_REQUEST_H

#include "core/engine.h"

// ,"key":"value" and ,"key":number
void json_text(struct buf *b, const char *key, struct view value);
void json_number(struct buf *b, const char *key, int64_t value);
enum en_err request_msg(struct core *c, const struct core_input *in);

#endif
