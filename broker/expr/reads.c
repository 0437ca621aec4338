// SPDX-License-Identifier: Apache-2.0
// One walk. Each node says from where its value may come (origins: ways from variables), so that a selection on whatever came out of a loop, a
// choice or an optional value is known to be a selection on the field behind it. What is consumed otherwise is read. Every node is asked once, so
// that the walk is as long as the tree.
#include "expr/reads.h"

struct origin {
	const struct origin *next;
	const struct schema_field *const *chain;
	uint32_t variable, count;
};

struct walk {
	const struct cel_ast *ast;
	const struct cel_env *env;
	const struct origin **locals;
	const struct origin *wholes; // messages that were read as a whole already
	struct cel_read *reads;
	size_t count, cap;
	enum en_err err;
};

static const struct origin *origins(struct walk *w, const struct cel_node *n);

static bool
same_chain(const struct schema_field *const *a, const struct schema_field *const *b, uint32_t count)
{
	return count == 0 || memcmp(a, b, count * sizeof(const struct schema_field *)) == 0;
}

enum use { TESTED, USED, COUNTED, WHOLE };

static void
add_use(struct cel_read *r, enum use use)
{
	r->is_tested = r->is_tested || use == TESTED;
	r->is_used = r->is_used || use == USED;
	r->is_counted = r->is_counted || use == COUNTED;
	r->is_whole = r->is_whole || use == WHOLE;
}

static void
note(struct walk *w, uint32_t variable, const struct schema_field *const *chain, uint32_t count, uint32_t text,
    enum use use)
{
	for (size_t i = 0; i < w->count; i++) {
		struct cel_read *r = &w->reads[i];

		if (r->variable == variable && r->count == count && same_chain(r->chain, chain, count)) {
			add_use(r, use);
			return;
		}
	}
	if (w->count == LIMIT_EXPR_READS) {
		w->err = w->err == EN_OK ? EN_ELIMIT : w->err;
		return;
	}
	struct cel_read *reads = arena_larger(w->ast->arena, w->reads, w->count, &w->cap, sizeof(*reads));

	if (reads == NULL) {
		w->err = EN_ENOMEM;
		return;
	}
	w->reads = reads;
	w->reads[w->count] = (struct cel_read){.variable = variable, .chain = chain, .count = count, .text = text};
	add_use(&w->reads[w->count++], use);
}

// The chain with one field more; NULL without memory.
static const struct schema_field *const *
longer(struct walk *w, const struct schema_field *const *chain, uint32_t count, const struct schema_field *f)
{
	const struct schema_field **made = arena_alloc(w->ast->arena, (count + 1U) * sizeof(*made));

	if (made == NULL) {
		w->err = EN_ENOMEM;
		return NULL;
	}
	if (count > 0) {
		memcpy(made, chain, count * sizeof(*made));
	}
	made[count] = f;
	return made;
}

// Everything at the end of the chain: a message's fields, each of them. A type inside itself ends there, and that field is read as it stands.
static void
note_whole(struct walk *w, uint32_t variable, const struct schema_field *const *chain, uint32_t count,
    const struct schema_type *type, uint32_t text)
{
	bool inside = type == NULL || type->well_known != WELL_KNOWN_NONE || type->field_count == 0;

	for (uint32_t i = 0; i + 1 < count; i++) {
		inside = inside || chain[i]->message == type;
	}
	if (inside) {
		note(w, variable, chain, count, text, WHOLE);
		return;
	}
	for (uint32_t i = 0; i < type->field_count && w->err == EN_OK; i++) {
		const struct schema_field *f = &type->fields[i];
		const struct schema_field *const *below = longer(w, chain, count, f);

		if (below != NULL) {
			note_whole(w, variable, below, count + 1, schema_is_message(f) ? f->message : NULL, text);
		}
	}
}

static const struct schema_type *
message_behind(const struct walk *w, const struct origin *o)
{
	const struct schema_field *last = o->count == 0 ? NULL : o->chain[o->count - 1];

	if (last != NULL) {
		return schema_is_message(last) ? last->message : NULL;
	}
	return w->env->variables[o->variable].type->message;
}

// The list with one origin more, unless it is there.
static const struct origin *
with(struct walk *w, const struct origin *list, const struct origin *o)
{
	struct origin *made;

	for (const struct origin *at = list; at != NULL; at = at->next) {
		if (at->variable == o->variable && at->count == o->count && same_chain(at->chain, o->chain, o->count)) {
			return list;
		}
	}
	made = arena_alloc(w->ast->arena, sizeof(*made));
	if (made == NULL) {
		w->err = EN_ENOMEM;
		return list;
	}
	*made = *o;
	made->next = list;
	return made;
}

// What a value may come from is read, all of it.
static void
consume_origins(struct walk *w, const struct origin *o, uint32_t text)
{
	for (; o != NULL; o = o->next) {
		const struct schema_type *type = message_behind(w, o);
		const struct origin *wholes = type == NULL ? w->wholes : with(w, w->wholes, o);

		if (type == NULL) {
			note(w, o->variable, o->chain, o->count, text, USED);
		} else if (wholes != w->wholes) {
			w->wholes = wholes;
			note_whole(w, o->variable, o->chain, o->count, type, text);
		}
	}
}

static void
consume(struct walk *w, const struct cel_node *n)
{
	consume_origins(w, origins(w, n), n->text);
}

static const struct origin *
both(struct walk *w, const struct origin *a, const struct origin *b)
{
	for (; b != NULL; b = b->next) {
		a = with(w, a, b);
	}
	return a;
}

// A selection reads nothing yet when it leads on to a message of the schema; anything else is read as soon as it is selected.
static const struct origin *
select_origins(struct walk *w, const struct cel_node *n)
{
	const struct schema_field *f = n->select.resolved;
	const struct origin *list = NULL;

	const struct origin *from = origins(w, n->select.operand);

	if (f == NULL) { // of a map or of something unknown: what that came from is read
		consume_origins(w, from, n->text);
		return from;
	}
	bool leads_on =
	    !n->select.test_only && schema_is_message(f) && !f->is_map && f->message->well_known == WELL_KNOWN_NONE;
	// Whether a message is there may be all that one field inside it says.
	bool is_whole =
	    f->is_map || (n->select.test_only && schema_is_message(f) && f->message->well_known == WELL_KNOWN_NONE);

	for (const struct origin *o = from; o != NULL; o = o->next) {
		struct origin further = {.variable = o->variable, .count = o->count + 1};

		further.chain = longer(w, o->chain, o->count, f);
		if (further.chain == NULL) {
			return NULL;
		}
		if (is_whole) {
			note_whole(w, further.variable, further.chain, further.count, f->message, n->text);
		} else if (!leads_on) {
			note(w, further.variable, further.chain, further.count, n->text,
			    n->select.test_only ? TESTED : USED);
		}
		if (!leads_on && n->select.optional) { // a.?b asks too
			note(w, further.variable, further.chain, further.count, n->text, TESTED);
		}
		list = leads_on ? with(w, list, &further) : list;
	}
	return list;
}

// Whether a value of the type can still lead to a message.
static bool
leads_further(const struct cel_type *t)
{
	switch (t->kind) {
	case CEL_MESSAGE:
	case CEL_DYN:
		return true;
	case CEL_LIST:
	case CEL_OPTIONAL:
		return leads_further(t->params[0]);
	case CEL_MAP:
		return leads_further(t->params[0]) || leads_further(t->params[1]);
	default:
		return false;
	}
}

// How many items there are is told by taking one of them as well as by walking over all.
static void
count_items(struct walk *w, const struct origin *list, uint32_t text)
{
	for (const struct origin *o = list; o != NULL; o = o->next) {
		if (o->count > 0 && o->chain[o->count - 1]->repeated) {
			note(w, o->variable, o->chain, o->count, text, COUNTED);
		}
	}
}

// Which optional value comes out depends on whether there is one; only a choice and an index hand it on as it is.
static bool
asks_for_a_value(const struct cel_node *call, const struct cel_node *arg)
{
	const char *name = call->call.name;

	return arg->type->kind == CEL_OPTIONAL && strcmp(name, "_?_:_") != 0 && strcmp(name, "_[_]") != 0 &&
	    strcmp(name, "_[?_]") != 0;
}

// A function whose result may be a message hands on where its arguments came from; one that only tells something about them consumes them.
static const struct origin *
call_origins(struct walk *w, const struct cel_node *n)
{
	const struct origin *list = NULL;
	bool hands_on = leads_further(n->type);

	for (uint32_t i = 0; i <= n->call.arg_count; i++) {
		const struct cel_node *arg = i < n->call.arg_count ? n->call.args[i] : n->call.target;

		const struct origin *from = arg == NULL ? NULL : origins(w, arg);
		bool is_kept = arg != NULL && hands_on && leads_further(arg->type);

		if (arg != NULL && (!is_kept || asks_for_a_value(n, arg))) {
			consume_origins(w, from, arg->text);
		}
		if (is_kept) {
			count_items(w, from, arg->text);
			list = both(w, list, from);
		}
	}
	return list;
}

static const struct origin *
literal_origins(struct walk *w, const struct cel_node *n)
{
	const struct origin *list = NULL;

	for (uint32_t i = 0; i < n->literal.count; i++) {
		const struct cel_entry *e = &n->literal.entries[i];

		if (e->key != NULL) {
			consume(w, e->key);
		}
		const struct origin *from = origins(w, e->value);
		bool is_kept = n->kind != CEL_MESSAGE_OF && leads_further(e->value->type);

		if (!is_kept || e->optional) {
			consume_origins(w, from, e->value->text);
		}
		list = is_kept ? both(w, list, from) : list;
	}
	return list;
}

static const struct origin *
loop_origins(struct walk *w, const struct cel_node *n)
{
	const struct cel_comprehension *l = &n->comprehension;
	const struct origin *range = origins(w, l->range), *step;

	count_items(w, range, n->text);
	w->locals[l->iter_local] = range;
	w->locals[l->iter_local2] = range;
	w->locals[l->accu_local] = origins(w, l->accu_init);
	consume(w, l->condition);
	// One round says it all: macros alone write steps, and theirs only add to what was gathered.
	step = origins(w, l->step);
	w->locals[l->accu_local] = both(w, w->locals[l->accu_local], step);
	if (!leads_further(l->step->type)) {
		consume_origins(w, step, l->step->text);
	}
	return origins(w, l->result);
}

static const struct origin *
origins(struct walk *w, const struct cel_node *n)
{
	struct origin self = {.variable = n->kind == CEL_IDENT ? n->ident.index : 0};

	if (w->err != EN_OK) {
		return NULL;
	}
	switch (n->kind) {
	case CEL_IDENT:
		if (n->ident.ref == CEL_REF_LOCAL) {
			return w->locals[n->ident.index];
		}
		return n->ident.ref == CEL_REF_VARIABLE ? with(w, NULL, &self) : NULL;
	case CEL_SELECT:
		return select_origins(w, n);
	case CEL_CALL:
		return call_origins(w, n);
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF:
		return literal_origins(w, n);
	case CEL_COMPREHENSION:
		return loop_origins(w, n);
	case CEL_LITERAL:
		break;
	}
	return NULL;
}

enum en_err
cel_reads(const struct cel_ast *ast, const struct cel_env *env, const struct cel_read **ret, size_t *ret_count)
{
	struct walk w = {.ast = ast, .env = env};

	w.locals = arena_zalloc(ast->arena, (ast->local_count + 1U) * sizeof(const struct origin *));
	if (w.locals == NULL) {
		return EN_ENOMEM;
	}
	consume(&w, ast->root);
	*ret = w.reads;
	*ret_count = w.count;
	return w.err;
}
