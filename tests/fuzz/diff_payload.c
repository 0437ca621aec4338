// SPDX-License-Identifier: Apache-2.0
// Any bytes as a payload, read by us and by others: both take it or both refuse it; and what we write of it says, to them, what the bytes said.
// `make fuzz FUZZ=diff_payload` runs it.
#include "fuzz/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Ours checks the UTF-8 of proto2 too, which protobuf leaves to each library: a text that is none helps nobody.
static bool
is_stricter(const struct schema_type *type, enum en_err err)
{
	return err == EN_EUTF8 && !type->proto3;
}

// Unknown fields come in what order each library likes: C++ protobuf, which keeps the order of the bytes apart from them, writes both anew.
static void
settle(const struct diff *d, const struct schema_type *type, struct oracle_bytes *bytes)
{
	struct oracle_bytes settled;

	if (!oracles[0]->encode(d->pools[0], type->name, bytes->data, bytes->len, &settled)) {
		disagree(oracles[0]->name, "it refuses what another wrote of", type->name);
	}
	free(bytes->data);
	*bytes = settled;
}

// C++ protobuf cuts a number that a closed enum does not know to 32 bits when it stands alone, and keeps it whole when it is packed: what it makes of
// what we wrote is then not what it makes of what came.
static bool
has_cut_number(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->message_count; i++) {
		for (uint32_t u = ix->messages[i].unknown; u != INDEX_NONE; u = ix->elements[u].next) {
			const struct index_node *n = &ix->elements[u];
			const struct schema_field *f = schema_field_by_number(ix->messages[i].type, n->tag >> 3);

			if (f != NULL && f->kind == KIND_ENUM && (n->tag & 7) == WIRE_VARINT &&
			    n->bits != (uint64_t)(int64_t)(int32_t)n->bits) {
				return true;
			}
		}
	}
	return false;
}

static void
compare_encodings(
    const struct diff *d, size_t who, const struct schema_type *type, struct oracle_bytes *theirs, struct view ours)
{
	const struct oracle *o = oracles[who];
	struct oracle_bytes of_ours;

	if (!o->encode(d->pools[who], type->name, (const char *)ours.data, ours.len, &of_ours)) {
		disagree(o->name, "it refuses what we wrote of", type->name);
	}
	if (who > 0) {
		settle(d, type, theirs);
		settle(d, type, &of_ours);
	}
	if (!is_same(*theirs, of_ours)) {
		diff_show("of theirs", *theirs);
		diff_show("of ours", of_ours);
		disagree(o->name, "what we wrote says something else in", type->name);
	}
	free(of_ours.data);
}

// What ours leaves half read may hold something odd further on.
static bool
may_be_asked(size_t who, const struct index *ix, enum en_err err)
{
	return who == 0 || (err != EN_EUTF8 && !is_odd(ix));
}

// Where the others do not agree with each other, there is no right answer.
static bool
are_at_one(const bool asked[ORACLES], const bool takes[ORACLES])
{
	size_t i = 0;

	while (i < ORACLES && asked[i] && takes[i] == takes[0]) {
		i++;
	}
	return i == ORACLES;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diff *d = diff_load();
	struct oracle_bytes theirs[ORACLES] = {{NULL, 0}};
	struct buf out = BUF_EMPTY;
	bool asked[ORACLES], takes[ORACLES];
	struct view payload;
	const struct schema_type *type = diff_type(d, data, size, &payload);
	struct index ix;
	enum en_err err;

	index_init(&ix);
	ix.depth_max = LIMIT_CODEC_DEPTH;
	err = index_build(&ix, type, payload, NULL);
	if (err == EN_OK && index_encode(&ix, 0, &out) != EN_OK) {
		abort();
	}
	for (size_t i = 0; i < ORACLES; i++) {
		asked[i] = may_be_asked(i, &ix, err);
		takes[i] = asked[i] &&
		    oracles[i]->encode(d->pools[i], type->name, (const char *)payload.data, payload.len, &theirs[i]);
	}
	if (are_at_one(asked, takes) && takes[0] != (err == EN_OK) && !is_stricter(type, err)) {
		disagree(
		    "the others", takes[0] ? "they take what we refuse in" : "they refuse what we take in", type->name);
	}
	for (size_t i = 0; i < ORACLES; i++) {
		if (takes[i] && err == EN_OK && !has_cut_number(&ix) && !is_odd(&ix)) {
			compare_encodings(d, i, type, &theirs[i], buf_view(&out));
		}
		free(theirs[i].data);
	}
	index_fini(&ix);
	buf_fini(&out);
	return 0;
}
