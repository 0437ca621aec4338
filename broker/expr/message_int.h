// SPDX-License-Identifier: Apache-2.0
// Between the files that make messages: values become protobuf bytes, written in the order in which they stand. Not for other folders.
#ifndef EN_EXPR_MESSAGE_INT_H
#define EN_EXPR_MESSAGE_INT_H

#include "expr/program_int.h"

#define MADE CEL_ERROR_COUNT	// where an enum cel_error is returned: it was written

struct maker {
	struct cel_run *run;
	struct buf *out;	// the run's scratch
	unsigned int depth;	// of JSON values in JSON values
};

void put_tag(struct maker *m, uint32_t number, enum wire_type wire);
// Puts the length of what was written since start before it.
void close_gap(struct buf *out, size_t start);
void put_double(struct maker *m, uint32_t number, double d);
void put_text(struct maker *m, uint32_t number, struct view text);

// message_json.c: the content of a ListValue, a Struct and a Value.
enum cel_error put_json_list(struct maker *m, struct cel_value v);
enum cel_error put_json_object(struct maker *m, struct cel_value v);
enum cel_error put_json(struct maker *m, struct cel_value v);

#endif
