// SPDX-License-Identifier: Apache-2.0
// What the files of a run share: one runner per call of plan_run. Functions that return bool return false after a fault or without memory, and r->err
// says which.
#ifndef EN_MAP_RUN_INT_H
#define EN_MAP_RUN_INT_H

#include "base/limits.h"
#include "map/access.h"
#include "map/out.h"
#include "map/plan.h"

// A withheld path, resolved: everything at it and below it is as if absent.
struct mask {
	const struct schema_field *fields[LIMIT_PAYLOAD_DEPTH];
	size_t count;
};

struct runner {
	const struct plan *plan;
	const struct index *ix;
	const struct map_env *env;
	struct condition_ask ask;	// the same for conditions
	struct map_run *run;
	struct arena *arena;		// of the run
	struct map_fault *fault;
	const struct line *line;	// at hand
	struct out out;
	struct frame frames[LIMIT_MAP_FRAMES + 1];
	const struct mask *masks;
	size_t mask_count;
	bool *skip;			// by line index; NULL without masks
	size_t trace_cap;
	uint32_t output;		// at hand, for traces
	enum en_err err;
};

// A message that is being written.
struct open {
	size_t before, len;		// of the output when it was opened, and where its content begins
	size_t trace_count;
	const struct op *missing;	// a required field that came out empty
	uint32_t told;			// bit 0: something is in it that is not of the source; bit n: something of frame n - 1
};

enum item_kind { ITEM_ABSENT, ITEM_BITS, ITEM_TEXT, ITEM_MESSAGE, ITEM_DATE, ITEM_INSTANT };

// One value on its way from the source to the target.
struct item {
	enum item_kind kind;
	const struct value *value;		// that made it
	const struct conf_table_row *row;	// of a table, for traces
	uint64_t bits;				// BITS: wire bits of the target's kind; INSTANT: ms
	struct view text;			// TEXT
	uint32_t message;			// MESSAGE: in the index
	struct date_value date;			// DATE, and the zone of an INSTANT
	bool has_zone;
};

// Nothing yet. (What the other kinds hold is only looked at when it was set.)
static inline void
item_clear(struct item *item, const struct value *v)
{
	item->kind = ITEM_ABSENT;
	item->value = v;
	item->row = NULL;
	item->has_zone = false;
}

struct items {
	struct item *items;
	size_t count, cap;
};

bool run_fault(struct runner *r, enum reason reason, const struct value *v);
// The same at a place that is no value's own.
bool run_fault_at(struct runner *r, enum reason reason, struct where where, const char *source);
bool fault_at(struct runner *r, enum reason reason, struct where where, const char *target, const char *source, const char *table);
// Of a value that looks something up.
const struct code_table *table_of(const struct value *v);
bool run_out_of_memory(struct runner *r);
bool run_fault_missing(struct runner *r, const struct op *op);

// run.c: one line the general way, into the message that is open.
bool run_line(struct runner *r, const struct op *op, struct open *at);
// run_fast.c: the body of a lowered plan, into r->out. *ret_missing is a required field that came out empty.
bool run_fast(struct runner *r, const struct op **ret_missing);

// run_value.c: what a value says; ITEM_ABSENT when it says nothing.
bool value_item(struct runner *r, const struct value *v, struct item *ret);
// For repeated targets: nothing absent among them.
bool value_items(struct runner *r, const struct value *v, struct items *list);

// run_step.c: one text or node of the source through the steps of the value.
bool step_node(struct runner *r, const struct value *v, const struct schema_field *f, const struct index_node *n,
    struct item *ret);
bool step_text(struct runner *r, const struct value *v, struct view text, struct item *ret);
// The same without what stands in front of all: the text inside JSON.
bool step_piece(struct runner *r, const struct value *v, struct view text, struct item *ret);
bool text_is_in(struct view text, struct texts set);
// A value that cannot be read: as if_unknown says, which is a fault unless it says something else. raw: as it came.
bool step_unknown(struct runner *r, const struct value *v, enum reason reason, struct view raw, struct item *ret);
// The text of a string, a whole number, a bool or an enum.
bool node_text(struct runner *r, const struct schema_field *f, const struct index_node *n, struct view *ret);

// run_more.c: what a value says that is text, for the steps that need another value; empty when it says nothing.
bool helper_text(struct runner *r, const struct value *v, struct view *ret);
// prefix and suffix.
bool after_item(struct runner *r, const struct value *v, struct item *item);
// sort, dedupe, reverse.
bool order_items(struct runner *r, const struct value *v, struct items *list);
bool add_item(struct runner *r, struct items *list, const struct item *item);
// Whether a line that came out empty had to be there.
bool must_be_there(struct runner *r, const struct value *v, bool *ret);

// run_edit.c: the edits, one after the other. *reterr_reason is REASON_NONE unless one of them could not read the text.
bool edit_text(struct runner *r, struct edits edits, struct view *text, enum reason *reterr_reason);
// The texts inside JSON text; *ret_good is false when it is none.
bool json_texts(struct runner *r, const struct value *v, struct view text, struct view **ret, size_t *ret_count, bool *ret_good);

// run_items.c: the items of a selection, in its order; groups by their first item. Sets nothing.
struct picked {
	const struct index_node *item;
	const struct index_node *const *group;	// NULL without group_by
	size_t group_count;
};
bool select_items(struct runner *r, const struct path *items, const struct selection *s, struct picked **ret, size_t *ret_count);
// Makes the frame of a value with `item_of`; *ret_there is false when there is no such item.
bool enter_item(struct runner *r, const struct value *v, bool *ret_there);

// run_cel.c: what an expression gives, as the target's kind.
bool cel_item(struct runner *r, const struct value *v, struct item *ret);
bool cel_items(struct runner *r, const struct value *v, struct items *list);

// run_shown.c: what is allowed of the items; NULL when nothing of them is withheld.
const struct shape *shape_of_items(const struct runner *r, const struct path *items);
// Whether the recipient may see anything of the item; an item of which it may not is left out.
bool item_shows(struct runner *r, const struct path *items, const struct shape *shape, const struct index_node *item);

// run_verb.c: values of several fields.
bool join_item(struct runner *r, const struct value *v, struct item *ret);
bool fill_item(struct runner *r, const struct value *v, struct item *ret);
bool first_item(struct runner *r, const struct value *v, struct item *ret);
bool member_item(struct runner *r, const struct value *v, struct item *ret);
bool list_items(struct runner *r, const struct value *v, struct items *list);
bool flag_items(struct runner *r, const struct value *v, struct items *list);
bool lookup_item(struct runner *r, const struct value *v, struct item *ret);	// run_lookup.c

// run_write.c: appends (backwards) a node's value as it came in, without its tag. No messages.
void write_node(struct runner *r, const struct schema_field *f, const struct index_node *n);
// Appends (backwards) one value with its tag; *ret_wrote is false when it is the default of a field without presence.
bool write_item(struct runner *r, const struct schema_field *f, const struct item *item, bool *ret_wrote);
bool write_items(struct runner *r, const struct schema_field *f, const struct items *list, bool *ret_wrote);
// The nodes of a chain as an array, so that it can be walked from its end.
bool chain_nodes(struct runner *r, const struct index_node *first, const struct index_node ***ret, size_t *ret_count);

// mask.c: resolves env->masked and decides which lines are skipped. *ret_all: the whole mapping is guarded by a masked
// field.
bool masks_prepare(struct runner *r, bool *ret_all);
// Whether the field below this chain is masked. fields: from the root.
bool masks_cover(const struct runner *r, const struct schema_field *const *fields, size_t count);

#endif
