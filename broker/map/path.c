// SPDX-License-Identifier: Apache-2.0
// Names become fields. An element of a path ends at a dot or a slash, but names may hold both ("grupo/pregunta"): the longest name that the type
// knows is tried first, and a shorter one when what follows does not fit.
#include <stdlib.h>

#include "base/limits.h"
#include "map/compiler.h"

struct walk {
	const struct schema_field *fields[LIMIT_PAYLOAD_DEPTH];
	uint32_t elements[LIMIT_PAYLOAD_DEPTH];
	uint32_t count, furthest;
	bool with_elements;
	// where it went wrong, at the furthest point that was reached
	const struct schema_type *failed_in; // NULL: the field before has no fields below it
	const struct schema_field *failed_after;
	struct view failed_name;
};

static size_t
element_end(struct view text)
{
	size_t i = 0;

	while (i < text.len && text.data[i] != '.' && text.data[i] != '/') {
		i++;
	}
	return i;
}

static void
note_failure(struct walk *w, const struct schema_type *t, struct view text)
{
	if (w->failed_name.data != NULL && w->count < w->furthest) {
		return;
	}
	w->furthest = w->count;
	w->failed_in = t;
	w->failed_after = w->count == 0 ? NULL : w->fields[w->count - 1];
	w->failed_name = view_of(text.data, element_end(text));
}

// "name[3]" -> name and 3; false when it does not end so.
static bool
split_element(struct view name, struct view *ret_name, uint32_t *ret_element)
{
	size_t open = name.len;
	uint32_t n = 0;

	if (name.len < 4 || name.data[name.len - 1] != ']') {
		return false;
	}
	while (open > 0 && name.data[open - 1] != '[') {
		open--;
	}
	for (size_t i = open; i < name.len - 1; i++) {
		if (name.data[i] < '0' || name.data[i] > '9' || n > LIMIT_ELEMENT) {
			return false;
		}
		n = n * 10 + (uint32_t)(name.data[i] - '0');
	}
	if (open < 2 || n == 0 || n > LIMIT_ELEMENT) {
		return false;
	}
	*ret_name = view_of(name.data, open - 1);
	*ret_element = n;
	return true;
}

static const struct schema_field *
field_named(const struct walk *w, const struct schema_type *t, struct view name, uint32_t *ret_element)
{
	const struct schema_field *f = schema_field_by_name(t, name);
	struct view plain;

	*ret_element = 0;
	if (f == NULL && w->with_elements && split_element(name, &plain, ret_element)) {
		f = schema_field_by_name(t, plain);
		if (f != NULL && !f->repeated) {
			f = NULL;
		}
	}
	return f;
}

static bool
walk_fields(struct walk *w, const struct schema_type *t, struct view text)
{
	if (t == NULL || w->count == LIMIT_PAYLOAD_DEPTH || text.len == 0) {
		note_failure(w, t, text);
		return false;
	}
	for (size_t end = text.len; end > 0; end--) {
		if (end < text.len && text.data[end] != '.' && text.data[end] != '/') {
			continue;
		}
		uint32_t element;
		const struct schema_field *f = field_named(w, t, view_of(text.data, end), &element);

		if (f == NULL) {
			continue;
		}
		w->fields[w->count] = f;
		w->elements[w->count++] = element;
		if (end == text.len || walk_fields(w, f->message, view_of(text.data + end + 1, text.len - end - 1))) {
			return true;
		}
		w->count--;
	}
	note_failure(w, t, text);
	return false;
}

size_t
path_chain(const struct schema_type *t, struct view text, const struct schema_field **dst, size_t cap)
{
	size_t count = 0;

	while (t != NULL && text.len > 0 && count < cap) {
		const struct schema_field *f = NULL;
		size_t end = text.len + 1;

		while (f == NULL && end > 1) {
			end--;
			if (end == text.len || text.data[end] == '.' || text.data[end] == '/') {
				f = schema_field_by_name(t, view_of(text.data, end));
			}
		}
		if (f == NULL) {
			break;
		}
		dst[count++] = f;
		t = f->message;
		text = end < text.len ? view_of(text.data + end + 1, text.len - end - 1) : VIEW_EMPTY;
	}
	return count;
}

// ---- findings -----------------------------------------------------------------------------------------------------

// Whether the native name is what protoc makes of the name when the schema says nothing: birthDate of birth_date.
static bool
has_own_native_name(const struct schema_field *f)
{
	const char *name = f->name, *json = f->json_name;

	for (; *name != '\0'; name++) {
		bool large = false;

		while (*name == '_') {
			large = true;
			name++;
		}
		if (*name == '\0') {
			break;
		}
		if (*json++ != (large && *name >= 'a' && *name <= 'z' ? *name - 0x20 : *name)) {
			return true;
		}
	}
	return *json != '\0';
}

const char *
field_hint(struct compiler *c, const struct schema_field *f)
{
	if (!has_own_native_name(f)) {
		return f->name;
	}
	const char *hint =
	    arena_printf(c->arena, findings_say(c->findings, "%s (native name \"%s\")"), f->name, f->json_name);

	return hint == NULL ? f->name : hint;
}

// A field of that name deeper in the message: who writes `sex` may mean person.sex. Appends its path to b.
static bool
find_below(const struct schema_type *t, struct view name, unsigned depth, struct buf *b)
{
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		size_t before = b->len;

		if (f->message == NULL || f->repeated) {
			continue;
		}
		buf_put_str(b, f->name);
		buf_put_u8(b, '.');
		const struct schema_field *found = schema_field_by_name(f->message, name);

		if (found != NULL) {
			buf_put_str(b, found->name);
			return true;
		}
		if (depth > 0 && find_below(f->message, name, depth - 1, b)) {
			return true;
		}
		b->len = before;
	}
	return false;
}

static const char *
nearest_field(struct compiler *c, const struct schema_type *t, struct view name)
{
	const char **candidates = compiler_array(c, 2 * (size_t)t->field_count + 1, sizeof(*candidates));
	const char *text = arena_text(c->arena, name);
	struct buf b = BUF_EMPTY;
	const char *hint = NULL;

	if (candidates == NULL || text == NULL) {
		return NULL;
	}
	for (uint32_t i = 0; i < t->field_count; i++) {
		candidates[2 * i] = t->fields[i].name;
		candidates[2 * i + 1] = t->fields[i].json_name;
	}
	if (find_below(t, name, 2, &b)) {
		hint = arena_text(c->arena, buf_view(&b));
	} else {
		const char *nearest = nearest_name(text, candidates, 2 * (size_t)t->field_count);
		const struct schema_field *f = nearest == NULL ? NULL : schema_field_by_name(t, view_text(nearest));

		hint = f == NULL ? NULL : field_hint(c, f);
	}
	buf_fini(&b);
	return hint;
}

static void
tell_failure(struct compiler *c, const struct walk *w, const struct conf_text *text, enum finding_code code)
{
	int len = (int)w->failed_name.len;
	const char *name = (const char *)w->failed_name.data;

	if (w->count >= LIMIT_PAYLOAD_DEPTH || w->furthest >= LIMIT_PAYLOAD_DEPTH) {
		findings_add(c->findings, code, text->where, NULL, "%s is longer than %d fields", text->text,
		    LIMIT_PAYLOAD_DEPTH);
	} else if (w->failed_in == NULL && w->failed_after != NULL) {
		findings_add(c->findings, code, text->where, NULL, "%s: %s has no fields below it", text->text,
		    w->failed_after->name);
	} else {
		const char *hint = w->failed_in == NULL ? NULL : nearest_field(c, w->failed_in, w->failed_name);

		findings_add(c->findings, code, text->where, hint, "%.*s is not a field of %s", len, name,
		    w->failed_in == NULL ? findings_say(c->findings, "a message") : w->failed_in->name);
		if (w->failed_in != NULL) {
			findings_missing(c->findings, w->failed_in->name, w->failed_name);
		}
	}
}

// ---- source paths -------------------------------------------------------------------------------------------------

// The scope that a path begins with; *rest is what is left of the text after its name.
static const struct scope *
find_scope(const struct scope *scope, struct view text, struct view *rest)
{
	size_t end = element_end(text);

	for (; scope->name != NULL; scope = scope->outer) {
		if (view_equal(view_of(text.data, end), view_text(scope->name))) {
			*rest = end < text.len ? view_of(text.data + end + 1, text.len - end - 1) : VIEW_EMPTY;
			return scope;
		}
	}
	*rest = text;
	return scope;
}

// json_names joined with dots.
static const char *
join_native(struct compiler *c, const struct schema_field *const *chain, size_t count)
{
	struct buf b = BUF_EMPTY;

	for (size_t i = 0; i < count; i++) {
		buf_put_str(&b, i == 0 ? "" : ".");
		buf_put_str(&b, chain[i]->json_name);
	}
	const char *text = b.err == EN_OK ? arena_text(c->arena, buf_view(&b)) : NULL;

	buf_fini(&b);
	if (text == NULL) {
		c->err = EN_ENOMEM;
	}
	return text;
}

static struct path *
path_make(struct compiler *c, const struct scope *scope, const struct conf_text *text,
    const struct schema_field *const *steps, size_t count)
{
	size_t before = scope->items == NULL ? 0 : scope->items->chain_count;
	struct path *p = compiler_alloc(c, sizeof(*p));
	const struct schema_field **chain = compiler_array(c, before + count, sizeof(*chain));

	if (p == NULL || chain == NULL) {
		return NULL;
	}
	if (before > 0) {
		memcpy(chain, scope->items->chain, before * sizeof(*chain));
	}
	memcpy(chain + before, steps, count * sizeof(*chain));
	*p = (struct path){
	    .text = text->text,
	    .where = text->where,
	    .chain = chain,
	    .steps = chain + before,
	    .leaf = chain[before + count - 1],
	    .chain_count = (uint32_t)(before + count),
	    .step_count = (uint32_t)count,
	    .frame = scope->frame,
	    .native = join_native(c, chain, before + count),
	};
	return p->native == NULL ? NULL : p;
}

const struct path *
path_resolve(struct compiler *c, const struct scope *scope, const struct conf_text *text, bool through_repeated)
{
	struct walk w = {.count = 0};
	struct view rest;

	scope = find_scope(scope, view_text(text->text), &rest);
	bool is_item = scope->name != NULL && rest.data == NULL;

	if (!is_item && !walk_fields(&w, scope->type, rest)) {
		if (scope->type == NULL) {
			findings_add(
			    c->findings, E0302, text->where, scope->name, "%s is a value without fields", scope->name);
		} else {
			tell_failure(c, &w, text, E0302);
		}
		return NULL;
	}
	for (uint32_t i = 0; !through_repeated && i + 1 < w.count; i++) {
		if (w.fields[i]->repeated) {
			findings_add(c->findings, E0303, text->where, "each, or one_event_per",
			    "%s is repeated: %s stands in each of its items", w.fields[i]->name, w.fields[i + 1]->name);
			return NULL;
		}
	}
	return path_make(c, scope, text, w.fields, w.count);
}

bool
path_is_known(const struct scope *scope, const struct conf_text *text)
{
	struct walk w = {.count = 0};
	struct view rest;

	scope = find_scope(scope, view_text(text->text), &rest);
	return (scope->name != NULL && rest.data == NULL) || walk_fields(&w, scope->type, rest);
}

const struct path *
path_resolve_items(struct compiler *c, const struct scope *scope, const struct conf_text *text)
{
	for (const struct scope *s = scope; s->items != NULL; s = s->outer) {
		if (s->all_name == NULL || strcmp(s->all_name, text->text) != 0) {
			continue;
		}
		struct path *p = compiler_alloc(c, sizeof(*p));

		if (p != NULL) {
			*p = *s->items;
			p->text = text->text;
			p->where = text->where;
			p->frame = s->frame;
			p->step_count = 0;
			p->is_group = true;
		}
		return p;
	}
	return path_resolve(c, scope, text, false);
}

struct path *
path_of_chain(struct compiler *c, const struct scope *scope, struct where where,
    const struct schema_field *const *steps, size_t count)
{
	const char *text = scope->name == NULL ? "" : scope->name;

	for (size_t i = 0; i < count && text != NULL; i++) {
		text = arena_printf(c->arena, "%s%s%s", text, text[0] == '\0' ? "" : ".", steps[i]->name);
	}
	if (text == NULL) {
		c->err = EN_ENOMEM;
		return NULL;
	}
	return path_make(c, scope, &(struct conf_text){text, where}, steps, count);
}

const struct path *
path_below(struct compiler *c, const struct path *p, const struct schema_field *f)
{
	struct path *below = compiler_alloc(c, sizeof(*below));
	const struct schema_field **chain = compiler_array(c, (size_t)p->chain_count + 1, sizeof(*chain));

	if (below == NULL || chain == NULL) {
		return NULL;
	}
	memcpy(chain, p->chain, p->chain_count * sizeof(*chain));
	chain[p->chain_count] = f;
	*below = *p;
	below->chain = chain;
	below->chain_count++;
	below->step_count++;
	below->steps = chain + (below->chain_count - below->step_count);
	below->leaf = f;
	return below;
}

// ---- target paths -------------------------------------------------------------------------------------------------

static void
put_name(struct buf *b, const char *name, uint32_t element)
{
	buf_put_str(b, b->len == 0 ? "" : ".");
	buf_put_str(b, name);
	if (element > 0) {
		buf_printf(b, "[%u]", element);
	}
}

static bool
name_target(struct compiler *c, const struct walk *w, const char *prefix, const char *native_prefix, struct target *ret)
{
	struct buf text = BUF_EMPTY, native = BUF_EMPTY;

	buf_put_str(&text, prefix);
	buf_put_str(&native, native_prefix);
	for (uint32_t i = 0; i < w->count; i++) {
		put_name(&text, w->fields[i]->name, w->elements[i]);
		put_name(&native, w->fields[i]->json_name, w->elements[i]);
	}
	ret->text = text.err == EN_OK ? arena_text(c->arena, buf_view(&text)) : NULL;
	ret->native = native.err == EN_OK ? arena_text(c->arena, buf_view(&native)) : NULL;
	buf_fini(&text);
	buf_fini(&native);
	if (ret->text == NULL || ret->native == NULL) {
		c->err = EN_ENOMEM;
		return false;
	}
	return true;
}

bool
target_resolve(struct compiler *c, const struct schema_type *t, const struct conf_text *text, const char *prefix,
    const char *native_prefix, struct target *ret)
{
	struct walk w = {.with_elements = true};

	if (!walk_fields(&w, t, view_text(text->text))) {
		tell_failure(c, &w, text, E0304);
		return false;
	}
	for (uint32_t i = 0; i < w.count; i++) {
		bool last = i + 1 == w.count;

		if (!last && w.fields[i]->repeated && w.elements[i] == 0) {
			findings_add(c->findings, E0303, text->where, "name[1].field for one item, or each",
			    "%s is repeated", w.fields[i]->name);
			return false;
		}
		if (w.elements[i] > 0 && (last || w.fields[i]->is_map)) {
			findings_add(c->findings, E0303, text->where, NULL, "%s[%u] names an item, not a field of one",
			    w.fields[i]->name, w.elements[i]);
			return false;
		}
	}
	const struct schema_field **chain = compiler_array(c, w.count, sizeof(*chain));
	uint32_t *elements = compiler_array(c, w.count, sizeof(*elements));

	if (chain == NULL || elements == NULL) {
		return false;
	}
	memcpy(chain, w.fields, w.count * sizeof(*chain));
	memcpy(elements, w.elements, w.count * sizeof(*elements));
	*ret = (struct target){.chain = chain, .elements = elements, .count = w.count};
	return name_target(c, &w, prefix, native_prefix, ret);
}
