// SPDX-License-Identifier: Apache-2.0
// Labels and grants. Everything that is not said to be granted is not.
#include "map/program.h"

struct grants
grants_all(void)
{
	struct grants g;

	memset(g.level, GRANT_FULL, sizeof(g.level));
	return g;
}

struct grants
grants_none(void)
{
	struct grants g = {{GRANT_NONE}};

	g.level[LABEL_OPERATIONAL] = GRANT_FULL;
	return g;
}

enum label
label_of_chain(const struct schema_field *const *chain, size_t count)
{
	for (size_t i = count; i > 0; i--) {
		if (chain[i - 1]->label != LABEL_UNSPECIFIED) {
			return chain[i - 1]->label;
		}
	}
	return LABEL_UNSPECIFIED;
}

// Inbound mappings read what their own agency sent, labelled or not: the one case in which every level is full.
static bool
is_everything(const struct grants *grants)
{
	for (size_t i = 0; i < LABEL_COUNT; i++) {
		if (grants->level[i] != GRANT_FULL) {
			return false;
		}
	}
	return true;
}

bool
label_readable(const struct grants *grants, enum label label, const struct schema_field *leaf, enum read_mode mode)
{
	if (label == LABEL_OPERATIONAL) {
		return true;
	}
	if ((unsigned)label >= LABEL_COUNT || label == LABEL_UNSPECIFIED) {
		return is_everything(grants);
	}
	switch ((enum grant)grants->level[label]) {
	case GRANT_FULL:
		return true;
	case GRANT_COARSE:
		return leaf->coarse || mode == READ_PSEUDONYM || mode == READ_ITEMS || mode == READ_COARSE;
	case GRANT_PSEUDONYM:
		return mode == READ_PSEUDONYM;
	case GRANT_NONE:
		break;
	}
	return false;
}
