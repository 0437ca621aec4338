// SPDX-License-Identifier: Apache-2.0
#include "wire/frame.h"

#include <stdio.h>

#include "base/limits.h"
#include "wire/frame_int.h"

// One row per kind: its name and its message.
struct kind {
	const char *name;
	const ProtobufCMessageDescriptor *type;
};

static const struct kind kinds[] = {
    [FRAME_HELLO] = {"HELLO", &enlace__v1__hello__descriptor},
    [FRAME_WELCOME] = {"WELCOME", &enlace__v1__welcome__descriptor},
    [FRAME_PUBLISH] = {"PUBLISH", &enlace__v1__publish__descriptor},
    [FRAME_PUBLISHED] = {"PUBLISHED", &enlace__v1__published__descriptor},
    [FRAME_DELIVER] = {"DELIVER", &enlace__v1__deliver__descriptor},
    [FRAME_SETTLE] = {"SETTLE", &enlace__v1__settle__descriptor},
    [FRAME_SETTLED] = {"SETTLED", &enlace__v1__settled__descriptor},
    [FRAME_CREDIT] = {"CREDIT", &enlace__v1__credit__descriptor},
    [FRAME_SCHEMA] = {"SCHEMA", &enlace__v1__schema__descriptor},
    [FRAME_STATUS] = {"STATUS", &enlace__v1__status__descriptor},
    [FRAME_PING] = {"PING", &enlace__v1__ping__descriptor},
    [FRAME_PONG] = {"PONG", &enlace__v1__pong__descriptor},
    [FRAME_GOAWAY] = {"GOAWAY", &enlace__v1__goaway__descriptor},
    [FRAME_BYE] = {"BYE", &enlace__v1__bye__descriptor},
    [FRAME_ERROR] = {"ERROR", &enlace__v1__error__descriptor},
    [FRAME_REQUEST] = {"REQUEST", NULL},
    [FRAME_REPLY] = {"REPLY", NULL},
};

const char *
frame_kind_name(uint8_t kind)
{
	return kind < EN_COUNT_OF(kinds) ? kinds[kind].name : NULL;
}

static enum en_err
refuse(enum reason *reterr_reason, enum reason reason)
{
	*reterr_reason = reason;
	return EN_EPROTOCOL;
}

enum en_err
frame_decode(
    struct view bytes, struct arena *arena, struct frame *ret, enum reason *reterr_reason, char reterr_field[128])
{
	struct wire_path path = {.len = 0};
	struct frame f = {.form = 0};
	ProtobufCMessage *message = NULL;
	enum en_err err;

	reterr_field[0] = '\0';
	if (bytes.len > LIMIT_FRAME_BYTES) {
		return refuse(reterr_reason, REASON_OVERSIZE);
	}
	if (bytes.len < FRAME_PREAMBLE_BYTES || bytes.data[0] != 'E' || bytes.data[2] != '1' ||
	    (bytes.data[1] != FRAME_FORM_PROTOBUF && bytes.data[1] != FRAME_FORM_JSON)) {
		return refuse(reterr_reason, REASON_PREAMBLE);
	}
	f.form = bytes.data[1];
	f.kind = bytes.data[3];
	f.body = view_of(bytes.data + FRAME_PREAMBLE_BYTES, bytes.len - FRAME_PREAMBLE_BYTES);
	if (frame_kind_name(f.kind) == NULL) {
		return refuse(reterr_reason, REASON_UNKNOWN_KIND);
	}
	if (kinds[f.kind].type == NULL) {
		*ret = f;
		return EN_OK;
	}
	err = f.form == FRAME_FORM_PROTOBUF ? wire_decode(kinds[f.kind].type, f.body, arena, &message, &path)
					    : wire_from_json(kinds[f.kind].type, f.body, arena, &message, &path);
	if (err == EN_OK) {
		f.u.any = message;
		*ret = f;
		return EN_OK;
	}
	snprintf(reterr_field, 128, "%s", path.text);
	return err == EN_ENOMEM ? err : refuse(reterr_reason, err == EN_ELIMIT ? REASON_OVERSIZE : REASON_MALFORMED);
}

static void
put_preamble(struct buf *out, uint8_t form, enum frame_kind kind)
{
	buf_put_u8(out, 'E');
	buf_put_u8(out, form);
	buf_put_u8(out, '1');
	buf_put_u8(out, (uint8_t)kind);
}

enum en_err
frame_encode(uint8_t form, enum frame_kind kind, const ProtobufCMessage *message, struct buf *out)
{
	size_t before = out->len;
	enum en_err err;

	put_preamble(out, form, kind);
	err = form == FRAME_FORM_JSON ? wire_to_json(message, out) : wire_encode(message, out);
	return err == EN_OK && out->len - before > LIMIT_FRAME_BYTES ? EN_ELIMIT : err;
}

enum en_err
frame_encode_text(enum frame_kind kind, struct view json, struct buf *out)
{
	put_preamble(out, FRAME_FORM_JSON, kind);
	buf_put_view(out, json);
	return out->err;
}
