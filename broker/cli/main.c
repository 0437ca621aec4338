// SPDX-License-Identifier: Apache-2.0
#include "cli/cmd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"

static const struct cmd *const commands[] = {&cmd_lint, &cmd_keys, &cmd_agency, &cmd_publish, &cmd_sub, &cmd_msg,
    &cmd_status, &cmd_reload, &cmd_convert, &cmd_version};

static const struct cmd_option common[] = {
    {"config", true, "the broker's settings (default: config/enlace.yaml, then /etc/enlace/enlace.yaml)"},
    {"format", true, "text or json"},
    {"verbose", false, "say more"},
    {"quiet", false, "say nothing but errors"},
    {"yes", false, "do not ask"},
    {"help", false, "this text"},
    {NULL, false, NULL},
};

const char *
cmd_option(const struct cmd_call *call, const char *name)
{
	for (size_t i = call->option_count; i > 0; i--) {
		if (strcmp(call->names[i - 1], name) == 0) {
			return call->values[i - 1];
		}
	}
	return NULL;
}

int
cmd_fail(const struct cmd_call *call, enum en_err err, const char *fmt, ...)
{
	va_list args;

	fputs("enlace: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, ": %s\n", en_err_text(err, call->lang));
	return en_err_exit_code(err);
}

int
cmd_usage(const struct cmd *cmd)
{
	fprintf(stderr, "usage:\n%s", cmd->usage);
	return 2;
}

static void
print_options(const struct cmd_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		char name[48];

		snprintf(name, sizeof(name), "--%s%s", options->name, options->takes_value ? " VALUE" : "");
		printf("  %-22s %s\n", name, options->help);
	}
}

static int
print_help(const struct cmd *cmd)
{
	if (cmd != NULL) {
		printf("%s\n\n%s\noptions:\n", cmd->summary, cmd->usage);
		print_options(cmd->options);
		print_options(common);
		return 0;
	}
	printf("enlace: the command line of the referral bus\n\nusage: enlace COMMAND [options]\n\ncommands:\n");
	for (size_t i = 0; i < EN_COUNT_OF(commands); i++) {
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	printf(
	    "\n`enlace COMMAND --help` shows examples and options.\n\n"
	    "exit codes: 0 done, 1 a negative result, 2 usage, 65 bad data, 69 the broker is not reached, 70 a fault of enlace,\n"
	    "74 input or output failed, 75 try again, 77 not permitted, 78 the configuration is invalid.\n");
	return 0;
}

static const struct cmd_option *
find_option(const struct cmd *cmd, const char *name, size_t len)
{
	const struct cmd_option *lists[] = {cmd->options, common};

	for (size_t l = 0; l < EN_COUNT_OF(lists); l++) {
		for (const struct cmd_option *o = lists[l]; o != NULL && o->name != NULL; o++) {
			if (strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
				return o;
			}
		}
	}
	return NULL;
}

static int
unknown_option(const struct cmd *cmd, const char *text)
{
	const char *names[64], *near;
	size_t count = 0;
	const struct cmd_option *lists[] = {cmd->options, common};

	for (size_t l = 0; l < EN_COUNT_OF(lists); l++) {
		for (const struct cmd_option *o = lists[l]; o != NULL && o->name != NULL && count < EN_COUNT_OF(names);
		     o++) {
			names[count++] = o->name;
		}
	}
	near = nearest_name(text + strspn(text, "-"), names, count);
	fprintf(stderr, "enlace %s: there is no option %s%s%s\n", cmd->name, text,
	    near == NULL ? "" : "; did you mean --", near == NULL ? "" : near);
	return 2;
}

static const char *
long_name(const char *text)
{
	static const char *const shorts[][2] = {{"-c", "config"}, {"-v", "verbose"}, {"-q", "quiet"}, {"-h", "help"}};

	for (size_t i = 0; i < EN_COUNT_OF(shorts); i++) {
		if (strcmp(text, shorts[i][0]) == 0) {
			return shorts[i][1];
		}
	}
	return strncmp(text, "--", 2) == 0 ? text + 2 : "";
}

// One option with its value into the call. Returns how many arguments it took, or -1 having said why.
static int
take_option(const struct cmd *cmd, struct cmd_call *call, char **argv, int left)
{
	const char *name = long_name(argv[0]), *equals = strchr(name, '=');
	const struct cmd_option *option =
	    find_option(cmd, name, equals == NULL ? strlen(name) : (size_t)(equals - name));

	if (option == NULL || call->option_count == CMD_OPTIONS_MAX) {
		unknown_option(cmd, argv[0]);
		return -1;
	}
	call->names[call->option_count] = option->name;
	if (!option->takes_value) {
		call->values[call->option_count++] = "";
		return 1;
	}
	if (equals == NULL && left < 2) {
		fprintf(stderr, "enlace %s: --%s needs a value\n", cmd->name, option->name);
		return -1;
	}
	call->values[call->option_count++] = equals != NULL ? equals + 1 : argv[1];
	return equals != NULL ? 1 : 2;
}

static int
parse(const struct cmd *cmd, struct cmd_call *call, int argc, char **argv)
{
	for (int i = 0; i < argc;) {
		if (argv[i][0] == '-' && argv[i][1] != '\0') {
			int took = take_option(cmd, call, argv + i, argc - i);

			if (took < 0) {
				return 2;
			}
			i += took;
		} else if (call->argument_count == CMD_ARGUMENTS_MAX) {
			return cmd_usage(cmd);
		} else {
			call->arguments[call->argument_count++] = argv[i++];
		}
	}
	call->config = cmd_option(call, "config");
	if (call->config == NULL) {
		call->config =
		    access("config/enlace.yaml", R_OK) == 0 ? "config/enlace.yaml" : "/etc/enlace/enlace.yaml";
	}
	call->quiet = cmd_option(call, "quiet") != NULL;
	call->yes = cmd_option(call, "yes") != NULL;
	call->verbose = cmd_option(call, "verbose") != NULL;
	if (cmd_option(call, "format") != NULL) {
		call->json = strcmp(cmd_option(call, "format"), "json") == 0;
		if (!call->json && strcmp(cmd_option(call, "format"), "text") != 0) {
			fputs("enlace: --format is text or json\n", stderr);
			return 2;
		}
	}
	return 0;
}

enum en_err
cmd_settings(struct cmd_call *call, struct conf_daemon **ret)
{
	struct findings findings;
	enum en_err err;

	findings_init(&findings);
	err = conf_daemon_load(call->config, &call->arena, &findings, ret);
	if (findings.count > 0) {
		findings_sort(&findings);
		findings_print_text(&findings, stderr, call->lang, call->colour);
	}
	findings_fini(&findings);
	return err;
}

int
main(int argc, char **argv)
{
	struct cmd_call call = {.lang = en_lang_from_environment()};
	const struct cmd *cmd = NULL;
	const char *names[EN_COUNT_OF(commands)], *near;
	int code;

	call.colour = isatty(STDERR_FILENO) == 1 && (getenv("NO_COLOR") == NULL || getenv("NO_COLOR")[0] == '\0');
	log_set_level(LOG_WARN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		return argc < 2 ? (print_help(NULL), 2) : print_help(NULL);
	}
	for (size_t i = 0; i < EN_COUNT_OF(commands); i++) {
		names[i] = commands[i]->name;
		if (strcmp(argv[1], commands[i]->name) == 0 ||
		    (argv[1][0] == '-' && strcmp(argv[1] + strspn(argv[1], "-"), commands[i]->name) == 0)) {
			cmd = commands[i];
		}
	}
	if (cmd == NULL) {
		near = nearest_name(argv[1], names, EN_COUNT_OF(names));
		fprintf(stderr, "enlace: there is no command '%s'%s%s. See: enlace --help\n", argv[1],
		    near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
		return 2;
	}
	if (crypto_init() != EN_OK) {
		return en_err_exit_code(EN_EINTERNAL);
	}
	arena_init(&call.arena, 0);
	code = parse(cmd, &call, argc - 2, argv + 2);
	if (code == 0) {
		code = cmd_option(&call, "help") != NULL ? print_help(cmd) : cmd->run(&call);
	}
	arena_fini(&call.arena);
	return code;
}
