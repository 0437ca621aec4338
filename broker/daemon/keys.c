// SPDX-License-Identifier: Apache-2.0
// The folder of public keys. Each *.cert names its agency in its metadata; a key without an agency of the rule set, or a malformed file, is told and
// left out: no key is ever guessed to belong to somebody. An agency may have several keys (rotation with an overlap).
#include "daemon/daemon.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/limits.h"
#include "net/cert.h"

#define KEYS_MAX 10000

static int
is_cert(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".cert") == 0;
}

// The end of the key's last day, UTC; 0 for a key without an end, -1 for a malformed date.
static int64_t
valid_to_ms(const struct cert *cert)
{
	struct civil_date day = {0, 0, 0};
	int year, month, day_of_month, end = 0;

	if (cert->valid_to[0] == '\0') {
		return 0;
	}
	if (sscanf(cert->valid_to, "%4d-%2d-%2d%n", &year, &month, &day_of_month, &end) != 3 ||
	    cert->valid_to[end] != '\0' || year < 1 || month < 1 || month > 12 || day_of_month < 1 ||
	    day_of_month > civil_days_in_month(year, month)) {
		return -1;
	}
	day.year = year;
	day.month = (uint8_t)month;
	day.day = (uint8_t)day_of_month;
	return (civil_to_days(day) + 1) * 86400000;
}

static enum en_err
add_key(struct daemon_keys *k, const struct rules *rules, const char *path, const char *file)
{
	struct cert cert;
	int64_t valid_to;
	const char *agency;

	if (cert_load_public(path, &cert) != EN_OK) {
		log_event(LOG_WARN, "keys.unusable", LOG_TEXT("file", file),
		    LOG_TEXT("remedy", "write it again: enlace agency add"));
		return EN_OK;
	}
	valid_to = valid_to_ms(&cert);
	if (valid_to < 0 || rules_agency_by_name(rules, cert.agency) == NULL) {
		log_event(LOG_WARN, valid_to < 0 ? "keys.date_malformed" : "keys.agency_unknown",
		    LOG_TEXT("file", file), LOG_TEXT("agency", cert.agency));
		return EN_OK;
	}
	agency = arena_text(&k->arena, view_text(cert.agency));
	if (agency == NULL) {
		return EN_ENOMEM;
	}
	memcpy(k->net[k->count].public_key, cert.public_key, sizeof(cert.public_key));
	k->net[k->count].subject = (uint32_t)k->count;
	k->core[k->count].agency = agency;
	k->core[k->count].public_key = k->net[k->count].public_key;
	k->core[k->count].valid_to_ms = valid_to;
	k->count++;
	return EN_OK;
}

enum en_err
keys_load(const char *folder, const struct rules *rules, struct daemon_keys *ret)
{
	struct daemon_keys k = {.count = 0};
	struct dirent **entries = NULL;
	int found = scandir(folder, &entries, is_cert, alphasort);
	enum en_err err = EN_OK;

	arena_init(&k.arena, 0);
	if (found < 0 || found > KEYS_MAX) {
		log_event(LOG_ERROR, "keys.folder", LOG_TEXT("folder", folder),
		    LOG_TEXT("remedy", daemon_say("the folder must exist and be readable")));
		err = EN_ECONFIG;
		goto out;
	}
	k.net = calloc((size_t)found + 1, sizeof(*k.net));
	k.core = calloc((size_t)found + 1, sizeof(*k.core));
	if (k.net == NULL || k.core == NULL) {
		err = EN_ENOMEM;
		goto out;
	}
	for (int i = 0; i < found && err == EN_OK; i++) {
		char *path = arena_printf(&k.arena, "%s/%s", folder, entries[i]->d_name);

		err = path == NULL ? EN_ENOMEM : add_key(&k, rules, path, entries[i]->d_name);
	}
	if (err == EN_OK) {
		*ret = k;
		k = (struct daemon_keys){.count = 0};
	}
out:
	for (int i = 0; i < found; i++) {
		free(entries[i]);
	}
	free(entries);
	keys_fini(&k);
	return err;
}

void
keys_fini(struct daemon_keys *k)
{
	free(k->net);
	free(k->core);
	arena_fini(&k->arena);
	*k = (struct daemon_keys){.count = 0};
}
