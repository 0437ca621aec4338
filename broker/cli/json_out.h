// SPDX-License-Identifier: Apache-2.0
// What the answers for programs share: absent is null and never a missing key, and a place is {file, line, column}.
#ifndef EN_CLI_JSON_OUT_H
#define EN_CLI_JSON_OUT_H

#include <jansson.h>

#include "cli/cmd.h"

// value NULL: null. What is not UTF-8, as a path of the file system may be, has its odd bytes as '?'.
void json_put_text(json_t *to, const char *key, const char *value);
// line 0: null.
void json_put_place(json_t *to, const char *key, struct where where);
// One line on stdout; frees it. NULL, which is what memory running out makes of a document, is EN_ENOMEM.
EN_MUST_CHECK enum en_err json_print(json_t *document);
// The same as the end of a command: `code` when it was printed; otherwise the exit code of the error, which is told.
int json_tell(const struct cmd_call *call, json_t *document, int code);

#endif
