// SPDX-License-Identifier: Apache-2.0
// Schemas and rules from their folders, at start and at every reload by the same path. Errors are printed for the person
// at the terminal, with the line they stand on; a warning changes nothing and is one line of the log.
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tar.h"
#include "conf/conf.h"

enum en_err
ruleset_load(const struct conf_daemon *conf, struct findings *findings, struct schema **ret_schema, struct rules **ret)
{
	enum en_err err = schema_load_folder(conf->schemas.text, findings, ret_schema);

	if (err == EN_OK) {
		err = rules_load(conf->rules.text, *ret_schema, findings, ret);
	}
	if (err == EN_OK) {
		rules_check_days(*ret, clock_now().wall_ms, findings);
	}
	return err;
}

void
ruleset_tell(struct findings *findings)
{
	findings_sort(findings);
	if (findings->errors > 0) {
		findings_tell(findings);
		return;
	}
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];

		log_event(LOG_WARN, "rules.warning", LOG_TEXT("code", finding_code_text(f->code)),
		    LOG_TEXT("file", f->where.file == NULL ? "" : f->where.file), LOG_NUM("line", f->where.line),
		    LOG_TEXT("what", f->detail == NULL ? "" : f->detail), LOG_TEXT("remedy", "see: enlace lint"));
	}
}

// ---- what records name is kept -------------------------------------------------------------------------------------

static enum en_err
put_file(struct buf *tar, const char *folder, const char *name, struct view bytes)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		return EN_ENOMEM;
	}
	tar_put(tar, path, bytes);
	free(path);
	return tar->err;
}

static enum en_err
build_tar(struct buf *tar, const struct rules *rules)
{
	const struct conf_set *set = rules_conf(rules);
	const struct schema *schema = rules_schema(rules);
	enum en_err err = EN_OK;

	for (size_t i = 0; i < set->file_count && err == EN_OK; i++) {
		err = put_file(tar, "config", set->files[i].name, set->files[i].bytes);
	}
	for (size_t i = 0; i < schema_set_count(schema) && err == EN_OK; i++) {
		const char *path = schema_set_path(schema, i), *slash = strrchr(path, '/');

		err = put_file(tar, "schemas", slash == NULL ? path : slash + 1, schema_set_bytes(schema, i));
	}
	tar_end(tar);
	return err == EN_OK ? tar->err : err;
}

static enum en_err
keep_as(const char *folder, const char *path, const struct rules *rules)
{
	struct buf tar = BUF_EMPTY;
	enum en_err err;

	if (access(path, F_OK) == 0) {
		return EN_OK; // the same digest, the same bytes
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		return EN_EIO;
	}
	err = build_tar(&tar, rules);
	if (err == EN_OK) {
		err = file_replace(path, buf_view(&tar));
	}
	buf_fini(&tar);
	return err;
}

enum en_err
ruleset_keep(const struct conf_daemon *conf, const struct rules *rules)
{
	struct buf digest = BUF_EMPTY;
	char *folder = NULL, *path = NULL;
	enum en_err err = EN_ENOMEM;

	hex_put(&digest, view_of(rules_digest(rules), RECORD_DIGEST_BYTES));
	if (asprintf(&folder, "%s/rules", conf->journal.text) < 0) {
		folder = NULL;
	}
	if (folder == NULL || asprintf(&path, "%s/%s.tar", folder, buf_cstr(&digest)) < 0) {
		path = NULL;
	}
	if (path != NULL) {
		err = keep_as(folder, path, rules);
	}
	if (err != EN_OK) {
		log_event(LOG_ERROR, "rules.unkept", LOG_TEXT("code", en_err_code(err)), LOG_TEXT("file", path),
		    LOG_TEXT("remedy",
			daemon_say(
			    "records name their rules, so these are kept: give the journal's disk room and rights")));
	}
	buf_fini(&digest);
	free(path);
	free(folder);
	return err;
}
