// SPDX-License-Identifier: Apache-2.0
// What the files of the compiler share. A compiler lives for one mapping or one condition: it resolves names, collects findings and never stops at
// the first one. Functions that return a pointer return NULL after a finding or without memory (c->err).
#ifndef EN_MAP_COMPILER_H
#define EN_MAP_COMPILER_H

#include "base/limits.h"
#include "map/program.h"

struct cover;	// which source fields are read (cover.c)
struct coarse;	// which of them are coarsened, and how (compile_coarse.c)

struct compiler {
	struct arena *arena;
	struct findings *findings;
	const struct code_tables *tables;
	struct mapping *mapping;	// NULL for a condition on its own
	struct cover *cover;		// NULL for a condition on its own
	const struct coarse *coarse;	// newest first
	struct read *reads;		// of the line at hand, newest first
	struct expression *expressions;	// of the mapping or the condition
	uint32_t tells_of[LIMIT_MAP_FRAMES + 1];	// by frame: see struct read
	enum en_err err;		// EN_ENOMEM, sticky
};

// A name for an item, innermost first; the outermost scope is the message itself, without a name.
struct scope {
	const struct scope *outer;
	const char *name;
	const struct schema_type *type;	// NULL when the items are scalars
	const struct path *items;	// NULL in the outermost
	uint32_t frame;
	const char *all_name;		// for all items of a group; NULL
};

// Zeroed memory; NULL sets c->err.
void *compiler_alloc(struct compiler *c, size_t len);
void *compiler_array(struct compiler *c, size_t count, size_t size);

// ---- path.c -------------------------------------------------------------------------------------------------------
// A source path. A path through a repeated field is a finding unless through_repeated; the leaf may be of any kind.
const struct path *path_resolve(struct compiler *c, const struct scope *scope, const struct conf_text *text,
    bool through_repeated);
// Whether the text names something there, without a finding.
bool path_is_known(const struct scope *scope, const struct conf_text *text);
// A repeated field, or the name that stands for all items of a group.
const struct path *path_resolve_items(struct compiler *c, const struct scope *scope, const struct conf_text *text);
// The same path with one more field below it.
const struct path *path_below(struct compiler *c, const struct path *p, const struct schema_field *f);
// A path whose fields are known already, seen from the scope's item. count 0 is the item itself, not the message.
struct path *path_of_chain(struct compiler *c, const struct scope *scope, struct where where, const struct schema_field *const *steps,
    size_t count);
// The chain of a path of a type, without findings: for masks. Returns how many fields were resolved.
size_t path_chain(const struct schema_type *t, struct view text, const struct schema_field **dst, size_t cap);

struct target {
	const struct schema_field *const *chain;
	const uint32_t *elements;	// of a repeated message written as name[n]: n
	uint32_t count;
	const char *text, *native;
};
// A target path below a type. prefixes: what stands before it when the body is that of an `each`.
bool target_resolve(struct compiler *c, const struct schema_type *t, const struct conf_text *text, const char *prefix,
    const char *native_prefix, struct target *ret);

// ---- condition.c --------------------------------------------------------------------------------------------------
const struct condition *condition_compile_in(struct compiler *c, const struct scope *scope,
    const struct conf_condition *conf);
// Says of the finding just added that text is no value of the field.
void tell_value_missing(struct compiler *c, const struct schema_field *f, const char *text);
// Whether text is one of the values that an enum or a closed list says, and the nearest one to it, or NULL.
bool value_is_listed(const struct schema_field *f, const char *text);
const char *nearest_value(struct compiler *c, const struct schema_field *f, const char *text);
// Whether text is a value that the field can have; a finding with the nearest one otherwise. Enums and closed lists.
bool check_listed(struct compiler *c, const struct schema_field *f, const struct conf_text *text,
    enum finding_code code);

// ---- compile_value.c, compile_steps.c -----------------------------------------------------------------------------
struct value_context {
	const struct scope *scope;
	const struct schema_field *target;
	const struct target *path;	// of the line
	const char *because;		// of the arm at hand, NULL outside
	const struct value *outer;	// inside which it stands, NULL outside
	bool in_arm;			// of a choice that tests a source field
	bool is_line;			// the value of a line itself, not one inside it
	bool is_helper;			// what a step needs: a factor, a day, a country
};
const struct value *value_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf);
// Steps and conversion of one source field (or of text, f NULL) into the target.
bool steps_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, const struct schema_field *f,
    struct value *v);
// true_if and false_if, and that no text is in both.
bool truth_compile(struct compiler *c, const struct conf_value *conf, struct value *v);
// A literal as wire bits or text of the field.
bool literal_compile(struct compiler *c, const struct schema_field *f, const struct conf_text *text,
    uint64_t *ret_bits, struct view *ret_text);
// direction: forward or backward; text NULL: the one that fits.
const struct table_use *table_compile(struct compiler *c, const struct conf_text *name, const struct conf_text *direction,
    const struct schema_field *source, const struct schema_field *target);
bool dates_compile(struct compiler *c, const struct conf_value *conf, struct value *v);
// The formats of date and dates alone, into an edit.
bool formats_compile(struct compiler *c, const struct conf_value *conf, const struct date_format **ret, uint32_t *ret_count);
bool date_fields_of(const struct schema_type *t, struct date_fields *ret);
bool instant_fields_of(const struct schema_type *t, struct instant_fields *ret);
void places_free(struct place *list);
struct body *body_compile(struct compiler *c, const struct scope *scope, const struct schema_type *type, const struct conf_set_line *set,
    size_t count, const char *prefix, const char *native_prefix);
// Opens a name for the items of a repeated path, noting that their number is read.
bool scope_open(struct compiler *c, const struct scope *outer, const struct path *items, const struct conf_text *name,
    struct scope *ret);
void read_add(struct compiler *c, const struct path *p, enum read_mode mode);

// ---- compile_verb.c: the verbs of several fields -------------------------------------------------------------------
bool compile_first_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
bool compile_list_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
bool compile_fill(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
bool compile_flags(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
// The sources of id_from, join and the like: what becomes of them.
enum part_use {
	PART_ID,	// a part of a keyed id
	PART_TEXT,	// text
	PART_TEXTS,	// texts, as many as the field has
	PART_FLAG,	// yes or no
};
bool compile_parts(struct compiler *c, const struct value_context *x, const struct conf_list *paths, struct value *v, enum part_use use);

// ---- compile_more.c, compile_edit.c, compile_lookup.c: the rarer steps ----------------------------------------------
// The value's rarer steps, made when the first of them is met; NULL without memory.
struct more *more_of(struct compiler *c, struct value *v);
// `item_of`: opens the scope of the item; *ret is what the value's paths are resolved in.
bool item_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v, struct scope *ret);
// Whether the value read something of the item that it is about.
bool item_check(struct compiler *c, const struct conf_value *conf, const struct value *v, const struct read *before);
// where, sort_by and group_by of the items that the scope stands for; *ret NULL when there is none of them.
bool selection_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, const struct scope *scope,
    const struct selection **ret);
// if_unknown, list, required, required_if.
bool more_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
// Text steps before and behind the conversion. *ret_f: what the conversion starts from, NULL for text.
bool edits_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, const struct schema_field *f,
    struct value *v, const struct schema_field **ret_f);
// compile_coarse.c: how the source is read: READ_COARSE where coarsen is all that becomes of it. v has its steps.
enum read_mode coarse_mode(struct compiler *c, const struct conf_value *conf, const struct path *p, const struct value *v);
// A value that a step needs, as text.
const struct value *helper_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf);
bool compile_lookup(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);
bool compile_cel(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);	// compile_cel.c
const struct phone_plan *phones_compile(struct compiler *c, const struct conf_text *table);
bool compile_if_empty(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v);

// ---- check.c ------------------------------------------------------------------------------------------------------
// Required targets of a body; oneofs with two members.
void check_body(struct compiler *c, const struct body *b, struct where where);
// A labelled source field that goes as it is into a target field with another label.
void check_label(struct compiler *c, const struct value_context *x, const struct path *p);
// A constant where only a decision that tests a source field may stand (domain R7). literal NULL: whatever it is.
void check_constant(struct compiler *c, const struct value_context *x, struct where where, const char *literal);
// Whether the target is one of those where the literal may not stand; literal NULL: where any may not.
bool is_guarded(const struct value_context *x, const char *literal);

// ---- cover.c ------------------------------------------------------------------------------------------------------
struct cover *cover_new(struct compiler *c);
// whole: everything below is read too.
void cover_read(struct compiler *c, const struct schema_field *const *chain, size_t count, bool whole);
void cover_check(struct compiler *c, const struct scope *scope);

// ---- words for findings -------------------------------------------------------------------------------------------
const char *kind_word(const struct compiler *c, const struct schema_field *f);	// in the language of the findings
// "given_names" or "given_names (column \"Nombres\")".
const char *field_hint(struct compiler *c, const struct schema_field *f);

#endif
