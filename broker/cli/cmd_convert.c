// SPDX-License-Identifier: Apache-2.0
// `enlace convert`: a payload between protobuf and JSON, by the schemas the broker uses.
#include "cli/cmd.h"

#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "schema/json.h"

static const struct cmd_option options[] = {
    {"type", true, "the message, as inm.v1.Acta"},
    {"schemas", true, "folder with the descriptor sets (default: as enlace.yaml says)"},
    {"from", true, "json or bin (default: json)"},
    {"to", true, "json or bin (default: the other one)"},
    {"lenient", false, "take numbers as text and empty texts as absent, as adapters do"},
    {NULL, false, NULL},
};

static enum en_err
read_all(struct cmd_call *call, struct buf *in)
{
	char chunk[65536];
	ssize_t n;

	if (call->argument_count > 0) {
		return buf_read_file(in, call->arguments[0], LIMIT_FRAME_BYTES);
	}
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
		buf_put(in, chunk, (size_t)n);
		if (in->len > LIMIT_FRAME_BYTES) {
			return EN_ELIMIT;
		}
	}
	return n < 0 ? EN_EIO : in->err;
}

static enum en_err
load_schema(struct cmd_call *call, struct schema **ret)
{
	const char *folder = cmd_option(call, "schemas");
	struct conf_daemon *settings;
	struct findings findings;
	enum en_err err = EN_OK;

	if (folder == NULL) {
		err = cmd_settings(call, &settings);
		folder = err == EN_OK ? settings->schemas.text : NULL;
	}
	findings_init_in(&findings, call->lang);
	if (err == EN_OK) {
		err = schema_load_folder(folder, &findings, ret);
	}
	findings_print_text(&findings, stderr, call->colour);
	findings_fini(&findings);
	return err;
}

// Both ways through the index, so that what comes out was checked also where nothing changes.
static enum en_err
translate(const struct cmd_call *call, const struct schema_type *t, bool from_json, bool to_json, struct view in,
    struct buf *out, struct json_fault *reterr_fault)
{
	struct json_options json = {.lenient = cmd_option(call, "lenient") != NULL, .pretty = true};
	struct index_fault fault = {.path = ""};
	struct buf payload = BUF_EMPTY;
	struct index ix;
	enum en_err err = EN_OK;

	index_init(&ix);
	if (from_json) {
		err = json_to_payload(t, in, &json, &payload, NULL, reterr_fault);
	} else {
		buf_put_view(&payload, in);
		err = payload.err;
	}
	if (err == EN_OK) {
		err = index_build(&ix, t, buf_view(&payload), &fault);
		if (err != EN_OK) {
			snprintf(reterr_fault->path, sizeof(reterr_fault->path), "%s", fault.path);
			snprintf(reterr_fault->hint, sizeof(reterr_fault->hint), "byte %u", fault.offset);
		}
	}
	if (err == EN_OK && to_json) {
		err = json_from_index(&ix, 0, &json, out);
		buf_put_u8(out, '\n');
	} else if (err == EN_OK) {
		err = index_encode(&ix, 0, out);
	}
	index_fini(&ix);
	buf_fini(&payload);
	return err == EN_OK ? out->err : err;
}

static int
convert(const struct cmd_call *call, const struct schema_type *t, bool from_json, bool to_json, struct view in)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;
	enum en_err err = translate(call, t, from_json, to_json, in, &out, &fault);

	if (err == EN_OK && fwrite(out.data, 1, out.len, stdout) != out.len) {
		err = EN_EIO;
	}
	buf_fini(&out);
	if (err != EN_OK && fault.line > 0) {
		return cmd_fail(
		    call, err, "%s: %u:%u %s %s", t->name, fault.line, fault.column, fault.path, fault.hint);
	}
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s: %s %s", t->name, fault.path, fault.hint);
}

static int
run(struct cmd_call *call)
{
	const char *name = cmd_option(call, "type"), *from = cmd_option(call, "from"), *to = cmd_option(call, "to");
	const struct schema_type *t;
	struct schema *schema = NULL;
	struct buf in = BUF_EMPTY;
	enum en_err err;
	int code;

	from = from == NULL ? "json" : from;
	to = to == NULL ? (strcmp(from, "json") == 0 ? "bin" : "json") : to;
	if (name == NULL || call->argument_count > 1 || (strcmp(from, "json") != 0 && strcmp(from, "bin") != 0) ||
	    (strcmp(to, "json") != 0 && strcmp(to, "bin") != 0)) {
		return cmd_usage(&cmd_convert);
	}
	err = load_schema(call, &schema);
	if (err != EN_OK) {
		return cmd_fail(call, EN_ECONFIG, "%s",
		    cmd_say(call, "the schemas cannot be loaded", "no se pueden cargar los esquemas"));
	}
	t = schema_type_by_name(schema, name);
	if (t == NULL) {
		size_t count;
		const char *const *names = schema_type_names(schema, &count), *near = nearest_name(name, names, count);

		code = cmd_fail(call, EN_ENOTFOUND, "no message %s%s%s", name, near == NULL ? "" : "; did you mean ",
		    near == NULL ? "" : near);
	} else if ((err = read_all(call, &in)) != EN_OK) {
		code = cmd_fail(call, err, "the input");
	} else {
		code = convert(call, t, strcmp(from, "json") == 0, strcmp(to, "json") == 0, buf_view(&in));
	}
	buf_fini(&in);
	schema_unref(&schema);
	return code;
}

const struct cmd cmd_convert = {"convert", "a payload between protobuf and JSON", "un contenido entre protobuf y JSON",
    "  enlace convert --type inm.v1.Acta --from bin acta.bin          prints JSON\n"
    "  enlace convert --type inm.v1.Acta acta.json > acta.bin\n",
    options, run};
