// SPDX-License-Identifier: Apache-2.0
#include <czmq.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "net/net.h"

// libzmq makes the routing ids of its peers from rand(); unseeded, or seeded with the time as czmq does, they can be guessed, and a peer that chooses one of
// them disturbs the whole broker (security R23a). So: after czmq, before the first socket.
static void
seed_routing_ids(void)
{
	unsigned int seed;

	crypto_random(&seed, sizeof(seed));
	srand(seed);
}

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < LIMIT_DESCRIPTORS) {
		limit.rlim_cur = limit.rlim_max < LIMIT_DESCRIPTORS ? limit.rlim_max : LIMIT_DESCRIPTORS;
		(void)setrlimit(RLIMIT_NOFILE, &limit); // the lower one is kept, and sessions are refused earlier
	}
}

enum en_err
net_init(void)
{
	enum en_err err = crypto_init();

	if (err != EN_OK) {
		return err;
	}
	zsys_handler_set(NULL); // signals belong to main
	if (zsys_init() == NULL) {
		return EN_EINTERNAL;
	}
	zsys_set_linger(0);
	raise_descriptor_limit();
	seed_routing_ids();
	return EN_OK;
}

void
net_fini(void)
{
	zsys_shutdown();
}
