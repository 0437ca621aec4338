// SPDX-License-Identifier: Apache-2.0
// The rarer steps of a value, compiled. Most lines have none of them, so they stand behind one pointer (value.more): who
// makes a faster way for a line leaves those with `more` to this one.
//
//   selection   which items of a repeated field, in which order, in which groups
//   edit        one change of a text on its way to the conversion, or behind it
//   lookup      a row of a wide table
#ifndef EN_MAP_STEPS_H
#define EN_MAP_STEPS_H

#include "map/date.h"
#include "map/map.h"
#include "map/pattern.h"

struct code_table;
struct condition;
struct path;
struct regex;
struct read;
struct value;

struct texts {
	const struct view *items;
	uint32_t count;
};

// ---- items --------------------------------------------------------------------------------------------------------
enum pick { PICK_ALL, PICK_ONE, PICK_FIRST, PICK_LAST };
struct selection {
	const struct path *items;
	uint32_t frame;			// that the item at hand gets
	const struct condition *where;	// NULL: all
	const struct value *sort_by;	// NULL: as they came
	const struct value *group_by;	// NULL: each by itself
	enum pick pick;
	struct where place;		// for faults
};

// ---- edits --------------------------------------------------------------------------------------------------------
enum edit_kind {
	EDIT_ALIAS,		// list: spelling, value, spelling, value, ...
	EDIT_STRIP_PREFIX,	// list
	EDIT_STRIP_SUFFIX,	// list
	EDIT_PATTERN,		// pattern, number: of the part
	EDIT_EXTRACT,		// regex
	EDIT_FIRST, EDIT_LAST,	// number: of characters
	EDIT_PAD,		// number
	EDIT_MATCHES,		// regex
	EDIT_NAME,		// number: enum name_part, order: enum name_order
	EDIT_NUMBER,		// text: the decimal character, other: the one between thousands, or empty
	EDIT_TIMES,		// value
	EDIT_DECIMALS,		// number
	EDIT_PHONE,		// phones, value: the country, or NULL
	EDIT_GEO,		// number, order: enum geo_form
	EDIT_DAY,		// formats: a date becomes yyyy-mm-dd, or as much of it as is known
	EDIT_AGE,		// value: at which day
	EDIT_BORN,		// value
	EDIT_YEAR,
	EDIT_BAND,		// bands
	EDIT_ADM1,		// number: 1 where the field itself is coarse, so that two digits are no more than a state
	EDIT_BETWEEN,		// text, other: numbers
	EDIT_MORE_THAN,		// text: a number, other: what stands for larger ones
	EDIT_PREFIX,		// text
	EDIT_SUFFIX,		// text
};

struct edit {
	enum edit_kind kind;
	struct where where;
	struct texts list;
	const struct pattern *pattern;
	const struct regex *regex;
	uint32_t number, order;
	struct view text, other;
	const struct value *value;
	const struct phone_plan *phones;
	const struct date_format *formats;
	uint32_t format_count;
	const uint32_t *bands;
	uint32_t band_count;
};

struct edits {
	const struct edit *items;
	uint32_t count;
};

enum list_step { LIST_SORT = 1, LIST_DEDUPE = 2, LIST_REVERSE = 4 };

// The days between which a date is believed, as dddd-dd-dd; an upper one of len 0 is the day of recording.
struct day_limits {
	struct view first, last;
};

struct more {
	const struct selection *item;	// `item_of`
	struct view json;		// the path inside JSON text; data NULL: none
	struct edits before, after;	// the conversion
	const struct day_limits *days;
	uint32_t list;			// enum list_step bits
	enum conf_unknown if_unknown;
	const struct value *unknown_value;
	bool required;
	const struct condition *required_if;
	enum { ON_BOTH, ON_CREATE, ON_UPDATE } only_on;
	// FILL
	const struct pattern *fill;	// its parts are the value's parts
	bool reversible;
	const struct lookup *lookup;
	const struct view *codes;	// FLAGS: of text targets
	const uint64_t *code_bits;	// and of others
	struct view member;		// `contains`
	uint64_t member_bits;
};

// ---- lookup -------------------------------------------------------------------------------------------------------
struct lookup {
	const struct code_table *table;
	const uint32_t *columns;	// that are compared
	const struct value *const *values;	// with these
	uint32_t count;
	const uint32_t *rows;		// all rows, by those columns
	uint32_t take;
	bool first;			// of several rows; otherwise they must agree
	struct view ancestor;		// the level to climb to; len 0: stay
	uint32_t code, parent, level;	// columns of a table that is a hierarchy
	const uint32_t *by_code;	// all rows, by code
};

#endif
