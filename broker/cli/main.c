// SPDX-License-Identifier: Apache-2.0
#include "cli/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "base/terminal.h"

#define CMD_VERBS_MAX 16
#define CMD_VERB_BYTES 32

static const struct cmd *const commands[] = {&cmd_lint, &cmd_explain_code, &cmd_test, &cmd_map, &cmd_explain, &cmd_keys,
    &cmd_agency, &cmd_publish, &cmd_sub, &cmd_msg, &cmd_status, &cmd_reload, &cmd_convert, &cmd_schema,
    &cmd_config_schema, &cmd_version};

const char *
cmd_say(const struct cmd_call *call, const char *en, const char *es)
{
	return call->lang == EN_LANG_ES ? es : en;
}

const char *
cmd_noun(const struct cmd_call *call, size_t count, const char *en_one, const char *en_many, const char *es_one,
    const char *es_many)
{
	return count == 1 ? cmd_say(call, en_one, es_one) : cmd_say(call, en_many, es_many);
}

void
cmd_words_follow(void)
{
	(void)fflush(stdout);
}

int
cmd_fail(const struct cmd_call *call, enum en_err err, const char *fmt, ...)
{
	va_list args;

	cmd_words_follow();
	fputs("enlace: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, ": %s\n", en_err_text(err, call->lang));
	return en_err_exit_code(err);
}

int
cmd_no_such(const struct cmd_call *call, const char *no_such, const char *name, const char *const *names, size_t count)
{
	const char *near = nearest_name(name, names, count);

	cmd_words_follow();
	fprintf(stderr, "enlace: %s %s%s%s\n", no_such, name,
	    near == NULL ? "" : cmd_say(call, "; did you mean ", "; quiso decir "), near == NULL ? "" : near);
	return 1;
}

int
cmd_print(const struct cmd_call *call, struct buf *b)
{
	enum en_err err = b->err;

	if (err == EN_OK && b->len > 0) { // nothing at all is nowhere
		(void)fwrite(b->data, 1, b->len, stdout); // whether it arrived is asked at the end
	}
	buf_fini(b);
	return err == EN_OK ? 0 : cmd_fail(call, err, "stdout");
}

int
cmd_usage(const struct cmd_call *call, const struct cmd *cmd)
{
	fprintf(stderr, "%s\n", cmd_say(call, "usage:", "uso:"));
	cmd_print_usage(call, cmd, stderr);
	return 2;
}

// The verbs that the usage shows: the word behind the command's name, line by line.
static size_t
verbs_of(const struct cmd *cmd, char verbs[][CMD_VERB_BYTES], size_t max)
{
	char head[CMD_VERB_BYTES];
	size_t count = 0;

	snprintf(head, sizeof(head), "  enlace %s ", cmd->name);
	for (const char *at = strstr(cmd->usage, head); at != NULL && count < max; at = strstr(at, head)) {
		at += strlen(head);
		snprintf(verbs[count++], CMD_VERB_BYTES, "%.*s", (int)strcspn(at, " \n"), at);
	}
	return count;
}

int
cmd_usage_of_verbs(const struct cmd_call *call, const struct cmd *cmd)
{
	char verbs[CMD_VERBS_MAX][CMD_VERB_BYTES];
	size_t count = verbs_of(cmd, verbs, CMD_VERBS_MAX);
	const char *names[CMD_VERBS_MAX], *verb = call->argument_count == 0 ? NULL : call->arguments[0], *near;
	bool is_known = verb == NULL;

	for (size_t i = 0; i < count; i++) {
		names[i] = verbs[i];
		is_known = is_known || strcmp(verbs[i], verb) == 0;
	}
	if (!is_known) {
		near = nearest_name(verb, names, count);
		fprintf(stderr, "enlace %s: %s '%s'%s%s\n", cmd->name, cmd_say(call, "there is no", "no existe"), verb,
		    near == NULL ? "" : cmd_say(call, "; did you mean ", "; quiso decir "), near == NULL ? "" : near);
	}
	return cmd_usage(call, cmd);
}

int
cmd_misused(const struct cmd_call *call, const char *en, const char *es)
{
	fprintf(stderr, "enlace: %s\n", cmd_say(call, en, es));
	return 2;
}

static int
print_help(const struct cmd_call *call, const struct cmd *cmd, FILE *out)
{
	if (cmd != NULL) {
		fprintf(out, "%s\n\n", cmd_say(call, cmd->summary, cmd->summary_es));
		cmd_print_usage(call, cmd, out);
		fprintf(out, "\n%s\n", cmd_say(call, "options:", "opciones:"));
		cmd_print_options(call, cmd, out);
		return 0;
	}
	fprintf(out, "%s\n\nenlace COMMAND [options]\n\n",
	    cmd_say(call, "enlace: the command line of the referral bus",
		"enlace: la línea de comandos del bus de canalizaciones"));
	for (size_t i = 0; i < EN_COUNT_OF(commands); i++) {
		fprintf(out, "  %-14s %s\n", commands[i]->name,
		    cmd_say(call, commands[i]->summary, commands[i]->summary_es));
	}
	fprintf(out, "\nenlace COMMAND --help: %s\n\n%s\n",
	    cmd_say(call, "examples and options", "ejemplos y opciones"),
	    cmd_say(call,
		"exit codes: 0 done, 1 a negative result, 2 usage, 65 bad data, 69 the broker is not reached, 70 a fault of enlace,\n"
		"74 input or output failed, 75 try again, 77 not permitted, 78 the configuration is invalid.",
		"códigos de salida: 0 hecho, 1 resultado negativo, 2 uso, 65 datos malos, 69 no se alcanza al broker, 70 falla de\n"
		"enlace, 74 falla de entrada o salida, 75 intente de nuevo, 77 no permitido, 78 configuración inválida."));
	return 0;
}

enum en_err
cmd_settings(struct cmd_call *call, struct conf_daemon **ret)
{
	struct findings findings;
	enum en_err err;

	findings_init_in(&findings, call->lang);
	err = conf_daemon_load(call->config, &call->arena, &findings, ret);
	if (findings.count > 0) {
		findings_sort(&findings);
		findings_print_text(&findings, stderr, call->colour);
	}
	findings_fini(&findings);
	return err;
}

// NULL having said so, with the nearest one.
static const struct cmd *
find_command(const struct cmd_call *call, const char *name)
{
	const char *names[EN_COUNT_OF(commands)], *near;

	for (size_t i = 0; i < EN_COUNT_OF(commands); i++) {
		names[i] = commands[i]->name;
		if (strcmp(name, commands[i]->name) == 0 ||
		    (strncmp(name, "--", 2) == 0 && strcmp(name + 2, "version") == 0 && commands[i] == &cmd_version)) {
			return commands[i];
		}
	}
	near = nearest_name(name, names, EN_COUNT_OF(names));
	fprintf(stderr, "enlace: %s '%s'", cmd_say(call, "there is no command", "no existe el comando"), name);
	if (near != NULL) {
		fprintf(stderr, "; %s %s", cmd_say(call, "did you mean", "quiso decir"), near);
	}
	fprintf(stderr, ". enlace --help\n");
	return NULL;
}

// Output that did not arrive is a failure, however well everything went before.
static int
finish_output(const struct cmd_call *call, int code)
{
	if ((fflush(stdout) != 0 || ferror(stdout) != 0) && code == 0) {
		return cmd_fail(call, EN_EIO, "stdout");
	}
	return code;
}

// Words that a reader without UTF-8 can read, until give_back.
static void
make_readable(FILE **stream)
{
	FILE *words = terminal_is_utf8() ? NULL : terminal_ascii(*stream);

	*stream = words == NULL ? *stream : words;
}

static void
give_back(FILE **stream, FILE *given)
{
	if (*stream != given) {
		(void)fclose(*stream); // what it holds was written by finish_output, or is words that nobody waits for
		*stream = given;
	}
}

// Whether what the command prints is for programs: it goes out as it is.
static bool
gives_data(const struct cmd *cmd, const struct cmd_call *call)
{
	return call->json || call->sarif || cmd == &cmd_convert || cmd == &cmd_config_schema || cmd == &cmd_sub ||
	    (cmd == &cmd_map && cmd_option(call, "round-trip") == NULL);
}

static int
run(const struct cmd *cmd, struct cmd_call *call)
{
	bool is_help = cmd_option(call, "help") != NULL;

	if (is_help || !gives_data(cmd, call)) {
		make_readable(&stdout);
	}
	log_set_level(call->verbose > 0 ? LOG_DEBUG : LOG_WARN);
	return is_help ? print_help(call, cmd, stdout) : cmd->run(call);
}

// A standard stream that is closed would be opened again as the first file that a command opens, and words would go into it. Output
// that nobody takes is a failure, as on a full disk.
static void
hold_standard_streams(void)
{
	static const char *const instead[] = {"/dev/null", "/dev/full", "/dev/null"};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			(void)!open(instead[fd],
			    fd == STDIN_FILENO ? O_RDONLY : O_WRONLY); // the lowest number that is free: fd
		}
	}
}

static int
command(int argc, char **argv)
{
	struct cmd_call call = {.lang = en_lang_from_environment(),
	    .colour = terminal_has_colours(stderr),
	    .colour_out = terminal_has_colours(stdout)};
	const struct cmd *cmd;
	int code;

	make_readable(&stderr);
	if (argc < 2) {
		(void)print_help(&call, NULL, stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		make_readable(&stdout);
		return finish_output(&call, print_help(&call, NULL, stdout));
	}
	cmd = find_command(&call, argv[1]);
	if (cmd == NULL) {
		return 2;
	}
	if (crypto_init() != EN_OK) {
		return en_err_exit_code(EN_EINTERNAL);
	}
	arena_init(&call.arena, 0);
	code = cmd_parse(cmd, &call, argc - 2, argv + 2);
	if (code == 0) {
		code = run(cmd, &call);
	}
	code = finish_output(&call, code);
	arena_fini(&call.arena);
	return code;
}

int
main(int argc, char **argv)
{
	FILE *out, *err;
	int code;

	hold_standard_streams();
	out = stdout;
	err = stderr;
	code = command(argc, argv);
	give_back(&stdout, out);
	give_back(&stderr, err);
	return code;
}
