// SPDX-License-Identifier: Apache-2.0
// For each field of the source: who carries it there, who carries it on, and what that does to it.
#include "map/roundtrip.h"

#include "map/carrier.h"
#include "map/text.h"

static const struct {
	const char *code, *en, *es;
	bool is_lost;
} texts[] = {
#define EN_LOSS(name, code, is_lost, en, es) [name] = {code, en, es, is_lost},
#include "map/roundtrip.tbl.h"
#undef EN_LOSS
};

const char *
loss_code(enum loss loss)
{
	return texts[loss].code;
}

enum loss
loss_from_code(const char *code)
{
	size_t i = 0;

	while (i < LOSS_COUNT && strcmp(texts[i].code, code) != 0) {
		i++;
	}
	return (enum loss)i;
}

bool
loss_is_whole(enum loss loss)
{
	return texts[loss].is_lost;
}

const char *
loss_text(enum loss loss, enum en_lang lang)
{
	return lang == EN_LANG_ES ? texts[loss].es : texts[loss].en;
}

// The field at hand.
struct leaf {
	const char *name, *native;
	const struct schema_field *field;
};

struct reporting {
	struct roundtrip *report;
	const struct mapping *from; // the way there
	struct carriers there, back;
	struct buf losses, keeps;
	enum en_err err;
	struct leaf leaf;
};

static const char *
say(struct reporting *r, const char *text)
{
	if (text == NULL) {
		r->err = EN_ENOMEM;
		return "";
	}
	return text;
}

static void
lose(struct reporting *r, enum loss kind, const struct carrier *there, const struct carrier *back, const char *detail)
{
	struct roundtrip_loss loss = {.kind = kind, .field = r->leaf.native, .detail = detail};

	if (there != NULL) {
		loss.through = there->target;
		loss.there = there->value->where;
	}
	if (back != NULL) {
		loss.back = back->value->where;
	}
	buf_put(&r->losses, &loss, sizeof(loss));
}

static void
keep(struct reporting *r, const struct carrier *there, const struct carrier *back)
{
	struct roundtrip_kept kept = {.field = r->leaf.native,
	    .through = there->target,
	    .there = there->value->where,
	    .back = back->value->where};

	buf_put(&r->keeps, &kept, sizeof(kept));
	r->report->kept++;
}

// ---- names --------------------------------------------------------------------------------------------------------

// What stands of a name behind a prefix that ends at a dot; NULL when it is no prefix.
static const char *
below(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) != 0 || (name[len] != '\0' && name[len] != '.')) {
		return NULL;
	}
	return name + len;
}

// Where a carried field stands in its target: a message takes what is below it along.
static const char *
landing(struct reporting *r, const struct carrier *c, const char *rest)
{
	bool whole = c->value->is_message_copy;

	return whole && rest[0] != '\0' ? say(r, arena_printf(&r->report->arena, "%s%s", c->target, rest)) : c->target;
}

// ---- steps --------------------------------------------------------------------------------------------------------

// The first step of a value that cannot be turned back; NULL when there is none.
static const char *
changing_step(const struct value *v)
{
	static const char *const edits[] = {[EDIT_ALIAS] = "aliases",
	    [EDIT_STRIP_PREFIX] = "strip_prefix",
	    [EDIT_STRIP_SUFFIX] = "strip_suffix",
	    [EDIT_PATTERN] = "pattern",
	    [EDIT_EXTRACT] = "extract",
	    [EDIT_FIRST] = "first_characters",
	    [EDIT_LAST] = "last_characters",
	    [EDIT_PAD] = "pad_left",
	    [EDIT_NAME] = "name_part",
	    [EDIT_NUMBER] = NULL,
	    [EDIT_TIMES] = "times",
	    [EDIT_DECIMALS] = "decimals",
	    [EDIT_PHONE] = "phone",
	    [EDIT_GEO] = "geo_as",
	    [EDIT_DAY] = NULL,
	    [EDIT_AGE] = "age_at",
	    [EDIT_BORN] = "born_at",
	    [EDIT_MORE_THAN] = "more_than",
	    [EDIT_SUFFIX] = NULL};
	const uint32_t harmless = CLEAN_TRIM | CLEAN_COLLAPSE_SPACES | CLEAN_COMPOSE;

	if ((v->clean & ~harmless) != 0) {
		return "clean";
	}
	for (uint32_t i = 0; v->more != NULL && i < v->more->before.count; i++) {
		enum edit_kind kind = v->more->before.items[i].kind;

		if ((size_t)kind < EN_COUNT_OF(edits) && edits[kind] != NULL) {
			return edits[kind];
		}
	}
	return v->more != NULL && v->more->json.data != NULL ? "json" : NULL;
}

static bool
is_coarse(const struct value *v)
{
	for (uint32_t i = 0; v->more != NULL && i < v->more->before.count; i++) {
		enum edit_kind kind = v->more->before.items[i].kind;

		if (kind == EDIT_YEAR || kind == EDIT_BAND || kind == EDIT_ADM1) {
			return true;
		}
	}
	return false;
}

static bool
is_joined(const struct value *v)
{
	bool reversible = v->more != NULL && v->more->reversible;

	return (v->kind == CONF_VALUE_JOIN || v->kind == CONF_VALUE_FILL || v->kind == CONF_VALUE_LIST_OF) &&
	    v->part_count > 1 && !reversible;
}

// ---- codes --------------------------------------------------------------------------------------------------------

static const char *
code_of(const struct value *v, const struct conf_table_row *row)
{
	return v->table->reversed ? row->to : row->from;
}

static const char *
result_of(const struct value *v, const struct conf_table_row *row)
{
	return v->table->reversed ? row->from : row->to;
}

// The rows of the way back by the code that they translate; empty when it needs no table.
static enum en_err
rows_back(const struct value *v, struct strmap *ret)
{
	const struct conf_table *t = v->convert == CONVERT_TABLE ? v->table->table->conf : NULL;
	enum en_err err = EN_OK;

	for (size_t i = 0; t != NULL && i < t->row_count && err == EN_OK; i++) {
		if (code_of(v, &t->rows[i])[0] != '\0') {
			err = strmap_put(ret, view_text(code_of(v, &t->rows[i])), &t->rows[i], NULL);
		}
	}
	return err;
}

// What a code of the vocabulary becomes on the way back; NULL when no row has it.
static const char *
code_back(const struct value *v, const struct strmap *rows, const char *code)
{
	if (v->convert != CONVERT_TABLE) {
		return code;
	}
	const struct conf_table_row *row = strmap_get(rows, view_text(code));

	return row == NULL ? NULL : result_of(v, row);
}

static bool
compare_codes(struct reporting *r, const struct carrier *there, const struct carrier *back)
{
	const struct conf_table *t = there->value->table->table->conf;
	struct strmap rows;
	bool kept = true;

	strmap_init(&rows, 0);
	if (rows_back(back->value, &rows) != EN_OK) {
		r->err = EN_ENOMEM;
	}
	for (size_t i = 0; i < t->row_count && r->err == EN_OK; i++) {
		const char *code = code_of(there->value, &t->rows[i]), *middle = result_of(there->value, &t->rows[i]);

		if (code[0] == '\0' || middle[0] == '\0') {
			continue;
		}
		const char *again = code_back(back->value, &rows, middle);

		if (again != NULL && strcmp(again, code) == 0) {
			continue;
		}
		kept = false;
		lose(r, LOSS_CODE, there, back,
		    say(r,
			arena_printf(&r->report->arena, "%s > %s > %s", code, middle,
			    again == NULL || again[0] == '\0' ? "-" : again)));
	}
	strmap_fini(&rows);
	return kept;
}

// ---- one field ----------------------------------------------------------------------------------------------------

// What two values in a row do to a field; false when they lose something.
static bool
follow(struct reporting *r, const struct carrier *there, const struct carrier *back)
{
	const struct value *values[] = {there->value, back->value};
	bool kept = true;

	for (size_t i = 0; i < EN_COUNT_OF(values); i++) {
		const struct value *v = values[i];
		const char *step = changing_step(v);

		if (is_coarse(v)) {
			lose(r, LOSS_COARSE, there, back, NULL);
		} else if (step != NULL) {
			lose(r, LOSS_CHANGED, there, back, step);
		} else if (is_joined(v)) {
			lose(r, LOSS_JOINED, there, back, v->source);
		} else if (v->more != NULL && v->more->if_unknown == CONF_UNKNOWN_VALUE) {
			lose(r, LOSS_DEFAULT, there, back, NULL);
		} else {
			continue;
		}
		kept = false;
	}
	if (there->value->convert == CONVERT_TABLE) {
		kept = compare_codes(r, there, back) && kept;
	}
	return kept;
}

// Whether the way back writes the field of that name.
static bool
is_home(const struct reporting *r, const char *target, const struct carrier *back)
{
	const char *last = strrchr(target, '.');

	return strcmp(target, r->leaf.name) == 0 ||
	    strcmp(back->line->field->json_name, r->leaf.field->json_name) == 0 ||
	    strcmp(last == NULL ? target : last + 1, r->leaf.field->name) == 0;
}

// From where the field stands in the vocabulary on. Only the best way counts: one that leads home.
static bool
go_back(struct reporting *r, const struct carrier *there, const char *middle)
{
	const struct carrier *elsewhere = NULL, *part = NULL, *test = NULL;

	for (size_t i = 0; i < r->back.count; i++) {
		const struct carrier *c = &r->back.items[i];
		const char *rest = below(middle, c->source);

		if (rest == NULL) {
			part = below(c->source, middle) != NULL && !c->is_test ? c : part;
		} else if (c->is_test) {
			test = c;
		} else if (is_home(r, landing(r, c, rest), c)) {
			if (!follow(r, there, c)) {
				return false;
			}
			keep(r, there, c);
			return true;
		} else {
			elsewhere = c;
		}
	}
	if (elsewhere != NULL) {
		lose(r, LOSS_ELSEWHERE, there, elsewhere, elsewhere->line->native);
	} else if (part != NULL) {
		lose(r, LOSS_PARTLY_READ, there, part, part->source);
	} else if (test != NULL) {
		lose(r, LOSS_DECIDES, there, test, test->line->native);
	} else {
		lose(r, LOSS_NOT_READ, there, NULL, NULL);
	}
	return false;
}

// The reason that the mapping gives for not using a field; NULL.
static const char *
reason_unused(const struct reporting *r)
{
	const struct conf_mapping *conf = r->from->conf;

	for (size_t i = 0; i < conf->unused_count; i++) {
		const char *path = conf->unused[i].target.text;

		if (below(r->leaf.name, path) != NULL || below(r->leaf.native, path) != NULL) {
			return conf->unused[i].value->literal.text;
		}
	}
	return NULL;
}

static void
report_leaf(struct reporting *r)
{
	const struct carrier *keyed = NULL, *test = NULL;
	size_t before = r->losses.len;
	bool carried = false, kept = false;

	for (size_t i = 0; i < r->there.count && !kept; i++) {
		const struct carrier *c = &r->there.items[i];
		const char *rest = below(r->leaf.name, c->source);

		if (rest == NULL) {
			continue;
		}
		if (c->is_test) {
			test = c;
		} else if (c->value->kind == CONF_VALUE_ID_FROM || c->value->kind == CONF_VALUE_REFERRAL_BY) {
			keyed = c;
		} else {
			carried = true;
			kept = go_back(r, c, landing(r, c, rest));
		}
	}
	if (kept) {
		r->losses.len = before; // another line keeps it
	} else if (!carried && keyed != NULL) {
		lose(r, LOSS_KEYED, keyed, NULL, NULL);
	} else if (!carried && test != NULL) {
		lose(r, LOSS_DECIDES, test, NULL, test->line->native);
	} else if (!carried) {
		lose(r, LOSS_NOT_SENT, NULL, NULL, reason_unused(r));
	}
	r->report->fields++;
}

// ---- all fields ---------------------------------------------------------------------------------------------------

#define MOST_LEVELS 8 // of messages within messages; deeper ones are not listed

// Whether some line takes the message as one thing, so that its fields need not be looked at one by one.
static bool
is_taken_whole(const struct reporting *r, const char *name)
{
	for (size_t i = 0; i < r->there.count; i++) {
		const struct carrier *c = &r->there.items[i];

		if (strcmp(c->source, name) == 0 && !c->is_test && !c->value->is_message_copy) {
			return true;
		}
	}
	return false;
}

static void
walk(struct reporting *r, const struct schema_type *t, const char *name, const char *native, unsigned depth)
{
	for (uint32_t i = 0; i < t->field_count && r->err == EN_OK; i++) {
		const struct schema_field *f = &t->fields[i];
		struct arena *arena = &r->report->arena;
		const char *dot = name[0] == '\0' ? "" : ".";
		struct leaf leaf = {.field = f,
		    .name = say(r, arena_printf(arena, "%s%s%s", name, dot, f->name)),
		    .native = say(r, arena_printf(arena, "%s%s%s", native, dot, f->json_name))};

		if (schema_is_message(f) && depth > 0 && f->message->field_count > 0 && !is_taken_whole(r, leaf.name)) {
			walk(r, f->message, leaf.name, leaf.native, depth - 1);
			continue;
		}
		r->leaf = leaf;
		report_leaf(r);
	}
}

// What was collected, in the arena of the report.
static void *
take(struct reporting *r, const struct buf *collected)
{
	struct view copy = arena_copy(&r->report->arena, buf_view(collected));

	if (collected->err != EN_OK || (collected->len > 0 && copy.data == NULL)) {
		r->err = EN_ENOMEM;
	}
	return (void *)(uintptr_t)copy.data;
}

enum en_err
roundtrip_report(const struct mapping *there, const struct mapping *back, struct roundtrip *ret)
{
	struct reporting r = {.report = ret, .from = there, .losses = BUF_EMPTY, .keeps = BUF_EMPTY};

	*ret = (struct roundtrip){.loss_count = 0};
	if (there->to != back->from) {
		return EN_EUSAGE;
	}
	arena_init(&ret->arena, 0);
	r.err = carriers_of(there, &ret->arena, &r.there);
	if (r.err == EN_OK) {
		r.err = carriers_of(back, &ret->arena, &r.back);
	}
	if (r.err == EN_OK) {
		walk(&r, there->from, "", "", MOST_LEVELS);
	}
	ret->losses = take(&r, &r.losses);
	ret->loss_count = r.losses.len / sizeof(struct roundtrip_loss);
	ret->keeps = take(&r, &r.keeps);
	buf_fini(&r.losses);
	buf_fini(&r.keeps);
	if (r.err != EN_OK) {
		roundtrip_fini(ret);
	}
	return r.err;
}

void
roundtrip_fini(struct roundtrip *r)
{
	arena_fini(&r->arena);
	*r = (struct roundtrip){.loss_count = 0};
}
