// SPDX-License-Identifier: Apache-2.0
// Members of a JSON object that is being written, for the files that answer requests.
#ifndef EN_CORE_REQUEST_JSON_H
#define EN_CORE_REQUEST_JSON_H

#include "core/engine.h"

// ,"key":"value" and ,"key":number
void json_text(struct buf *b, const char *key, struct view value);
void json_number(struct buf *b, const char *key, int64_t value);

#endif
