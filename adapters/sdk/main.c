// SPDX-License-Identifier: Apache-2.0
// The main of every adapter program: verbs run and doctor.
#include <getopt.h>
#include <stdio.h>

#include "base/terminal.h"
#include "sdk/adapter_int.h"

static const char usage[] =
    "usage: enlace-adapter run|doctor -c adapter.yaml [options]\n"
    "\n"
    "  enlace-adapter run -c adapter.yaml          run until SIGTERM\n"
    "  enlace-adapter run -c adapter.yaml --once   until nothing is left to read, send and settle\n"
    "  enlace-adapter doctor -c adapter.yaml       staged checks, each with cause and remedy\n"
    "\n"
    "  -c, --config FILE        the adapter's settings\n"
    "      --once               run: stop when idle\n"
    "      --format text|json   doctor: how to print\n"
    "      --version\n"
    "\n"
    "exit codes: 0 done, 1 a check failed, 2 usage, 69 the broker was not reached, 70 a fault of the adapter,\n"
    "74 disk, 75 the spool is full or another process runs, 78 the settings are invalid.\n";

static const char usage_es[] =
    "uso: enlace-adapter run|doctor -c adapter.yaml [opciones]\n"
    "\n"
    "  enlace-adapter run -c adapter.yaml          correr hasta SIGTERM\n"
    "  enlace-adapter run -c adapter.yaml --once   hasta que no quede nada por leer, enviar y entregar\n"
    "  enlace-adapter doctor -c adapter.yaml       revisiones por etapas, cada una con causa y remedio\n"
    "\n"
    "  -c, --config ARCHIVO     la configuración del adaptador\n"
    "      --once               run: terminar cuando no haya nada que hacer\n"
    "      --format text|json   doctor: cómo mostrar\n"
    "      --version\n"
    "\n"
    "códigos de salida: 0 hecho, 1 una revisión falló, 2 uso, 69 no se alcanzó al broker, 70 falla del adaptador,\n"
    "74 disco, 75 el spool está lleno u otro proceso corre, 78 configuración inválida.\n";

// In the reader's language, as the reader's side can show it.
static void
tell_usage(FILE *out)
{
	terminal_say(out, en_lang_from_environment() == EN_LANG_ES ? usage_es : usage);
}

struct arguments {
	const char *verb, *path;
	bool once, json;
};

static int
parse(int argc, char **argv, struct arguments *ret)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"once", no_argument, NULL, 'o'},
	    {"format", required_argument, NULL, 'f'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			ret->path = optarg;
			break;
		case 'o':
			ret->once = true;
			break;
		case 'f':
			ret->json = strcmp(optarg, "json") == 0;
			if (!ret->json && strcmp(optarg, "text") != 0) {
				return 2;
			}
			break;
		case 'V':
			printf("enlace-adapter %s\n", ADAPTER_VERSION);
			return -1;
		case 'h':
			tell_usage(stdout);
			return -1;
		default:
			return 2;
		}
	}
	if (optind + 1 != argc || ret->path == NULL) {
		return 2;
	}
	ret->verb = argv[optind];
	return strcmp(ret->verb, "run") == 0 || strcmp(ret->verb, "doctor") == 0 ? 0 : 2;
}

static enum en_err
run(struct adapter *a, const struct arguments *args, const struct enlace_connector *const *connectors,
    enum en_lang lang)
{
	enum en_err err = adapter_open(a, args->path, connectors, lang);

	if (err == EN_OK) {
		err = adapter_open_keys(a);
	}
	if (err == EN_OK) {
		err = adapter_open_state(a);
	}
	if (err == EN_OK) {
		err = adapter_open_connectors(a);
	}
	return err == EN_OK ? adapter_run(a, args->once) : err;
}

int
enlace_adapter_main(int argc, char **argv, const struct enlace_connector *const *connectors)
{
	struct arguments args = {.path = NULL};
	struct adapter a = {.next_token = 1};
	enum en_lang lang = en_lang_from_environment();
	int code = parse(argc, argv, &args);
	enum en_err err;

	if (code != 0) {
		if (code == 2) {
			tell_usage(stderr);
		}
		return code == 2 ? 2 : 0;
	}
	err = net_init();
	if (err != EN_OK) {
		return en_err_exit_code(err);
	}
	if (strcmp(args.verb, "doctor") == 0) {
		code = adapter_doctor(&a, args.path, connectors, lang, args.json);
	} else {
		code = en_err_exit_code(run(&a, &args, connectors, lang));
	}
	adapter_close(&a);
	net_fini();
	return code;
}
