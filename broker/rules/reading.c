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

const char *
reading_fault(const struct condition *c, const struct index *ix, const struct condition_ask *ask)
{
	const struct path *path = condition_path(c, ix, ask, CONDITION_ERROR);

	return path == NULL ? "" : path->text;
}

const char *
reading_refusal(
    const struct condition *c, const struct index *ix, const struct condition_ask *ask, struct where *ret_where)
{
	const struct path *path = condition_path(c, ix, ask, CONDITION_FALSE);

	if (path == NULL) {
		return NULL;
	}
	*ret_where = path->where;
	return path->text;
}
