// SPDX-License-Identifier: Apache-2.0
// What is lost on the way from an agency's record into the shared vocabulary and back: two mappings, each in its own file, looked
// at together. Nothing runs: lines, steps and table rows say it.
//
// A field counts as kept when a line carries it into the vocabulary, a line of the way back reads it there and writes it to the
// field of the same name (the types may differ: a form that comes in is seldom the form that goes out), and no step between
// changes it. Each reason why a field is not kept is one loss; a code that does not come back as itself is one loss for each row.
#ifndef EN_MAP_ROUNDTRIP_H
#define EN_MAP_ROUNDTRIP_H

#include "map/map.h"

enum loss {
#define EN_LOSS(name, code, is_lost, en, es) name,
#include "map/roundtrip.tbl.h"
#undef EN_LOSS
	LOSS_COUNT
};

struct roundtrip_loss {
	enum loss kind;
	const char *field;	// of the source, native names
	const char *through;	// where it stands in the vocabulary; NULL when it is not there
	const char *detail;	// a code, a step, another field; NULL
	struct where there, back;	// the lines; line 0: none
};

// A field that comes back as it was.
struct roundtrip_kept {
	const char *field;	// of the source, native names
	const char *through;	// where it stands in the vocabulary
	struct where there, back;	// the lines
};

struct roundtrip {
	struct arena arena;	// owns every text
	struct roundtrip_kept *keeps;	// kept of them, in the order of the source's fields
	struct roundtrip_loss *losses;	// in the order of the source's fields
	size_t loss_count;
	size_t fields, kept;	// of the source: fields that hold a value, and those that come back as they were
};

// The way back must start where the way there ends (EN_EUSAGE otherwise). EN_ENOMEM. Both mappings must outlive the report.
EN_MUST_CHECK enum en_err roundtrip_report(const struct mapping *there, const struct mapping *back, struct roundtrip *ret);
void roundtrip_fini(struct roundtrip *r);

const char *loss_code(enum loss loss);	// "not_read"
enum loss loss_from_code(const char *code);	// LOSS_COUNT when there is no such
bool loss_is_whole(enum loss loss);	// nothing of the field comes back; otherwise something does, and it is not the same
const char *loss_text(enum loss loss, enum en_lang lang);

#endif
