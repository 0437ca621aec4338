// SPDX-License-Identifier: Apache-2.0
// The operators' contract: every request that the broker answers, once. The command line, the console and the tests use these rows.
// Columns: name, verb, changes something, arguments ("name:type" with type s text, n number, b boolean; '?' optional), what it answers.
// Included several times: no guard. A reply is {"ok":true, ...} or {"ok":false,"code":...,"text":...,"field":...}.
CTL(CTL_STATUS,      "status",      0, "",                                             "agencies, subscriptions with counts, held, dead letters, sessions, the journal (damaged records and their positions with a remedy, how many of those at the start were verified and when all were); what needs somebody stands first")
CTL(CTL_MSG_LS,      "msg.ls",      0, "state:s? agency:s? subscription:s? after:n? limit:n?", "rows of messages: position, agency, type, id, state (held, which is the default, or dead), code, field, since_ms; by position, those behind `after`; limit is 1000 at most, and dead letters of one position are told together")
CTL(CTL_MSG_SHOW,    "msg.show",    0, "position:n",                                   "one message: envelope ids, mapping outputs, decisions, deliveries and their outcomes, who was missed and why, hidden fields; no values")
CTL(CTL_MSG_RELEASE, "msg.release", 1, "position:n? code:s? reason:s",                 "translates held messages again under the rules of now; released, still_held")
CTL(CTL_SUB_LS,      "sub.ls",      0, "",                                             "rows of subscriptions: name, agency, purpose, as, removed (the rules do not name it, something is owed), attached, matched, taken, dead, discarded, expired, withheld, erased, pending, oldest_ms")
CTL(CTL_METRICS,     "metrics",     0, "",                                             "text: the Prometheus exposition")
CTL(CTL_HEALTH,      "health",      0, "",                                             "status and checks: journal, rules, draining, store space")
CTL(CTL_RELOAD,      "reload",      1, "",                                             "digest of the rules now in force, or findings")
CTL(CTL_DIGEST,      "debug.digest",0, "",                                             "digest of the whole folded state, equal before and after a restart")
CTL(CTL_VERSION,     "version",     0, "",                                             "version, rule set digest, schema digest")
