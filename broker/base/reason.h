// SPDX-License-Identifier: Apache-2.0
// The closed list of reasons (reason.tbl.h). A reason is a code on the wire and in metrics, a text for a person.
#ifndef EN_BASE_REASON_H
#define EN_BASE_REASON_H

#include "base/err.h"

enum reason {
#define EN_REASON(name, code, en, es) name,
#include "base/reason.tbl.h"
#undef EN_REASON
	REASON_COUNT
};

// Never NULL.
const char *reason_code(enum reason reason);
const char *reason_text(enum reason reason, enum en_lang lang);
// REASON_COUNT when no reason has that code.
enum reason reason_from_code(const char *code);

#endif
