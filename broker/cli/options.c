// SPDX-License-Identifier: Apache-2.0
// Options: --name VALUE, --name=VALUE, --switch, and a short letter for the few that everybody uses. A command says which ones it knows; the others are told with the
// nearest name. "--" ends them.
#include "cli/cmd.h"

#include <string.h>
#include <unistd.h>

#include "base/say.h"

static const struct cmd_option common[] = {
    {"config", true, "the broker's settings (default: config/enlace.yaml, then /etc/enlace/enlace.yaml)"},
    {"format", true, "text or json"},
    {"verbose", false, "say more"},
    {"quiet", false, "say nothing but errors"},
    {"yes", false, "do not ask"},
    {"help", false, "this text"},
    {NULL, false, NULL},
};

static const struct {
	const char *letter, *name;
} letters[] = {{"-c", "config"}, {"-v", "verbose"}, {"-q", "quiet"}, {"-y", "yes"}, {"-h", "help"}};

static const struct say_row rows[] = {
#define EN_SAY(english, spanish) {english, spanish},
#include "cli/say.tbl.h"
#undef EN_SAY
};

static const char *
letter_of(const char *name)
{
	for (size_t i = 0; i < EN_COUNT_OF(letters); i++) {
		if (strcmp(letters[i].name, name) == 0) {
			return letters[i].letter;
		}
	}
	return NULL;
}

static bool
is_in(const struct cmd_option *options, const char *name)
{
	while (options != NULL && options->name != NULL && strcmp(options->name, name) != 0) {
		options++;
	}
	return options != NULL && options->name != NULL;
}

// Without those that stand in `other`.
static void
print_list(const struct cmd_call *call, const struct cmd_option *options, const struct cmd_option *other, FILE *out)
{
	for (; options != NULL && options->name != NULL; options++) {
		if (is_in(other, options->name)) {
			continue;
		}
		const char *letter = letter_of(options->name);
		char name[48];

		snprintf(name, sizeof(name), "%s%s--%s%s", letter == NULL ? "" : letter, letter == NULL ? "" : ", ",
		    options->name, options->takes_value ? cmd_say(call, " VALUE", " VALOR") : "");
		fprintf(out, "  %-22s %s\n", name, en_say_of(rows, EN_COUNT_OF(rows), call->lang, options->help));
	}
}

void
cmd_print_options(const struct cmd_call *call, const struct cmd *cmd, FILE *out)
{
	print_list(call, cmd->options, NULL, out);
	print_list(call, common, cmd->options, out);
}

// "  enlace X ...   what it does": two blanks or more part the two.
static void
print_example(const struct cmd_call *call, const char *line, FILE *out)
{
	const char *gap = strstr(line + strspn(line, " "), "  "), *words = gap;

	if (gap == NULL) {
		fprintf(out, "%s\n", line);
		return;
	}
	words += strspn(words, " ");
	fprintf(out, "%.*s%s\n", (int)(words - line), line, en_say_of(rows, EN_COUNT_OF(rows), call->lang, words));
}

void
cmd_print_usage(const struct cmd_call *call, const struct cmd *cmd, FILE *out)
{
	char line[256];

	for (const char *at = cmd->usage; *at != '\0';) {
		size_t len = strcspn(at, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, at);
		print_example(call, line, out);
		at += len + (at[len] == '\n');
	}
}

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
unknown_option(const struct cmd *cmd, const struct cmd_call *call, const char *text)
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
	fprintf(
	    stderr, "enlace %s: %s %s", cmd->name, cmd_say(call, "there is no option", "no existe la opción"), text);
	if (near != NULL) {
		fprintf(stderr, "; %s --%s", cmd_say(call, "did you mean", "quiso decir"), near);
	}
	fputc('\n', stderr);
	return 2;
}

static const char *
long_name(const char *text)
{
	for (size_t i = 0; i < EN_COUNT_OF(letters); i++) {
		if (strcmp(text, letters[i].letter) == 0) {
			return letters[i].name;
		}
	}
	return strncmp(text, "--", 2) == 0 ? text + 2 : "";
}

// One option with its value into the call. Returns how many arguments it took, or -1 having said why.
static int
take_option(const struct cmd *cmd, struct cmd_call *call, char **argv, int left)
{
	const char *name = long_name(argv[0]), *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	const struct cmd_option *option = find_option(cmd, name, len);

	if (option == NULL) {
		unknown_option(cmd, call, argv[0]);
		return -1;
	}
	if (call->option_count == CMD_OPTIONS_MAX) {
		fprintf(stderr, "enlace %s: %s\n", cmd->name, cmd_say(call, "too many options", "demasiadas opciones"));
		return -1;
	}
	if (option->takes_value ? equals == NULL && left < 2 : equals != NULL) {
		fprintf(stderr, "enlace %s: --%s %s\n", cmd->name, option->name,
		    option->takes_value ? cmd_say(call, "needs a value", "necesita un valor")
					: cmd_say(call, "takes no value", "no lleva valor"));
		return -1;
	}
	call->names[call->option_count] = option->name;
	call->values[call->option_count++] = !option->takes_value ? "" : equals != NULL ? equals + 1 : argv[1];
	return option->takes_value && equals == NULL ? 2 : 1;
}

// What the common options mean for the call.
static int
apply_common(const struct cmd *cmd, struct cmd_call *call)
{
	const char *format = cmd_option(call, "format");

	call->config = cmd_option(call, "config");
	if (call->config == NULL) {
		call->config =
		    access("config/enlace.yaml", R_OK) == 0 ? "config/enlace.yaml" : "/etc/enlace/enlace.yaml";
	}
	call->quiet = cmd_option(call, "quiet") != NULL;
	call->yes = cmd_option(call, "yes") != NULL;
	for (size_t i = 0; i < call->option_count; i++) {
		call->verbose += strcmp(call->names[i], "verbose") == 0;
	}
	call->json = format != NULL && strcmp(format, "json") == 0;
	bool has_sarif = is_in(cmd->options, "format");

	call->sarif = format != NULL && has_sarif && strcmp(format, "sarif") == 0;
	if (format != NULL && !call->json && !call->sarif && strcmp(format, "text") != 0) {
		fprintf(stderr, "enlace %s: --format %s\n", cmd->name,
		    has_sarif ? cmd_say(call, "is text, json or sarif", "es text, json o sarif")
			      : cmd_say(call, "is text or json", "es text o json"));
		return 2;
	}
	return 0;
}

int
cmd_parse(const struct cmd *cmd, struct cmd_call *call, int argc, char **argv)
{
	bool is_ended = false;

	for (int i = 0; i < argc;) {
		if (!is_ended && strcmp(argv[i], "--") == 0) {
			is_ended = true;
			i++;
		} else if (!is_ended && argv[i][0] == '-' && argv[i][1] != '\0') {
			int took = take_option(cmd, call, argv + i, argc - i);

			if (took < 0) {
				return 2;
			}
			i += took;
		} else if (call->argument_count == CMD_ARGUMENTS_MAX) {
			return cmd_usage(call, cmd);
		} else {
			call->arguments[call->argument_count++] = argv[i++];
		}
	}
	return apply_common(cmd, call);
}
