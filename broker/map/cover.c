// SPDX-License-Identifier: Apache-2.0
// Coverage: every field of the source is read by some line or stands in `unused` with its reason, so that nothing that an agency says gets lost
// without somebody having decided it.
#include "map/compiler.h"

struct cover {
	const struct schema_field *field; // NULL: the message itself
	struct cover *first, *next; // below it, beside it
	bool whole; // with everything below
};

static struct cover *
child_of(const struct cover *parent, const struct schema_field *f)
{
	struct cover *child = parent->first;

	while (child != NULL && child->field != f) {
		child = child->next;
	}
	return child;
}

void
cover_read(struct compiler *c, const struct schema_field *const *chain, size_t count, bool whole)
{
	struct cover *at = c->cover;

	for (size_t i = 0; at != NULL && i < count; i++) {
		struct cover *child = child_of(at, chain[i]);

		if (child == NULL) {
			child = compiler_alloc(c, sizeof(*child));
			if (child == NULL) {
				return;
			}
			*child = (struct cover){.field = chain[i], .next = at->first};
			at->first = child;
		}
		at = child;
	}
	if (at != NULL && whole) {
		at->whole = true;
	}
}

static bool
is_covered(const struct cover *at, const struct schema_field *const *chain, size_t count)
{
	for (size_t i = 0; at != NULL && !at->whole && i < count; i++) {
		at = child_of(at, chain[i]);
	}
	return at != NULL && at->whole;
}

static void
take_unused(struct compiler *c, const struct scope *scope)
{
	const struct conf_mapping *conf = c->mapping->conf;

	for (size_t i = 0; i < conf->unused_count; i++) {
		const struct path *p = path_resolve(c, scope, &conf->unused[i].target, true);

		if (p == NULL) {
			continue;
		}
		if (is_covered(c->cover, p->chain, p->chain_count)) {
			findings_add(c->findings, W0301, p->where, NULL, "%s", p->text);
		}
		cover_read(c, p->chain, p->chain_count, true);
	}
}

// A message of which nothing is read is told once, not field by field.
static void
tell_unread(struct compiler *c, const struct schema_type *t, const struct cover *at, struct buf *path)
{
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		const struct cover *child = child_of(at, f);
		size_t before = path->len;

		buf_put_str(path, before == 0 ? "" : ".");
		buf_put_str(path, f->name);
		if (child == NULL) {
			const char *hint = field_hint(c, f);

			findings_add(c->findings, E0315, c->mapping->conf->from.where, hint == f->name ? NULL : hint,
			    "%s", buf_cstr(path));
		} else if (!child->whole && schema_is_message(f)) {
			tell_unread(c, f->message, child, path);
		}
		path->len = before;
	}
}

void
cover_check(struct compiler *c, const struct scope *scope)
{
	struct buf path = BUF_EMPTY;

	take_unused(c, scope);
	tell_unread(c, c->mapping->from, c->cover, &path);
	if (path.err != EN_OK) {
		c->err = path.err;
	}
	buf_fini(&path);
}

struct cover *
cover_new(struct compiler *c)
{
	return compiler_alloc(c, sizeof(struct cover));
}
