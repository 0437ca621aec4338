// SPDX-License-Identifier: Apache-2.0
// Payloads as files and streams: JSON with the native names, protobuf text format, or the bytes themselves.
#ifndef EN_CLI_PAYLOAD_H
#define EN_CLI_PAYLOAD_H

#include "cli/cmd.h"
#include "schema/json.h"

enum payload_form { PAYLOAD_JSON, PAYLOAD_TEXT, PAYLOAD_BINARY };

// json, text, or binary (bin). False when it is none.
bool payload_form_named(const char *name, enum payload_form *ret);
// The option of that name, else by the file's ending (.json, .txtpb, .binpb), else JSON. 0, or 2 having said what is wrong.
int payload_form_of(const struct cmd_call *call, const char *option, const char *path, enum payload_form *ret);
// path NULL or "-": standard input. Appends. EN_ELIMIT past LIMIT_FRAME_BYTES.
EN_MUST_CHECK enum en_err payload_read(const char *path, struct buf *bytes);
// Appends the payload that the bytes say. JSON is read as adapters read it when lenient: unknown, when not NULL, gets the keys that the schema does not have,
// a line each; otherwise they are an error.
EN_MUST_CHECK enum en_err payload_parse(const struct schema_type *t, struct view bytes, enum payload_form form, bool lenient, struct buf *payload,
    struct buf *unknown, struct json_fault *reterr_fault);
// Appends the payload in that form, through the index, so that what comes out was checked also where nothing changes.
EN_MUST_CHECK enum en_err payload_write(const struct schema_type *t, struct view payload, enum payload_form form, struct buf *out, struct json_fault *reterr_fault);
// Says on stderr what is wrong with an input, never its value; returns the exit code.
int payload_fail(const struct cmd_call *call, enum en_err err, const char *what, const struct json_fault *fault);

#endif
