// SPDX-License-Identifier: Apache-2.0
#include "map/codes.h"

#include <stdlib.h>

enum en_err
codes_init(struct codes *c, size_t count)
{
	size_t slots = 4;

	while (slots / 2 < count) {
		slots *= 2;
	}
	*c = (struct codes){.slots = calloc(slots, sizeof(*c->slots)), .mask = slots - 1};
	return c->slots == NULL ? EN_ENOMEM : EN_OK;
}

void
codes_fini(struct codes *c)
{
	free(c->slots);
	*c = (struct codes){.slots = NULL};
}

const struct conf_table_row *
codes_put(struct codes *c, struct view code, const struct conf_table_row *row)
{
	uint64_t word = word_of(code);

	for (size_t at = codes_hash(word, code);; at++) {
		struct code_slot *slot = &c->slots[at & c->mask];

		if (slot->row == NULL) {
			*slot = (struct code_slot){.code = {.word = word, .text = code}, .row = row};
			return NULL;
		}
		if (word_equal(&slot->code, word, code)) {
			return slot->row;
		}
	}
}

const struct conf_table_row *
codes_get(const struct codes *c, struct view code)
{
	uint64_t word = word_of(code);

	if (c->slots == NULL) {
		return NULL;
	}
	for (size_t at = codes_hash(word, code);; at++) {
		const struct code_slot *slot = &c->slots[at & c->mask];

		if (slot->row == NULL || word_equal(&slot->code, word, code)) {
			return slot->row;
		}
	}
}
