// SPDX-License-Identifier: Apache-2.0
// `enlace agency add NAME --key FILE.cert`: enrols a public key for an agency, and starts its file in agencies/ when there is none. Nothing is
// permitted by that: the new file publishes nothing and is in no agreement.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
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

static int
write_skeleton(const struct cmd_call *call, const char *path, const char *name)
{
	const char *kind = cmd_option(call, "kind"), *title = cmd_option(call, "title");
	FILE *file = fopen(path, "wxe");

	if (file == NULL) {
		return cmd_fail(call, EN_EIO, "%s", path);
	}
	fprintf(file,
	    "# %s: what this agency is, and what it may send. What it may know stands in agreements/.\n"
	    "agency: %s\n"
	    "title: %s\n"
	    "# authority | un | civil_society: consent names these classes\n"
	    "kind: %s\n"
	    "# groups that routes can name, as [shelters]\n"
	    "groups: []\n"
	    "# message types that it may publish, as [inm.v1.Acta]; nothing until you say so\n"
	    "publishes: []\n",
	    name, name, title == NULL ? name : title, kind == NULL ? "civil_society" : kind);
	if (fclose(file) != 0) {
		return cmd_fail(call, EN_EIO, "%s", path);
	}
	fprintf(stderr, "wrote %s: say there what it may publish, and in agreements/ what it may know\n", path);
	return 0;
}

// The key's file is named by its fingerprint, so that an agency may have several while it changes keys.
static int
enrol(struct cmd_call *call, const struct conf_daemon *settings, const char *name, struct cert *cert)
{
	char fingerprint[17];
	const char *path;
	enum en_err err;

	snprintf(cert->agency, sizeof(cert->agency), "%s", name);
	cert_fingerprint(cert, fingerprint);
	path = arena_printf(&call->arena, "%s/%s-%.8s.cert", settings->keys.text, name, fingerprint);
	if (path == NULL || (mkdir(settings->keys.text, 0755) != 0 && errno != EEXIST)) {
		return cmd_fail(call, EN_EIO, "%s", settings->keys.text);
	}
	err = cert_save_public(path, cert);
	if (err == EN_EEXISTS) {
		fprintf(stderr, "%s is enrolled already\n", path);
		return 0;
	}
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", path);
	}
	fprintf(
	    stderr, "enrolled %s (fingerprint %s); a running broker takes it with: enlace reload\n", path, fingerprint);
	return 0;
}

static int
run(struct cmd_call *call)
{
	const char *key = cmd_option(call, "key"), *name, *path;
	struct conf_daemon *settings;
	struct cert cert;
	enum en_err err;
	int code;

	if (call->argument_count != 2 || strcmp(call->arguments[0], "add") != 0 || key == NULL) {
		return cmd_usage(&cmd_agency);
	}
	name = call->arguments[1];
	if (!is_name(name)) {
		return cmd_fail(call, EN_EUSAGE, "an agency's name has small letters, digits and '-' only");
	}
	if (cmd_settings(call, &settings) != EN_OK) {
		return en_err_exit_code(EN_ECONFIG);
	}
	err = cert_load_public(key, &cert);
	if (err == EN_OK && cert.agency[0] != '\0' && strcmp(cert.agency, name) != 0) {
		return cmd_fail(call, EN_ECONFLICT, "%s says that it belongs to %s", key, cert.agency);
	}
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", key);
	}
	path = arena_printf(&call->arena, "%s/agencies/%s.yaml", settings->rules.text, name);
	code = enrol(call, settings, name, &cert);
	if (code == 0 && path != NULL && access(path, F_OK) != 0) {
		code = write_skeleton(call, path, name);
	}
	return code;
}

const struct cmd cmd_agency = {"agency", "enrol an agency's key",
    "  enlace agency add albergue-luz --key albergue-luz.cert --kind civil_society\n", options, run};
