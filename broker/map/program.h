// SPDX-License-Identifier: Apache-2.0
// A mapping after it was checked: names are gone, what is left points into the two schemas. Written by the compiler (compile*.c, check.c), read by plans
// and runs. Everything hangs in the arena of its struct mapping or struct condition; immutable once compiled.
//
//   body    one target message that is filled line by line: the root, or the item of an `each`
//   group   the lines of a body as a tree of target messages, so that a sub-message is written in one piece
//   line    one line of `set`: a target field, a value, and every source field that the value reads
//   value   a verb with its steps; choose and if_empty hold values of their own
//   path    a source field, seen from the frame it starts in
#ifndef EN_MAP_PROGRAM_H
#define EN_MAP_PROGRAM_H

#include "map/codes.h"
#include "map/date.h"
#include "map/map.h"
#include "map/steps.h"

// Frame 0 is the message itself; each name said by `called` opens one more for the item at hand.
struct path {
	const char *text;	// as written
	const char *native;	// from the root, by json_names, joined with dots
	struct where where;
	const struct schema_field *const *chain;	// from the root to the leaf, through the fields that frames iterate
	const struct schema_field *const *steps;	// from the frame's item to the leaf: the tail of chain
	const struct schema_field *leaf;
	uint32_t chain_count, step_count, frame;
	bool is_group;			// all items of the group that the frame's item begins
	bool is_counted;		// by an expression, which asks no more than how many items there are
};

// step_count 0 is the item itself, of which there is one.
static inline bool
path_is_repeated(const struct path *p)
{
	return p->is_group || (p->step_count > 0 && p->leaf->repeated);
}

struct frame {
	uint32_t message;			// INDEX_NONE when the items are scalars
	const struct index_node *item;		// NULL in frame 0
	const struct index_node *const *group;	// of items that are grouped: all of them
	size_t group_count;
};

struct expression;	// expression.h

// ---- conditions ---------------------------------------------------------------------------------------------------
struct condition_part {
	const struct path *path;
	const struct expression *expression;
};
struct condition {
	struct arena arena;			// unused by the conditions inside a mapping
	struct where where;
	const struct expression *expression;	// NULL: it always holds
	const struct path *const *paths;	// what it reads
	uint32_t path_count, labels;
	bool tests_source;			// what it says depends on a field of the message
	const struct condition_part *parts;	// the terms of the list form, to tell which of them decided; none inside a mapping
	uint32_t part_count;
	struct expression *expressions;		// unused by the conditions inside a mapping
};
// The path of the first term that says so; of an expression, which has no terms, the first one that it reads. NULL when there is none.
const struct path *condition_path(const struct condition *c, const struct index *ix, const struct condition_ask *ask, enum condition_result wanted);
// *ret_unheard_of: it is CONDITION_ERROR for no other reason than a code that its enum does not know.
enum condition_result condition_answer(const struct condition *c, const struct index *ix, const struct frame *frames,
    const struct condition_ask *ask, bool *ret_unheard_of);
enum condition_result condition_decide(
    const struct condition *c, const struct index *ix, const struct frame *frames, const struct condition_ask *ask);

// ---- code tables --------------------------------------------------------------------------------------------------
struct code_table {
	const char *name;
	const struct conf_table *conf;
	struct codes forward, backward;		// backward is empty unless the table goes both ways
	bool both_ways;
};
const struct code_table *code_table_by_name(const struct code_tables *tables, const char *name);
const char *code_table_nearest(const struct code_tables *tables, const char *name);

// One table in one line: what each row becomes in the target's kind, resolved beforehand.
struct table_result {
	uint64_t bits;
	struct view text;	// of text targets; and "" in any row says that the code means nothing
};
struct table_number {
	int32_t number;		// of the source's enum
	uint32_t row;
};
struct table_use {
	const struct code_table *table;
	bool reversed;
	const struct table_result *results;	// one per row of the table
	const struct table_number *numbers;	// enum sources: by number, ascending
	uint32_t number_count;
};

// ---- values -------------------------------------------------------------------------------------------------------
enum convert {
	CONVERT_NONE,			// one kind, or message to equal message
	CONVERT_NUMBER,			// into a wider kind of number
	CONVERT_NUMBER_TO_TEXT,
	CONVERT_TEXT_TO_NUMBER,
	CONVERT_TABLE,
	CONVERT_TRUTH,			// true_if, false_if
	CONVERT_TEXT_TO_DATE,		// to a message of year, month, day
	CONVERT_TEXT_TO_INSTANT,	// to a message of ms
	CONVERT_TEXT_TO_DAY,		// to yyyy-mm-dd, or as much of it as is known
	CONVERT_DATE_TO_TEXT,
	CONVERT_INSTANT_TO_TEXT,
	CONVERT_MEMBER,			// contains
	CONVERT_FITS,			// whether the edits could read it
};

// The fields of a message that is recognised as a partial date or as a moment.
struct date_fields {
	const struct schema_field *year, *month, *day;
};
struct instant_fields {
	const struct schema_field *ms, *offset_minutes;		// offset_minutes may be NULL
};

struct value {
	enum conf_value_kind kind;
	enum convert convert;
	struct where where;
	const struct path *path;		// COPY, REFERRAL_BY
	const struct path *const *parts;	// ID_FROM, JOIN
	const char *source;			// native names of what is read, for faults and traces; NULL for constants
	uint32_t part_count;
	struct view with;			// JOIN
	const struct more *more;		// rarer steps, NULL for most values: see steps.h
	bool is_message_copy;
	const struct value *next_copy;		// of message copies: the next one of the mapping
	uint32_t copy_index;			// and which shape of a plan is its
	const struct schema_field *target;
	// steps
	struct texts empty_if, true_if, false_if;
	uint32_t clean;				// enum clean bits
	bool needs_text;			// some step looks at the source as text
	struct view separator;			// splits a list in one cell; len 0: no list
	const struct table_use *table;
	const struct date_format *formats;
	uint32_t format_count;
	struct date_fields date;		// of the source or target message
	struct date_fields target_date;		// of the target, where the source is such a message too
	struct instant_fields instant;
	const struct value *if_empty;
	// IS
	uint64_t bits;
	struct view text;
	// CHOOSE
	const struct choose_arm *arms;
	uint32_t arm_count;
	const struct value *otherwise;		// NULL: hold, unless
	bool otherwise_absent;
	const char *because;			// of the arm that it stands in
	const struct value *outer;		// a choice, or what was empty or unknown, for this to be taken; NULL
	// CEL
	const struct expression *expression;
	// EACH
	const struct path *items;
	const struct body *body;
	uint32_t frame;
	const struct selection *selection;	// NULL: all items, as they came
};

struct choose_arm {
	const struct condition *when;
	const struct value *value;
};

// ---- what a line reads --------------------------------------------------------------------------------------------
enum read_mode {
	READ_VALUE,
	READ_WHOLE,		// by an expression: a message with all that is in it, and whether it is there
	READ_MESSAGE,		// copied as far as its labels are granted
	READ_PSEUDONYM,		// only as a part of a keyed id
	READ_ITEMS,		// how many there are
	READ_COARSE,		// only by a step that leaves no more of it than a coarse grant shows
};
struct read {
	struct read *next;
	const struct path *path;
	enum read_mode mode;
	uint32_t tells_of;	// the frame whose item this says something about: of an item picked by `item_of` it is
				// the one that holds the list
};

struct line {
	uint32_t index;		// of all lines of the mapping
	struct where where;
	const char *target, *native;	// from the root of the output; elements as [n]
	const struct schema_field *field;
	const struct value *value;
	const struct read *reads;
	uint32_t tells;		// 1 + the innermost frame that it reads; 0: nothing of the source
};

struct group_entry {
	const struct schema_field *field;
	uint32_t element;		// of a repeated message named as field[n]; 0 otherwise
	struct group *group;		// one of these two
	const struct line *line;
};
struct group {
	const struct schema_type *type;
	const char *target, *native;
	struct where where;		// of the first line that goes into it
	struct group_entry *entries;	// descending by number and element, which is the order of writing backwards
	uint32_t entry_count;
	size_t entry_cap;
};

struct body {
	const struct schema_type *type;
	struct line *lines;
	uint32_t line_count;
	struct group *root;
};

// A place whose clocks a date is told by, once for a mapping.
struct place {
	struct place *next;
	const char *name;
	struct zone *zone;
};

struct mapping {
	struct arena arena;
	const struct conf_mapping *conf;
	const struct schema_type *from, *to;
	const struct condition *when;		// NULL: all
	const struct read *when_reads;
	const struct path *split;		// one_event_per; NULL: one output
	const struct selection *split_items;	// which of its items
	const struct value *split_key;		// NULL: an item is known by its position
	const struct read *split_reads;		// what these two read
	struct body *body;
	uint32_t line_count, copy_count;
	struct expression *expressions;		// all of them, to free what is no arena's
	struct place *places;			// likewise
	const struct value *copies;		// a plan makes a shape for each
	struct view id_domain;			// the package of the target: one pseudonym per vocabulary
};

// ---- labels -------------------------------------------------------------------------------------------------------
// The nearest label on the way from the root to the leaf; the leaf's own wins.
enum label label_of_chain(const struct schema_field *const *chain, size_t count);
bool label_readable(const struct grants *grants, enum label label, const struct schema_field *leaf,
    enum read_mode mode);

#endif
