// SPDX-License-Identifier: Apache-2.0
// Rules and keys anew: parse, check, compile, then swap at a turn's boundary. A set with one error changes nothing and says so; sessions never notice
// (design 2.7). Schemas are loaded with the rules, since a new agency brings both.
#include "daemon/daemon.h"

#include <stdio.h>
#include <stdlib.h>

struct candidate {
	struct schema *schema;
	struct rules *rules;
	struct daemon_keys keys;
};

static enum en_err
load(struct daemon *d, struct findings *findings, struct candidate *c)
{
	const struct conf_daemon *conf = d->settings.conf;
	enum en_err err = ruleset_load(conf, findings, &c->schema, &c->rules);

	if (err == EN_OK) {
		err = keys_load(conf->keys.text, c->rules, &c->keys);
	}
	if (err == EN_OK) {
		err = ruleset_keep(conf, c->rules);
	}
	return err;
}

static enum en_err
swap(struct daemon *d, struct candidate *c, struct moment now)
{
	struct core_input rules = {.kind = INPUT_RULES, .rules = c->rules};
	struct core_input keys = {.kind = INPUT_KEYS, .keys = c->keys.core, .key_count = c->keys.count};
	struct candidate old = {.schema = d->schema, .rules = d->rules, .keys = d->keys};
	enum en_err err = net_server_set_keys(d->net, c->keys.net, c->keys.count);

	if (err != EN_OK) {
		return err;
	}
	err = daemon_step(d, &rules, now);
	if (err == EN_OK) {
		err = daemon_step(d, &keys, now);
	}
	d->schema = c->schema;
	d->rules = c->rules;
	d->keys = c->keys;
	*c = old; // released by the caller
	return err;
}

static void
tell(struct daemon *d, const struct findings *findings, bool ok, const char *id, struct buf *out)
{
	struct buf digest = BUF_EMPTY;

	hex_put(&digest, view_of(rules_digest(d->rules), 32));
	log_event(ok ? LOG_INFO : LOG_ERROR, ok ? "rules.reloaded" : "rules.refused",
	    LOG_TEXT("rules", buf_cstr(&digest)), LOG_NUM("errors", findings->errors),
	    LOG_NUM("warnings", findings->warnings));
	if (out != NULL && ok) {
		ctl_reply_begin(out, id);
		buf_printf(out, ",\"rules\":\"%s\",\"warnings\":%zu}", buf_cstr(&digest), findings->warnings);
	} else if (out != NULL) {
		ctl_reply_error(out, id, "config",
		    "the new rules have errors and were not taken; the old ones stay. See: enlace lint");
	}
	buf_fini(&digest);
}

enum en_err
daemon_reload(struct daemon *d, const char *id, struct buf *out, struct moment now)
{
	struct candidate c = {.schema = NULL};
	struct findings findings;
	bool ok;
	enum en_err err = EN_OK;

	findings_init_in(&findings, d->lang);
	ok = load(d, &findings, &c) == EN_OK;
	if (ok) {
		err = swap(d, &c, now);
	}
	ruleset_tell(&findings);
	tell(d, &findings, ok && err == EN_OK, id == NULL ? "" : id, out);
	if (ok && err == EN_OK) {
		d->reloads_ok++;
	} else {
		d->reloads_failed++;
	}
	findings_fini(&findings);
	keys_fini(&c.keys);
	rules_unref(&c.rules);
	schema_unref(&c.schema);
	return err;
}
