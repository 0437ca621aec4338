// SPDX-License-Identifier: Apache-2.0
// `enlace convert`: a payload between protobuf, its text format and JSON, by the schemas the broker uses.
#include "cli/cmd_schema.h"
#include "cli/payload.h"

static const struct cmd_option options[] = {
    {"type", true, "the message, as inm.v1.Acta"},
    {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"},
    {"from", true, "json, text or binary (default: by the file's ending, else json)"},
    {"to", true, "json, text or binary (default: binary, and of binary json)"},
    {"lenient", false, "take numbers as text and empty texts as absent, as adapters do"},
    {NULL, false, NULL},
};

static int
convert(const struct cmd_call *call, const struct schema_type *t, enum payload_form from, enum payload_form to)
{
	const char *path = call->argument_count > 0 ? call->arguments[0] : NULL;
	struct buf in = BUF_EMPTY, payload = BUF_EMPTY, out = BUF_EMPTY;
	struct json_fault fault = {.err = EN_OK};
	enum en_err err = payload_read(path, &in);
	int code = 0;

	if (err != EN_OK) {
		code = cmd_fail(call, err, "%s", path == NULL ? "-" : path);
	} else {
		err =
		    payload_parse(t, buf_view(&in), from, cmd_option(call, "lenient") != NULL, &payload, NULL, &fault);
		if (err == EN_OK) {
			err = payload_write(t, buf_view(&payload), to, &out, &fault);
		}
		if (err == EN_OK && out.len > 0 && fwrite(out.data, 1, out.len, stdout) != out.len) {
			err = EN_EIO;
		}
		code = err == EN_OK ? 0 : payload_fail(call, err, path == NULL ? t->name : path, &fault);
	}
	buf_fini(&in);
	buf_fini(&payload);
	buf_fini(&out);
	return code;
}

static int
run(struct cmd_call *call)
{
	const char *name = cmd_option(call, "type"), *path = call->argument_count > 0 ? call->arguments[0] : NULL;
	const struct schema_type *t;
	struct schema *schema = NULL;
	enum payload_form from, to;
	int code = payload_form_of(call, "from", path, &from);

	if (code == 0) {
		code = payload_form_of(call, "to", NULL, &to);
	}
	if (code != 0 || name == NULL || call->argument_count > 1) {
		return code != 0 ? code : cmd_usage(call, &cmd_convert);
	}
	if (cmd_option(call, "to") == NULL) {
		to = from == PAYLOAD_BINARY ? PAYLOAD_JSON : PAYLOAD_BINARY;
	}
	if (schema_of_settings(call, &schema) != EN_OK) {
		return cmd_fail(call, EN_ECONFIG, "%s",
		    cmd_say(call, "the schemas cannot be loaded", "no se pueden cargar los esquemas"));
	}
	t = schema_type_by_name(schema, name);
	if (t == NULL) {
		size_t count;
		const char *const *names = schema_type_names(schema, &count);

		code = cmd_no_such(call, cmd_say(call, "no message", "no existe el mensaje"), name, names, count);
	} else {
		code = convert(call, t, from, to);
	}
	schema_unref(&schema);
	return code;
}

const struct cmd cmd_convert = {"convert", "a payload between protobuf, its text format and JSON",
    "un contenido entre protobuf, su formato de texto y JSON",
    "  enlace convert --type inm.v1.Acta --from bin acta.bin          prints JSON\n"
    "  enlace convert --type inm.v1.Acta acta.json > acta.bin\n"
    "  enlace convert --type inm.v1.Acta --to text acta.json          prints protobuf text format\n",
    options, run};
