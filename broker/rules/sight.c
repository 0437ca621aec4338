// SPDX-License-Identifier: Apache-2.0
// Every read of every plan is a disclosure, and so is every term of a route that led to it. The fields are listed once; then each read marks what it
// covers, and the most that anything shows of a field is what is told of it.
#include "rules/sight.h"

#include "base/limits.h"
#include "map/plan.h"
#include "rules/rules_int.h"

struct leaf {
	const struct schema_field *chain[LIMIT_PAYLOAD_DEPTH];
	size_t count;
};

struct looking {
	const struct rules *rules;
	const struct sight_question *q;
	struct arena *arena;
	struct leaf *leaves;
	struct sight_field *fields;
	size_t count;
	const struct agreement *agreement; // at hand
	enum en_err err;
};

// ---- the fields -----------------------------------------------------------------------------------------------------------------------------

// A type on the way to itself is not entered again.
static bool
is_within(const struct leaf *way, const struct schema_type *t)
{
	for (size_t i = 0; i < way->count; i++) {
		if (way->chain[i]->owner == t) {
			return true;
		}
	}
	return false;
}

static void
add_leaf(struct looking *l, const struct leaf *leaf)
{
	struct buf path = BUF_EMPTY;

	for (size_t i = 0; i < leaf->count; i++) {
		buf_printf(&path, "%s%s", i == 0 ? "" : ".", leaf->chain[i]->name);
	}
	const char *text = path.err == EN_OK ? arena_text(l->arena, buf_view(&path)) : NULL;

	buf_fini(&path);
	if (text == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	l->leaves[l->count] = *leaf;
	l->fields[l->count++] = (struct sight_field){.path = text, .label = label_of_chain(leaf->chain, leaf->count)};
}

// Counts when there is no room to list them yet.
static size_t
walk(struct looking *l, const struct schema_type *t, struct leaf *way)
{
	size_t total = 0;

	for (uint32_t i = 0; i < t->field_count && l->err == EN_OK; i++) {
		const struct schema_field *f = &t->fields[i];

		if (way->count == EN_COUNT_OF(way->chain)) {
			break; // nothing is that deep at admission
		}
		way->chain[way->count++] = f;
		if (schema_is_message(f) && !is_within(way, f->message)) {
			total += walk(l, f->message, way);
		} else if (!schema_is_message(f)) {
			total++;
			if (l->leaves != NULL) {
				add_leaf(l, way);
			}
		}
		way->count--;
	}
	return total;
}

static void
list_fields(struct looking *l)
{
	const struct schema_type *t = rules_canonical_type(l->rules, l->q->type);
	struct leaf way = {.count = 0};
	size_t total = walk(l, t, &way);

	l->leaves = arena_zalloc(l->arena, (total + 1) * sizeof(*l->leaves));
	l->fields = arena_zalloc(l->arena, (total + 1) * sizeof(*l->fields));
	if (l->leaves == NULL || l->fields == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	(void)walk(l, t, &way);
}

// ---- marking --------------------------------------------------------------------------------------------------------------------------------

static enum sight
sight_of(const struct looking *l, const struct leaf *leaf, enum label label, enum read_mode mode)
{
	const struct grants *grants = &l->agreement->grants;
	const struct schema_field *last = leaf->chain[leaf->count - 1];

	if (!label_readable(grants, label, last, mode)) {
		return SIGHT_NEVER;
	}
	if (mode == READ_PSEUDONYM || mode == READ_COARSE) {
		return mode == READ_PSEUDONYM ? SIGHT_PSEUDONYM : SIGHT_COARSE;
	}
	return label != LABEL_OPERATIONAL && grants->level[label] == GRANT_COARSE ? SIGHT_COARSE : SIGHT_FULL;
}

static void
mark(struct looking *l, const struct path *path, enum read_mode mode, struct where where)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct leaf *leaf = &l->leaves[i];
		struct sight_field *f = &l->fields[i];

		if (path->chain_count > leaf->count ||
		    memcmp(path->chain, leaf->chain, path->chain_count * sizeof(leaf->chain[0])) != 0) {
			continue;
		}
		enum sight sight = sight_of(l, leaf, f->label, mode);

		if (sight > f->sight) {
			f->sight = sight;
			f->where = where;
			f->agreement = l->agreement->name;
			f->agreement_where = l->agreement->conf->name.where;
		}
	}
}

static void
mark_reads(struct looking *l, const struct read *reads, struct where where)
{
	for (const struct read *r = reads; r != NULL; r = r->next) {
		if (r->mode != READ_ITEMS) {
			mark(l, r->path, r->mode, where);
		}
	}
}

static void
mark_ops(struct looking *l, struct ops ops)
{
	for (uint32_t i = 0; i < ops.count; i++) {
		const struct op *op = &ops.items[i];

		if (op->code == OP_EACH) {
			mark_ops(l, op->body);
		} else if (op->line != NULL) {
			mark_reads(l, op->line->reads, op->line->where);
		}
	}
}

// ---- whose plans, whose routes ----------------------------------------------------------------------------------------------------------------

static void
mark_terms(struct looking *l, const struct condition *c)
{
	for (uint32_t i = 0; c != NULL && i < c->path_count; i++) {
		if (!c->paths[i]->is_counted ||
		    !schema_is_message(c->paths[i]->leaf)) { // what is in an item is marked by itself
			mark(l, c->paths[i], READ_VALUE, c->paths[i]->where);
		}
	}
}

// Whether some route leads there. Its condition is told to whoever receives by it.
static bool
is_led_to(struct looking *l, const struct subscription *s, bool tell)
{
	bool found = false;

	for (size_t i = 0; i < l->rules->route_count; i++) {
		const struct route *route = &l->rules->routes[i];
		const struct condition *c = route->conditions[l->q->type];

		if (!route_leads_to(route, l->q->type, s) || !reading_is_granted(c, &l->agreement->grants)) {
			continue;
		}
		found = true;
		mark_terms(l, tell ? c : NULL);
	}
	return found;
}

static void
look_through(struct looking *l, const struct subscription *s, const struct agreement_view *view)
{
	const struct plan *plan = view->plans[l->q->type];
	const struct mapping *m = plan == NULL ? NULL : plan_mapping(plan);

	l->agreement = view->agreement;
	if (m == NULL || (l->q->from != NULL && !agency_set_has(&view->agreement->from, l->q->from)) ||
	    !is_led_to(l, s, false)) {
		return;
	}
	mark_ops(l, plan->ops);
	mark_reads(l, m->when_reads, m->conf->when.where);
	mark_terms(l, s->filters[l->q->type]);
	(void)is_led_to(l, s, true);
}

enum en_err
rules_sight(const struct rules *r, const struct sight_question *q, struct arena *arena, struct sight_field **ret,
    size_t *ret_count)
{
	struct looking l = {.rules = r, .q = q, .arena = arena};
	const struct agency *agency = agency_of(r, q->agency);

	list_fields(&l);
	for (size_t i = 0; agency != NULL && i < agency->subscription_count && l.err == EN_OK; i++) {
		const struct subscription *s = agency->subscriptions[i];

		for (size_t v = 0; v < s->view_count && (q->purpose == NULL || strcmp(q->purpose, s->pub.purpose) == 0);
		     v++) {
			look_through(&l, s, &s->views[v]);
		}
	}
	if (l.err == EN_OK) {
		*ret = l.fields;
		*ret_count = l.count;
	}
	return l.err;
}
