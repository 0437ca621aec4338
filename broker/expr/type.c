// SPDX-License-Identifier: Apache-2.0
// Types: constants of the simple ones, what messages and fields of a schema are to an expression, and their names.
#include "expr/type.h"

// Constants: dyn is the parameter that nobody named.
static const struct cel_type SIMPLE[CEL_TYPE_KINDS] = {
    [CEL_DYN] = {.kind = CEL_DYN},
    [CEL_NULL] = {.kind = CEL_NULL},
    [CEL_BOOL] = {.kind = CEL_BOOL},
    [CEL_INT] = {.kind = CEL_INT},
    [CEL_UINT] = {.kind = CEL_UINT},
    [CEL_DOUBLE] = {.kind = CEL_DOUBLE},
    [CEL_STRING] = {.kind = CEL_STRING},
    [CEL_BYTES] = {.kind = CEL_BYTES},
    [CEL_TIMESTAMP] = {.kind = CEL_TIMESTAMP},
    [CEL_DURATION] = {.kind = CEL_DURATION},
    [CEL_LIST] = {.kind = CEL_LIST, .params = {&SIMPLE[CEL_DYN]}},
    [CEL_MAP] = {.kind = CEL_MAP, .params = {&SIMPLE[CEL_DYN], &SIMPLE[CEL_DYN]}},
    [CEL_TYPE] = {.kind = CEL_TYPE},
    [CEL_OPTIONAL] = {.kind = CEL_OPTIONAL, .params = {&SIMPLE[CEL_DYN]}},
};
static const struct cel_type JSON_OBJECT = {.kind = CEL_MAP, .params = {&SIMPLE[CEL_STRING], &SIMPLE[CEL_DYN]}};
static const struct cel_type WRAPPERS[] = {
    [CEL_BOOL] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_BOOL]}},
    [CEL_INT] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_INT]}},
    [CEL_UINT] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_UINT]}},
    [CEL_DOUBLE] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_DOUBLE]}},
    [CEL_STRING] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_STRING]}},
    [CEL_BYTES] = {.kind = CEL_WRAPPER, .params = {&SIMPLE[CEL_BYTES]}},
};

const struct cel_type *
cel_type_of_kind(enum cel_type_kind kind)
{
	return &SIMPLE[kind];
}

const struct cel_type *
cel_type_new(struct arena *a, enum cel_type_kind kind, const struct cel_type *first, const struct cel_type *second)
{
	struct cel_type *t = arena_zalloc(a, sizeof(*t));

	if (t != NULL) {
		t->kind = kind;
		t->params[0] = first;
		t->params[1] = second;
	}
	return t;
}

enum cel_type_kind
cel_kind_of_scalar(enum schema_kind kind)
{
	switch (kind) {
	case KIND_DOUBLE:
	case KIND_FLOAT:
		return CEL_DOUBLE;
	case KIND_UINT64:
	case KIND_UINT32:
	case KIND_FIXED64:
	case KIND_FIXED32:
		return CEL_UINT;
	case KIND_BOOL:
		return CEL_BOOL;
	case KIND_STRING:
		return CEL_STRING;
	case KIND_BYTES:
		return CEL_BYTES;
	default:
		return CEL_INT;
	}
}

const struct cel_type *
cel_type_of_plain_message(struct arena *a, const struct schema_type *t)
{
	struct cel_type *made = arena_zalloc(a, sizeof(*made));

	if (made != NULL) {
		made->kind = CEL_MESSAGE;
		made->message = t;
	}
	return made;
}

const struct cel_type *
cel_type_of_message(struct arena *a, const struct schema_type *t)
{
	switch (t->well_known) {
	case WELL_KNOWN_ANY:
	case WELL_KNOWN_VALUE:
		return &SIMPLE[CEL_DYN];
	case WELL_KNOWN_TIMESTAMP:
		return &SIMPLE[CEL_TIMESTAMP];
	case WELL_KNOWN_DURATION:
		return &SIMPLE[CEL_DURATION];
	case WELL_KNOWN_STRUCT:
		return &JSON_OBJECT;
	case WELL_KNOWN_LIST_VALUE:
		return &SIMPLE[CEL_LIST];
	case WELL_KNOWN_WRAPPER:
		return &WRAPPERS[cel_kind_of_scalar(t->fields[0].kind)];
	default:
		return cel_type_of_plain_message(a, t);
	}
}

static const struct cel_type *
type_of_one(struct arena *a, const struct schema_field *f)
{
	if (schema_is_message(f)) {
		return cel_type_of_message(a, f->message);
	}
	if (f->kind == KIND_ENUM && f->enumeration->is_null) {
		return &SIMPLE[CEL_DYN]; // it is null when it is read, and an enum's value when it is written
	}
	return &SIMPLE[cel_kind_of_scalar(f->kind)];
}

const struct cel_type *
cel_type_of_field(struct arena *a, const struct schema_field *f)
{
	const struct cel_type *first;
	const struct cel_type *second;

	if (f->is_map) {
		first = type_of_one(a, schema_field_by_number(f->message, 1));
		second = type_of_one(a, schema_field_by_number(f->message, 2));
		return first == NULL || second == NULL ? NULL : cel_type_new(a, CEL_MAP, first, second);
	}
	first = type_of_one(a, f);
	if (first == NULL || !f->repeated) {
		return first;
	}
	return cel_type_new(a, CEL_LIST, first, NULL);
}

const char *
cel_type_name(const struct cel_type *t)
{
	static const char *const names[CEL_TYPE_KINDS] = {
	    [CEL_DYN] = "dyn",
	    [CEL_NULL] = "null_type",
	    [CEL_BOOL] = "bool",
	    [CEL_INT] = "int",
	    [CEL_UINT] = "uint",
	    [CEL_DOUBLE] = "double",
	    [CEL_STRING] = "string",
	    [CEL_BYTES] = "bytes",
	    [CEL_TIMESTAMP] = "google.protobuf.Timestamp",
	    [CEL_DURATION] = "google.protobuf.Duration",
	    [CEL_LIST] = "list",
	    [CEL_MAP] = "map",
	    [CEL_TYPE] = "type",
	    [CEL_OPTIONAL] = "optional_type",
	    [CEL_WRAPPER] = "wrapper",
	    [CEL_PARAM] = "param",
	};

	if (t->kind == CEL_MESSAGE) {
		return t->message->name;
	}
	return t->kind == CEL_ABSTRACT ? t->name : names[t->kind];
}

bool
cel_type_equal(const struct cel_type *a, const struct cel_type *b)
{
	if (a == b) {
		return true;
	}
	if (a == NULL || b == NULL || a->kind != b->kind) {
		return false;
	}
	switch (a->kind) {
	case CEL_MESSAGE:
		return a->message == b->message;
	case CEL_PARAM:
		return a->param == b->param;
	case CEL_ABSTRACT:
		if (strcmp(a->name, b->name) != 0) {
			return false;
		}
		break;
	default:
		break;
	}
	return cel_type_equal(a->params[0], b->params[0]) && cel_type_equal(a->params[1], b->params[1]);
}

void
cel_type_print(struct buf *out, const struct cel_type *t)
{
	if (t->kind == CEL_PARAM) {
		buf_put_u8(out, (uint8_t)('A' + t->param % CEL_PARAMS_MAX));
		return;
	}
	buf_put_str(out, cel_type_name(t));
	if (t->params[0] != NULL) {
		buf_put_str(out, "(");
		cel_type_print(out, t->params[0]);
		if (t->params[1] != NULL) {
			buf_put_str(out, ", ");
			cel_type_print(out, t->params[1]);
		}
		buf_put_str(out, ")");
	}
}
