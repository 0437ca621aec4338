// SPDX-License-Identifier: Apache-2.0
// Schemas and rules from their folders, at start and at every reload by the same path. Errors are printed for the person
// at the terminal, with the line they stand on; a warning changes nothing and is one line of the log.
#include "daemon/daemon.h"

#include <stdlib.h>

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
