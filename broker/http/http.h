// SPDX-License-Identifier: Apache-2.0
// Health and metrics for probes and Prometheus, on a loopback address by default (security R60): /livez, /readyz, /healthz, /metrics, /version.
// GET and HEAD only, no body is read, connections and their time are limited. This folder knows HTTP and the operators' contract (ctl/), and no core:
// every answer comes from the dispatch function that it is given at start.
//
// libmicrohttpd runs one thread of its own; dispatch is called from that thread and must be thread-safe and answer within a deadline.
#ifndef EN_HTTP_HTTP_H
#define EN_HTTP_HTTP_H

#include "ctl/ctl.h"

// Puts a reading request (no arguments) to the broker and appends its reply (ctl JSON; the bare text for CTL_METRICS) to out.
// EN_ETIMEOUT when the broker's loop did not answer: it hangs, and /livez says so.
typedef enum en_err (*http_dispatch_fn)(void *context, enum ctl_verb verb, struct buf *out);

struct http;

// address: "127.0.0.1:8570", "[::1]:0"; port 0 takes a free one. EN_EBUSY when the port is in use, EN_EUSAGE for a malformed address,
// EN_EDENIED when it may not be bound. context outlives the server.
EN_MUST_CHECK enum en_err http_open(const char *address, http_dispatch_fn dispatch, void *context, struct http **ret);
// Waits for requests under way.
void http_close(struct http **hp);
// "127.0.0.1:41234": the real address. Borrowed.
const char *http_address(const struct http *h);

#endif
