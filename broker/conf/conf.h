// SPDX-License-Identifier: Apache-2.0
// Configuration files as immutable structs. Three steps, each a file of this folder:
//
//   yaml.h    libyaml events -> a tree of nodes with positions (no anchors, aliases, tags, second document, twin keys;
//             depth, size and event count limited; every scalar is text: NO, 01 and 1e3 stay what was written)
//   bind.h    tree -> struct, by a table of fields: one row per key with type, range, default, help; unknown keys are
//             findings with the nearest name; up to LIMIT_FINDINGS findings are collected in one run
//   conf.h    the structs and the loader of a whole folder: one kind per struct, known by the first key of the document
//
// A file under config/ may hold several documents' worth of one kind? No: one document a file, one thing a document.
// Nothing here knows what a path, a table or an agency means: names are text with a place, and map/ and rules/ give
// them meaning.
//
// Ownership: everything hangs in the arena of the struct conf_set, or in the arena given. Immutable after
// loading: any thread.
#ifndef EN_CONF_CONF_H
#define EN_CONF_CONF_H

#include "base/finding.h"

// A name or value as written, with its place. text is NULL when the key was absent (or has a default: then where.line
// is 0).
struct conf_text {
	const char *text;
	struct where where;
};

struct conf_list {	// of texts
	struct conf_text *items;
	size_t count;
};

// A length of time: "30 s", "5 min", "4 h", "3 days" (English and Spanish units: s min h d, days, dias). absent: ms
// 0, where.line 0.
struct conf_duration {
	uint64_t ms;
	struct where where;
};

// ---- conditions: `when: {nna: S, acompanamiento: [SOLO, SEPARADO]}` -----------------------------------------------
// All terms must hold; a list means any of. A term whose field is absent or empty does not match. {cel: "..."} is
// an expression that gives true or false; cel is its text.
// {field: {present: true}} asks whether it is there and not empty, {field: {not: [A, B]}} whether it is there and none
// of these.
enum conf_test { CONF_ANY_OF, CONF_NONE_OF, CONF_PRESENT, CONF_NOT_PRESENT };
struct conf_condition_term {
	struct conf_text path;
	enum conf_test test;
	struct conf_list any_of;
};
struct conf_condition {
	struct where where;	// line 0: no condition given, which always holds
	struct conf_condition_term *terms;
	size_t count;
	struct conf_text cel;
};

// ---- mapping ------------------------------------------------------------------------------------------------------
// One line of `set`: one verb, which says where the value comes from, and steps, which run in the fixed order of the
// members below. Which step goes with which verb is a table of value.c.
enum conf_value_kind {
	CONF_VALUE_COPY,	// `a.b: c` or {from: c, ...}
	CONF_VALUE_IS,		// {is: LITERAL}
	CONF_VALUE_ID_FROM,	// {id_from: [paths]}
	CONF_VALUE_FIRST_OF,	// {first_of: [paths]}: the first that is there and not empty
	CONF_VALUE_JOIN,	// {join: [paths], with: " "}
	CONF_VALUE_FILL,	// {fill: "{local} ({latin})"}: a text with fields in it
	CONF_VALUE_LIST_OF,	// {list_of: [paths]}: several fields as the items of one list
	CONF_VALUE_FLAGS,	// {flags: {field: CODE}, true_if: [..]}: the codes of the fields that say yes
	CONF_VALUE_LOOKUP,	// {lookup: TABLE, match: {column: value}, take: column}
	CONF_VALUE_CHOOSE,	// {choose: [...], otherwise: ...}
	CONF_VALUE_EACH,	// {each: path, called: name, set: {...}}
	CONF_VALUE_REFERRAL_BY,	// {referral_by: path}: the referral that the sender knows by its number
	CONF_VALUE_NOW,		// {now: recorded}: the time at which the broker recorded the input
	CONF_VALUE_SENDER,	// {sender: agency}: the agency that sent the event
	CONF_VALUE_CEL,		// {cel: "..."}: what an expression gives
};

struct conf_value;
// `if_unknown`: what becomes of a value that the steps cannot read, as a code that is in no table.
enum conf_unknown { CONF_UNKNOWN_HOLD, CONF_UNKNOWN_ABSENT, CONF_UNKNOWN_KEEP, CONF_UNKNOWN_VALUE };
struct conf_named_value {			// {column: value}
	struct conf_text name;
	const struct conf_value *value;
};
struct conf_alias {				// {Accepted: [Accetped, acepted]}
	struct conf_text value;
	struct conf_list spellings;
};
struct conf_choose_arm {
	struct where where;
	struct conf_condition when;
	const struct conf_value *value;		// what the arm sets: is, from with its steps, ...
	struct conf_text because;
};

struct conf_value {
	enum conf_value_kind kind;
	struct where where;
	struct conf_text from;			// COPY, REFERRAL_BY, EACH: the source path
	struct conf_text literal;		// IS; SENDER and NOW: the word; FILL, CEL: the text
	struct conf_list paths;			// ID_FROM, JOIN, FIRST_OF, LIST_OF
	// JOIN: separator, default one blank; parts that are absent or empty are left out
	struct conf_text with;
	bool reversible;			// JOIN, FILL: parts that could not be told apart again hold the event
	struct conf_named_value *pairs;		// FLAGS: field -> code (value IS); LOOKUP: column -> value
	size_t pair_count;
	struct conf_text lookup, take;		// LOOKUP: the table, and the column wanted
	struct conf_text ancestor;		// LOOKUP: the level above the row found
	struct conf_text expect;		// LOOKUP: one (the default) or first
	// which item of a repeated message the value is about; for EACH, which items and in which order
	struct conf_text item_of, called;
	struct conf_condition keep_if;		// `where`
	const struct conf_value *sort_by;
	struct conf_text pick;			// `only`: one (the default), first or last
	const struct conf_value *group_by;	// EACH: one target item for each value of it,
	struct conf_text all_called;		// in which this name stands for all items of the group
	// steps, in their fixed order
	struct conf_list empty_if;		// texts that mean "nothing"
	struct conf_text split;			// a text into a list
	struct conf_text json;			// a path inside JSON text
	// strip_html, unescape, trim, upper, lower, name_case, collapse_spaces, digits_only, strip_accents, strip_zeros
	struct conf_list clean;
	struct conf_alias *aliases;
	size_t alias_count;
	struct conf_list strip_prefix, strip_suffix;
	struct conf_text pattern, part;		// "{case}#{service}" and which of its parts
	struct conf_text extract;		// a regular expression: the one piece of the text that follows it
	uint64_t first_characters, last_characters, pad_left;
	struct conf_text matches;		// a regular expression that the whole text follows
	struct conf_text name_part, name_order;
	// conversion: one of
	struct conf_text table;			// code table
	struct conf_text direction;		// of a table that goes both ways: forward or backward
	// dd/mm/aaaa and the like; several formats are tried in order by a list in `dates`
	struct conf_text date;
	struct conf_list dates;
	struct conf_text years_from;		// of two-digit years: 1930 makes 29 2029 and 30 1930
	const struct conf_value *age_at, *born_at;
	struct conf_list true_if, false_if;
	struct conf_text contains;
	struct conf_text number;		// a number as the source writes it: "1.234,5"
	const struct conf_value *times;
	struct conf_text decimals;
	struct conf_text phone;			// the table of countries
	const struct conf_value *country;
	struct conf_text geo, geo_as;
	// what may come out, and how much of it
	struct conf_list between;
	struct conf_text coarsen;
	struct conf_list bands;
	struct conf_text above, above_is;	// more_than: {number: 3, is: "more than 3"}
	struct conf_text prefix, suffix;
	struct conf_list list;			// sort, dedupe, reverse
	// what to set when nothing came: {is: ...} or another value; NULL: the field stays absent
	enum conf_unknown if_unknown;
	struct where if_unknown_where;		// line 0: not said, which is hold
	const struct conf_value *unknown_value;
	const struct conf_value *if_empty;
	bool required;
	struct conf_condition required_if;
	struct conf_text only_on;		// create or update; text NULL: both
	// CHOOSE
	struct conf_choose_arm *arms;
	size_t arm_count;
	const struct conf_value *otherwise;	// NULL: hold (or absent when otherwise_absent)
	bool otherwise_hold, otherwise_absent;
	struct where otherwise_where;		// line 0: `otherwise` is missing, which is a finding of map/
	// EACH
	struct conf_set_line *set;
	size_t set_count;
};

struct conf_set_line {
	struct conf_text target;		// "person.sex"
	const struct conf_value *value;
};

struct conf_mapping {
	struct conf_text name, from, to, owner;
	struct conf_condition when;		// which inputs this mapping takes; none: all of its type
	struct conf_text one_event_per;		// item_of; empty: one event per input
	struct conf_text one_event_called;
	struct conf_condition one_event_where;	// which items; none: all
	const struct conf_value *one_event_key;	// what an event is known by; NULL: the item's position
	struct conf_set_line *set;
	size_t set_count;
	struct conf_set_line *unused;		// source path -> reason (value->literal)
	size_t unused_count;
};

// ---- route, agreement, subscription, agency (design section 8) ----------------------------------------------------
struct conf_recipient {
	struct where where;
	struct conf_text agency;		// or
	bool addressee;				// the event's own addressee (Referral.to.agency)
	struct conf_list among;			// addressee only: groups of agencies it must belong to; empty: any
	struct conf_duration acknowledge, decide;	// answer_within
};

struct conf_route {
	struct conf_text name, purpose;
	struct conf_list types;			// canonical names without package: Referral
	struct conf_condition when;
	struct conf_list reads;			// labels
	struct conf_recipient *send_to;
	size_t send_to_count;
	struct conf_list late_tell;
	struct conf_duration late_every;
	struct conf_text if_nobody_receives;	// hold | alarm | fine; text NULL: the default of the type
};

struct conf_grant {
	struct conf_text label, level;		// level: full | coarse | pseudonym
};

struct conf_agreement {
	struct conf_text name;
	struct conf_list from, to, purposes, legal_bases;
	struct conf_grant *may_see, *after_accepted;
	size_t may_see_count, after_accepted_count;
	// yyyy-mm-dd, both included; zone is an IANA name, UTC when absent
	struct conf_text first_day, last_day, zone;
	struct conf_text keep;
};

struct conf_subscription {
	struct conf_text name, agency, purpose, as, start;	// start: now
	struct conf_list receives;
	struct conf_condition when;		// a filter
	struct conf_duration *retry_after;
	size_t retry_after_count;
	struct conf_duration give_up;
	struct conf_text then;			// dead_letter
	struct conf_text on_dead_letter;	// hold_case | continue
	struct conf_duration oldest_waits, nobody_attached;
};

struct conf_agency {
	struct conf_text name, title, kind;	// kind: authority | un | civil_society
	struct conf_list groups;		// shelters, ...
	struct conf_list publishes;		// message types that it may send: inm.v1.Acta
	struct conf_list sources;		// CloudEvents sources that it may use; empty: urn:enlace:NAME only
	struct conf_text contact;
	bool operator;				// its keys may use the operators' endpoint
	struct conf_list operator_may;		// verbs of the operators' endpoint; "*" for all
};

// A code table: a YAML header (file.yaml) beside a CSV (file.csv, UTF-8, a first row with the columns' names). Codes
// are text. direction: one_way (the default) or both_ways. valid_from and valid_to: yyyy-mm-dd, both included. The
// header may name other columns than from, to and label, and the separator ";" (table.c).
//
// A header with `columns` makes a wide table, for lookups: rows of so many cells, of which any may be asked for. With
// parent_column and level_column its rows are a hierarchy of the codes in code_column.
struct conf_table {
	struct conf_text name, system_from, system_to, version, owner, approved_by, direction, valid_from, valid_to;
	struct conf_text provenance;
	const char *csv_path;
	struct conf_table_row {
		const char *from, *to, *label;	// label may be NULL; in a wide table all three are ""
		const char *const *cells;	// of a wide table, by its columns
		struct where where;
	} *rows;
	size_t row_count;
	struct conf_list columns;		// of a wide table; count 0: not wide
	struct conf_text code_column, parent_column, level_column;
	struct conf_pair {			// examples: {from: to}, what somebody looked at when the table was approved
		struct conf_text from, to;
	} *examples;
	size_t example_count;
};

// Which of a wide table's columns has that heading; false when none.
bool conf_table_column(const struct conf_table *table, const char *name, size_t *ret);

// ---- the daemon's own settings, enlace.yaml -----------------------------------------------------------------------
struct conf_daemon {
	struct conf_text listen;		// tcp://127.0.0.1:5570; port 0 binds a free one
	struct conf_text operators;		// ipc://...
	struct conf_text http;			// 127.0.0.1:8570
	struct conf_text key;			// the broker's secret key file
	struct conf_text keys;			// folder with the agencies' public keys
	struct conf_text rules;			// folder: the rule set (default: the folder of this file)
	struct conf_text schemas;		// folder with *.binpb
	struct conf_text journal;		// folder
	struct conf_text id_secret;		// file with the secret for keyed ids
	struct conf_text user;			// dropped to when started as root
	struct conf_text log_level, language;
	uint64_t journal_quota_bytes, frame_bytes, event_bytes, window_events, window_bytes, parked, held;
	uint64_t dedup_per_source;
	uint64_t heartbeat_ms, sessions, sessions_per_agency, hot_bytes, publish_window;
};

// ---- loading ------------------------------------------------------------------------------------------------------
// A rule set's files: agencies/, agreements/, routes/, subscriptions/, mappings/, codes/ under one folder.
struct conf_file {		// as it was read
	const char *name;		// below the rule set's folder: "mappings/inm-acta-to-referral.yaml"
	struct view bytes;
};

struct conf_set {
	struct arena arena;
	struct conf_file *files;
	size_t file_count;
	struct conf_mapping **mappings;
	struct conf_route **routes;
	struct conf_agreement **agreements;
	struct conf_subscription **subscriptions;
	struct conf_agency **agencies;
	struct conf_table **tables;
	size_t mapping_count, route_count, agreement_count, subscription_count, agency_count, table_count;
	bool has_broken_tables;		// of what could be read: some table is not there, or not whole
	uint8_t digest[32];		// over all files, names and contents, in sorted order: the rule set's digest
};

// Loads every file of dir; symbolic links and files that are not .yaml or .csv are findings, editors' backups (name~,
// .name) are passed over. Two things of one kind and name are a finding. On EN_ECONFIG the findings say why, and *ret is
// what could be read, for more to be found in it, or NULL; otherwise NULL.
EN_MUST_CHECK enum en_err conf_set_load(const char *dir, struct findings *findings, struct conf_set **ret);
void conf_set_free(struct conf_set **setp);
// One file of the kind wanted, for tests and tools. text is the whole file; path is used in findings.
EN_MUST_CHECK enum en_err conf_mapping_parse(struct view text, const char *path, struct arena *arena,
    struct findings *findings, struct conf_mapping **ret);
// enlace.yaml; relative paths in it are made relative to its folder.
EN_MUST_CHECK enum en_err conf_daemon_load(
    const char *path, struct arena *arena, struct findings *findings, struct conf_daemon **ret);

#endif
