// SPDX-License-Identifier: Apache-2.0
// The kinds of files of a rule set: one row each, with the key that begins such a file, the folder it stands in, and
// the table that binds it. Loading, finding two of one name, and later the JSON Schemas walk this one list.
#ifndef EN_CONF_KINDS_H
#define EN_CONF_KINDS_H

#include "conf/bind.h"

enum conf_kind {
	CONF_AGENCY,
	CONF_AGREEMENT,
	CONF_ROUTE,
	CONF_SUBSCRIPTION,
	CONF_MAPPING,
	CONF_TABLE,
	CONF_RULE_KINDS,		// those before it are the rule set: loaded by the daemon, in the digest
	CONF_TESTS = CONF_RULE_KINDS,	// the rule set's own tests (tests.h)
	CONF_KIND_COUNT
};

struct conf_kind_row {
	const char *key;		// "mapping", the first key, whose value is the name
	const char *folder;		// "mappings"
	const struct bind_object *object;
};

extern const struct conf_kind_row conf_kinds[CONF_KIND_COUNT];

extern const struct bind_object conf_agency_object, conf_agreement_object, conf_route_object, conf_subscription_object,
    conf_mapping_object, conf_table_object, conf_tests_object, conf_daemon_object, conf_adapter_object;

// Binds the text of one file of that kind into a new struct in the arena. file is where findings say it stands; it
// need not exist. EN_ECONFIG when findings were added, EN_ENOMEM.
EN_MUST_CHECK enum en_err conf_kind_parse(enum conf_kind kind, struct view text, const char *file, struct arena *arena,
    struct findings *findings, void **ret);

// The same for a file that has no kind (enlace.yaml, adapter.yaml). dst is zeroed by the caller, of object's size.
EN_MUST_CHECK enum en_err conf_object_parse(const struct bind_object *object, struct view text, const char *file,
    struct arena *arena, struct findings *findings, void *dst);

// The same from a file; *ret is a new struct of object's size in the arena.
EN_MUST_CHECK enum en_err conf_object_load(
    const struct bind_object *object, const char *path, struct arena *arena, struct findings *findings, void **ret);

// Reads the whole file into text; when it cannot, a finding (E0101, E0108) says why. EN_ECONFIG, EN_ENOMEM.
EN_MUST_CHECK enum en_err conf_read_file(struct buf *text, const char *path, size_t max, struct findings *findings);

#endif
