// SPDX-License-Identifier: Apache-2.0
// `enlace config-schema`: the JSON Schema of a kind of file, for editors that complete and check while somebody writes.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/cmd.h"
#include "conf/json_schema.h"
#include "conf/kinds.h"

static const struct cmd_option options[] = {
    {"out", true, "folder to write the schemas of all kinds into, as KIND.json"},
    {NULL, false, NULL},
};

#define KINDS_MAX (CONF_KIND_COUNT + 2)

struct kind {
	const char *name;
	const struct bind_object *object;
};

// Those that a rule set is made of, and the two settings files.
static struct kind
kind_at(size_t i)
{
	static const struct kind settings[] = {{"enlace", &conf_daemon_object}, {"adapter", &conf_adapter_object}};

	return i < CONF_KIND_COUNT ? (struct kind){conf_kinds[i].key, conf_kinds[i].object}
				   : settings[i - CONF_KIND_COUNT];
}

static enum en_err
write_file(const struct cmd_call *call, const char *folder, struct kind kind)
{
	struct buf b = BUF_EMPTY, path = BUF_EMPTY;

	conf_json_schema(kind.object, call->lang, &b);
	buf_printf(&path, "%s/%s.json", folder, kind.name);
	const char *name = buf_cstr(&path);
	enum en_err err = b.err != EN_OK ? b.err : path.err != EN_OK ? path.err : file_replace(name, buf_view(&b));

	buf_fini(&path);
	buf_fini(&b);
	return err;
}

static int
write_kinds(const struct cmd_call *call, const char *folder)
{
	enum en_err err = mkdir(folder, 0755) == 0 || errno == EEXIST ? EN_OK : EN_EIO;

	for (size_t i = 0; i < KINDS_MAX && err == EN_OK; i++) {
		err = write_file(call, folder, kind_at(i));
	}
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s", folder);
}

static int
print_one(const struct cmd_call *call, const char *name)
{
	const char *names[KINDS_MAX];
	struct buf b = BUF_EMPTY;

	for (size_t i = 0; i < KINDS_MAX; i++) {
		names[i] = kind_at(i).name;
		if (strcmp(names[i], name) == 0) {
			conf_json_schema(kind_at(i).object, call->lang, &b);
			return cmd_print(call, &b);
		}
	}
	const char *near = nearest_name(name, names, KINDS_MAX);

	fprintf(
	    stderr, "enlace: %s %s", cmd_say(call, "there is no kind of file", "no existe el tipo de archivo"), name);
	if (near != NULL) {
		fprintf(stderr, "; %s %s", cmd_say(call, "did you mean", "quiso decir"), near);
	}
	fputc('\n', stderr);
	return 2;
}

static int
run(struct cmd_call *call)
{
	const char *folder = cmd_option(call, "out");

	if (folder != NULL && call->argument_count == 0) {
		return write_kinds(call, folder);
	}
	if (call->argument_count > 1 || folder != NULL) {
		return cmd_usage(call, &cmd_config_schema);
	}
	if (call->argument_count == 1) {
		return print_one(call, call->arguments[0]);
	}
	for (size_t i = 0; i < KINDS_MAX; i++) {
		printf("%s\n", kind_at(i).name);
	}
	return 0;
}

const struct cmd cmd_config_schema = {"config-schema", "the JSON Schema of a kind of configuration file, for editors",
    "el JSON Schema de un tipo de archivo de configuración, para editores",
    "  enlace config-schema mapping         what a mapping file may hold\n"
    "  enlace config-schema --out DIR       all kinds, as DIR/KIND.json\n"
    "  enlace config-schema                 the kinds\n",
    options, run};
