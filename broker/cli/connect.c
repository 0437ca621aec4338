// SPDX-License-Identifier: Apache-2.0
#include "cli/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

#define SECRET_SUFFIX "_secret"

// broker.cert of broker.cert_secret: the two files are made together. NULL when the name is another, or there is none.
static const char *
public_beside(struct cmd_call *call, const char *secret)
{
	size_t len = secret == NULL ? 0 : strlen(secret), suffix = strlen(SECRET_SUFFIX);

	return len > suffix && strcmp(secret + len - suffix, SECRET_SUFFIX) == 0
	    ? arena_text(&call->arena, view_of(secret, len - suffix))
	    : NULL;
}

int
connection_find(struct cmd_call *call, bool is_operator, struct connection *ret)
{
	const char *server = cmd_option(call, "server-key"), *own = cmd_option(call, "key");
	struct conf_daemon *settings;
	enum en_err err;

	*ret = (struct connection){.endpoint = cmd_option(call, "broker")};
	own = own == NULL ? getenv("ENLACE_KEY") : own;
	if (own == NULL) {
		return cmd_misused(call,
		    "the broker asks who you are: name your key with --key FILE.cert_secret or $ENLACE_KEY. None yet? enlace keys new",
		    "el broker pregunta quién es usted: indique su llave con --key ARCHIVO.cert_secret o $ENLACE_KEY. ¿Aún no tiene? enlace keys new");
	}
	if (ret->endpoint == NULL || server == NULL) {
		if (cmd_settings(call, &settings) != EN_OK) {
			return en_err_exit_code(EN_ECONFIG);
		}
		if (ret->endpoint == NULL) {
			ret->endpoint = is_operator ? settings->operators.text : settings->listen.text;
		}
		server = server == NULL ? public_beside(call, settings->key.text) : server;
	}
	if (ret->endpoint == NULL || server == NULL) {
		return cmd_misused(call, "name the broker with --broker and --server-key",
		    "indique el broker con --broker y --server-key");
	}
	err = cert_load_public(server, &ret->server);
	if (err != EN_OK) {
		return cmd_fail(call, err, "%s", server);
	}
	err = cert_load_secret(own, &ret->own);
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s", own);
}

void
connection_wipe(struct connection *c)
{
	crypto_wipe(c, sizeof(*c));
}
