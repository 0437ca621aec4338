// SPDX-License-Identifier: Apache-2.0
// Whether who speaks the old version of a schema and who speaks the new one understand each other, on the wire and in JSON. The rules are those
// of buf's category WIRE_JSON, by their names (compat.tbl.h): a rule says what may not change between two things that are the same one, which
// are files of one path, messages, enums and services of one full name, fields and values of one number, extensions of one type and number.
//
// One rule is our own: FIELD_SAME_LABEL. The bytes of a field say the same under another label, but other people may read it: agreements grant
// labels. It looks at the field's own label and `coarse`, not at what it has from the fields above it.
//
// A message, an enum or a service that is gone breaks no rule: what was sent in it is unknown, not misread.
#ifndef EN_SCHEMA_COMPAT_H
#define EN_SCHEMA_COMPAT_H

#include "schema/schema.h"

enum compat_rule {
#define COMPAT_RULE(name, code) COMPAT_##name,
#include "schema/compat.tbl.h"
#undef COMPAT_RULE
	COMPAT_RULE_COUNT
};

const char *compat_rule_name(enum compat_rule rule);		// "FIELD_SAME_NAME"
enum finding_code compat_rule_code(enum compat_rule rule);	// E0217

// Every text lives in the report.
struct compat_breach {
	enum compat_rule rule;
	struct where where;	// in the new version's .proto; line 0 when the set has no source info
	const char *scope;	// full name of the message, enum or service; the package of a file
	const char *member;	// the field, extension, value or method; NULL for the scope itself
	const char *detail;
};

struct compat_report {
	enum en_lang lang;	// of the details
	struct arena arena;
	struct compat_breach *items;
	size_t count, cap;
};

void compat_report_init(struct compat_report *r, enum en_lang lang);
void compat_report_fini(struct compat_report *r);
// Two sealed schemas into an empty report, in the order of the new version's files and lines. EN_ENOMEM.
EN_MUST_CHECK enum en_err compat_check(const struct schema *old, const struct schema *new, struct compat_report *r);

#endif
