// SPDX-License-Identifier: Apache-2.0
// What the process needs of enlace.yaml, and the refusals to start: a default or readable secret, root without a user to become (design section 9).
//
// One secret file (id_secret) feeds three keys by derivation: bodies of the journal, keyed ids, tables of ids. It is made once, when the journal
// is new; a journal with records and no secret is a configuration error, never a new secret: the records could not be read.
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "net/cert.h"

#define SECRET_BYTES 32

static enum en_err
refuse(const char *event, const char *file, const char *remedy, enum en_err err)
{
	log_event(LOG_ERROR, event, LOG_TEXT("code", en_err_code(err)), LOG_TEXT("file", file),
	    LOG_TEXT("remedy", daemon_say(remedy)));
	return err;
}

static enum en_err
load_broker_key(struct settings *s)
{
	struct cert cert;
	const char *path = s->conf->key.text;
	enum en_err err;

	if (path == NULL) {
		return refuse(
		    "start.key_missing", s->path, "name the broker's secret key file under `key:`", EN_ECONFIG);
	}
	err = cert_load_secret(path, &cert);
	if (err == EN_EDENIED) {
		return refuse("start.key_readable", path,
		    "the secret key must belong to this user and be closed to others: chmod 600", EN_ECONFIG);
	}
	if (err != EN_OK) {
		return refuse("start.key_unusable", path, "make one: enlace keys new --out FILE", EN_ECONFIG);
	}
	memcpy(s->public_key, cert.public_key, sizeof(s->public_key));
	memcpy(s->secret_key, cert.secret_key, sizeof(s->secret_key));
	crypto_wipe(&cert, sizeof(cert));
	return EN_OK;
}

enum en_err
settings_load(struct settings *s, const char *path, enum en_lang lang)
{
	struct findings findings;
	enum log_level level;
	enum en_err err;

	arena_init(&s->arena, 0);
	s->path = path;
	findings_init_in(&findings, lang);
	err = conf_daemon_load(path, &s->arena, &findings, &s->conf);
	if (findings.count > 0) {
		findings_sort(&findings);
		findings_tell(&findings);
	}
	findings_fini(&findings);
	if (err != EN_OK) {
		return EN_ECONFIG;
	}
	if (s->conf->log_level.text != NULL && log_level_from_text(s->conf->log_level.text, &level)) {
		log_set_level(level);
	}
	return load_broker_key(s);
}

static enum en_err
create_secret(const char *path, uint8_t secret[SECRET_BYTES])
{
	struct buf text = BUF_EMPTY;
	enum en_err err;

	crypto_random(secret, SECRET_BYTES);
	hex_put(&text, view_of(secret, SECRET_BYTES));
	buf_put_u8(&text, '\n');
	err = text.err == EN_OK ? file_create_secret(path, buf_view(&text)) : text.err;
	crypto_wipe(text.data, text.len);
	buf_fini(&text);
	return err == EN_OK ? EN_OK : refuse("start.secret_unwritable", path, "its folder must be writable", EN_EIO);
}

static enum en_err
read_secret(const char *path, uint8_t secret[SECRET_BYTES])
{
	struct buf text = BUF_EMPTY;
	struct stat info;
	enum en_err err;

	if (stat(path, &info) == 0 && (info.st_mode & 077) != 0) {
		return refuse("start.secret_readable", path,
		    "others can read the secret: chmod 600, and consider it known", EN_ECONFIG);
	}
	err = buf_read_file(&text, path, KIB(1));
	if (err == EN_OK) {
		struct view hex = buf_view(&text);

		while (hex.len > 0 && (hex.data[hex.len - 1] == '\n' || hex.data[hex.len - 1] == '\r')) {
			hex.len--;
		}
		if (hex.len != 2 * SECRET_BYTES || !hex_get(hex, secret, SECRET_BYTES)) {
			err = refuse("start.secret_malformed", path,
			    "64 hexadecimal digits; restore it from the backup", EN_ECONFIG);
		}
	}
	if (text.data != NULL) {
		crypto_wipe(text.data, text.len);
	}
	buf_fini(&text);
	return err;
}

static void
derive(uint8_t *dst, size_t len, const uint8_t secret[SECRET_BYTES], const char *purpose)
{
	uint8_t full[32];

	crypto_hash(full, sizeof(full), view_of(secret, SECRET_BYTES), view_text(purpose));
	memcpy(dst, full, len);
	crypto_wipe(full, sizeof(full));
}

enum en_err
settings_secrets(struct settings *s, bool is_new)
{
	const char *path = s->conf->id_secret.text;
	uint8_t secret[SECRET_BYTES];
	enum en_err err;

	if (path == NULL) {
		return refuse("start.secret_missing", s->path, "name a file under `id_secret:`", EN_ECONFIG);
	}
	err = read_secret(path, secret);
	if (err == EN_ENOTFOUND) {
		err = is_new ? create_secret(path, secret)
			     : refuse("start.secret_lost", path,
				   "the journal has records that only this secret opens: restore it from the backup",
				   EN_ECONFIG);
	}
	if (err == EN_EDENIED || err == EN_ELIMIT) {
		err = refuse("start.secret_unreadable", path, "this user must be able to read it", EN_ECONFIG);
	}
	if (err != EN_OK) {
		return err;
	}
	derive(s->journal_key, sizeof(s->journal_key), secret, "enlace journal bodies 1");
	derive(s->id_key, sizeof(s->id_key), secret, "enlace keyed ids 1");
	derive(s->hash_key, sizeof(s->hash_key), secret, "enlace tables of ids 1");
	crypto_wipe(secret, sizeof(secret));
	return EN_OK;
}

enum en_err
settings_drop_privileges(const struct settings *s)
{
	const char *name = s->conf->user.text;
	const struct passwd *user;

	if (geteuid() != 0) {
		return EN_OK;
	}
	if (name == NULL) {
		return refuse("start.root", s->path,
		    "name a user under `user:`, or start as one: enlaced does not serve as root", EN_ECONFIG);
	}
	user = getpwnam(name);
	if (user == NULL || user->pw_uid == 0) {
		return refuse(
		    "start.user_unknown", s->path, "`user:` must name an existing user other than root", EN_ECONFIG);
	}
	if ((mkdir(s->conf->journal.text, 0700) != 0 && errno != EEXIST) ||
	    chown(s->conf->journal.text, user->pw_uid, user->pw_gid) != 0) {
		return refuse(
		    "start.journal_unwritable", s->conf->journal.text, "its parent folder must exist", EN_ECONFIG);
	}
	if (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
		return refuse(
		    "start.drop_failed", s->path, "the system did not let this process change its user", EN_EDENIED);
	}
	return EN_OK;
}

void
settings_fini(struct settings *s)
{
	crypto_wipe(s->secret_key, sizeof(s->secret_key));
	crypto_wipe(s->journal_key, sizeof(s->journal_key));
	crypto_wipe(s->id_key, sizeof(s->id_key));
	crypto_wipe(s->hash_key, sizeof(s->hash_key));
	arena_fini(&s->arena);
}
