// SPDX-License-Identifier: Apache-2.0
// Payload bytes <-> JSON, by schema. One pass, text to bytes and bytes to text, no tree of values.
//
// Writing: ProtoJSON (standards 3.4) with json_name as the key; a list of texts whose schema says list_separator is one text, as the
// system itself writes it. Reading accepts both, and with lenient also what real systems write: numbers as text and text as numbers
// or booleans into string fields (kept exactly as written), "" for a scalar that is absent.
// Unknown keys are an error, with the path of their object and the nearest name, unless ignore_unknown: then they are collected.
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
	// Of the field, with the native names; items of a list and entries of a map by number. No value: no key that the schema does not know.
	char path[256];
	char hint[128];		// the nearest known name, or what was expected
	// The key that the schema does not know, cut; "" otherwise. A system may have put anything there, so it is for whoever wrote the text and
	// nobody else: no answer, record or log of the broker has it.
	char key[128];
	bool is_near;		// hint is the name of the schema that the key is nearest to
};

// The path with the key, for whoever wrote the text.
#define JSON_PLACE_BYTES 400
const char *json_fault_place(const struct json_fault *f, char dst[static JSON_PLACE_BYTES]);
// The path for everybody else: of an unknown key the nearest name and "?", or "*".
const char *json_fault_field(const struct json_fault *f, char dst[static JSON_PLACE_BYTES]);

// Appends payload bytes to out. unknown, when not NULL, gets one '\n'-separated line per unknown path (ignore_unknown).
EN_MUST_CHECK enum en_err json_to_payload(const struct schema_type *t, struct view text, const struct json_options *options,
    struct buf *out, struct buf *unknown, struct json_fault *reterr_fault);
// Appends JSON text of an indexed message (message 0: the whole payload).
EN_MUST_CHECK enum en_err json_from_index(const struct index *ix, uint32_t message, const struct json_options *options, struct buf *out);
// The same in one call: builds an index of its own.
EN_MUST_CHECK enum en_err json_from_payload(const struct schema_type *t, struct view payload, const struct json_options *options,
    struct buf *out, struct json_fault *reterr_fault);

#endif
