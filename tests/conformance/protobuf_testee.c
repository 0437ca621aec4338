// SPDX-License-Identifier: Apache-2.0
// What Google's conformance runner for protobuf talks to: reads requests from standard input and answers on standard output, each with its length
// in four bytes, the least one first. Everything is done with broker/schema as the broker itself does it, the requests included; the only
// argument is a descriptor set of conformance.proto and of the test messages.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "schema/json.h"
#include "schema/scalar.h"
#include "schema/text_format.h"

// Of ConformanceRequest, ConformanceResponse, WireFormat and TestCategory in conformance.proto.
enum request {
	REQUEST_PROTOBUF = 1,
	REQUEST_JSON = 2,
	REQUEST_OUTPUT = 3,
	REQUEST_TYPE = 4,
	REQUEST_CATEGORY = 5,
	REQUEST_TEXT = 8,
	REQUEST_PRINT_UNKNOWN = 9
};
enum response {
	RESPONSE_PARSE_ERROR = 1,
	RESPONSE_RUNTIME_ERROR = 2,
	RESPONSE_PROTOBUF = 3,
	RESPONSE_JSON = 4,
	RESPONSE_SKIPPED = 5,
	RESPONSE_SERIALIZE_ERROR = 6,
	RESPONSE_TEXT = 8
};
enum format { FORMAT_PROTOBUF = 1, FORMAT_JSON = 2, FORMAT_TEXT = 4 };
#define CATEGORY_IGNORE_UNKNOWN 3

#define SUITE "conformance.ConformanceRequest"

struct testee {
	const struct schema *schema;
	const struct schema_type *request_type;
	struct index request, message;
	struct buf payload, out, response;
};

static void
respond(struct testee *t, enum response field, struct view content)
{
	buf_clear(&t->response);
	buf_put_varint(&t->response, (uint64_t)field << 3 | WIRE_LEN);
	buf_put_text(&t->response, content);
}

static const struct index_node *
request_field(const struct testee *t, enum request number)
{
	const struct schema_field *f = schema_field_by_number(t->request_type, number);

	return f == NULL ? NULL : index_last(&t->request, 0, f);
}

static uint64_t
request_number(const struct testee *t, enum request number)
{
	const struct index_node *n = request_field(t, number);

	return n == NULL ? 0 : n->bits;
}

static void
write_json(struct testee *t)
{
	static const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};
	enum en_err err = EN_OK;

	buf_clear(&t->payload);
	buf_clear(&t->out);
	// The message as it is after merging, as it would be forwarded.
	err = index_encode(&t->message, 0, &t->payload);
	if (err == EN_OK) {
		err = json_from_payload(t->message.messages[0].type, buf_view(&t->payload), &options, &t->out, &fault);
	}
	if (err == EN_OK) {
		respond(t, RESPONSE_JSON, buf_view(&t->out));
	} else {
		respond(t, RESPONSE_SERIALIZE_ERROR, view_text(en_err_text(err, EN_LANG_EN)));
	}
}

static void
write_message(struct testee *t)
{
	uint64_t format = request_number(t, REQUEST_OUTPUT);

	if (format == FORMAT_JSON) {
		write_json(t);
		return;
	}
	if (format == FORMAT_TEXT) {
		buf_clear(&t->out);
		if (text_from_index(&t->message, 0, request_number(t, REQUEST_PRINT_UNKNOWN) != 0, &t->out) == EN_OK) {
			respond(t, RESPONSE_TEXT, buf_view(&t->out));
		} else {
			respond(t, RESPONSE_SERIALIZE_ERROR, view_text(en_err_text(t->out.err, EN_LANG_EN)));
		}
		return;
	}
	if (format != FORMAT_PROTOBUF) {
		respond(t, RESPONSE_SKIPPED, view_text("no such format"));
		return;
	}
	buf_clear(&t->out);
	if (index_encode(&t->message, 0, &t->out) == EN_OK) {
		respond(t, RESPONSE_PROTOBUF, buf_view(&t->out));
	} else {
		respond(t, RESPONSE_SERIALIZE_ERROR, view_text(en_err_text(t->out.err, EN_LANG_EN)));
	}
}

static enum en_err
read_json(struct testee *t, const struct schema_type *type, struct view text)
{
	const struct json_options options = {
	    .ignore_unknown = request_number(t, REQUEST_CATEGORY) == CATEGORY_IGNORE_UNKNOWN};
	struct json_fault fault = {.err = EN_OK};

	buf_clear(&t->payload);
	return json_to_payload(type, text, &options, &t->payload, NULL, &fault);
}

static enum en_err
read_text(struct testee *t, const struct schema_type *type, struct view text)
{
	struct json_fault fault = {.err = EN_OK};

	buf_clear(&t->payload);
	return text_to_payload(type, text, &t->payload, &fault);
}

// Answers one request. The message under test is what the index makes of the bytes.
static void
answer(struct testee *t)
{
	const struct index_node *name = request_field(t, REQUEST_TYPE), *binary = request_field(t, REQUEST_PROTOBUF),
				*json = request_field(t, REQUEST_JSON), *text = request_field(t, REQUEST_TEXT);
	const struct schema_type *type =
	    name == NULL ? NULL : schema_type_by_view(t->schema, index_bytes(&t->request, name));
	struct index_fault fault = {.err = EN_OK};
	struct view bytes = binary == NULL ? VIEW_EMPTY : index_bytes(&t->request, binary);
	struct buf json_bytes = BUF_EMPTY;
	enum en_err err = EN_OK;

	if (name != NULL && view_is(index_bytes(&t->request, name), "conformance.FailureSet")) {
		respond(t, RESPONSE_PROTOBUF, VIEW_EMPTY); // the list of failures is given to the runner, not here
		return;
	}
	if (binary == NULL && json == NULL && text == NULL) {
		respond(t, RESPONSE_SKIPPED, view_text("neither protobuf nor JSON nor text"));
		return;
	}
	if (type == NULL) {
		respond(t, RESPONSE_RUNTIME_ERROR, view_text("an unknown type of message"));
		return;
	}
	if (binary == NULL) {
		err = json != NULL ? read_json(t, type, index_bytes(&t->request, json))
				   : read_text(t, type, index_bytes(&t->request, text));
		buf_put_view(&json_bytes, buf_view(&t->payload)); // payload is used again for the answer
		bytes = buf_view(&json_bytes);
	}
	err = err == EN_OK ? index_build(&t->message, type, bytes, &fault) : err;
	if (err == EN_OK) {
		write_message(t);
	} else {
		respond(t, RESPONSE_PARSE_ERROR, view_text(en_err_text(err, EN_LANG_EN)));
	}
	buf_fini(&json_bytes);
}

static bool
take(void *bytes, size_t len)
{
	return fread(bytes, 1, len, stdin) == len;
}

static bool
send_response(const struct testee *t)
{
	uint8_t head[4];

	for (unsigned int i = 0; i < sizeof(head); i++) {
		head[i] = (uint8_t)(t->response.len >> (8 * i));
	}
	return fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
	    fwrite(t->response.data, 1, t->response.len, stdout) == t->response.len && fflush(stdout) == 0;
}

// Requests until the runner closes the pipe. False when one of them is no request.
static bool
serve(struct testee *t)
{
	struct buf request = BUF_EMPTY;
	uint8_t head[4];
	bool ok = true;

	while (ok && take(head, sizeof(head))) {
		size_t len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;

		buf_clear(&request);
		ok = buf_reserve(&request, len + 1) && take(request.data, len);
		ok = ok && index_build(&t->request, t->request_type, view_of(request.data, len), NULL) == EN_OK;
		if (ok) {
			answer(t);
			ok = send_response(t);
		}
	}
	buf_fini(&request);
	return ok;
}

static struct schema *
load(const char *path)
{
	struct findings findings;
	struct schema *schema = NULL;
	struct buf set = BUF_EMPTY;

	findings_init(&findings);
	if (buf_read_file(&set, path, LIMIT_DESCRIPTOR_SET_BYTES) != EN_OK || schema_new(&schema) != EN_OK ||
	    schema_add(schema, buf_view(&set), path, &findings) != EN_OK || schema_seal(schema, &findings) != EN_OK) {
		findings_print_text(&findings, stderr, false);
		schema_unref(&schema);
	}
	findings_fini(&findings);
	buf_fini(&set);
	return schema;
}

int
main(int argc, char **argv)
{
	struct testee t = {.payload = BUF_EMPTY, .out = BUF_EMPTY, .response = BUF_EMPTY};
	struct schema *schema = argc < 2 ? NULL : load(argv[argc - 1]); // the runner says our name twice
	bool ok;

	if (schema == NULL) {
		fprintf(stderr, "usage: protobuf_testee DESCRIPTOR_SET\n");
		return 64;
	}
	t.schema = schema;
	t.request_type = schema_type_by_name(schema, SUITE);
	index_init(&t.request);
	index_init(&t.message);
	t.message.depth_max = LIMIT_CODEC_DEPTH;
	ok = t.request_type != NULL && serve(&t);
	index_fini(&t.request);
	index_fini(&t.message);
	buf_fini(&t.payload);
	buf_fini(&t.out);
	buf_fini(&t.response);
	schema_unref(&schema);
	return ok ? 0 : 70;
}
