// SPDX-License-Identifier: Apache-2.0
// A JSON Schema (2020-12) of a kind of file, made of the table that binds it: editors complete, explain and check with
// it. It says what a table says: keys, forms, words, ranges. What only a check function or the compiler knows is left to
// `enlace lint`.
//
// Every scalar of a file is text to enlace (01 stays 01), while a reader of YAML makes numbers and truth values of some:
// where text is meant, the schema lets those through too.
#ifndef EN_CONF_JSON_SCHEMA_H
#define EN_CONF_JSON_SCHEMA_H

#include "conf/bind.h"

// Appends the schema; what describes the keys is in that language. Allocation failures end up in b->err.
void conf_json_schema(const struct bind_object *object, enum en_lang lang, struct buf *b);

#endif
