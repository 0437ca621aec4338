// SPDX-License-Identifier: Apache-2.0
// Receiving is itself a disclosure: whoever receives what a condition let through learns that the condition held. So a condition is read on
// a recipient's behalf only where the recipient could be told the fields in it.
#include "map/program.h"
#include "rules/rules_int.h"

bool
reading_is_granted(const struct condition *c, const struct grants *grants)
{
	for (uint32_t i = 0; i < c->path_count; i++) {
		const struct path *p = c->paths[i];

		if (!label_readable(grants, label_of_chain(p->chain, p->chain_count), p->leaf, READ_VALUE)) {
			return false;
		}
	}
	return true;
}

// The path of the first term that says so. An expression has no terms: the first field that it reads stands for it.
static const struct path *
term_that_says(
    const struct condition *c, const struct index *ix, const struct condition_ask *ask, enum condition_result wanted)
{
	if (c->expression != NULL) {
		return c->path_count == 0 ? NULL : c->paths[0];
	}
	for (uint32_t i = 0; i < c->count; i++) {
		const struct condition one = {.terms = &c->terms[i], .count = 1};

		if (condition_holds(&one, ix, ask) == wanted) {
			return c->terms[i].path;
		}
	}
	return NULL;
}

const char *
reading_fault(const struct condition *c, const struct index *ix, const struct condition_ask *ask)
{
	const struct path *path = term_that_says(c, ix, ask, CONDITION_ERROR);

	return path == NULL ? "" : path->text;
}

const char *
reading_refusal(
    const struct condition *c, const struct index *ix, const struct condition_ask *ask, struct where *ret_where)
{
	const struct path *path = term_that_says(c, ix, ask, CONDITION_FALSE);

	if (path == NULL) {
		return NULL;
	}
	*ret_where = path->where;
	return path->text;
}
