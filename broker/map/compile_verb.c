// SPDX-License-Identifier: Apache-2.0
// Verbs that read several fields.
#include "map/compiler.h"
#include "map/number.h"

// "nombres, primer_apellido": of several sources.
static const char *
source_names(struct compiler *c, const struct value *v)
{
	struct buf b = BUF_EMPTY;

	for (uint32_t i = 0; i < v->part_count; i++) {
		buf_put_str(&b, i == 0 ? "" : ", ");
		buf_put_str(&b, v->parts[i]->native);
	}
	const char *text = b.err == EN_OK ? arena_text(c->arena, buf_view(&b)) : NULL;

	if (text == NULL) {
		c->err = EN_ENOMEM;
	}
	buf_fini(&b);
	return text;
}

static bool
fits_use(const struct schema_field *f, enum part_use use)
{
	if (f->kind == KIND_STRING || kind_is_integer(f->kind)) {
		return true;
	}
	return (use == PART_ID && (f->kind == KIND_ENUM || f->kind == KIND_BYTES)) ||
	    (use == PART_FLAG && (f->kind == KIND_ENUM || f->kind == KIND_BOOL));
}

static bool
compile_part(struct compiler *c, const struct value_context *x, const struct path *p, enum part_use use)
{
	bool good = true;

	read_add(c, p, use == PART_ID ? READ_PSEUDONYM : READ_VALUE);
	if (use == PART_TEXT || use == PART_TEXTS) {
		check_label(c, x, p);
	}
	if (path_is_repeated(p) && use != PART_TEXTS) {
		findings_add(c->findings, E0322, p->where, NULL, "%s is repeated", p->leaf->name);
		good = false;
	}
	if (!fits_use(p->leaf, use)) {
		findings_add(c->findings, E0305, p->where, NULL, "%s is %s", p->leaf->name, kind_word(c, p->leaf));
		good = false;
	}
	return good;
}

bool
compile_parts(struct compiler *c, const struct value_context *x, const struct conf_list *paths, struct value *v,
    enum part_use use)
{
	const struct path **parts = compiler_array(c, paths->count, sizeof(*parts));
	bool good = parts != NULL;

	for (size_t i = 0; parts != NULL && i < paths->count; i++) {
		parts[i] = path_resolve(c, x->scope, &paths->items[i], false);
		good = parts[i] != NULL && compile_part(c, x, parts[i], use) && good;
	}
	v->parts = parts;
	v->part_count = (uint32_t)paths->count;
	v->source = good ? source_names(c, v) : NULL;
	return good;
}

// The first that says something goes through the steps: the fields are of one kind each, text or whole numbers.
bool
compile_first_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_parts(c, x, &conf->paths, v, PART_TEXT);

	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

bool
compile_list_of(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_parts(c, x, &conf->paths, v, PART_TEXTS);

	if (!x->target->repeated) {
		findings_add(c->findings, E0324, conf->where, NULL, "%s", x->target->name);
		good = false;
	}
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

// The fields of a text are its parts, in its order.
bool
compile_fill(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct pattern *p = compiler_alloc(c, sizeof(*p));
	struct more *more = more_of(c, v);
	struct conf_text items[PATTERN_PARTS];
	struct conf_list paths = {.items = items};

	if (p == NULL || more == NULL) {
		return false;
	}
	const char *problem = pattern_parse(view_text(conf->literal.text), p);

	if (problem != NULL) {
		findings_add(c->findings, E0326, conf->literal.where, NULL, "%s: %s", conf->literal.text,
		    findings_say(c->findings, problem));
		return false;
	}
	for (; paths.count < p->count; paths.count++) {
		const char *name = arena_text(c->arena, p->parts[paths.count]);

		if (name == NULL) {
			c->err = EN_ENOMEM;
			return false;
		}
		items[paths.count] = (struct conf_text){.text = name, .where = conf->literal.where};
	}
	bool good = compile_parts(c, x, &paths, v, PART_TEXT);

	more->fill = p;
	more->reversible = conf->reversible;
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

// {field: CODE}: the codes become what the target's items are; the fields are read as yes and no.
bool
compile_flags(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct conf_text *items = compiler_array(c, conf->pair_count, sizeof(*items));
	struct view *texts = compiler_array(c, conf->pair_count, sizeof(*texts));
	uint64_t *bits = compiler_array(c, conf->pair_count, sizeof(*bits));
	struct more *more = more_of(c, v);
	struct conf_list paths = {.items = items, .count = conf->pair_count};
	bool good = true;

	if (items == NULL || texts == NULL || bits == NULL || more == NULL) {
		return false;
	}
	for (size_t i = 0; i < conf->pair_count; i++) {
		items[i] = conf->pairs[i].name;
		good = literal_compile(c, x->target, &conf->pairs[i].value->literal, &bits[i], &texts[i]) && good;
	}
	if (!x->target->repeated) {
		findings_add(c->findings, E0324, conf->where, NULL, "%s", x->target->name);
		good = false;
	}
	more->codes = texts;
	more->code_bits = bits;
	good = compile_parts(c, x, &paths, v, PART_FLAG) && good;
	for (uint32_t i = 0; good && conf->if_unknown == CONF_UNKNOWN_KEEP && i < v->part_count; i++) {
		check_label(c, x, v->parts[i]); // what is neither yes nor no stays as it came
	}
	good = truth_compile(c, conf, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}
