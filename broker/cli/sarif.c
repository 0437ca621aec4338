// SPDX-License-Identifier: Apache-2.0
// One run of one tool. Only the rules that have a result are described, so that a clean rule set is a short document.
#include "cli/sarif.h"

#include <string.h>

#include "cli/json_out.h"
#include "cli/pages.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

struct document {
	const struct findings *f;
	json_t *rules, *results;
	json_int_t index[FINDING_COUNT]; // of a code's rule + 1
};

static json_t *
text_object(const char *text)
{
	json_t *j = json_object();

	json_put_text(j, "text", text);
	return j;
}

static const char *
level(enum finding_code code)
{
	return finding_is_error(code) ? "error" : "warning";
}

// ---- rules ------------------------------------------------------------------------------------------------------------------

// The page, and how to read it with its examples.
static json_t *
help_of(const struct findings *f, enum finding_code code)
{
	struct view page = page_text(finding_code_text(code), f->lang);
	struct buf text = BUF_EMPTY;

	buf_put_view(&text, page);
	buf_printf(&text, "%senlace explain-code %s", page.len > 0 ? "\n\n" : "", finding_code_text(code));
	json_t *help = text_object(buf_cstr(&text));

	json_put_text(help, "markdown", buf_cstr(&text));
	buf_fini(&text);
	return help;
}

static json_t *
rule(const struct findings *f, enum finding_code code)
{
	json_t *j = json_object(), *configuration = json_object();

	json_put_text(j, "id", finding_code_text(code));
	json_object_set_new(j, "shortDescription", text_object(finding_text(code, f->lang)));
	json_object_set_new(j, "fullDescription", text_object(finding_help(code, f->lang)));
	json_object_set_new(j, "help", help_of(f, code));
	json_put_text(configuration, "level", level(code));
	json_object_set_new(j, "defaultConfiguration", configuration);
	return j;
}

static json_int_t
rule_index(struct document *d, enum finding_code code)
{
	if (d->index[code] == 0) {
		json_array_append_new(d->rules, rule(d->f, code));
		d->index[code] = (json_int_t)json_array_size(d->rules);
	}
	return d->index[code] - 1;
}

// ---- results ----------------------------------------------------------------------------------------------------------------

// A path as a URI: relative to where the tool ran, or file:// where it is absolute.
static void
put_uri(json_t *to, const char *path)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	struct buf uri = BUF_EMPTY;

	while (strncmp(path, "./", 2) == 0) {
		path += 2;
	}
	buf_put_str(&uri, path[0] == '/' ? "file://" : "");
	for (; *path != '\0'; path++) {
		if (strchr(unreserved, *path) != NULL) {
			buf_put_u8(&uri, (uint8_t)*path);
		} else {
			buf_printf(&uri, "%%%02X", (unsigned char)*path);
		}
	}
	json_put_text(to, "uri", buf_cstr(&uri));
	buf_fini(&uri);
}

static json_t *
region(const struct finding *finding)
{
	json_t *j = json_object();

	json_object_set_new(j, "startLine", json_integer(finding->where.line));
	if (finding->where.column > 0) {
		json_object_set_new(j, "startColumn", json_integer(finding->where.column));
	}
	if (finding->excerpt != NULL) {
		json_object_set_new(j, "snippet", text_object(finding->excerpt));
	}
	return j;
}

static json_t *
locations(const struct finding *finding)
{
	json_t *all = json_array(), *location, *physical, *artifact;

	if (finding->where.file == NULL) {
		return all;
	}
	location = json_object();
	physical = json_object();
	artifact = json_object();
	put_uri(artifact, finding->where.file);
	json_object_set_new(physical, "artifactLocation", artifact);
	if (finding->where.line > 0) {
		json_object_set_new(physical, "region", region(finding));
	}
	json_object_set_new(location, "physicalLocation", physical);
	json_array_append_new(all, location);
	return all;
}

// What the text form says in its first line and as help.
static json_t *
message(const struct findings *f, const struct finding *finding)
{
	bool has_detail = finding->detail != NULL && finding->detail[0] != '\0';
	struct buf text = BUF_EMPTY, help = BUF_EMPTY;

	finding_put_help(finding, f->lang, &help);
	buf_printf(&text, "%s%s%s\n%s", finding_text(finding->code, f->lang), has_detail ? ": " : "",
	    has_detail ? finding->detail : "", buf_cstr(&help));
	json_t *j = text_object(buf_cstr(&text));

	buf_fini(&help);
	buf_fini(&text);
	return j;
}

static json_t *
result(struct document *d, const struct finding *finding)
{
	json_t *j = json_object();

	json_put_text(j, "ruleId", finding_code_text(finding->code));
	json_object_set_new(j, "ruleIndex", json_integer(rule_index(d, finding->code)));
	json_put_text(j, "level", level(finding->code));
	json_object_set_new(j, "message", message(d->f, finding));
	json_object_set_new(j, "locations", locations(finding));
	return j;
}

enum en_err
sarif_print(const struct findings *f)
{
	struct document d = {.f = f, .rules = json_array(), .results = json_array()};
	json_t *all = json_object(), *runs = json_array(), *run = json_object(), *tool = json_object(),
	       *driver = json_object();

	for (size_t i = 0; i < f->count; i++) {
		json_array_append_new(d.results, result(&d, &f->items[i]));
	}
	json_put_text(driver, "name", "enlace lint");
	json_put_text(driver, "version", ENLACE_VERSION);
	json_object_set_new(driver, "rules", d.rules);
	json_object_set_new(tool, "driver", driver);
	json_object_set_new(run, "tool", tool);
	json_put_text(run, "language", f->lang == EN_LANG_ES ? "es" : "en");
	json_put_text(run, "columnKind", "unicodeCodePoints");
	json_object_set_new(run, "results", d.results);
	json_array_append_new(runs, run);
	json_put_text(all, "$schema", SCHEMA);
	json_put_text(all, "version", "2.1.0");
	json_object_set_new(all, "runs", runs);
	return json_print(all);
}
