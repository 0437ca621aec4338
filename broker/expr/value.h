// SPDX-License-Identifier: Apache-2.0
// Values of the expression language, sixteen bytes each, passed by copy.
//
// Text and bytes are views of the payload, of the program or of the run's arena. A message is a table of a wire index: nothing of it is read before
// a field is asked for. A list is the first `n` items of an array that grows at its end, so that `list + [item]` in a loop costs what the item
// costs: a value shares the array of a longer one and never sees what came behind it. A map works the same way, with a table of its keys once there
// are many. Everything lives until the run's next start (run.h).
//
// An error is a value too: && and || look at it before they decide whether it counts. Its text names kinds and codes, never a value.
//
// Kinds are those of types (CEL_NULL ... CEL_OPTIONAL) and the two below. Not thread-safe; one run, one thread.
#ifndef EN_EXPR_VALUE_H
#define EN_EXPR_VALUE_H

#include "expr/type.h"
#include "schema/index.h"

#define CEL_ERROR CEL_TYPE_KINDS
#define CEL_ENUM (CEL_TYPE_KINDS + 1)	// a value of an enum where enums are types of their own; elsewhere it is an int

enum cel_error {
#define CEL_ERROR_ROW(id, code, text) CEL_ERROR_##id,
#include "expr/error.tbl.h"
#undef CEL_ERROR_ROW
	CEL_ERROR_COUNT
};

struct cel_list;
struct cel_map;

struct cel_value {
	uint32_t kind;
	uint32_t n;	// STRING, BYTES, TYPE: length. LIST, MAP: count. TIMESTAMP, DURATION: nanoseconds (int32_t). MESSAGE: its table in the
			// index. ENUM: number (int32_t). ERROR: enum cel_error
	union {
		bool boolean;
		int64_t integer;		// INT; seconds of TIMESTAMP and DURATION
		uint64_t unsigned_integer;	// UINT; of ERROR the offset into the expression's text
		double number;
		const uint8_t *bytes;		// STRING, BYTES; of TYPE its name
		struct cel_list *list;
		struct cel_map *map;
		const struct index *index;	// MESSAGE
		const struct cel_value *inner;	// OPTIONAL; NULL: none
		const struct schema_enum *enumeration;	// ENUM
	};
};

_Static_assert(sizeof(struct cel_value) == 16, "a value is two words");

struct cel_list {
	struct cel_value *items;
	uint32_t used, cap;
};

struct cel_entry_value {
	struct cel_value key, value;
};

struct cel_map {
	struct cel_entry_value *entries;	// in the order of their coming
	uint32_t used, cap;
	uint32_t *slots;	// entry + 1 by hash of the key; NULL while there are few
	uint32_t slot_count;	// a power of two
};

// ---- making --------------------------------------------------------------------------------------------------------------------------------
static inline struct cel_value
cel_null(void)
{
	return (struct cel_value){.kind = CEL_NULL};
}
static inline struct cel_value
cel_bool(bool b)
{
	return (struct cel_value){.kind = CEL_BOOL, .integer = b};
}
static inline struct cel_value
cel_int(int64_t i)
{
	return (struct cel_value){.kind = CEL_INT, .integer = i};
}
static inline struct cel_value
cel_uint(uint64_t u)
{
	return (struct cel_value){.kind = CEL_UINT, .unsigned_integer = u};
}
static inline struct cel_value
cel_double(double d)
{
	return (struct cel_value){.kind = CEL_DOUBLE, .number = d};
}
// Where the bytes of a view begin; never NULL, so that functions may count from it.
static inline const uint8_t *
cel_view_start(struct view v)
{
	return v.data != NULL ? v.data : (const uint8_t *)"";
}
// Borrowed. The caller vouches for UTF-8.
static inline struct cel_value
cel_string(struct view v)
{
	return (struct cel_value){.kind = CEL_STRING, .n = (uint32_t)v.len, .bytes = cel_view_start(v)};
}
static inline struct cel_value
cel_bytes(struct view v)
{
	return (struct cel_value){.kind = CEL_BYTES, .n = (uint32_t)v.len, .bytes = cel_view_start(v)};
}
// Of the message of that number in the index, which the value borrows. Messages of the well-known types become what the language makes of them
// by cel_value_of_message (message.h).
static inline struct cel_value
cel_message(const struct index *ix, uint32_t number)
{
	return (struct cel_value){.kind = CEL_MESSAGE, .n = number, .index = ix};
}
// seconds and nanos as in the messages: nanos 0..999999999 in a timestamp, of the sign of the seconds in a duration.
static inline struct cel_value
cel_timestamp(int64_t seconds, int32_t nanos)
{
	return (struct cel_value){.kind = CEL_TIMESTAMP, .n = (uint32_t)nanos, .integer = seconds};
}
static inline struct cel_value
cel_duration(int64_t seconds, int32_t nanos)
{
	return (struct cel_value){.kind = CEL_DURATION, .n = (uint32_t)nanos, .integer = seconds};
}
// A type by its name, which is borrowed.
static inline struct cel_value
cel_type_value(const char *name)
{
	return (struct cel_value){.kind = CEL_TYPE, .n = (uint32_t)strlen(name), .bytes = (const uint8_t *)name};
}
static inline struct cel_value
cel_enum(const struct schema_enum *e, int32_t number)
{
	return (struct cel_value){.kind = CEL_ENUM, .n = (uint32_t)number, .enumeration = e};
}
static inline struct cel_value
cel_error(enum cel_error error)
{
	return (struct cel_value){.kind = CEL_ERROR, .n = error};
}

// ---- reading -------------------------------------------------------------------------------------------------------------------------------
static inline struct view
cel_text(struct cel_value v)
{
	return (struct view){v.bytes, v.n};
}
static inline int32_t
cel_nanos(struct cel_value v)
{
	return (int32_t)v.n;
}
static inline const struct schema_type *
cel_message_type(struct cel_value v)
{
	return v.index->messages[v.n].type;
}
static inline bool
cel_is_number(struct cel_value v)
{
	return v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_DOUBLE;
}

static inline double
cel_as_double(struct cel_value number)
{
	return number.kind == CEL_INT ? (double)number.integer : number.kind == CEL_UINT ? (double)number.unsigned_integer : number.number;
}

const char *cel_error_code(enum cel_error error);	// "no_such_key"; stable
const char *cel_error_text(enum cel_error error);	// a short sentence
// What type() answers: the name of the value's type. Never NULL.
const char *cel_type_name_of(struct cel_value v);

// ---- comparing: value.c --------------------------------------------------------------------------------------------------------------------
struct cel_run;
// Equality of the language: numbers by their value whatever their types, lists item by item, maps by key, messages field by field; values of
// different kinds are not equal. NaN equals nothing. The run's budget pays for long lists, and its memory for messages inside of Any.
bool cel_equal(struct cel_run *run, struct cel_value a, struct cel_value b);
// Less than 0, 0, more than 0; CEL_UNORDERED when one is NaN; CEL_INCOMPARABLE when the language has no order for the two.
enum { CEL_UNORDERED = 2, CEL_INCOMPARABLE = 3 };
int cel_compare(struct cel_value a, struct cel_value b);

// ---- lists and maps: value_list.c; all memory from the arena ---------------------------------------------------------------------------------
// An empty one with room for that many. *ret becomes the value; false when memory ran out.
bool cel_list_new(struct arena *a, uint32_t room, struct cel_value *ret);
// *list becomes the list with one item more.
bool cel_list_append(struct arena *a, struct cel_value *list, struct cel_value item);
static inline const struct cel_value *
cel_list_items(struct cel_value list)
{
	return list.list->items;
}

bool cel_map_new(struct arena *a, uint32_t room, struct cel_value *ret);
// Whether the value may be a map's key: bool, int, uint or string.
static inline bool
cel_is_key(struct cel_value v)
{
	return v.kind == CEL_BOOL || v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_STRING;
}
// *map becomes the map with one entry more. The key must be one (cel_is_key) and new (cel_map_get).
bool cel_map_append(struct arena *a, struct cel_value *map, struct cel_value key, struct cel_value value);
// NULL when there is no such key. Numbers are found by value: 2, 2u and 2.0 are one key.
const struct cel_value *cel_map_get(struct cel_value map, struct cel_value key);
static inline const struct cel_entry_value *
cel_map_entries(struct cel_value map)
{
	return map.map->entries;
}

#endif
