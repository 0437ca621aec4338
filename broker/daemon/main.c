// SPDX-License-Identifier: Apache-2.0
// enlaced: the broker's daemon.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/terminal.h"
#include "daemon/daemon.h"

static const char usage[] =
    "usage: enlaced [-c FILE] [--check] [--version]\n"
    "\n"
    "  enlaced -c config/enlace.yaml          run until SIGTERM\n"
    "  enlaced -c config/enlace.yaml --check  check everything that a start needs, then exit\n"
    "\n"
    "  -c, --config FILE   settings (default: /etc/enlace/enlace.yaml)\n"
    "      --check         load settings, schemas, rules and keys, bind nothing\n"
    "      --version       print the version\n"
    "\n"
    "signals: SIGHUP loads rules and keys anew; SIGTERM and SIGINT drain and stop, a second one at once.\n"
    "exit codes: 0 stopped as asked, 69 an address is in use, 70 a fault of enlaced, 74 disk or journal,\n"
    "76 another version wrote the journal, 77 not permitted, 78 the configuration is invalid.\n";

static const char usage_es[] =
    "uso: enlaced [-c ARCHIVO] [--check] [--version]\n"
    "\n"
    "  enlaced -c config/enlace.yaml          correr hasta SIGTERM\n"
    "  enlaced -c config/enlace.yaml --check  revisar todo lo que un arranque necesita y terminar\n"
    "\n"
    "  -c, --config ARCHIVO  configuración (si falta: /etc/enlace/enlace.yaml)\n"
    "      --check           cargar configuración, esquemas, reglas y llaves, sin abrir puertos\n"
    "      --version         mostrar la versión\n"
    "\n"
    "señales: SIGHUP carga de nuevo reglas y llaves; SIGTERM y SIGINT terminan en orden, una segunda termina de inmediato.\n"
    "códigos de salida: 0 terminó como se pidió, 69 una dirección está en uso, 70 falla de enlaced, 74 disco o diario,\n"
    "76 otra versión escribió el diario, 77 no permitido, 78 configuración inválida.\n";

// In the reader's language, as the reader's side can show it.
static int
tell_usage(FILE *out, int code)
{
	terminal_say(out, en_lang_from_environment() == EN_LANG_ES ? usage_es : usage);
	return code;
}

static int
run(const char *path, bool check_only)
{
	struct daemon d = {.lang = en_lang_from_environment(), .signal_fd = -1};
	enum en_err err;

	d.requests.wake_fd = -1;
	err = daemon_open(&d, path, check_only);
	if (err == EN_OK && !check_only) {
		err = daemon_run(&d);
	}
	daemon_close(&d);
	return en_err_exit_code(err);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check", no_argument, NULL, 'k'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	const char *path = "/etc/enlace/enlace.yaml";
	bool check_only = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			check_only = true;
			break;
		case 'V':
			printf("enlaced %s\n", ENLACE_VERSION);
			return 0;
		case 'h':
			return tell_usage(stdout, 0);
		default:
			return tell_usage(stderr, 2);
		}
	}
	if (optind != argc) {
		return tell_usage(stderr, 2);
	}
	return run(path, check_only);
}
