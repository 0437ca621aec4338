// SPDX-License-Identifier: Apache-2.0
// ProtoJSON both ways, by us and by others. An even first byte: the rest is a text, and what it says is the same payload to all who take it.
// An odd one: the rest is a payload; what we say of it in JSON is to the others what they say of it themselves.
// `make fuzz FUZZ=diff_json` runs it.
#include "fuzz/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_options strict = {.lenient = false};

// The JSON of C++ protobuf knows neither groups nor extensions.
static bool
may_be_asked(size_t who, const struct schema_type *type)
{
	return who > 0 || type->proto3;
}

// One form for all: C++ protobuf writes it anew.
static struct oracle_bytes
settled(const struct diff *d, const struct schema_type *type, struct view payload)
{
	struct oracle_bytes bytes = {NULL, 0};

	if (!oracles[0]->encode(d->pools[0], type->name, (const char *)payload.data, payload.len, &bytes)) {
		disagree(oracles[0]->name, "it refuses a payload made of JSON of", type->name);
	}
	return bytes;
}

// What all who were asked answered. A difference counts where nobody agrees with us: each of them is wrong about something.
struct answers {
	size_t asked, taken, same, different;
};

// Frees both. The last difference is kept for who is told.
static void
compare(struct answers *a, const struct diff *d, const struct schema_type *type, struct view theirs, struct view ours)
{
	struct oracle_bytes one = settled(d, type, theirs), other = settled(d, type, ours);

	if (is_same(one, other)) {
		a->same++;
	} else {
		a->different++;
		diff_show("of theirs", one);
		diff_show("of ours", other);
	}
	free(one.data);
	free(other.data);
}

// upb refuses what is less than half a step above the largest float, and so is that float.
static bool
has_largest_float(struct view payload)
{
	for (size_t i = 0; i + 4 <= payload.len; i++) {
		const uint8_t *at = payload.data + i;

		if (at[0] == 0xff && at[1] == 0xff && at[2] == 0x7f && (at[3] & 0x7f) == 0x7f) {
			return true;
		}
	}
	return false;
}

// What ours refuses on purpose: more than its limits; a text that says a field twice, of which the others take the last; and control characters in a
// string, which RFC 8259 wants escaped.
static bool
is_stricter(enum en_err err, const struct json_fault *fault)
{
	return err == EN_ELIMIT || strcmp(fault->hint, "the key stands twice") == 0 ||
	    strcmp(fault->hint, "a control character in a string") == 0;
}

static void
read_text(const struct diff *d, const struct schema_type *type, struct view text)
{
	struct json_fault fault = {.err = EN_OK};
	struct answers a = {0};
	struct buf payload = BUF_EMPTY;
	enum en_err err = json_to_payload(type, text, &strict, &payload, NULL, &fault);

	for (size_t i = 0; i < ORACLES; i++) {
		struct oracle_bytes theirs = {NULL, 0};

		if (!may_be_asked(i, type)) {
			continue;
		}
		a.asked++;
		if (oracles[i]->from_json(d->pools[i], type->name, (const char *)text.data, text.len, &theirs)) {
			a.taken++;
			if (err == EN_OK) {
				compare(&a, d, type, view_of(theirs.data, theirs.len), buf_view(&payload));
			}
		}
		free(theirs.data);
	}
	if (a.different > 0 && a.same == 0) {
		disagree("the others", "the text says something else in", type->name);
	}
	if (err == EN_OK && a.asked > 0 && a.taken == 0 && !has_largest_float(buf_view(&payload))) {
		disagree("the others", "they refuse the text that we take for", type->name);
	}
	if (err != EN_OK && a.taken == ORACLES && !is_stricter(err, &fault)) {
		fprintf(stderr, "%u:%u %s %s\n", fault.line, fault.column, fault.path, fault.hint);
		disagree("the others", "they take the text that we refuse for", type->name);
	}
	buf_fini(&payload);
}

// Other fuzzers look at what is none, and at what others do not read well.
static bool
is_plain(const struct schema_type *type, struct view payload)
{
	struct index ix;

	index_init(&ix);
	bool plain = index_build(&ix, type, payload, NULL) == EN_OK && !is_odd(&ix) && !has_unheard_number(&ix) &&
	    !has_infinite_value(&ix) && !has_more_than_known(&ix);

	index_fini(&ix);
	return plain;
}

static void
ask_of_payload(struct answers *a, const struct diff *d, size_t who, const struct schema_type *type, struct view payload,
    const struct buf *ours)
{
	const struct oracle *o = oracles[who];
	struct oracle_bytes said = {NULL, 0}, one = {NULL, 0}, other = {NULL, 0};

	if (!o->encode(d->pools[who], type->name, (const char *)payload.data, payload.len, &one)) {
		return; // it takes no such payload
	}
	free(one.data);
	one.data = NULL;
	a->asked++;
	if (o->to_json(d->pools[who], type->name, (const char *)payload.data, payload.len, &said)) {
		a->taken++;
		if (ours != NULL && o->from_json(d->pools[who], type->name, said.data, said.len, &one)) {
			if (o->from_json(d->pools[who], type->name, (const char *)ours->data, ours->len, &other)) {
				compare(a, d, type, view_of(one.data, one.len), view_of(other.data, other.len));
			} else {
				fprintf(stderr, "theirs: %.*s\nours: %.*s\n", (int)said.len, said.data, (int)ours->len,
				    (const char *)ours->data);
				a->different++;
			}
		}
	}
	free(said.data);
	free(one.data);
	free(other.data);
}

static void
write_text(const struct diff *d, const struct schema_type *type, struct view payload)
{
	struct json_fault fault = {.err = EN_OK};
	struct answers a = {0};
	struct buf text = BUF_EMPTY;
	enum en_err err;

	if (!is_plain(type, payload)) {
		return;
	}
	err = json_from_payload(type, payload, &strict, &text, &fault);
	for (size_t i = 0; i < ORACLES; i++) {
		if (may_be_asked(i, type)) {
			ask_of_payload(&a, d, i, type, payload, err == EN_OK ? &text : NULL);
		}
	}
	if (a.different > 0 && a.same == 0) {
		disagree("the others", "we say something else of", type->name);
	}
	if (err == EN_OK && a.asked > 0 && a.taken == 0) {
		disagree("the others", "they cannot say what we say of", type->name);
	}
	if (err != EN_OK && a.taken == ORACLES && err != EN_ELIMIT) {
		disagree("the others", "they say what we cannot of", type->name);
	}
	buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct diff *d = diff_load();
	struct view rest;
	const struct schema_type *type = diff_type(d, data, size, &rest);

	if (size == 0) {
		return 0;
	}
	if (data[0] % 2 == 0) {
		read_text(d, type, rest);
	} else {
		write_text(d, type, rest);
	}
	return 0;
}
