// SPDX-License-Identifier: Apache-2.0
#include "net/cert.h"

#include <czmq.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"

#define PATH_BYTES_MAX 240 // zcert's own buffers end at 255

static const char suffix[] = "_secret";

enum en_err
cert_generate(struct cert *ret)
{
	zcert_t *z = zcert_new();

	if (z == NULL) {
		return EN_EINTERNAL;
	}
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->public_key, sizeof(ret->public_key), "%s", zcert_public_txt(z));
	snprintf(ret->secret_key, sizeof(ret->secret_key), "%s", zcert_secret_txt(z));
	zcert_destroy(&z);
	return EN_OK;
}

static void
copy_meta(zcert_t *z, const char *name, char *dst, size_t size)
{
	const char *value = zcert_meta(z, name);

	snprintf(dst, size, "%s", value == NULL ? "" : value);
}

// base: the name without the suffix; zcert looks for the secret file first.
static enum en_err
load(const char *base, bool with_secret, struct cert *ret)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	zcert_t *z = zcert_load(base);

	if (z == NULL) {
		return EN_EFORMAT;
	}
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->public_key, sizeof(ret->public_key), "%s", zcert_public_txt(z));
	if (with_secret) {
		snprintf(ret->secret_key, sizeof(ret->secret_key), "%s", zcert_secret_txt(z));
	}
	copy_meta(z, "agency", ret->agency, sizeof(ret->agency));
	copy_meta(z, "created", ret->created, sizeof(ret->created));
	copy_meta(z, "valid-to", ret->valid_to, sizeof(ret->valid_to));
	copy_meta(z, "comment", ret->comment, sizeof(ret->comment));
	zcert_destroy(&z);
	if (strlen(ret->public_key) != 40 ||
	    (with_secret && (strlen(ret->secret_key) != 40 || strcmp(ret->secret_key, zeros) == 0))) {
		crypto_wipe(ret->secret_key, sizeof(ret->secret_key));
		return EN_EFORMAT;
	}
	return EN_OK;
}

static enum en_err
check_file(const char *path, bool is_secret)
{
	struct stat info;

	if (strlen(path) > PATH_BYTES_MAX) {
		return EN_ELIMIT;
	}
	if (lstat(path, &info) != 0) {
		return errno == EACCES ? EN_EDENIED : EN_ENOTFOUND;
	}
	if (!S_ISREG(info.st_mode) || info.st_size > 16384) {
		return EN_EFORMAT;
	}
	if ((is_secret && (info.st_mode & 077) != 0) || access(path, R_OK) != 0) {
		return EN_EDENIED;
	}
	return EN_OK;
}

static bool
ends_with_suffix(const char *path)
{
	size_t len = strlen(path);

	return len > sizeof(suffix) - 1 && strcmp(path + len - (sizeof(suffix) - 1), suffix) == 0;
}

// Where PATH_secret stands beside, zcert reads that one, if it may.
enum en_err
cert_load_public(const char *path, struct cert *ret)
{
	enum en_err err = check_file(path, false);

	return err == EN_OK ? load(path, false, ret) : err;
}

enum en_err
cert_load_secret(const char *path, struct cert *ret)
{
	char base[PATH_BYTES_MAX + 1], secret[PATH_BYTES_MAX + 32];
	enum en_err err;

	if (strlen(path) > PATH_BYTES_MAX) {
		return EN_ELIMIT;
	}
	snprintf(
	    base, sizeof(base), "%.*s", (int)(strlen(path) - (ends_with_suffix(path) ? sizeof(suffix) - 1 : 0)), path);
	snprintf(secret, sizeof(secret), "%s%s", base, suffix);
	err = check_file(secret, true);
	return err == EN_OK ? load(base, true, ret) : err;
}

// Without a secret part the secret key is zeros, which zcert_save_public does not write.
static zcert_t *
to_zcert(const struct cert *cert)
{
	uint8_t public_key[32], secret_key[32] = {0};
	zcert_t *z;

	if (zmq_z85_decode(public_key, cert->public_key) == NULL ||
	    (cert->secret_key[0] != '\0' && zmq_z85_decode(secret_key, cert->secret_key) == NULL)) {
		return NULL;
	}
	z = zcert_new_from(public_key, secret_key);
	crypto_wipe(secret_key, sizeof(secret_key));
	if (z == NULL) {
		return NULL;
	}
	zcert_set_meta(z, "agency", "%s", cert->agency);
	zcert_set_meta(z, "created", "%s", cert->created);
	zcert_set_meta(z, "valid-to", "%s", cert->valid_to);
	zcert_set_meta(z, "comment", "%s", cert->comment);
	return z;
}

static enum en_err
sync_and_rename(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return ok && rename(from, to) == 0 ? EN_OK : EN_EIO;
}

// Names are durable only with the folder that holds them.
static enum en_err
sync_folder_of(const char *path)
{
	char folder[PATH_BYTES_MAX + 1];
	const char *slash = strrchr(path, '/');

	snprintf(folder, sizeof(folder), "%.*s",
	    slash == NULL       ? 1
		: slash == path ? 1
				: (int)(slash - path),
	    slash == NULL ? "." : path);
	return file_sync_folder(folder);
}

enum en_err
cert_save(const char *path, const struct cert *cert)
{
	char fresh[PATH_BYTES_MAX + 32], fresh_secret[PATH_BYTES_MAX + 32], secret[PATH_BYTES_MAX + 32];
	zcert_t *z;
	enum en_err err = EN_EIO;

	if (strlen(path) > PATH_BYTES_MAX) {
		return EN_ELIMIT;
	}
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	snprintf(fresh_secret, sizeof(fresh_secret), "%s.new%s", path, suffix);
	snprintf(secret, sizeof(secret), "%s%s", path, suffix);
	if (access(path, F_OK) == 0 || access(secret, F_OK) == 0) {
		return EN_EEXISTS;
	}
	z = to_zcert(cert);
	if (z != NULL && zcert_save(z, fresh) == 0 && chmod(fresh_secret, 0600) == 0) {
		err = sync_and_rename(fresh_secret, secret);
		if (err == EN_OK) {
			err = sync_and_rename(fresh, path);
		}
		if (err == EN_OK) {
			err = sync_folder_of(path);
		}
	}
	zcert_destroy(&z);
	(void)unlink(fresh);
	(void)unlink(fresh_secret);
	return err;
}

enum en_err
cert_save_public(const char *path, const struct cert *cert)
{
	char fresh[PATH_BYTES_MAX + 32];
	struct cert open = *cert;
	zcert_t *z;
	enum en_err err;

	if (strlen(path) > PATH_BYTES_MAX) {
		return EN_ELIMIT;
	}
	if (access(path, F_OK) == 0) {
		return EN_EEXISTS;
	}
	crypto_wipe(open.secret_key, sizeof(open.secret_key));
	open.secret_key[0] = '\0';
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	z = to_zcert(&open);
	err = z != NULL && zcert_save_public(z, fresh) == 0 ? sync_and_rename(fresh, path) : EN_EIO;
	err = err == EN_OK ? sync_folder_of(path) : err;
	zcert_destroy(&z);
	(void)unlink(fresh);
	return err;
}

void
cert_fingerprint(const struct cert *cert, char ret[17])
{
	uint8_t digest[16];

	crypto_hash(digest, sizeof(digest), VIEW_EMPTY, view_text(cert->public_key));
	for (size_t i = 0; i < 8; i++) {
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
	}
}
