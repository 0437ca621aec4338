// SPDX-License-Identifier: Apache-2.0
// Configuration files as immutable structs. Three steps, each a file of this folder:
//
//   yaml.h    libyaml events -> a tree of nodes with positions (no anchors, aliases, tags, second document, twin keys;
//             depth, size and event count limited; every scalar is text: NO, 01 and 1e3 stay what was written)
//   bind.h    tree -> struct, by a table of fields: one row per key with type, range, default, help; unknown keys are
//             findings
//             with the nearest name; up to LIMIT_FINDINGS findings are collected in one run
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
// bound as cel; it is not evaluated before the expression language is there, and E0114 says so.
struct conf_condition_term {
	struct conf_text path;
	struct conf_list any_of;
};
struct conf_condition {
	struct where where;	// line 0: no condition given, which always holds
	struct conf_condition_term *terms;
	size_t count;
	struct conf_text cel;
};

// ---- mapping ------------------------------------------------------------------------------------------------------
// One line of `set`. Which members are filled says which verb it is; the binder checks that exactly one source verb
// is there.
enum conf_value_kind {
	CONF_VALUE_COPY,	// `a.b: c` or {from: c, ...}
	CONF_VALUE_IS,		// {is: LITERAL}
	CONF_VALUE_ID_FROM,	// {id_from: [paths]}
	CONF_VALUE_JOIN,	// {join: [paths], with: " "}
	CONF_VALUE_CHOOSE,	// {choose: [...], otherwise: ...}
	CONF_VALUE_EACH,	// {each: path, called: name, set: {...}}
	CONF_VALUE_REFERRAL_BY,	// {referral_by: path}: the referral that the sender knows by its number
	CONF_VALUE_NOW,		// {now: recorded}: the time at which the broker recorded the input
	CONF_VALUE_SENDER,	// {sender: agency}: the agency that sent the event
};

struct conf_value;
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
	struct conf_text literal;		// IS; SENDER and NOW: the word
	struct conf_list paths;			// ID_FROM, JOIN
	// JOIN: separator, default one blank; parts that are absent or empty are left out
	struct conf_text with;
	// steps, in their fixed order
	struct conf_list empty_if;		// texts that mean "nothing"
	// trim, upper, lower, name_case, collapse_spaces, digits_only, strip_accents
	struct conf_list clean;
	struct conf_text table;			// code table
	// dd/mm/aaaa and the like; several formats are tried in order by a list in `dates`
	struct conf_text date;
	struct conf_list dates;
	struct conf_list true_if, false_if;
	// what to set when nothing came: {is: ...} or another value; NULL: the field stays absent
	const struct conf_value *if_empty;
	// CHOOSE
	struct conf_choose_arm *arms;
	size_t arm_count;
	const struct conf_value *otherwise;	// NULL: hold (or absent when otherwise_absent)
	bool otherwise_hold, otherwise_absent;
	struct where otherwise_where;		// line 0: `otherwise` is missing, which is a finding of map/
	// EACH
	struct conf_text called;
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
	struct conf_text name, agency, purpose, as, start;	// start: now | beginning
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
// are text. direction: one_way (the default) or both_ways. The header may name other columns than from, to and label,
// and the separator ";" (table.c).
struct conf_table {
	struct conf_text name, system_from, system_to, version, owner, direction, valid_from, valid_to, provenance;
	const char *csv_path;
	struct conf_table_row {
		const char *from, *to, *label;	// label may be NULL
		struct where where;
	} *rows;
	size_t row_count;
};

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
struct conf_set {
	struct arena arena;
	struct conf_mapping **mappings;
	struct conf_route **routes;
	struct conf_agreement **agreements;
	struct conf_subscription **subscriptions;
	struct conf_agency **agencies;
	struct conf_table **tables;
	size_t mapping_count, route_count, agreement_count, subscription_count, agency_count, table_count;
	uint8_t digest[32];		// over all files, names and contents, in sorted order: the rule set's digest
};

// Loads every file of dir; symbolic links and files that are not .yaml or .csv are findings, editors' backups (name~,
// .name) are passed over. Two things of one kind and name are a finding. On EN_ECONFIG the findings say why and *ret
// is NULL.
EN_MUST_CHECK enum en_err conf_set_load(const char *dir, struct findings *findings, struct conf_set **ret);
void conf_set_free(struct conf_set **setp);
// One file of the kind wanted, for tests and tools. text is the whole file; path is used in findings.
EN_MUST_CHECK enum en_err conf_mapping_parse(struct view text, const char *path, struct arena *arena,
    struct findings *findings, struct conf_mapping **ret);
// enlace.yaml; relative paths in it are made relative to its folder.
EN_MUST_CHECK enum en_err conf_daemon_load(
    const char *path, struct arena *arena, struct findings *findings, struct conf_daemon **ret);

#endif
