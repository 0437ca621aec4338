// SPDX-License-Identifier: Apache-2.0
// Mappings: how one message type becomes another. Text (conf/) -> checked program (mapping_compile) -> plan for a set of grants
// (plan_new) -> run over an indexed payload, straight to output bytes.
//
//   compile   every path, type, cardinality, enum value, table and label is checked against both schemas; all findings at once
//   plan      what a recipient may not know is not in it: a line that reads a field whose label is not granted is left out,
//             and so the field is never read (design 2.4)
//   run       pure: input bytes, plan and environment in; output bytes, lineage or a fault out. No clock, random, file.
//
// A struct mapping and a struct plan are immutable and may be shared between threads; a struct map_run is one thread's scratch.
//
// Paths: a bare name is a field of the source message (by name or native json_name), dots go down, `called` names of
// one_event_per and each stand for the item at hand. Path elements that contain dots or slashes are matched against json_names first.
// Absent, empty and null stay distinct: `empty` in empty_if/if_empty means absent, "" or one of empty_if.
//
// Targets: a field is set once. One item of a repeated message is filled as name[1].field (name[2], ... for more, at most LIMIT_ELEMENT); an item, of
// these or of an `each`, in which only constants came out is left out. A text becomes a list by its source's list separator.
// Conversions: a whole number into text or a wider number by itself; text into a number strictly; codes only by a table, also into an equal
// enum of another name; text into a date by `date`. A moment (a message of int64 ms) needs a zone: a literal Z, zzz (Z or +hh:mm in the text),
// or in brackets behind the format, "dd/mm/aaaa HH:mi [-06:00]"; `dates: [aaaa-mm-dd, aaaa-mm, aaaa]` writes as much of a partial date as is known.
// id_from leaves the field absent when a part is absent or empty; its key covers the target's package, the sender and the parts.
#ifndef EN_MAP_MAP_H
#define EN_MAP_MAP_H

#include "base/clock.h"
#include "base/reason.h"
#include "conf/conf.h"
#include "schema/index.h"

// ---- code tables --------------------------------------------------------------------------------------------------------------
struct code_tables;	// by name; immutable
EN_MUST_CHECK enum en_err code_tables_new(const struct conf_set *set, struct findings *findings, struct code_tables **ret);
void code_tables_free(struct code_tables **tp);

// ---- grants: what an agreement lets a recipient know -----------------------------------------------------------------------------
// pseudonym: only as a part of id_from. coarse: that, and fields that are themselves marked (coarse). full: all of the label.
enum grant { GRANT_NONE, GRANT_PSEUDONYM, GRANT_COARSE, GRANT_FULL };
struct grants {
	uint8_t level[LABEL_COUNT];	// enum grant; OPERATIONAL is always readable, UNSPECIFIED never but under grants_all
};
// Everything, labelled or not: inbound mappings read what their own agency sent. A field without a label is readable under this value alone.
struct grants grants_all(void);
struct grants grants_none(void);	// OPERATIONAL alone

// ---- program ----------------------------------------------------------------------------------------------------------------------
struct mapping;
// Findings E03xx and E04xx. The conf and schema must outlive the mapping. EN_ECONFIG when there are errors; *ret untouched then.
EN_MUST_CHECK enum en_err mapping_compile(const struct conf_mapping *conf, const struct schema *schema, const struct code_tables *tables,
    struct findings *findings, struct mapping **ret);
void mapping_free(struct mapping **mp);
const char *mapping_name(const struct mapping *m);
const struct schema_type *mapping_from(const struct mapping *m);
const struct schema_type *mapping_to(const struct mapping *m);

// ---- conditions, also for routes and subscriptions -------------------------------------------------------------------------------
// Compiled against one type. Reading labels: condition_labels.
struct condition;
// No terms: *ret is a condition that always holds. Findings: unknown path, value not in the enum or closed list, a path through a repeated message.
EN_MUST_CHECK enum en_err condition_compile(const struct conf_condition *conf, const struct schema_type *type, struct findings *findings, struct condition **ret);
void condition_free(struct condition **cp);
// What a condition is asked about besides the message. Expressions alone look at it.
struct cel_run;
struct condition_ask {
	int64_t wall_ms;	// when the event was recorded
	const char *sender;	// the agency that sent it
	struct cel_run **run;	// the caller's scratch: made when it is first needed, one thread's, freed by cel_run_free
};
// CONDITION_ERROR is never "no match" (design 2.3).
enum condition_result { CONDITION_FALSE, CONDITION_TRUE, CONDITION_ERROR };
enum condition_result condition_holds(const struct condition *c, const struct index *ix, const struct condition_ask *ask);
// A bit per enum label: what the condition reads.
uint32_t condition_labels(const struct condition *c);

// ---- plan -------------------------------------------------------------------------------------------------------------------------
struct plan;
// A required target (option `required`, or proto2 required) that would need a withheld field, or a visible field that is guarded by a
// hidden one, is a finding (E04xx) and EN_ECONFIG. findings may be NULL where only the verdict matters.
EN_MUST_CHECK enum en_err plan_new(const struct mapping *m, const struct grants *grants, struct findings *findings, struct plan **ret);
void plan_free(struct plan **pp);
const struct mapping *plan_mapping(const struct plan *p);
// Target fields that this plan never fills because of the grants: path in the target's names, native path, and the label that hides it.
struct plan_hidden {
	const char *target;
	const char *native;
	enum label label;
	struct where where;	// the mapping's line
};
const struct plan_hidden *plan_hidden_fields(const struct plan *p, size_t *ret_count);

// ---- run --------------------------------------------------------------------------------------------------------------------------
// What a mapping may know besides the input. Everything is borrowed for the call.
struct map_env {
	int64_t recorded_wall_ms;	// {now: recorded}
	const char *sender;		// {sender: agency}
	struct view event_id;		// of the input event
	bool is_update;			// only_on: a later revision of what was sent before
	uint8_t id_key[32];		// secret of the rule set for {id_from}: keyed, not reversible
	// {referral_by}: the referral that `sender` knows under `reference`; false when unknown. *ret is borrowed until the next call.
	bool (*referral_by)(void *context, const char *sender, struct view reference, struct view *ret_referral_id);
	void *context;
	// Paths of the canonical message that the person withheld (Consent.withheld): masked like a missing grant. NULL-terminated or NULL.
	// A path of which the message knows only the beginning masks that much; one of which it knows nothing masks nothing. When `when` or
	// one_event_per reads a masked field there is no output.
	const char *const *masked;
};

struct map_fault {
	enum reason reason;	// REASON_TABLE_MISS, ...
	struct where where;	// the mapping's file:line:col
	char mapping[64];
	char target[256];	// path in the target
	char source[256];	// path in the source, native names; "" when none
	char table[64];		// for a table miss
};

struct map_output {
	struct view payload;	// in run->arena
	struct view split_key;	// text of the item's position ("0", "1", ...) or "" without one_event_per
};

// Where one output field came from; recorded only when run->trace is set.
struct map_trace {
	const char *target, *native;	// by names and by json_names; an item of a list has no number here
	const char *source;		// native names, ", " between several; NULL for constants
	uint32_t output;		// which of the run's outputs
	struct where line;		// of `set`
	struct where where;		// the value in it: an arm of a choice, what if_empty says, or the line's own
	const char *table;		// NULL
	struct where table_row;
	const char *because;		// NULL
	const char *decided_by;		// native names of what a choice tests, or of what was empty or unknown, for the value to be taken; NULL
};

struct map_run {
	struct arena arena;		// outputs and scratch; reset at the start of every call
	struct cel_run *cel;		// of expressions; NULL before the first
	struct map_output *outputs;
	size_t output_count;
	bool trace;
	struct map_trace *traces;
	size_t trace_count;
};

void map_run_init(struct map_run *run);
void map_run_fini(struct map_run *run);
// EN_OK with 0..LIMIT_OUTPUTS_PER_INPUT outputs (0: the mapping's `when` does not hold, or one_event_per found no item), or EN_EMAPPING with the
// fault, or EN_ENOMEM. All or nothing.
EN_MUST_CHECK enum en_err plan_run(const struct plan *p, const struct index *input, const struct map_env *env, struct map_run *run, struct map_fault *reterr_fault);

#endif
