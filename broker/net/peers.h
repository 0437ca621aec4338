// SPDX-License-Identifier: Apache-2.0
// Our numbers for peers: (endpoint, routing id, key) <-> a number that is never used again in this process. An id whose key changed is another peer.
#ifndef EN_NET_PEERS_H
#define EN_NET_PEERS_H

#include "base/strmap.h"
#include "net/net.h"

#define PEER_ROUTING_ID_BYTES 5

struct peer {
	uint64_t number;
	enum net_endpoint endpoint;
	uint8_t routing_id[PEER_ROUTING_ID_BYTES];
	char key[41];
};

struct peers {
	struct strmap by_name, by_number;	// both -> struct peer; the first owns
	uint64_t next;
};

void peers_init(struct peers *p);
void peers_fini(struct peers *p);
// Finds or adds. NULL without memory.
const struct peer *peers_of(struct peers *p, enum net_endpoint endpoint, const uint8_t routing_id[PEER_ROUTING_ID_BYTES], const char *key);
const struct peer *peers_get(const struct peers *p, uint64_t number);	// NULL
void peers_forget(struct peers *p, uint64_t number);

#endif
