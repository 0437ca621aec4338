// SPDX-License-Identifier: Apache-2.0
// What tests of running expressions share: the schemas of tests/unit/schema, a message `data`, and values as texts. Every expression is run with its
// tree checked and unchecked: the checker may only make it faster. Include after cmocka.h.
#ifndef EN_TESTS_UNIT_EXPR_RUN_H
#define EN_TESTS_UNIT_EXPR_RUN_H

#include <stdio.h>
#include <stdlib.h>

#include "expr/env.h"
#include "expr/message.h"
#include "expr/program.h"
#include "unit/schema/kit.h"

// What `data` is: a probe.v1.Whole.
#define RUN_DATA                                                                                                                             \
	"{\"i32\": 13, \"i64\": \"-7\", \"u32\": 5, \"s32\": -3, \"db\": 0.5, \"fl\": 1.5, \"yes\": true, \"text\": \"Ana\", \"raw\": \"/wA=\","     \
	" \"color\": \"GREEN\", \"leaf\": {\"a\": 1, \"b\": \"x\", \"list\": [1, 2], \"leaf\": {\"a\": 2, \"b\": \"deep\"}}, \"maybe\": 0,"        \
	" \"packed\": [1, 2, 3], \"texts\": [\"a\", \"b\"], \"leaves\": [{\"a\": 1}, {\"a\": 2}], \"counts\": {\"one\": 1, \"two\": 2},"       \
	" \"at\": \"2009-02-13T23:31:30.5Z\", \"lasts\": \"90.25s\", \"struct\": {\"k\": [1, null, {\"z\": true}]}, \"boxed\": \"8\","        \
	" \"any\": {\"@type\": \"type.googleapis.com/probe.v1.Leaf\", \"a\": 4}, \"word\": \"w\"}"

struct run_kit {
	const struct schema *schema;
	struct cel_variable variables[2];
	struct cel_env env;
	struct cel_run *run;
	struct buf payload;
	struct index ix;
	struct arena arena;
	bool known_codes;	// of the programs that are run
};

static inline int
run_open(void **state)
{
	struct run_kit *k = calloc(1, sizeof(*k));
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};
	void *schema;

	(void)kit_load(&schema);
	k->schema = schema;
	arena_init(&k->arena, 0);
	const struct schema_type *whole = schema_type_by_name(k->schema, "probe.v1.Whole");

	assert_ok(json_to_payload(whole, view_text(RUN_DATA), &options, &k->payload, NULL, &fault));
	assert_ok(kit_index(&k->ix, whole, buf_view(&k->payload), NULL));
	k->variables[0] = (struct cel_variable){"data", cel_type_of_message(&k->arena, whole)};
	k->variables[1] = (struct cel_variable){"other", cel_type_of_kind(CEL_DYN)};
	k->env = (struct cel_env){.schema = k->schema, .container = "probe.v1", .variables = k->variables, .variable_count = 2,
	    .context = CEL_NO_CONTEXT, .limits = CEL_LIMITS};
	assert_ok(cel_run_new(&k->run));
	*state = k;
	return 0;
}

static inline int
run_close(void **state)
{
	struct run_kit *k = *state;
	void *schema = (void *)(uintptr_t)k->schema;

	cel_run_free(&k->run);
	index_fini(&k->ix);
	buf_fini(&k->payload);
	arena_fini(&k->arena);
	(void)kit_unload(&schema);
	free(k);
	return 0;
}

static inline void run_print(struct buf *out, struct cel_value v);

static inline void
run_print_many(struct buf *out, struct cel_value v)
{
	buf_put_str(out, v.kind == CEL_LIST ? "[" : "{");
	for (uint32_t i = 0; i < v.n; i++) {
		buf_put_str(out, i > 0 ? ", " : "");
		if (v.kind == CEL_MAP) {
			run_print(out, cel_map_entries(v)[i].key);
			buf_put_str(out, ": ");
		}
		run_print(out, v.kind == CEL_LIST ? cel_list_items(v)[i] : cel_map_entries(v)[i].value);
	}
	buf_put_str(out, v.kind == CEL_LIST ? "]" : "}");
}

// 3 3u 3.5 "text" b"6162" [items] {key: value} @seconds.nanos (a timestamp) 90.25s type:int some(1) none Leaf(the payload in hexadecimal) !error_code
static inline void
run_print(struct buf *out, struct cel_value v)
{
	struct buf payload = BUF_EMPTY;

	switch (v.kind) {
	case CEL_NULL:
		buf_put_str(out, "null");
		break;
	case CEL_BOOL:
		buf_put_str(out, v.boolean ? "true" : "false");
		break;
	case CEL_INT:
		buf_printf(out, "%lld", (long long)v.integer);
		break;
	case CEL_UINT:
		buf_printf(out, "%lluu", (unsigned long long)v.unsigned_integer);
		break;
	case CEL_DOUBLE:
		buf_printf(out, "%.15g%s", v.number, v.number == (double)(int64_t)v.number ? ".0" : "");
		break;
	case CEL_STRING:
		buf_printf(out, "\"%.*s\"", (int)v.n, (const char *)v.bytes);
		break;
	case CEL_BYTES:
		buf_put_str(out, "b\"");
		hex_put(out, cel_text(v));
		buf_put_str(out, "\"");
		break;
	case CEL_TIMESTAMP:
		buf_printf(out, "@%lld.%09d", (long long)v.integer, cel_nanos(v));
		break;
	case CEL_DURATION:
		buf_printf(out, "%lld.%09ds", (long long)v.integer, cel_nanos(v));
		break;
	case CEL_TYPE:
		buf_printf(out, "type:%.*s", (int)v.n, (const char *)v.bytes);
		break;
	case CEL_OPTIONAL:
		buf_put_str(out, v.inner == NULL ? "none" : "some(");
		if (v.inner != NULL) {
			run_print(out, *v.inner);
			buf_put_str(out, ")");
		}
		break;
	case CEL_LIST:
	case CEL_MAP:
		run_print_many(out, v);
		break;
	case CEL_MESSAGE:
		assert_ok(index_encode(v.index, v.n, &payload));
		buf_printf(out, "%s(", strrchr(cel_message_type(v)->name, '.') + 1);
		hex_put(out, buf_view(&payload));
		buf_put_str(out, ")");
		buf_fini(&payload);
		break;
	default:
		buf_printf(out, "!%s", cel_error_code((enum cel_error)v.n));
	}
}

// Compiles and runs; *ret_text is what came out, or that it was refused.
static inline void
run_text_of(struct run_kit *k, const char *text, bool check, struct buf *ret_text)
{
	struct cel_program_options options = {.schema = k->schema, .known_codes = k->known_codes};
	struct cel_value variables[2] = {cel_message(&k->ix, 0), cel_int(3)}, v = cel_null();
	struct cel_fault fault = {.err = EN_OK};
	struct cel_program *program = NULL;
	struct cel_ast *ast;
	struct arena arena;
	enum en_err err;

	arena_init(&arena, 0);
	err = cel_parse(&arena, view_text(text), &k->env.limits, &ast, &fault);
	err = err == EN_OK ? cel_resolve(ast, &k->env) : err;
	err = err == EN_OK && check ? cel_check(ast, &k->env, NULL, &fault) : err;
	err = err == EN_OK ? cel_program_build(ast, &options, &program, &fault) : err;
	if (err == EN_OK) {
		err = cel_run_program(k->run, program, variables, &v);
	}
	if (err != EN_OK) {
		buf_printf(ret_text, "refused %s", en_err_code(err));
	} else {
		run_print(ret_text, v);
	}
	cel_program_fini(program);
	arena_fini(&arena);
}

static inline void
run_expect_one(struct run_kit *k, const char *text, bool check, const char *wanted)
{
	struct buf got = BUF_EMPTY;

	run_text_of(k, text, check, &got);
	if (strcmp(buf_cstr(&got), wanted) != 0) {
		fail_msg("%s (%s)\n  wanted %s\n  got    %s", text, check ? "checked" : "unchecked", wanted, buf_cstr(&got));
	}
	buf_fini(&got);
}

// The expression gives the value, checked and unchecked. Values whose types the checker would refuse stand in dyn().
static inline void
run_expect(void *state, const char *text, const char *wanted)
{
	run_expect_one(state, text, true, wanted);
	run_expect_one(state, text, false, wanted);
}

#endif
