// SPDX-License-Identifier: Apache-2.0
// `enlace schema impact OLD NEW`: the lines of the rule set that a change of schemas breaks. The rules are loaded against both, as the broker would; what
// is wrong under the new schemas alone is the change's doing.
#include "cli/cmd_schema.h"

#include <sys/stat.h>

#include "cli/impact.h"
#include "cli/json_out.h"
#include "rules/rules.h"

// One of both: the schemas, and what they make of the rules.
struct version {
	struct schema *schema;
	struct findings findings;
};

// A folder stands for itself. One set stands before those of the broker's own folder, of which it is a new or an old version.
static int
open_version(const struct cmd_call *call, const char *path, const char *schemas, struct version *v)
{
	struct findings findings;
	struct stat info;
	enum en_err err;

	findings_init_in(&findings, call->lang);
	err = stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? schema_load_folder(path, &findings, &v->schema)
							      : schema_load_file(path, schemas, &findings, &v->schema);
	findings_sort(&findings);
	findings_print_text(&findings, stderr, call->colour);
	findings_fini(&findings);
	return err == EN_OK ? 0 : cmd_fail(call, err == EN_ENOMEM ? err : EN_EFORMAT, "%s", path);
}

static enum en_err
load_rules(const char *folder, struct version *v)
{
	struct rules *rules = NULL;
	enum en_err err = rules_load(folder, v->schema, &v->findings, &rules);

	rules_unref(&rules);
	findings_sort(&v->findings);
	return err == EN_ECONFIG ? EN_OK : err; // the findings are what is asked for
}

// ---- telling ---------------------------------------------------------------------------------------------------------------------

static int
print_text(const struct cmd_call *call, const struct impact *impact)
{
	struct findings findings;
	size_t errors;

	findings_init_in(&findings, call->lang);
	for (size_t k = 0; k < impact->after->count; k++) {
		const struct finding *f = &impact->after->items[k];

		if (impact_is_new(impact, f)) {
			const char *because = impact_because(impact, f);

			findings_add(&findings, f->code, f->where, because == NULL ? f->hint : because, "%s",
			    f->detail == NULL ? "" : f->detail);
		}
	}
	findings_print_text(&findings, stdout, call->colour_out);
	if (!call->quiet) {
		cmd_words_follow();
		fprintf(stderr, "%zu %s, %zu %s\n", findings.errors,
		    cmd_noun(call, findings.errors, "line breaks", "lines break", "línea se rompe", "líneas se rompen"),
		    findings.warnings, cmd_noun(call, findings.warnings, "warning", "warnings", "aviso", "avisos"));
	}
	errors = findings.errors;
	findings_fini(&findings);
	return errors > 0 ? 1 : 0;
}

// {"impact":[{"code","severity","file","line","column","detail","because"}]}: the keys are an interface. because: null when the schemas do not say.
static int
print_json(const struct cmd_call *call, const struct impact *impact)
{
	json_t *list = json_array(), *all = json_pack("{s:o}", "impact", list);
	size_t errors = 0;

	for (size_t k = 0; k < impact->after->count; k++) {
		const struct finding *f = &impact->after->items[k];

		if (!impact_is_new(impact, f)) {
			continue;
		}
		errors += finding_is_error(f->code);
		json_t *one = json_object();

		json_put_text(one, "code", finding_code_text(f->code));
		json_put_text(one, "severity", finding_is_error(f->code) ? "error" : "warning");
		json_put_text(one, "file", f->where.file);
		json_object_set_new(one, "line", json_integer(f->where.line));
		json_object_set_new(one, "column", json_integer(f->where.column));
		json_put_text(one, "detail", f->detail);
		json_put_text(one, "because", impact_because(impact, f));
		json_array_append_new(list, one);
	}
	return json_tell(call, all, errors > 0 ? 1 : 0);
}

// Whether there is more wrong than is kept: a line that the change breaks may be among what is not there.
static bool
is_cut(const struct findings *f)
{
	return f->errors + f->warnings > f->count;
}

static int
tell_cut(const struct cmd_call *call, int code)
{
	cmd_words_follow();
	fprintf(stderr, "enlace: %s\n",
	    cmd_say(call, "more is wrong than can be told at once: correct these, and ask again",
		"hay más errores de los que caben: corrija estos y pregunte de nuevo"));
	return code == 0 ? 1 : code;
}

static int
tell(struct cmd_call *call, const struct version *old, const struct version *new)
{
	struct compat_report report;
	int code = 0;

	compat_report_init(&report, call->lang);
	enum en_err err = compat_check(old->schema, new->schema, &report);
	const struct impact impact = {.old = old->schema,
	    .new = new->schema,
	    .before = &old->findings,
	    .after = &new->findings,
	    .report = &report,
	    .arena = &call->arena,
	    .lang = call->lang};

	if (err == EN_OK) {
		code = call->json ? print_json(call, &impact) : print_text(call, &impact);
	}
	compat_report_fini(&report);
	if (err != EN_OK) {
		return cmd_fail(call, err, "schema impact");
	}
	return is_cut(&old->findings) || is_cut(&new->findings) ? tell_cut(call, code) : code;
}

// ---- the verb --------------------------------------------------------------------------------------------------------------------

static int
compare(struct cmd_call *call, const char *rules, struct version *old, struct version *new)
{
	enum en_err err = load_rules(rules, old);

	if (err == EN_OK) {
		err = load_rules(rules, new);
	}
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", rules);
	}
	if (old->findings.errors > 0 && !call->quiet) {
		fprintf(stderr, "%s: %zu %s\n", rules, old->findings.errors,
		    cmd_say(call, "errors without the change; see enlace lint",
			"errores aun sin el cambio; vea enlace lint"));
	}
	return tell(call, old, new);
}

int
schema_impact(struct cmd_call *call, const char *old_path, const char *new_path)
{
	const char *rules = cmd_option(call, "rules"), *schemas = cmd_option(call, "schemas");
	struct conf_daemon *settings = NULL;
	struct version old = {.schema = NULL}, new = {.schema = NULL};
	int code;

	if ((rules == NULL || schemas == NULL) && cmd_settings(call, &settings) != EN_OK) {
		return cmd_fail(call, EN_ECONFIG, "%s", call->config);
	}
	rules = rules == NULL ? settings->rules.text : rules;
	schemas = schemas == NULL ? settings->schemas.text : schemas;
	findings_init_in(&old.findings, call->lang);
	findings_init_in(&new.findings, call->lang);
	code = open_version(call, old_path, schemas, &old);
	if (code == 0) {
		code = open_version(call, new_path, schemas, &new);
	}
	if (code == 0) {
		code = compare(call, rules, &old, &new);
	}
	findings_fini(&old.findings);
	findings_fini(&new.findings);
	schema_unref(&old.schema);
	schema_unref(&new.schema);
	return code;
}
