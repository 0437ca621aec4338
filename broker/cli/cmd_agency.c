// SPDX-License-Identifier: Apache-2.0
// `enlace agency add NAME --key FILE.cert`: enrols a public key for an agency, and starts its file in agencies/ when there is none. Nothing is
// permitted by that: the new file publishes nothing and is in no agreement.
#include "cli/cmd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/json_out.h"
#include "net/cert.h"

static const struct cmd_option options[] = {
    {"key", true, "the agency's public key file"},
    {"kind", true, "authority, un or civil_society (a new agency's)"},
    {"title", true, "its full name (a new agency's)"},
    {NULL, false, NULL},
};

static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && name[0] != '-';
}

static const char *const kinds[] = {"authority", "un", "civil_society"};

static bool
is_kind(const char *kind)
{
	for (size_t i = 0; i < EN_COUNT_OF(kinds); i++) {
		if (strcmp(kinds[i], kind) == 0) {
			return true;
		}
	}
	return false;
}

// A text as YAML in double quotes, whose escapes are those of JSON.
static void
put_quoted(struct buf *b, const char *text)
{
	buf_put_u8(b, '"');
	json_escape(b, view_text(text));
	buf_put_u8(b, '"');
}

static void
build_skeleton(const struct cmd_call *call, const char *name, struct buf *b)
{
	const char *kind = cmd_option(call, "kind"), *title = cmd_option(call, "title");

	buf_printf(b,
	    "# %s: what this agency is, and what it may send. What it may know stands in agreements/.\nagency: %s\ntitle: ",
	    name, name);
	put_quoted(b, title == NULL ? name : title);
	buf_printf(b,
	    "\n# authority | un | civil_society: a person's consent names these classes\n"
	    "kind: %s\n"
	    "# groups that routes can name, as [shelters]\n"
	    "groups: []\n"
	    "# message types that it may publish, as [inm.v1.Acta]; nothing until you say so\n"
	    "publishes: []\n",
	    kind == NULL ? "civil_society" : kind);
}

static int
write_skeleton(const struct cmd_call *call, const char *path, const char *name)
{
	struct buf text = BUF_EMPTY;
	FILE *file = fopen(path, "wxe");
	bool is_written;

	if (file == NULL) {
		return cmd_fail(call, EN_EIO, "%s", path);
	}
	build_skeleton(call, name, &text);
	is_written = text.err == EN_OK && fwrite(text.data, 1, text.len, file) == text.len;
	is_written = fclose(file) == 0 && is_written;
	buf_fini(&text);
	if (!is_written) {
		(void)unlink(path); // half a file would be a broken rule set
		return cmd_fail(call, EN_EIO, "%s", path);
	}
	return 0;
}

struct enrolment {
	const char *file; // of the key
	const char *begun; // the agency's own file when it was written now
	char fingerprint[17];
	bool is_known; // the key was enrolled already
};

static int
tell(const struct cmd_call *call, const char *name, const struct enrolment *e)
{
	if (call->json) {
		json_t *document = json_object();

		json_put_text(document, "agency", name);
		json_put_text(document, "file", e->file);
		json_put_text(document, "fingerprint", e->fingerprint);
		json_object_set_new(document, "known", json_boolean(e->is_known));
		json_put_text(document, "written", e->begun);
		return json_tell(call, document, 0);
	}
	if (call->quiet) {
		return 0;
	}
	if (e->is_known) {
		fprintf(stderr, "%s: %s\n", e->file, cmd_say(call, "enrolled already", "ya estaba dada de alta"));
	} else {
		fprintf(stderr, "%s: %s %s; %s: enlace reload\n", e->file,
		    cmd_say(call, "enrolled, fingerprint", "dada de alta, huella"), e->fingerprint,
		    cmd_say(call, "a running broker takes it with", "un broker activo la toma con"));
	}
	if (e->begun != NULL) {
		fprintf(stderr, "%s: %s\n", e->begun,
		    cmd_say(call, "written; say there what it may publish, and in agreements/ what it may know",
			"escrito; diga ahí qué puede publicar, y en agreements/ qué puede saber"));
	}
	return 0;
}

// The key's file is named by its fingerprint, so that an agency may have several while it changes keys.
static int
enrol(
    struct cmd_call *call, const struct conf_daemon *settings, const char *name, struct cert *cert, struct enrolment *e)
{
	enum en_err err;

	snprintf(cert->agency, sizeof(cert->agency), "%s", name);
	cert_fingerprint(cert, e->fingerprint);
	e->file = arena_printf(&call->arena, "%s/%s-%.8s.cert", settings->keys.text, name, e->fingerprint);
	if (e->file == NULL || (mkdir(settings->keys.text, 0755) != 0 && errno != EEXIST)) {
		return cmd_fail(call, EN_EIO, "%s", settings->keys.text);
	}
	err = cert_save_public(e->file, cert);
	e->is_known = err == EN_EEXISTS;
	return err == EN_OK || e->is_known ? 0 : cmd_fail(call, err, "%s", e->file);
}

static int
run(struct cmd_call *call)
{
	const char *key = cmd_option(call, "key"), *name, *path;
	struct conf_daemon *settings;
	struct enrolment e = {.file = NULL};
	struct cert cert;
	enum en_err err;
	int code;

	if (call->argument_count != 2 || strcmp(call->arguments[0], "add") != 0 || key == NULL) {
		return cmd_usage_of_verbs(call, &cmd_agency);
	}
	name = call->arguments[1];
	if (!is_name(name)) {
		return cmd_misused(call, "an agency's name has small letters, digits and '-' only",
		    "el nombre de una institución tiene solo minúsculas, dígitos y '-'");
	}
	if (cmd_option(call, "kind") != NULL && !is_kind(cmd_option(call, "kind"))) {
		return cmd_misused(
		    call, "--kind is authority, un or civil_society", "--kind es authority, un o civil_society");
	}
	if (cmd_settings(call, &settings) != EN_OK) {
		return en_err_exit_code(EN_ECONFIG);
	}
	err = cert_load_public(key, &cert);
	if (err == EN_OK && cert.agency[0] != '\0' && strcmp(cert.agency, name) != 0) {
		return cmd_fail(call, EN_ECONFLICT,
		    cmd_say(call, "%s says that it belongs to %s", "%s dice que es de %s"), key, cert.agency);
	}
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", key);
	}
	path = arena_printf(&call->arena, "%s/agencies/%s.yaml", settings->rules.text, name);
	code = enrol(call, settings, name, &cert, &e);
	if (code == 0 && path != NULL && access(path, F_OK) != 0) {
		code = write_skeleton(call, path, name);
		e.begun = path;
	}
	return code == 0 ? tell(call, name, &e) : code;
}

const struct cmd cmd_agency = {"agency", "enrol an agency's key", "dar de alta la llave de una institución",
    "  enlace agency add albergue-luz --key albergue-luz.cert --kind civil_society\n", options, run};
