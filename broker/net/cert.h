// SPDX-License-Identifier: Apache-2.0
// CURVE key files in czmq's zcert format: NAME.cert with the public key and metadata, NAME.cert_secret with both keys, mode 0600.
// A secret file that group or others can read is refused (EN_EDENIED): that is checked before it is opened.
// Metadata: agency, created, valid_to (yyyy-mm-dd; absent: for ever), comment.
#ifndef EN_NET_CERT_H
#define EN_NET_CERT_H

#include "base/bytes.h"
#include "base/clock.h"

struct cert {
	char public_key[41], secret_key[41];	// Z85; secret "" in a public certificate
	char agency[65], created[11], valid_to[11], comment[129];	// "" when absent
};

EN_MUST_CHECK enum en_err cert_generate(struct cert *ret);
// EN_ENOTFOUND, EN_EDENIED (rights too wide, or not readable), EN_EFORMAT.
EN_MUST_CHECK enum en_err cert_load_public(const char *path, struct cert *ret);
EN_MUST_CHECK enum en_err cert_load_secret(const char *path, struct cert *ret);
// Writes path and path_secret (0600), new file, sync, rename, the folder synced. EN_EEXISTS when one is there.
EN_MUST_CHECK enum en_err cert_save(const char *path, const struct cert *cert);
EN_MUST_CHECK enum en_err cert_save_public(const char *path, const struct cert *cert);
// 16 hex characters of a hash of the public key, for people.
void cert_fingerprint(const struct cert *cert, char ret[17]);

#endif
