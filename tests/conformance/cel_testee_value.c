// SPDX-License-Identifier: Apache-2.0
// cel.expr.Type and cel.expr.Value, read with our own index by the names of their fields.
#include "cel_testee.h"

#include <math.h>
#include <stdlib.h>

#include "base/limits.h"

static void
require(bool fact)
{
	if (!fact) {
		abort();
	}
}

const struct schema_field *
testee_field_of(const struct index *ix, uint32_t message, const char *name)
{
	return schema_field_by_name(ix->messages[message].type, view_text(name));
}

const struct index_node *
testee_field(const struct index *ix, uint32_t message, const char *name)
{
	const struct schema_field *f = testee_field_of(ix, message, name);

	return f == NULL ? NULL : index_first(ix, message, f);
}

struct view
testee_text(const struct index *ix, uint32_t message, const char *name)
{
	const struct index_node *n = testee_field(ix, message, name);

	return n == NULL ? VIEW_EMPTY : index_bytes(ix, n);
}

static const struct cel_type *
made(struct testee *t, enum cel_type_kind kind, const struct cel_type *first, const struct cel_type *second)
{
	const struct cel_type *type = cel_type_new(&t->arena, kind, first, second);

	require(type != NULL);
	return type;
}

// A parameter of a type: dyn when it is missing.
static const struct cel_type *
inner_type(struct testee *t, const struct index_node *of, const char *name)
{
	const struct index_node *n = testee_field(&t->test, of->message, name);

	return n == NULL ? cel_type_of_kind(CEL_DYN) : testee_type(t, n->message);
}

// A type known by its name, with the types that n and those behind it are; more than two are a pair whose second is a pair.
static const struct cel_type *
abstract_type(struct testee *t, struct view name, const struct index_node *n)
{
	struct cel_type *type = arena_zalloc(&t->arena, sizeof(*type));
	const struct index_node *second = n == NULL ? NULL : index_next(&t->test, n);

	require(type != NULL);
	type->kind = CEL_ABSTRACT;
	type->name = arena_text(&t->arena, name);
	type->params[0] = n == NULL ? NULL : testee_type(t, n->message);
	type->params[1] = second == NULL           ? NULL
	    : index_next(&t->test, second) != NULL ? abstract_type(t, name, second)
						   : testee_type(t, second->message);
	return type;
}

// A message that the schemas do not have is a type of which no more is known than its name.
static const struct cel_type *
named_type(struct testee *t, struct view name)
{
	const struct schema_type *message = schema_type_by_view(t->schema, name);

	return message == NULL ? abstract_type(t, name, NULL) : cel_type_of_message(&t->arena, message);
}

const struct cel_type *
testee_type(struct testee *t, uint32_t message)
{
	static const enum cel_type_kind primitives[] = {
	    CEL_DYN, CEL_BOOL, CEL_INT, CEL_UINT, CEL_DOUBLE, CEL_STRING, CEL_BYTES};
	static const enum cel_type_kind well_known[] = {CEL_DYN, CEL_DYN, CEL_TIMESTAMP, CEL_DURATION};
	const struct index_node *n;

	if ((n = testee_field(&t->test, message, "primitive")) != NULL) {
		return cel_type_of_kind(primitives[n->bits]);
	}
	if ((n = testee_field(&t->test, message, "wrapper")) != NULL) {
		return made(t, CEL_WRAPPER, cel_type_of_kind(primitives[n->bits]), NULL);
	}
	if ((n = testee_field(&t->test, message, "well_known")) != NULL) {
		return cel_type_of_kind(well_known[n->bits]);
	}
	if (testee_field(&t->test, message, "null") != NULL) {
		return cel_type_of_kind(CEL_NULL);
	}
	if ((n = testee_field(&t->test, message, "list_type")) != NULL) {
		return made(t, CEL_LIST, inner_type(t, n, "elem_type"), NULL);
	}
	if ((n = testee_field(&t->test, message, "map_type")) != NULL) {
		return made(t, CEL_MAP, inner_type(t, n, "key_type"), inner_type(t, n, "value_type"));
	}
	if ((n = testee_field(&t->test, message, "message_type")) != NULL) {
		return named_type(t, index_bytes(&t->test, n));
	}
	if ((n = testee_field(&t->test, message, "type")) != NULL) {
		return made(t, CEL_TYPE, testee_type(t, n->message), NULL);
	}
	if (t->in_signature && (n = testee_field(&t->test, message, "type_param")) != NULL) {
		struct cel_type *param = arena_zalloc(&t->arena, sizeof(*param));

		require(param != NULL);
		param->kind = CEL_PARAM;
		param->param = index_bytes(&t->test, n).data[0];
		return param;
	}
	n = testee_field(&t->test, message, "abstract_type");
	if (n == NULL) {
		return cel_type_of_kind(CEL_DYN);
	}
	struct view name = testee_text(&t->test, n->message, "name");

	return view_is(name, "optional_type")
	    ? made(t, CEL_OPTIONAL, inner_type(t, n, "parameter_types"), NULL)
	    : abstract_type(t, name, testee_field(&t->test, n->message, "parameter_types"));
}

struct cel_declaration
testee_declaration(struct testee *t, struct view name, uint32_t overload)
{
	const struct index_node *result = testee_field(&t->test, overload, "result_type");
	const struct cel_type **args = arena_alloc(&t->arena, 16 * sizeof(*args));
	struct cel_declaration d = {.name = arena_text(&t->arena, name),
	    .args = args,
	    .is_member = testee_field(&t->test, overload, "is_instance_function") != NULL};

	require(d.name != NULL && args != NULL && result != NULL);
	t->in_signature = true;
	for (const struct index_node *n = testee_field(&t->test, overload, "params"); n != NULL;
	     n = index_next(&t->test, n)) {
		require(d.arg_count < 16);
		args[d.arg_count++] = testee_type(t, n->message);
	}
	d.result = testee_type(t, result->message);
	t->in_signature = false;
	return d;
}

// google.protobuf.Any: its message in an index of its own.
static struct cel_value
object_value(struct testee *t, uint32_t any)
{
	struct view url = testee_text(&t->test, any, "type_url"), value = testee_text(&t->test, any, "value");
	const uint8_t *slash = memrchr(url.data, '/', url.len);
	size_t prefix = slash == NULL ? 0 : (size_t)(slash - url.data) + 1;
	const struct schema_type *type = schema_type_by_view(t->schema, view_of(url.data + prefix, url.len - prefix));

	require(type != NULL && t->message_count < t->message_cap);
	struct index *ix = &t->messages[t->message_count++];

	require(index_build(ix, type, value, NULL) == EN_OK);
	return cel_value_of_message(t->maker, ix, 0);
}

static struct cel_value
list_value(struct testee *t, uint32_t message)
{
	struct cel_value list;

	require(cel_list_new(&t->arena, 0, &list));
	for (const struct index_node *n = testee_field(&t->test, message, "values"); n != NULL;
	     n = index_next(&t->test, n)) {
		require(cel_list_append(&t->arena, &list, testee_value(t, n->message)));
	}
	return list;
}

static struct cel_value
map_value(struct testee *t, uint32_t message)
{
	struct cel_value map;

	require(cel_map_new(&t->arena, 0, &map));
	for (const struct index_node *n = testee_field(&t->test, message, "entries"); n != NULL;
	     n = index_next(&t->test, n)) {
		struct cel_value key = testee_value(t, testee_field(&t->test, n->message, "key")->message);

		require(cel_map_append(
		    &t->arena, &map, key, testee_value(t, testee_field(&t->test, n->message, "value")->message)));
	}
	return map;
}

static struct cel_value
enum_value(struct testee *t, uint32_t message)
{
	const struct schema_enum *e = schema_enum_by_full_name(t->schema, testee_text(&t->test, message, "type"));
	const struct index_node *number = testee_field(&t->test, message, "value");

	require(e != NULL);
	return cel_enum(e, number == NULL ? 0 : (int32_t)number->bits);
}

struct cel_value
testee_value(struct testee *t, uint32_t message)
{
	const struct index_node *n;
	double number;

	if ((n = testee_field(&t->test, message, "bool_value")) != NULL) {
		return cel_bool(n->bits != 0);
	}
	if ((n = testee_field(&t->test, message, "int64_value")) != NULL) {
		return cel_int((int64_t)n->bits);
	}
	if ((n = testee_field(&t->test, message, "uint64_value")) != NULL) {
		return cel_uint(n->bits);
	}
	if ((n = testee_field(&t->test, message, "double_value")) != NULL) {
		memcpy(&number, &n->bits, sizeof(number));
		return cel_double(number);
	}
	if ((n = testee_field(&t->test, message, "string_value")) != NULL) {
		return cel_string(index_bytes(&t->test, n));
	}
	if ((n = testee_field(&t->test, message, "bytes_value")) != NULL) {
		return cel_bytes(index_bytes(&t->test, n));
	}
	if ((n = testee_field(&t->test, message, "type_value")) != NULL) {
		const char *name = arena_text(&t->arena, index_bytes(&t->test, n));

		require(name != NULL);
		return cel_type_value(name);
	}
	if ((n = testee_field(&t->test, message, "enum_value")) != NULL) {
		return enum_value(t, n->message);
	}
	if ((n = testee_field(&t->test, message, "object_value")) != NULL) {
		return object_value(t, n->message);
	}
	if ((n = testee_field(&t->test, message, "list_value")) != NULL) {
		return list_value(t, n->message);
	}
	n = testee_field(&t->test, message, "map_value");
	return n == NULL ? cel_null() : map_value(t, n->message);
}

static bool
same_items(struct testee *t, struct cel_value a, struct cel_value b)
{
	for (uint32_t i = 0; i < a.n; i++) {
		if (!testee_same(t, cel_list_items(a)[i], cel_list_items(b)[i])) {
			return false;
		}
	}
	return true;
}

static bool
same_entries(struct testee *t, struct cel_value a, struct cel_value b)
{
	for (uint32_t i = 0; i < a.n; i++) {
		const struct cel_value *value = cel_map_get(b, a.map->entries[i].key);

		if (value == NULL || !testee_same(t, a.map->entries[i].value, *value)) {
			return false;
		}
	}
	return true;
}

// Field by field, so that NaN is like NaN inside of a message too.
static bool
same_messages(struct testee *t, struct cel_value a, struct cel_value b)
{
	const struct schema_type *type = cel_message_type(a);

	if (cel_equal(t->run, a, b)) {
		return true;
	}
	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct schema_field *f = &type->fields[i];

		if (message_has(a.index, a.n, f) != message_has(b.index, b.n, f) ||
		    !testee_same(t, message_field(t->run, a.index, a.n, f), message_field(t->run, b.index, b.n, f))) {
			return false;
		}
	}
	return a.index->messages[a.n].unknown == INDEX_NONE && b.index->messages[b.n].unknown == INDEX_NONE;
}

bool
testee_same(struct testee *t, struct cel_value a, struct cel_value b)
{
	if (a.kind != b.kind) {
		return false;
	}
	switch (a.kind) {
	case CEL_DOUBLE:
		return a.number == b.number || (isnan(a.number) && isnan(b.number));
	case CEL_LIST:
		return a.n == b.n && same_items(t, a, b);
	case CEL_MAP:
		return a.n == b.n && same_entries(t, a, b);
	case CEL_ENUM:
		return a.enumeration == b.enumeration && a.n == b.n;
	case CEL_TYPE:
		return view_equal(cel_text(a), cel_text(b));
	case CEL_MESSAGE:
		return cel_message_type(a) == cel_message_type(b) && same_messages(t, a, b);
	default:
		return cel_equal(t->run, a, b);
	}
}
