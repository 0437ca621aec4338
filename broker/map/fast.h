// SPDX-License-Identifier: Apache-2.0
// A plan, lowered: what most lines do, in the form in which it is done fastest. Everything that can be known before an event is: where in its row a
// source field is, the bytes of a tag, the places of a date's digits, the words of a condition. An operation does what it is made for when the
// event is as it should be, and otherwise steps aside for the line as the plan has it (struct op), which is the meaning of both: they must make the
// same bytes and the same faults, and tests compare them.
//
// Not lowered are runs that keep lineage, runs with masks, and plans that fill groups (in the sense of protobuf). A line that is not lowered is
// FAST_WHOLE among those that are.
//
//   source  a row of the index: a frame's item, or a singular message below it. Found once per item; that of an absent message is a row of nothing
//   body    the operations of one target message, the last of which is FAST_END
#ifndef EN_MAP_FAST_H
#define EN_MAP_FAST_H

#include "base/limits.h"
#include "map/program.h"

struct op;
struct plan;

#define FAST_SOURCES_MAX 64
#define FAST_NOTHING_CELLS 256	// of a row of nothing: fields further behind are not lowered below messages that may be absent
#define FAST_TAG_BYTES 3	// longer tags are not lowered
#define FAST_LEVELS_MAX 40	// messages inside each other; plans that go deeper are not lowered

enum fast_code {
	FAST_TEXT, FAST_NUMBER, FAST_I64, FAST_I32, FAST_CONSTANT,
	FAST_CALL,	// a writer of fast_value.c
	FAST_WHOLE,	// the line, the general way
	FAST_CHOOSE,	// goes on with an arm, behind which there is a GO
	FAST_GO,
	FAST_OPEN, FAST_CLOSE,
	FAST_EACH,	// goes on with the NEXT behind its body, which takes item after item
	FAST_NEXT, FAST_END
};

// A value that may be passed over when its field is absent, since nobody asked for it: and also when it is the same as absent, a text that is empty or
// a number that is 0.
enum { FAST_SKIP_ABSENT = 1, FAST_SKIP_EMPTY = 2, FAST_SKIP_ZERO = 4 };

struct fast_field {
	uint32_t at;			// in the source's row, in bytes
	uint32_t source;
};

struct fast_op;
struct fast_run;
// Appends (backwards) a value at pos. Returns the new place, or NULL when it is for the line as a whole: then nothing was done.
typedef uint8_t *fast_writer(const struct fast_run *s, const struct fast_op *op, uint8_t *pos);
fast_writer fast_texts, fast_code, fast_truth, fast_day, fast_join;

struct fast_op {
	uint8_t code;			// enum fast_code
	uint8_t skip;
	uint8_t tag_bytes;
	uint32_t head;			// the tag as it is written, and one byte behind it, which is the highest
	uint32_t told;			// a bit of struct open's. CLOSE: the message is written when it tells at least as much
	struct fast_field field;
	const struct op *op;
	fast_writer *writer;		// CALL
	union {
		const struct fast_text *constant;	// with its tag
		const struct fast_join *join;
		const struct fast_table *table;
		const struct fast_truth *truth;
		const struct fast_day *day;
		const struct fast_choose *choose;
		const struct fast_each *each;
		const struct fast_op *next;		// GO
	};
};

// A text that may be read from a block before its beginning on.
struct fast_text {
	const uint8_t *end;
	size_t len;
};

struct fast_join {
	struct fast_text with;
	const struct fast_field *fields;
	uint32_t count;
};

struct fast_table {
	const struct codes *codes;
	const struct conf_table_row *rows;
	const struct table_result *results;
	bool is_text;			// what comes out
};

struct fast_truth {
	const struct word_text *words;	// first those that are true
	uint32_t true_count, count;
};

// A day whose digits and separators have fixed places, eight bytes or more: its first and its last word, which may overlap. A byte less its mark is
// at most 0x7f less its slack: nine for a digit, nothing for a separator.
struct fast_day {
	uint64_t mark[2], slack[2];
	uint8_t len, year, month, day;	// places
};

struct fast_term {
	struct fast_field field;
	uint32_t count;
	const struct word_text *words;	// of texts; else
	const uint64_t *bits;
};
struct fast_arm {
	const struct fast_term *terms;
	uint32_t term_count;
	const struct fast_op *then;
};
struct fast_choose {
	const struct fast_arm *arms;
	uint32_t arm_count;
	const struct fast_op *otherwise;
};

// What is found when a frame gets its item.
struct fast_source {
	struct fast_source *next;
	struct fast_field field;	// of the message that holds it
	uint8_t self;
};
struct fast_frame {
	struct fast_source *first, *last;	// below the item, outer ones first
	uint8_t item;				// the source that is the item itself
};

struct fast_each {
	struct fast_frame items;
	uint32_t frame;
	const struct fast_op *body, *next;
};

struct fast {
	struct fast_frame root, split;	// split: of the items of one_event_per
	bool has_split;
	const struct fast_op *body;	// NULL: the plan is not lowered
};

// Fills p->fast; what is made hangs in the plan's arena. False without memory.
bool plan_lower(struct plan *p);

#endif
