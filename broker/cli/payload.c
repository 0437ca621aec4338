// SPDX-License-Identifier: Apache-2.0
#include "cli/payload.h"

#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/say.h"
#include "conf/path.h"
#include "schema/text_format.h"

bool
payload_form_named(const char *name, enum payload_form *ret)
{
	static const struct {
		const char *name;
		enum payload_form form;
	} forms[] = {{"json", PAYLOAD_JSON}, {"text", PAYLOAD_TEXT}, {"txtpb", PAYLOAD_TEXT},
	    {"binary", PAYLOAD_BINARY}, {"bin", PAYLOAD_BINARY}};

	for (size_t i = 0; i < EN_COUNT_OF(forms); i++) {
		if (strcmp(forms[i].name, name) == 0) {
			*ret = forms[i].form;
			return true;
		}
	}
	return false;
}

int
payload_form_of(const struct cmd_call *call, const char *option, const char *path, enum payload_form *ret)
{
	const char *name = cmd_option(call, option);

	*ret = conf_ends_with(path, ".txtpb") || conf_ends_with(path, ".textproto") ? PAYLOAD_TEXT
	    : conf_ends_with(path, ".binpb") || conf_ends_with(path, ".bin")        ? PAYLOAD_BINARY
										    : PAYLOAD_JSON;
	if (name != NULL && !payload_form_named(name, ret)) {
		fprintf(
		    stderr, "enlace: --%s: %s\n", option, cmd_say(call, "json, text or binary", "json, text o binary"));
		return 2;
	}
	return 0;
}

enum en_err
payload_read(const char *path, struct buf *bytes)
{
	char chunk[65536];
	ssize_t n;

	if (path != NULL && strcmp(path, "-") != 0) {
		return buf_read_file(bytes, path, LIMIT_FRAME_BYTES);
	}
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
		buf_put(bytes, chunk, (size_t)n);
		if (bytes->len > LIMIT_FRAME_BYTES) {
			return EN_ELIMIT;
		}
	}
	return n < 0 ? EN_EIO : bytes->err;
}

enum en_err
payload_parse(const struct schema_type *t, struct view bytes, enum payload_form form, bool lenient, struct buf *payload,
    struct buf *unknown, struct json_fault *reterr_fault)
{
	const struct json_options json = {.lenient = lenient, .ignore_unknown = unknown != NULL};

	switch (form) {
	case PAYLOAD_JSON:
		return json_to_payload(t, bytes, &json, payload, unknown, reterr_fault);
	case PAYLOAD_TEXT:
		return text_to_payload(t, bytes, payload, reterr_fault);
	case PAYLOAD_BINARY:
		break;
	}
	buf_put_view(payload, bytes);
	return payload->err;
}

enum en_err
payload_write(const struct schema_type *t, struct view payload, enum payload_form form, struct buf *out,
    struct json_fault *reterr_fault)
{
	static const struct json_options json = {.pretty = true};
	struct index_fault fault = {.path = ""};
	struct index ix;
	enum en_err err;

	index_init(&ix);
	err = index_build(&ix, t, payload, &fault);
	if (err != EN_OK) {
		*reterr_fault = (struct json_fault){.err = err};
		snprintf(reterr_fault->path, sizeof(reterr_fault->path), "%s", fault.path);
		snprintf(reterr_fault->hint, sizeof(reterr_fault->hint), "byte %u", fault.offset);
	} else if (form == PAYLOAD_JSON) {
		err = json_from_index(&ix, 0, &json, out);
		buf_put_u8(out, '\n');
	} else if (form == PAYLOAD_TEXT) {
		err = text_from_index(&ix, 0, true, out);
	} else {
		err = index_encode(&ix, 0, out);
	}
	index_fini(&ix);
	return err == EN_OK ? out->err : err;
}

int
payload_fail(const struct cmd_call *call, enum en_err err, const char *what, const struct json_fault *fault)
{
	char place[JSON_PLACE_BYTES];

	(void)json_fault_place(fault, place);
	fprintf(stderr, "enlace: %s", what);
	if (fault->line > 0) {
		fprintf(stderr, ":%u:%u", fault->line, fault->column);
	}
	if (place[0] != '\0') {
		fprintf(stderr, ": %s", place);
	}
	fprintf(stderr, ": %s", en_err_text(err, call->lang));
	if (fault->hint[0] != '\0') {
		fprintf(stderr, ": %s", en_say(call->lang, fault->hint));
	}
	fputc('\n', stderr);
	return en_err_exit_code(err);
}
