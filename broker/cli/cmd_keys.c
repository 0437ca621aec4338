// SPDX-License-Identifier: Apache-2.0
// `enlace keys new|show`: CURVE key files.
#include "cli/cmd.h"

#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "conf/quantity.h"
#include "net/cert.h"

static const struct cmd_option options[] = {
    {"out", true, "file to write: FILE (public) and FILE_secret (mode 0600)"},
    {"agency", true, "whose key it is"},
    {"valid-to", true, "last day, yyyy-mm-dd (default: no end)"},
    {"comment", true, "a note for people"},
    {NULL, false, NULL},
};

static void
put_member(struct buf *b, const char *before, const char *name, const char *value)
{
	buf_printf(b, "%s\"%s\":\"", before, name);
	json_escape(b, view_text(value));
	buf_put_u8(b, '"');
}

static int
print_json(const struct cmd_call *call, const struct cert *cert, const char *path, const char *fingerprint)
{
	struct buf b = BUF_EMPTY;

	put_member(&b, "{", "file", path);
	put_member(&b, ",", "agency", cert->agency);
	put_member(&b, ",", "public_key", cert->public_key);
	put_member(&b, ",", "fingerprint", fingerprint);
	put_member(&b, ",", "created", cert->created);
	put_member(&b, ",", "valid_to", cert->valid_to);
	buf_put_str(&b, "}\n");
	return cmd_print(call, &b);
}

// A key file comes from somebody else, and a terminal obeys what it is sent.
static int
print(const struct cmd_call *call, const struct cert *cert, const char *path)
{
	struct cert safe = *cert;
	char fingerprint[17];

	cert_fingerprint(cert, fingerprint);
	if (call->json) {
		return print_json(call, cert, path, fingerprint);
	}
	printable(safe.agency);
	printable(safe.created);
	printable(safe.valid_to);
	printf(
	    cmd_say(call,
		"file         %s\nagency       %s\npublic key   %s\nfingerprint  %s\ncreated      %s\nvalid to     %s\n",
		"archivo        %s\ninstitución    %s\nllave pública  %s\nhuella         %s\ncreada         %s\nvigente hasta  %s\n"),
	    path, safe.agency[0] == '\0' ? "-" : safe.agency, cert->public_key, fingerprint, safe.created,
	    safe.valid_to[0] == '\0' ? cmd_say(call, "no end", "sin fin") : safe.valid_to);
	return 0;
}

static bool
copy(char *dst, size_t size, const char *text)
{
	return text == NULL || (size_t)snprintf(dst, size, "%s", text) < size;
}

static int
new_key(struct cmd_call *call)
{
	const char *path = cmd_option(call, "out"), *last = cmd_option(call, "valid-to");
	char today[25];
	struct cert cert;
	int64_t day;
	enum en_err err;

	if (path == NULL) {
		return cmd_usage_of_verbs(call, &cmd_keys);
	}
	if (last != NULL && !quantity_day(last, &day)) {
		return cmd_misused(call, "--valid-to is a day, as 2027-12-31", "--valid-to es un día, como 2027-12-31");
	}
	err = cert_generate(&cert);
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", cmd_say(call, "cannot make a key", "no se puede hacer una llave"));
	}
	wall_format(clock_now().wall_ms, today);
	snprintf(cert.created, sizeof(cert.created), "%.10s", today);
	if (!copy(cert.agency, sizeof(cert.agency), cmd_option(call, "agency")) ||
	    !copy(cert.valid_to, sizeof(cert.valid_to), cmd_option(call, "valid-to")) ||
	    !copy(cert.comment, sizeof(cert.comment), cmd_option(call, "comment"))) {
		return cmd_fail(
		    call, EN_ELIMIT, "%s", cmd_say(call, "an option is too long", "una opción es demasiado larga"));
	}
	err = cert_save(path, &cert);
	crypto_wipe(cert.secret_key, sizeof(cert.secret_key));
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", path);
	}
	int code = call->quiet ? 0 : print(call, &cert, path);

	if (!call->quiet) {
		fprintf(stderr, "%s_secret: %s\n", path,
		    cmd_say(call, "the secret key; it stays on this machine and only its user may read it",
			"la llave secreta; no sale de esta máquina y solo su usuario puede leerla"));
	}
	return code;
}

static int
run(struct cmd_call *call)
{
	struct cert cert;
	enum en_err err;

	if (call->argument_count == 1 && strcmp(call->arguments[0], "new") == 0) {
		return new_key(call);
	}
	if (call->argument_count != 2 || strcmp(call->arguments[0], "show") != 0) {
		return cmd_usage_of_verbs(call, &cmd_keys);
	}
	err = cert_load_public(call->arguments[1], &cert);
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", call->arguments[1]);
	}
	return print(call, &cert, call->arguments[1]);
}

const struct cmd cmd_keys = {"keys", "make and show CURVE keys", "crear y mostrar llaves CURVE",
    "  enlace keys new --out keys/broker.cert\n"
    "  enlace keys new --agency inm --valid-to 2027-12-31 --out inm.cert\n"
    "  enlace keys show inm.cert\n",
    options, run};
