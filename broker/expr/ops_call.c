// SPDX-License-Identifier: Apache-2.0
// Calls. The likeliest overload is tried first: when the arguments have its kinds, nothing else is looked at. What the checker said is a guess about the
// order, never a reason to skip the look.
#include "expr/function_int.h"
#include "expr/program_int.h"

const struct cel_function_row cel_functions[CEL_OVERLOAD_COUNT] = {
#define GLOBAL false
#define MEMBER true
#define CEL_FUNCTION(id, name, style, signature, function, cost) {name, signature, function, style, cost},
#include "expr/function.tbl.h"
#undef CEL_FUNCTION
#undef GLOBAL
#undef MEMBER
};

static inline bool
fits(const struct candidate *c, const struct cel_value *args, uint32_t count)
{
	for (uint32_t k = 0; k < count; k++) {
		if (c->kinds[k] != args[k].kind && (c->kinds[k] != CEL_DYN || args[k].kind == CEL_ERROR)) {
			return false;
		}
	}
	return true;
}

static const struct instruction *
apply(struct cel_run *run, const struct instruction *i, const struct candidate *c, const struct cel_value *args)
{
	struct cel_value result = {.kind = CEL_NULL};

	if (EN_UNLIKELY(!run_charge(run, c->cost))) {
		return NULL;
	}
	c->call(run, args, &result);
	return op_done(run, i, result);
}

// An enum that is a type of its own is an int to every function.
static bool
unwrap_enums(struct cel_value *args, uint32_t count)
{
	bool found = false;

	for (uint32_t k = 0; k < count; k++) {
		if (args[k].kind == CEL_ENUM) {
			args[k] = cel_int((int32_t)args[k].n);
			found = true;
		}
	}
	return found;
}

const struct instruction *
op_call(struct cel_run *run, const struct instruction *i)
{
	const struct call *call = i->call;
	struct cel_value *args = &run->registers[i->a];

	for (uint32_t c = 0; c < call->count; c++) {
		if (EN_LIKELY(fits(&call->candidates[c], args, call->arg_count))) {
			return apply(run, i, &call->candidates[c], args);
		}
	}
	for (uint32_t k = 0; k < call->arg_count; k++) {
		if (args[k].kind == CEL_ERROR) {
			return op_done(run, i, args[k]);
		}
	}
	return unwrap_enums(args, call->arg_count) ? op_call(run, i) : op_fail(run, i, CEL_ERROR_NO_OVERLOAD);
}
