// SPDX-License-Identifier: Apache-2.0
#include "net/peers.h"

#include <stdlib.h>

#include "base/crypto.h"

#define NAME_BYTES (1 + PEER_ROUTING_ID_BYTES + 40)

void
peers_init(struct peers *p)
{
	uint64_t seeds[2];

	crypto_random(seeds, sizeof(seeds));
	strmap_init(&p->by_name, seeds[0]);
	strmap_init(&p->by_number, seeds[1]);
	p->next = 1;
}

void
peers_fini(struct peers *p)
{
	size_t at = 0;
	struct view key;
	void *peer;

	while (strmap_next(&p->by_name, &at, &key, &peer)) {
		free(peer);
	}
	strmap_fini(&p->by_name);
	strmap_fini(&p->by_number);
}

static struct view
name_of(uint8_t bytes[NAME_BYTES], enum net_endpoint endpoint, const uint8_t *routing_id, const char *key)
{
	bytes[0] = (uint8_t)endpoint;
	memcpy(bytes + 1, routing_id, PEER_ROUTING_ID_BYTES);
	memcpy(bytes + 1 + PEER_ROUTING_ID_BYTES, key, 40);
	return view_of(bytes, NAME_BYTES);
}

const struct peer *
peers_of(struct peers *p, enum net_endpoint endpoint, const uint8_t routing_id[PEER_ROUTING_ID_BYTES], const char *key)
{
	uint8_t bytes[NAME_BYTES];
	struct view name = name_of(bytes, endpoint, routing_id, key);
	struct peer *peer = strmap_get(&p->by_name, name);

	if (peer != NULL) {
		return peer;
	}
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL) {
		return NULL;
	}
	*peer = (struct peer){.number = p->next, .endpoint = endpoint};
	memcpy(peer->routing_id, routing_id, PEER_ROUTING_ID_BYTES);
	memcpy(peer->key, key, 40);
	if (strmap_put(&p->by_name, name, peer, NULL) != EN_OK) {
		free(peer);
		return NULL;
	}
	if (strmap_put(&p->by_number, view_of(&peer->number, sizeof(peer->number)), peer, NULL) != EN_OK) {
		(void)strmap_remove(&p->by_name, name);
		free(peer);
		return NULL;
	}
	p->next++;
	return peer;
}

const struct peer *
peers_get(const struct peers *p, uint64_t number)
{
	return strmap_get(&p->by_number, view_of(&number, sizeof(number)));
}

void
peers_forget(struct peers *p, uint64_t number)
{
	struct peer *peer = strmap_remove(&p->by_number, view_of(&number, sizeof(number)));
	uint8_t bytes[NAME_BYTES];

	if (peer != NULL) {
		(void)strmap_remove(&p->by_name, name_of(bytes, peer->endpoint, peer->routing_id, peer->key));
		free(peer);
	}
}
