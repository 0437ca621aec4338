// SPDX-License-Identifier: Apache-2.0
// The rule set's own tests, config/tests/*.yaml: cases (a record, through a mapping or the whole way, and what must come of it), visibility
// matrices (a CSV that a data officer can sign: rows are fields, columns agencies, cells F C P -) and round trips (what two mappings may lose). Bound by the same tables as the rules; they are no
// part of the rule set's digest, and the daemon does not read them. What a path, an agency or a mapping means is for trial/ to say.
#ifndef EN_CONF_TESTS_H
#define EN_CONF_TESTS_H

#include "conf/conf.h"
#include "conf/yaml.h"

// `path: value` or `path: [several]`.
struct conf_want {
	struct conf_text key;
	struct conf_list values;
};
struct conf_wants {
	struct conf_want *items;
	size_t count;
};

// What one output must be; where it is absent (line 0) nothing is asked.
struct conf_expect {
	struct where where;
	struct conf_wants equals;	// all fields of the message, and no others
	struct conf_wants contains;
	struct conf_list absent;
	struct conf_wants withheld;	// path -> label; an empty list of values: any
	struct conf_text error, at;	// a reason code, and the field that it names
	struct conf_list recipients;	// subscriptions that receive something of the input, and no others
	bool says_recipients;
	struct conf_wants missed;	// agency -> reason code
};

struct conf_known {			// a referral that the broker would remember
	struct where where;
	struct conf_text reference, referral_id, from, source_case, source_service;
};

// One field of the record through all its values, each of them a case of its own: what INM writes as MUJER becomes FEMALE.
struct conf_each {
	struct where where;
	struct conf_text field, gives;	// a path of the record, and one of the output
	struct conf_wants values;	// value -> what it gives; "": nothing
	struct conf_wants refused;	// value -> reason code
};

// One of record, input, file says the record. A member that is absent here is taken from the file's own.
struct conf_case {
	struct where where;
	struct conf_text name, mapping, type, sender, clock;
	struct conf_text agreement;	// with mapping: through what it grants; otherwise everything
	struct conf_text recipient;	// a subscription; without mapping
	struct conf_text record, file;
	const struct yaml_node *input, *changed, *case_consent;	// maps, in the set's arena; NULL
	struct conf_list without;	// keys of the record to leave out
	struct conf_expect *expects;	// one for each output or delivery
	size_t expect_count;
	bool expects_nothing;
	struct conf_each each;		// line 0: none; then the case has no expectations of its own
};

struct conf_matrix_row {
	struct conf_text field;
	struct conf_text *cells;	// column_count of them
};
struct conf_matrix {
	struct where where;
	struct conf_text name, message, from, purpose, file, signed_by;
	struct conf_text *columns;	// "agency" or "agency/purpose"
	size_t column_count;
	struct conf_matrix_row *rows;
	size_t row_count;
};

// Two mappings, of which the second leads back, and what is known to be lost between them: any other loss fails the test.
struct conf_round_trip {
	struct where where;
	struct conf_text name, there, back;
	struct conf_wants loses;	// field of the source -> codes of losses; a code of a table as "ida > middle > vuelta"
};

struct conf_tests {
	struct conf_text name, mapping, type, sender, clock;
	const struct yaml_node *records;	// a map of maps; NULL
	struct conf_known *known;
	size_t known_count;
	struct conf_case *cases;
	size_t case_count;
	struct conf_matrix *matrices;
	size_t matrix_count;
	struct conf_round_trip *round_trips;
	size_t round_trip_count;
};

struct conf_test_set {
	struct arena arena;
	struct conf_tests **files;
	size_t count;
};

// Loads every test file of a folder and of the folders in it, or the one file that path is; matrices with their CSVs. A folder that is not there holds none. Findings of all
// files at once; EN_ECONFIG when there are any, and *ret is NULL.
EN_MUST_CHECK enum en_err conf_test_set_load(const char *path, struct findings *findings, struct conf_test_set **ret);
void conf_test_set_free(struct conf_test_set **setp);

#endif
