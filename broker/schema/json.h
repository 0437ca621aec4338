// SPDX-License-Identifier: Apache-2.0
// Payload bytes <-> JSON, by schema. One pass, text to bytes and bytes to text, no tree of values.
//
// Writing: ProtoJSON (standards 3.4) with json_name as the key; a list of texts whose schema says list_separator is one text, as the
// system itself writes it. Reading accepts both, and with lenient also what real systems write: numbers as text and text as numbers
// or booleans into string fields (kept exactly as written), "" for a scalar that is absent.
// Unknown keys are an error, with the key's path and the nearest name, unless ignore_unknown: then they are collected.
#ifndef EN_SCHEMA_JSON_H
#define EN_SCHEMA_JSON_H

#include "schema/index.h"

struct json_options {
	bool lenient;
	bool ignore_unknown;
	bool use_proto_names;		// writing: name instead of json_name
	bool pretty;			// writing: two blanks of indentation
};

struct json_fault {
	enum en_err err;
	uint32_t line, column;	// in the text, from 1
	char path[256];		// of the field, with the native names; no value
	char hint[128];		// the nearest known name, or what was expected
};

// Appends payload bytes to out. unknown, when not NULL, gets one '\n'-separated line per unknown path (ignore_unknown).
EN_MUST_CHECK enum en_err json_to_payload(const struct schema_type *t, struct view text, const struct json_options *options,
    struct buf *out, struct buf *unknown, struct json_fault *reterr_fault);
// Appends JSON text of an indexed message (message 0: the whole payload).
EN_MUST_CHECK enum en_err json_from_index(const struct index *ix, uint32_t message, const struct json_options *options, struct buf *out);
// The same in one call: builds an index of its own.
EN_MUST_CHECK enum en_err json_from_payload(const struct schema_type *t, struct view payload, const struct json_options *options,
    struct buf *out, struct json_fault *reterr_fault);

#endif
