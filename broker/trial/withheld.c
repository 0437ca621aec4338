// SPDX-License-Identifier: Apache-2.0
// What a recipient does not get of a message, by the plan and by the person's own word.
#include "base/limits.h"
#include "map/compiler.h"
#include "trial/record.h"
#include "trial/rehearse.h"

struct hiding {
	const char *const *masked;
	struct arena *arena;
	struct withheld_field *items;
	size_t count, cap, hidden_count;
	enum en_err err;
};

static void
add(struct hiding *w, struct withheld_field field)
{
	struct withheld_field *items = arena_larger(w->arena, w->items, w->count, &w->cap, sizeof(*items));

	if (items == NULL) {
		w->err = EN_ENOMEM;
		return;
	}
	w->items = items;
	w->items[w->count++] = field;
}

static bool
is_hidden_anyhow(const struct hiding *w, const struct line *line)
{
	for (size_t i = 0; i < w->hidden_count; i++) {
		if (strcmp(w->items[i].target, line->target) == 0) {
			return true;
		}
	}
	return false;
}

// A copied message of which only a part is masked: the part is named.
static void
add_part(struct hiding *w, const struct line *line, const struct schema_field *const *mask, size_t from, size_t count,
    const char *by)
{
	const char *target = line->target, *native = line->native;

	for (size_t i = from; i < count && target != NULL && native != NULL; i++) {
		target = arena_printf(w->arena, "%s.%s", target, mask[i]->name);
		native = arena_printf(w->arena, "%s.%s", native, mask[i]->json_name);
	}
	if (target == NULL || native == NULL) {
		w->err = EN_ENOMEM;
		return;
	}
	add(w, (struct withheld_field){.target = target, .native = native, .by_person = by, .where = line->where});
}

// Whether the whole line is masked, which is told.
static bool
add_line(struct hiding *w, const struct mapping *m, const struct line *line)
{
	for (const struct read *r = line->reads; r != NULL; r = r->next) {
		for (size_t i = 0; w->masked[i] != NULL; i++) {
			const struct schema_field *mask[LIMIT_PAYLOAD_DEPTH];
			size_t count = path_chain(m->from, view_text(w->masked[i]), mask, EN_COUNT_OF(mask));
			size_t common = count < r->path->chain_count ? count : r->path->chain_count;

			if (count == 0 || memcmp(mask, r->path->chain, common * sizeof(mask[0])) != 0) {
				continue;
			}
			if (count <= r->path->chain_count) {
				add_part(w, line, mask, 0, 0, w->masked[i]);
				return true;
			}
			if (r->mode == READ_MESSAGE) {
				add_part(w, line, mask, common, count, w->masked[i]);
			}
		}
	}
	return false;
}

static void
add_masked(struct hiding *w, const struct mapping *m, const struct body *body)
{
	for (uint32_t i = 0; i < body->line_count && w->err == EN_OK; i++) {
		const struct line *line = &body->lines[i];

		if (!is_hidden_anyhow(w, line) && !add_line(w, m, line) && line->value->kind == CONF_VALUE_EACH) {
			add_masked(w, m, line->value->body);
		}
	}
}

enum en_err
withheld_fields(const struct plan *plan, const char *const *masked, struct arena *arena, struct withheld_field **ret,
    size_t *ret_count)
{
	struct hiding w = {.masked = masked, .arena = arena};
	const struct mapping *m = plan_mapping(plan);
	const struct plan_hidden *hidden = plan_hidden_fields(plan, &w.hidden_count);
	size_t count = w.hidden_count;

	for (size_t i = 0; i < count && w.err == EN_OK; i++) {
		add(&w,
		    (struct withheld_field){.target = hidden[i].target,
			.native = hidden[i].native,
			.label = hidden[i].label,
			.where = hidden[i].where});
	}
	if (masked != NULL && w.err == EN_OK) {
		add_masked(&w, m, m->body);
	}
	*ret = w.items;
	*ret_count = w.count;
	return w.err;
}
