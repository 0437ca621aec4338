// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ENLACE/1 frame. Checked besides memory: what is refused has a reason; what is taken and written again
// in its form is taken again and written the same.
// `make fuzz FUZZ=frame` runs it.
#include <string.h>

#include "fuzz/require.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode(const struct frame *f, struct buf *out)
{
	if (f->kind >= FRAME_REQUEST) {
		require(frame_encode_text((enum frame_kind)f->kind, f->body, out) == EN_OK);
	} else {
		require(frame_encode(f->form, (enum frame_kind)f->kind, f->u.any, out) == EN_OK);
	}
}

static void
check_taken(const struct frame *frame, struct arena *arena)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	char field[128] = "";
	struct frame again;
	enum reason reason;

	require(frame_kind_name(frame->kind) != NULL);
	encode(frame, &first);
	require(frame_decode(buf_view(&first), arena, &again, &reason, field) == EN_OK);
	require(again.kind == frame->kind && (again.form == frame->form || frame->kind >= FRAME_REQUEST));
	encode(&again, &second);
	require(view_equal(buf_view(&first), buf_view(&second)));
	buf_fini(&first);
	buf_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char field[128] = "";
	struct arena arena;
	struct frame frame;
	enum reason reason = REASON_NONE;
	enum en_err err;

	arena_init(&arena, 0);
	err = frame_decode(view_of(data, size), &arena, &frame, &reason, field);
	if (err == EN_OK) {
		check_taken(&frame, &arena);
	} else {
		require(err == EN_EPROTOCOL && reason != REASON_NONE);
		require(strnlen(field, sizeof(field)) < sizeof(field) && view_is_utf8(view_text(field)));
	}
	arena_fini(&arena);
	return 0;
}
