// SPDX-License-Identifier: Apache-2.0
// Receiving is itself a disclosure: whoever receives what a condition let through learns that the condition held. So a condition is read on
// a recipient's behalf only where the recipient could be told the fields in it.
#include "map/program.h"
#include "rules/rules_int.h"

bool
reading_is_granted(const struct condition *c, const struct grants *grants)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const struct path *p = c->terms[i].path;

		if (!label_readable(grants, label_of_chain(p->chain, p->chain_count), p->leaf, READ_VALUE)) {
			return false;
		}
	}
	return true;
}

const char *
reading_fault(const struct condition *c, const struct index *ix)
{
	for (uint32_t i = 0; i < c->count; i++) {
		const struct condition one = {.terms = &c->terms[i], .count = 1};

		if (condition_holds(&one, ix) == CONDITION_ERROR) {
			return c->terms[i].path->text;
		}
	}
	return "";
}
