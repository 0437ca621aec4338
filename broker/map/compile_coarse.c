// SPDX-License-Identifier: Apache-2.0
// When `coarsen` declassifies: only where it alone decides what comes out, and of one field in one way. A step beside it could sharpen what it leaves
// (an age times five, in bands of five, is the age), and two ways of coarsening one field cut it into smaller pieces than either of them.
#include "map/compiler.h"

// Of a copy of the line everything is taken out that leaves the coarse value what it is; what somebody adds to lines later makes them read the value.
#define TAKE(rest, field) memset(&(rest)->field, 0, sizeof((rest)->field))

struct coarse {
	const struct coarse *next;
	const struct path *path;
	const struct conf_value *conf;
};

static bool
only_trims(const struct conf_list *clean)
{
	for (size_t i = 0; i < clean->count; i++) {
		if (strcmp(clean->items[i].text, "trim") != 0) {
			return false;
		}
	}
	return true;
}

static bool
coarsens_alone(const struct conf_value *conf)
{
	struct conf_value rest;

	if (conf->kind != CONF_VALUE_COPY || conf->if_unknown == CONF_UNKNOWN_KEEP || !only_trims(&conf->clean)) {
		return false;
	}
	memcpy(&rest, conf, sizeof(rest));
	TAKE(&rest, kind);
	TAKE(&rest, where);
	TAKE(&rest, from);
	TAKE(&rest, clean);
	TAKE(&rest, coarsen);
	TAKE(&rest, bands);
	TAKE(&rest, date); // is_whole_day
	TAKE(&rest, dates);
	TAKE(&rest, age_at);
	// which item, where the line reads of others, and what stands for nothing
	TAKE(&rest, item_of);
	TAKE(&rest, called);
	TAKE(&rest, keep_if);
	TAKE(&rest, sort_by);
	TAKE(&rest, pick);
	TAKE(&rest, if_unknown);
	TAKE(&rest, if_unknown_where);
	TAKE(&rest, unknown_value);
	TAKE(&rest, if_empty);
	TAKE(&rest, required);
	TAKE(&rest, required_if);
	TAKE(&rest, only_on);
	// what only sees what is coarse already
	TAKE(&rest, table);
	TAKE(&rest, direction);
	TAKE(&rest, true_if);
	TAKE(&rest, false_if);
	TAKE(&rest, above);
	TAKE(&rest, above_is);
	TAKE(&rest, prefix);
	TAKE(&rest, suffix);
	TAKE(&rest, list);
	return bytes_are_zero(&rest, sizeof(rest));
}

// A text that is read as a year alone, or by a format with other numbers in it, could be anything that has four digits.
static bool
is_whole_day(const struct edit *e)
{
	const uint32_t day = DATE_HAS(DATE_YEAR) | DATE_HAS(DATE_MONTH) | DATE_HAS(DATE_DAY);

	for (uint32_t i = 0; i < e->format_count; i++) {
		const struct date_format *f = &e->formats[i];

		if ((f->has & ~DATE_HAS(DATE_LITERAL)) != day || f->has_short_year ||
		    strcspn(f->text, "0123456789") != strlen(f->text)) {
			return false;
		}
	}
	return true;
}

static bool
reads_whole_days(const struct value *v)
{
	for (uint32_t i = 0; v->more != NULL && i < v->more->before.count; i++) {
		if (v->more->before.items[i].kind == EDIT_DAY && !is_whole_day(&v->more->before.items[i])) {
			return false;
		}
	}
	return true;
}

// Each of them is for what it was made for; the year of a date in a message is one whatever its label.
static bool
fits_label(const struct conf_value *conf, const struct path *p)
{
	enum label label = label_of_chain(p->chain, p->chain_count);

	return strcmp(conf->coarsen.text, "adm1") == 0
	    ? label == LABEL_LOCATION
	    : label == LABEL_DEMOGRAPHIC || (strcmp(conf->coarsen.text, "year") == 0 && schema_is_message(p->leaf));
}

// ---- one way ------------------------------------------------------------------------------------------------------

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(const struct conf_list *a, const struct conf_list *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		if (!same_text(a->items[i].text, b->items[i].text)) {
			return false;
		}
	}
	return a->count == b->count;
}

// Two values that are not plain are two, whatever they say.
static bool
same_value(const struct conf_value *a, const struct conf_value *b)
{
	if (a == NULL || b == NULL) {
		return a == b;
	}
	return a->kind == b->kind &&
	    (a->kind == CONF_VALUE_NOW || a->kind == CONF_VALUE_IS || a->kind == CONF_VALUE_COPY) &&
	    same_text(a->literal.text, b->literal.text) && same_text(a->from.text, b->from.text) &&
	    same_text(a->date.text, b->date.text) && same_list(&a->dates, &b->dates);
}

static bool
same_field(const struct path *a, const struct path *b)
{
	return a->chain_count == b->chain_count &&
	    memcmp(a->chain, b->chain, a->chain_count * sizeof(a->chain[0])) == 0;
}

// Whether no line before this one coarsens the field in another way.
static bool
is_one_way(struct compiler *c, const struct conf_value *conf, const struct path *p)
{
	for (const struct coarse *one = c->coarse; one != NULL; one = one->next) {
		if (same_field(one->path, p)) {
			return same_text(one->conf->coarsen.text, conf->coarsen.text) &&
			    same_list(&one->conf->bands, &conf->bands) && same_value(one->conf->age_at, conf->age_at);
		}
	}
	struct coarse *new = compiler_alloc(c, sizeof(*new));

	if (new == NULL) {
		return false;
	}
	*new = (struct coarse){.next = c->coarse, .path = p, .conf = conf};
	c->coarse = new;
	return true;
}

enum read_mode
coarse_mode(struct compiler *c, const struct conf_value *conf, const struct path *p, const struct value *v)
{
	bool is_coarse = conf->coarsen.text != NULL && coarsens_alone(conf) && fits_label(conf, p) &&
	    reads_whole_days(v) && is_one_way(c, conf, p);

	return is_coarse ? READ_COARSE : READ_VALUE;
}
