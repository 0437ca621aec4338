// SPDX-License-Identifier: Apache-2.0
// ENLACE/1 frames <-> structs, pure. A frame is 'E', form, '1', kind, then a body: form 'N' protobuf, form 'J' the same message as
// ProtoJSON (schemas/PROTOCOL.md). The structs are those that protobuf-c generates from control.proto; both forms decode into the
// same ones. A payload stands in binary_data (form N) or, as JSON text of the record with its native names, in text_data (form J).
//
// Foreign bytes: the depth, the count of fields and the sizes are checked; everything decoded lives in the caller's arena (no malloc per
// field), except that `bytes` fields of form N borrow from the frame and live as long as its bytes do. Nothing here aborts on what a peer sends.
#ifndef EN_WIRE_FRAME_H
#define EN_WIRE_FRAME_H

#include "base/arena.h"
#include "base/reason.h"
#include "enlace/v1/control.pb-c.h"

#define FRAME_PREAMBLE_BYTES 4
#define FRAME_FORM_PROTOBUF 'N'
#define FRAME_FORM_JSON 'J'

// Numbers of the kinds, fixed for ever. REQUEST and REPLY exist on the operators' endpoint only and carry JSON text (ctl/).
enum frame_kind {
	FRAME_HELLO = 1, FRAME_WELCOME, FRAME_PUBLISH, FRAME_PUBLISHED, FRAME_DELIVER, FRAME_SETTLE, FRAME_SETTLED, FRAME_CREDIT,
	FRAME_SCHEMA, FRAME_STATUS, FRAME_PING, FRAME_PONG, FRAME_GOAWAY, FRAME_BYE, FRAME_ERROR,
	FRAME_REQUEST = 32, FRAME_REPLY = 33
};

struct frame {
	uint8_t form, kind;
	// The message of the kind, in the arena; NULL for REQUEST and REPLY, whose text is in body.
	union {
		const ProtobufCMessage *any;
		const Enlace__V1__Hello *hello;
		const Enlace__V1__Welcome *welcome;
		const Enlace__V1__Publish *publish;
		const Enlace__V1__Published *published;
		const Enlace__V1__Deliver *deliver;
		const Enlace__V1__Settle *settle;
		const Enlace__V1__Settled *settled;
		const Enlace__V1__Credit *credit;
		const Enlace__V1__Schema *schema;
		const Enlace__V1__Status *status;
		const Enlace__V1__Ping *ping;
		const Enlace__V1__Pong *pong;
		const Enlace__V1__Goaway *goaway;
		const Enlace__V1__Bye *bye;
		const Enlace__V1__Error *error;
	} u;
	struct view body;	// after the preamble, borrowed
};

// *ret is good for as long as both bytes and the arena are. EN_EPROTOCOL with REASON_PREAMBLE (not ENLACE/1: close the session),
// REASON_UNKNOWN_KIND, REASON_MALFORMED (with the field's path in field, at most 127 characters), REASON_OVERSIZE; EN_ENOMEM.
EN_MUST_CHECK enum en_err frame_decode(struct view bytes, struct arena *arena, struct frame *ret, enum reason *reterr_reason, char reterr_field[128]);

// Appends a whole frame. message must be of the kind's type; in form J a payload must be in text_data and be JSON text.
EN_MUST_CHECK enum en_err frame_encode(uint8_t form, enum frame_kind kind, const ProtobufCMessage *message, struct buf *out);
// REQUEST and REPLY.
EN_MUST_CHECK enum en_err frame_encode_text(enum frame_kind kind, struct view json, struct buf *out);

// "HELLO", for logs; NULL for an unknown kind.
const char *frame_kind_name(uint8_t kind);

// ---- CloudEvents attributes of an event ------------------------------------------------------------------------------------------
// A string, uri, uri-reference attribute as text; NULL when absent or of another type. name: "partitionkey", "subject", ...
const char *event_attribute(const Io__Cloudevents__V1__CloudEvent *event, const char *name);
// A timestamp attribute (or an RFC 3339 string) as wall milliseconds; false when absent or malformed.
bool event_attribute_time(const Io__Cloudevents__V1__CloudEvent *event, const char *name, int64_t *ret_wall_ms);

// Builds an event for encoding, everything in the arena or borrowed. Texts may be NULL. payload is not copied.
struct event_parts {
	const char *id, *source, *type, *partitionkey, *subject;
	int64_t time_ms, expiry_ms;	// 0: none
	struct view payload;
	bool payload_is_json;
	struct { const char *name, *value; } extra[8];	// further string attributes, name NULL ends
};
EN_MUST_CHECK enum en_err event_build(const struct event_parts *parts, struct arena *arena, Io__Cloudevents__V1__CloudEvent **ret);

#endif
