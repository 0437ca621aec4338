// SPDX-License-Identifier: Apache-2.0
// Any bytes as a FileDescriptorSet, by us and by others. What they take we take, when it is written out as protoc does; and a payload with each field of a
// type is read alike. The other way round nothing is asked: protoc has made the sets that we are given, and our own safety does not hang on all that it checks (fuzz_descriptor.c).
// `make fuzz FUZZ=diff_descriptor` runs it.
#include "fuzz/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Each field of the type once, with a value that every kind of its wire type may have.
static void
put_fields(const struct schema_type *type, struct buf *out)
{
	for (uint32_t i = 0; i < type->field_count && i < 64; i++) {
		const struct schema_field *f = &type->fields[i];
		enum wire_type wire = schema_wire_type(f->kind);

		buf_put_varint(out, (uint64_t)f->number << 3 | (uint64_t)wire);
		switch (wire) {
		case WIRE_VARINT:
			buf_put_u8(out, 1);
			break;
		case WIRE_I64:
			buf_put(out, "\1\2\3\4\5\6\7\10", 8);
			break;
		case WIRE_I32:
			buf_put(out, "\1\2\3\4", 4);
			break;
		case WIRE_LEN:
			buf_put_u8(out, 0);
			break;
		default:
			buf_put_varint(out, (uint64_t)f->number << 3 | WIRE_EGROUP);
		}
	}
}

static void
compare_type(const struct schema_type *type, const struct oracle *o, void *pool)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	struct oracle_bytes theirs = {NULL, 0}, of_ours = {NULL, 0};
	struct index ix;

	put_fields(type, &in);
	index_init(&ix);
	if (index_build(&ix, type, buf_view(&in), NULL) != EN_OK || index_encode(&ix, 0, &out) != EN_OK) {
		disagree(o->name, "we refuse a payload of", type->name);
	}
	if (!o->encode(pool, type->name, (const char *)in.data, in.len, &theirs) ||
	    !o->encode(pool, type->name, (const char *)out.data, out.len, &of_ours)) {
		disagree(o->name, "it refuses a payload of", type->name);
	}
	if (!is_same(theirs, of_ours)) {
		diff_show("of theirs", theirs);
		diff_show("of ours", of_ours);
		disagree(o->name, "fields differ in", type->name);
	}
	free(theirs.data);
	free(of_ours.data);
	index_fini(&ix);
	buf_fini(&in);
	buf_fini(&out);
}

// Entries of maps are no messages to the others when they stand alone, and message sets are other bytes to each.
static bool
is_comparable(const struct schema_type *type)
{
	for (uint32_t i = 0; i < type->field_count; i++) {
		if (type->fields[i].is_map && type->fields[i].message->fields[1].kind == KIND_ENUM) {
			return false; // see diff_payload.c
		}
	}
	return !type->is_map_entry && strncmp(type->name, "google.protobuf.", 16) != 0;
}

// NULL when it is refused; the findings say why.
static struct schema *
load(struct view set, struct findings *findings)
{
	struct schema *schema = NULL;

	if (schema_new(&schema) != EN_OK) {
		abort();
	}
	if (schema_add(schema, set, "diff.binpb", findings) != EN_OK || schema_seal(schema, findings) != EN_OK ||
	    findings->errors > 0) {
		schema_unref(&schema);
	}
	return schema;
}

static void
compare_types(const struct schema *schema, void *pool)
{
	size_t count;
	const char *const *names = schema_type_names(schema, &count);

	for (size_t i = 0; i < count; i++) {
		const struct schema_type *type = schema_type_by_name(schema, names[i]);

		if (is_comparable(type)) {
			compare_type(type, &oracle_protobuf, pool);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oracle_bytes compiled = {NULL, 0};
	struct findings findings;
	struct schema *schema;
	void *pool = NULL;

	if (!oracle_protobuf.take((const char *)data, size, &pool)) {
		return 0;
	}
	findings_init(&findings);
	schema = load(view_of(data, size), &findings);
	if (schema != NULL) {
		compare_types(schema, pool);
		schema_unref(&schema);
	}
	findings_fini(&findings);
	findings_init(&findings);
	if (!oracle_compiled_set(pool, (const char *)data, size, &compiled)) {
		abort();
	}
	schema = load(view_of(compiled.data, compiled.len), &findings);
	if (schema == NULL) {
		findings_print_text(&findings, stderr, false);
		disagree(oracle_protobuf.name, "it takes a set that we refuse", "");
	}
	compare_types(schema, pool);
	schema_unref(&schema);
	oracle_protobuf.drop(pool);
	findings_fini(&findings);
	free(compiled.data);
	return 0;
}
