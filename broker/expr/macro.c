// SPDX-License-Identifier: Apache-2.0
// Which calls are macros. One is known by its name, its number of arguments and whether it is called on something; a call that looks
// otherwise is an ordinary one. Namespaced ones (cel.bind) are called on the name of their space.
#include "expr/parse_int.h"

struct macro {
	const char *space; // the name that it is called on; "" for any value; NULL for a global one
	const char *name;
	uint32_t least, most; // arguments
	cel_macro *expand;
};

static const struct macro macros[] = {
    {NULL, "has", 1, 1, cel_macro_has},
    {"", "all", 2, 3, cel_macro_all},
    {"", "exists", 2, 3, cel_macro_exists},
    {"", "exists_one", 2, 3, cel_macro_exists_one},
    {"", "existsOne", 2, 3, cel_macro_exists_one},
    {"", "map", 2, 3, cel_macro_map},
    {"", "filter", 2, 2, cel_macro_filter},
    {"", "transformList", 3, 4, cel_macro_transform_list},
    {"", "transformMap", 3, 4, cel_macro_transform_map},
    {"", "transformMapEntry", 3, 4, cel_macro_transform_map_entry},
    {"", "optMap", 2, 2, cel_macro_opt_map},
    {"", "optFlatMap", 2, 2, cel_macro_opt_flat_map},
    {"cel", "bind", 3, 3, cel_macro_bind},
    {"cel", "block", 2, 2, cel_macro_block},
    {"cel", "index", 1, 1, cel_macro_index},
    {"cel", "iterVar", 2, 2, cel_macro_iter_var},
    {"cel", "accuVar", 2, 2, cel_macro_accu_var},
    {"proto", "hasExt", 2, 2, cel_macro_has_ext},
    {"proto", "getExt", 2, 2, cel_macro_get_ext},
    {"math", "greatest", 1, UINT32_MAX, cel_macro_greatest},
    {"math", "least", 1, UINT32_MAX, cel_macro_least},
};

static bool
is_called_on(const struct cel_node *target, const char *space)
{
	if (space == NULL || target == NULL) {
		return space == NULL && target == NULL;
	}
	return space[0] == '\0' || (target->kind == CEL_IDENT && strcmp(target->ident.name, space) == 0);
}

struct cel_node *
cel_expand(struct cel_parser *p, struct cel_node *call)
{
	const struct cel_call *c = &call->call;

	for (size_t i = 0; i < EN_COUNT_OF(macros); i++) {
		const struct macro *m = &macros[i];

		if (strcmp(c->name, m->name) == 0 && c->arg_count >= m->least && c->arg_count <= m->most &&
		    is_called_on(c->target, m->space)) {
			return m->expand(p, call);
		}
	}
	return call;
}
