// SPDX-License-Identifier: Apache-2.0
// `enlace schema check OLD NEW`: breaches of compatibility on the wire, in JSON and of labels, each with its rule (by the name that buf has for it, where it has one), finding and place.
#include "cli/cmd_schema.h"

#include "cli/json_out.h"
#include "schema/compat.h"

static int
print_text(const struct cmd_call *call, const struct compat_report *report)
{
	struct findings findings;

	findings_init_in(&findings, call->lang);
	for (size_t i = 0; i < report->count; i++) {
		const struct compat_breach *b = &report->items[i];

		findings_add(&findings, compat_rule_code(b->rule), b->where, NULL, "%s%s%s: %s [%s]", b->scope,
		    b->member == NULL ? "" : ".", b->member == NULL ? "" : b->member, b->detail,
		    compat_rule_name(b->rule));
	}
	findings_print_text(&findings, stdout, call->colour_out);
	findings_fini(&findings);
	if (!call->quiet) {
		cmd_words_follow();
		fprintf(stderr, "%zu %s\n", report->count,
		    cmd_noun(call, report->count, "breach", "breaches", "incompatibilidad", "incompatibilidades"));
	}
	return report->count > 0 ? 1 : 0;
}

// {"breaches":[{"rule","code","file","line","column","scope","member","detail"}]}: the keys are an interface.
static int
print_json(const struct cmd_call *call, const struct compat_report *report)
{
	json_t *breaches = json_array(), *all = json_pack("{s:o}", "breaches", breaches);

	for (size_t i = 0; i < report->count; i++) {
		const struct compat_breach *b = &report->items[i];

		json_t *one = json_object();

		json_put_text(one, "rule", compat_rule_name(b->rule));
		json_put_text(one, "code", finding_code_text(compat_rule_code(b->rule)));
		json_put_text(one, "file", b->where.file);
		json_object_set_new(one, "line", json_integer(b->where.line));
		json_object_set_new(one, "column", json_integer(b->where.column));
		json_put_text(one, "scope", b->scope);
		json_put_text(one, "member", b->member);
		json_put_text(one, "detail", b->detail);
		json_array_append_new(breaches, one);
	}
	return json_tell(call, all, report->count > 0 ? 1 : 0);
}

int
schema_check(struct cmd_call *call, const char *old_path, const char *new_path)
{
	struct schema *old = NULL, *new = NULL;
	struct compat_report report;
	enum en_err err = schema_of_path(call, old_path, &old);
	const char *path = err == EN_OK ? new_path : old_path;

	compat_report_init(&report, call->lang);
	if (err == EN_OK) {
		err = schema_of_path(call, new_path, &new);
	}
	if (err == EN_OK) {
		err = compat_check(old, new, &report);
	}
	int code = err != EN_OK ? cmd_fail(call, err, "%s", path)
	    : call->json        ? print_json(call, &report)
				: print_text(call, &report);

	compat_report_fini(&report);
	schema_unref(&new);
	schema_unref(&old);
	return code;
}
