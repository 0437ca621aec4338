// SPDX-License-Identifier: Apache-2.0
// From a tree to a struct, by a table: one row per key. The table is the whole grammar of a kind of file: what is
// read, what is refused and what the help says come from the same row, and a JSON Schema can be made of it.
//
// A binder never stops at the first thing wrong. Unknown keys (E0103, with the nearest name), missing ones (E0105),
// values of the wrong form (E0106) or outside their range (E0112) are findings; what could be read is read.
#ifndef EN_CONF_BIND_H
#define EN_CONF_BIND_H

#include "conf/conf.h"
#include "conf/yaml.h"

struct binder {
	struct arena *arena;		// of everything bound
	struct findings *findings;
	const char *file;		// interned in the arena: every place bound names this text
	const char *folder;		// that relative paths of BIND_PATH start from
	enum en_err err;		// EN_ENOMEM, sticky
};

enum bind_type {
	BIND_TEXT,		// struct conf_text; not empty
	BIND_NAME,		// struct conf_text of letters, digits and . _ - : / up to LIMIT_ID_BYTES
	BIND_WORD,		// struct conf_text, one of words
	BIND_DAY,		// struct conf_text, yyyy-mm-dd
	BIND_PATH,		// struct conf_text: a path, which the file's folder is put before
	BIND_ANY_TEXT,		// struct conf_text; "" in quotes is fine
	BIND_LIST,		// struct conf_list; one text alone is a list of one
	BIND_WORDS,		// struct conf_list, each one of words
	BIND_BOOL,		// bool: true or false
	BIND_CHOICE,		// bool, as one of two words: the second is true
	BIND_NUMBER,		// uint64_t, min..max
	BIND_SIZE,		// uint64_t of bytes, min..max
	BIND_DURATION,		// struct conf_duration, min..max ms
	BIND_MILLISECONDS,	// uint64_t, min..max, written as a duration
	BIND_DURATIONS,		// struct conf_duration * with count_offset; one alone is a list of one
	BIND_OBJECT,		// a map of object, bound at offset
	BIND_OBJECTS,		// an array of object's struct with count_offset, from a list of maps
	BIND_CUSTOM,		// by read
};

// What stands in a BIND_CUSTOM, for those who write it: its reader knows, and a JSON Schema must be told.
enum bind_form {
	BIND_FORM_NONE,		// of every other type
	BIND_FORM_CONDITION,	// {field: VALUE or list}
	BIND_FORM_TEXTS,	// {name: text}, each one of words where there are any
	BIND_FORM_LISTS,	// {name: text or list}
	BIND_FORM_LIST_OR_LISTS,	// a list, or {name: text or list}
	BIND_FORM_VALUE,	// one of words, where there are any, else any text; or a map of object
	BIND_FORM_LINES,	// {name: text or a map of object}
	BIND_FORM_MAP,		// a map of object
	BIND_FORM_MAPS,		// a list of maps of object
	BIND_FORM_MAP_OR_MAPS,	// one of words, a map of object, or a list of such
	BIND_FORM_TREE,		// {name: anything}
	BIND_FORM_TREES,	// {name: {name: anything}}
};

struct bind_object;

struct bind_field {
	const char *key;
	enum bind_type type;
	bool is_required;
	bool may_be_empty;			// LIST and maps of names: `[]` or `{}` says none, as leaving the key out does
	size_t offset, count_offset;		// from the start of the struct that the object fills
	enum bind_form form;			// CUSTOM
	const char *const *words;		// WORD, WORDS, CHOICE, and some forms: NULL-terminated
	uint64_t min, max;			// max 0: none
	uint64_t number;			// of an absent NUMBER, SIZE, MILLISECONDS, DURATION
	const char *text;			// of an absent TEXT, NAME, WORD, ANY_TEXT; NULL: none
	const struct bind_object *object;
	void (*read)(struct binder *b, const struct yaml_node *node, void *dst);	// dst is at offset
	const char *help;			// one line, for a person who fills it in
};

struct bind_object {
	const char *name;			// for help and schemas: "recipient"
	const struct bind_field *fields;
	size_t field_count;
	size_t size;				// of the struct, for BIND_OBJECTS
	size_t where_offset;			// of a struct where that gets the map's place; BIND_NO_WHERE: none
	// keys of which check wants one and no more, NULL-terminated; NULL: there are none such
	const char *const *one_of;
	// what no row can say; may be NULL
	void (*check)(struct binder *b, const struct yaml_node *map, void *dst);
};

#define BIND_NO_WHERE SIZE_MAX
#define BIND_AT(type, member) .offset = offsetof(struct type, member)
#define BIND_COUNT_AT(type, member) .count_offset = offsetof(struct type, member)

// Fills dst, zeroed by the caller, from a map.
void bind_object(struct binder *b, const struct yaml_node *map, const struct bind_object *object, void *dst);

// ---- for BIND_CUSTOM readers --------------------------------------------------------------------------------------
// Copies into the binder's arena; never NULL ("" when memory ran out, which b->err tells).
const char *bind_copy(struct binder *b, const char *text);
struct where bind_where(struct binder *b, struct where where);
// Zeroed memory for count things, never NULL for count > 0 unless b->err is set.
void *bind_array(struct binder *b, size_t count, size_t size);
// A text that is not empty; a finding otherwise.
struct conf_text bind_text(struct binder *b, const struct yaml_node *node, const char *help);
struct conf_text bind_key(struct binder *b, const struct yaml_node *node);
struct conf_list bind_list(struct binder *b, const struct yaml_node *node, const char *help);
void bind_condition(struct binder *b, const struct yaml_node *node, void *dst);	// struct conf_condition
// E0106 at node: "key: what", with help as the hint.
void bind_wrong_form(struct binder *b, const struct yaml_node *node, const char *help);
// E0112 at the last day when it is before the first; either may be absent.
void bind_check_days(struct binder *b, const struct conf_text *first, const struct conf_text *last);
// "one, two, three"
void bind_put_words(struct buf *to, const char *const *words);
// Whether text is in words; a finding at node with the nearest one otherwise.
bool bind_check_word(struct binder *b, const struct yaml_node *node, const char *const *words);

#endif
