// SPDX-License-Identifier: Apache-2.0
// Why a client cannot come in, for doctors: libzmq itself stays silent and tries again for ever, but its monitor tells the steps apart.
#ifndef EN_NET_PROBE_H
#define EN_NET_PROBE_H

#include "net/net.h"

enum net_probe_result {
	NET_PROBE_WELCOME_POSSIBLE,	// the CURVE handshake succeeded: both keys are right
	NET_PROBE_UNREACHED,		// no TCP connection
	NET_PROBE_KEY_REFUSED,		// the broker does not know our key, or it expired
	NET_PROBE_WRONG_SERVER,		// the other side hung up in the handshake: it does not have the key that we pinned, or is no broker
	NET_PROBE_SILENT		// connected, but nothing came in time
};

// Blocks up to timeout_ms. EN_EUSAGE for a malformed endpoint or key.
EN_MUST_CHECK enum en_err net_probe(const struct net_client_options *options, uint32_t timeout_ms, enum net_probe_result *ret);

#endif
