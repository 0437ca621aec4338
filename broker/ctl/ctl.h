// SPDX-License-Identifier: Apache-2.0
// Requests of operators and the replies, as JSON text in REQUEST and REPLY frames on the operators' endpoint, or over HTTP. This folder knows the
// rows (ctl.tbl.h), parses and checks requests against them and renders replies for people; it handles none: core/ and daemon/ do.
//
// A request: {"verb":"msg.ls","id":"7","args":{"state":"held"}}. The id comes back in the reply. Unknown verbs and arguments are errors with the
// nearest name.
#ifndef EN_CTL_CTL_H
#define EN_CTL_CTL_H

#include "base/arena.h"
#include "base/reason.h"

enum ctl_verb {
#define CTL(name, verb, changes, args, answers) name,
#include "ctl/ctl.tbl.h"
#undef CTL
	CTL_VERB_COUNT
};

struct ctl_row {
	const char *verb;
	bool changes;
	const char *args;
	const char *answers;
};
const struct ctl_row *ctl_row(enum ctl_verb verb);

#define CTL_ARG_MAX 8
struct ctl_arg {
	const char *name;	// of the row; NULL ends
	const char *text;	// of type s; NULL otherwise
	int64_t number;		// of types n and b
};
struct ctl_request {
	enum ctl_verb verb;
	const char *id;		// "" when none
	struct ctl_arg args[CTL_ARG_MAX + 1];	// those that were given
};

// Everything in the arena. On EN_EUSAGE reterr_text (200 bytes) says what is wrong and the nearest name.
EN_MUST_CHECK enum en_err ctl_request_parse(struct view json, struct arena *arena, struct ctl_request *ret, char reterr_text[200]);
// Appends a request's JSON; args as "name", "value" pairs, NULL-terminated.
EN_MUST_CHECK enum en_err ctl_request_build(enum ctl_verb verb, const char *id, const char *const *args, struct buf *out);
// NULL when it was not given.
const struct ctl_arg *ctl_arg(const struct ctl_request *request, const char *name);
// Appends {"ok":false,"id":...,"code":...,"text":...}.
void ctl_reply_error(struct buf *out, const char *id, const char *code, const char *text);
// Starts {"ok":true,"id":...  : the caller appends ,"key":value pairs and the closing brace.
void ctl_reply_begin(struct buf *out, const char *id);

#endif
