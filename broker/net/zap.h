// SPDX-License-Identifier: Apache-2.0
// Our ZAP handler (ZeroMQ RFC 27): who may finish a CURVE handshake. It runs as an actor of its own, with the keys in memory; libzmq asks it for each
// handshake over inproc. The user id that it returns is the public key itself, in Z85: what a key means is looked up with every message, in the table
// of that moment, so that a revoked key is without rights at its next message.
//
// Fail closed: an unknown domain, mechanism, version, or a request of another shape is refused.
#ifndef EN_NET_ZAP_H
#define EN_NET_ZAP_H

#include "net/net.h"

struct zap;

// Starts the actor and asks it about a key that nobody has: an answer other than a refusal is EN_EINTERNAL.
EN_MUST_CHECK enum en_err zap_open(const struct net_key *keys, size_t count, struct zap **ret);
void zap_close(struct zap **zp);
EN_MUST_CHECK enum en_err zap_set_keys(struct zap *z, const struct net_key *keys, size_t count);
uint64_t zap_refused(const struct zap *z);
uint64_t zap_accepted(const struct zap *z);
uint64_t zap_full(const struct zap *z);
bool zap_next_refusal(struct zap *z, struct net_refusal *ret);

#endif
