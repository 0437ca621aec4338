// SPDX-License-Identifier: Apache-2.0
// Two enums, or two services, of one name.
#include <string.h>

#include "schema/compat_int.h"
#include "schema/load.h"

#define ENUM_VALUE 2
#define VALUE_NUMBER 2
#define SERVICE_METHOD 2

// ---- enums -----------------------------------------------------------------------------------------------------------------------

static bool
has_number(const enum_descriptor *e, int32_t number)
{
	size_t i = 0;

	while (i < e->n_value && e->value[i]->number != number) {
		i++;
	}
	return i < e->n_value;
}

bool
enum_has_value(const enum_descriptor *e, int32_t number, const char *name)
{
	for (size_t i = 0; i < e->n_value; i++) {
		if (e->value[i]->number == number && strcmp(e->value[i]->name, name) == 0) {
			return true;
		}
	}
	return false;
}

static bool
reserved_of(struct compat *c, const enum_descriptor *e, struct reserved *ret)
{
	if (!reserved_init(c, ret, e->n_reserved_range, e->reserved_name, e->n_reserved_name)) {
		return false;
	}
	for (size_t i = 0; i < e->n_reserved_range; i++) {
		ret->ranges[i] = (struct number_range){e->reserved_range[i]->start, e->reserved_range[i]->end};
	}
	return true;
}

// Each number once, at its first value.
static bool
is_first_of_number(const enum_descriptor *e, size_t at)
{
	size_t i = 0;

	while (e->value[i]->number != e->value[at]->number) {
		i++;
	}
	return i == at;
}

static void
tell_deleted(
    struct compat *c, const enum_descriptor *old, size_t at, const struct element *new, const struct reserved *reserved)
{
	int32_t number = old->value[at]->number;
	bool is_told = false;

	if (!reserves_number(reserved, number)) {
		compat_add(c, COMPAT_ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED, new, 0, new->name,
		    old->value[at]->name, "value %d is gone, and its number may be used again", number);
	}
	for (size_t i = at; i < old->n_value && !is_told; i++) {
		if (old->value[i]->number == number && !reserves_name(reserved, old->value[i]->name)) {
			compat_add(c, COMPAT_ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED, new, 0, new->name,
			    old->value[i]->name, "value %d is gone, and its name may be used again", number);
			is_told = true;
		}
	}
}

// Every name that the number had must still be one of its names. Told at each of its values.
static void
compare_names(struct compat *c, const enum_descriptor *old, size_t at, const struct element *new)
{
	const enum_descriptor *n = new->enumeration;
	int32_t number = old->value[at]->number;
	size_t lost = at;

	while (lost < old->n_value &&
	    (old->value[lost]->number != number || enum_has_value(n, number, old->value[lost]->name))) {
		lost++;
	}
	for (size_t i = 0; lost < old->n_value && i < n->n_value; i++) {
		const struct element value = {.outer = new, .file = new->file, .tag = ENUM_VALUE, .index = (int32_t)i};

		if (n->value[i]->number == number) {
			compat_add(c, COMPAT_ENUM_VALUE_SAME_NAME, &value, VALUE_NUMBER, new->name, n->value[i]->name,
			    "value %d was \"%s\" and is \"%s\" now", number, old->value[lost]->name, n->value[i]->name);
		}
	}
}

void
compat_enum(struct compat *c, const struct element *old, const struct element *new)
{
	const enum_descriptor *o = old->enumeration, *n = new->enumeration;
	struct reserved was, is;

	if (!reserved_of(c, o, &was) || !reserved_of(c, n, &is)) {
		return;
	}
	compat_reserved(c, COMPAT_RESERVED_ENUM_NO_DELETE, &was, &is, new);
	for (size_t i = 0; i < o->n_value; i++) {
		if (!is_first_of_number(o, i)) {
			continue;
		}
		if (has_number(n, o->value[i]->number)) {
			compare_names(c, o, i, new);
		} else {
			tell_deleted(c, o, i, new, &is);
		}
	}
}

// ---- services --------------------------------------------------------------------------------------------------------------------

typedef Google__Protobuf__MethodDescriptorProto method_descriptor;

// Numbers of MethodDescriptorProto.
enum { METHOD_INPUT = 2, METHOD_OUTPUT = 3, METHOD_OPTIONS = 4 };

static const char *
type_of(const char *name)
{
	return name == NULL ? "" : name + (name[0] == '.');
}

static int
idempotency_of(const method_descriptor *m)
{
	return m->options == NULL ? 0 : (int)m->options->idempotency_level;
}

static const char *
level_name(int level)
{
	return level == 1 ? "NO_SIDE_EFFECTS" : level == 2 ? "IDEMPOTENT" : "unknown";
}

static void
compare_methods(struct compat *c, const method_descriptor *old, const method_descriptor *new, const struct element *at,
    const char *scope)
{
	int was = idempotency_of(old), is = idempotency_of(new);

	if (strcmp(type_of(old->input_type), type_of(new->input_type)) != 0) {
		compat_add(c, COMPAT_RPC_SAME_REQUEST_TYPE, at, METHOD_INPUT, scope, new->name,
		    "the request was %s and is %s now", type_of(old->input_type), type_of(new->input_type));
	}
	if (strcmp(type_of(old->output_type), type_of(new->output_type)) != 0) {
		compat_add(c, COMPAT_RPC_SAME_RESPONSE_TYPE, at, METHOD_OUTPUT, scope, new->name,
		    "the response was %s and is %s now", type_of(old->output_type), type_of(new->output_type));
	}
	if (old->client_streaming != new->client_streaming) {
		compat_add(c, COMPAT_RPC_SAME_CLIENT_STREAMING, at, 0, scope, new->name,
		    new->client_streaming ? "the client may send many requests now"
					  : "the client may send only one request now");
	}
	if (old->server_streaming != new->server_streaming) {
		compat_add(c, COMPAT_RPC_SAME_SERVER_STREAMING, at, 0, scope, new->name,
		    new->server_streaming ? "the server may send many responses now"
					  : "the server may send only one response now");
	}
	if (was != is) {
		compat_add(c, COMPAT_RPC_SAME_IDEMPOTENCY_LEVEL, at, METHOD_OPTIONS, scope, new->name,
		    "the level was %s and is %s now", level_name(was), level_name(is));
	}
}

void
compat_service(struct compat *c, const struct element *old, const struct element *new)
{
	const service_descriptor *o = old->service, *n = new->service;

	for (size_t i = 0; i < o->n_method; i++) {
		for (size_t j = 0; j < n->n_method; j++) {
			const struct element at = {
			    .outer = new, .file = new->file, .tag = SERVICE_METHOD, .index = (int32_t)j};

			if (load_is_name(o->method[i]->name) && load_is_name(n->method[j]->name) &&
			    strcmp(o->method[i]->name, n->method[j]->name) == 0) {
				compare_methods(c, o->method[i], n->method[j], &at, new->name);
			}
		}
	}
}
