// SPDX-License-Identifier: Apache-2.0
// Edits that stand for a conversion: numbers, ages, telephones, places; and those that limit what may come out.
#include "map/decimal.h"
#include "map/edit_draft.h"
#include "map/number.h"
#include "map/years.h"

// ---- numbers, days, places ----------------------------------------------------------------------------------------

static void
add_number(struct draft *d)
{
	const struct conf_value *conf = d->conf;
	uint64_t decimals = 0;

	if (conf->number.text == NULL) {
		return;
	}
	struct edit *e = draft_add(d, EDIT_NUMBER);
	const char *problem = decimal_example(view_text(conf->number.text), &e->text, &e->other);

	if (problem != NULL) {
		draft_refuse(d, conf->number.where, problem, conf->number.text);
	}
	if (conf->times != NULL) {
		e = draft_add(d, EDIT_TIMES);
		e->value = draft_helper(d, conf->times);
	}
	if (conf->decimals.text != NULL) {
		if (!number_parse(KIND_UINT32, view_text(conf->decimals.text), &decimals) ||
		    decimals > DECIMAL_DIGITS) {
			draft_refuse(d, conf->decimals.where, "a number from 0 to 18", conf->decimals.text);
		}
		draft_add(d, EDIT_DECIMALS)->number = (uint32_t)decimals;
	}
}

static bool
is_message(const struct schema_field *f)
{
	return f != NULL && schema_is_message(f);
}

bool
draft_makes_year(const struct conf_value *conf)
{
	return conf->coarsen.text != NULL && strcmp(conf->coarsen.text, "year") == 0;
}

// A date on its way to an age or a year: text is read by its formats, a message is read part by part.
static void
add_day(struct draft *d, const struct schema_field *f)
{
	const struct conf_value *conf = d->conf;

	if ((conf->age_at == NULL && !draft_makes_year(conf)) || is_message(f)) {
		return;
	}
	if (conf->date.text == NULL && conf->dates.count == 0) {
		findings_add(d->c->findings, E0105, conf->where, "date: dd/mm/aaaa", "date");
		d->good = false;
		return;
	}
	struct edit *e = draft_add(d, EDIT_DAY);

	d->good = formats_compile(d->c, conf, &e->formats, &e->format_count) && d->good;
}

static void
add_years(struct draft *d)
{
	const struct conf_value *conf = d->conf;

	if (conf->age_at != NULL) {
		const struct value *at = draft_helper(d, conf->age_at);

		draft_add(d, EDIT_AGE)->value = at;
	}
	if (conf->born_at != NULL) {
		const struct value *at = draft_helper(d, conf->born_at);

		draft_add(d, EDIT_BORN)->value = at;
	}
	if (draft_makes_year(conf)) {
		draft_add(d, EDIT_YEAR);
	}
}

static void
add_places(struct draft *d)
{
	static const char *const forms[] = {"wkt", "kobo", "cap", "latitude", "longitude", NULL};
	const struct conf_value *conf = d->conf;

	if (conf->phone.text != NULL) {
		struct edit *e = draft_add(d, EDIT_PHONE);

		e->phones = phones_compile(d->c, &conf->phone);
		d->good = d->good && e->phones != NULL;
		e->value = conf->country == NULL ? NULL : draft_helper(d, conf->country);
	}
	if (conf->geo.text != NULL && conf->geo_as.text != NULL) {
		struct edit *e = draft_add(d, EDIT_GEO);

		e->number = draft_word(conf->geo.text, forms);
		e->order = draft_word(conf->geo_as.text, forms);
	}
}

void
draft_add_conversions(struct draft *d, const struct schema_field *f)
{
	add_number(d);
	add_day(d, f);
	add_years(d);
	add_places(d);
}

// ---- what may come out --------------------------------------------------------------------------------------------

#define NARROWEST_BAND 5 // years: a narrower one says nearly as much as the age

static void
add_bands(struct draft *d)
{
	const struct conf_list *list = &d->conf->bands;
	uint32_t *bands = compiler_array(d->c, list->count, sizeof(*bands));
	uint64_t band, last = 0;

	if (list->count == 0) {
		findings_add(d->c->findings, E0105, d->conf->coarsen.where, "bands: [12, 18, 26, 41, 61]", "bands");
		d->good = false;
	}
	for (size_t i = 0; bands != NULL && i < list->count; i++) {
		if (!number_parse(KIND_UINT32, view_text(list->items[i].text), &band) || band < last + NARROWEST_BAND) {
			draft_refuse(d, list->items[i].where, "bands ascend, and each has five years at least",
			    list->items[i].text);
			return;
		}
		bands[i] = (uint32_t)band;
		last = band;
	}
	struct edit *e = draft_add(d, EDIT_BAND);

	e->bands = bands;
	e->band_count = (uint32_t)list->count;
}

static void
add_number_limits(struct draft *d)
{
	const struct conf_list *list = &d->conf->between;
	struct decimal low = {.units = 0}, high = {.units = 0};
	struct view point = view_text(".");

	if (!decimal_read(view_text(list->items[0].text), point, VIEW_EMPTY, &low) ||
	    !decimal_read(view_text(list->items[1].text), point, VIEW_EMPTY, &high) || decimal_compare(low, high) > 0) {
		draft_refuse(d, list->items[0].where, "between: [0, 120], the smaller one first", list->items[0].text);
		return;
	}
	struct edit *e = draft_add(d, EDIT_BETWEEN);

	e->text = view_text(list->items[0].text);
	e->other = view_text(list->items[1].text);
}

void
draft_add_limits(struct draft *d, const struct schema_field *f, bool is_date)
{
	const struct conf_value *conf = d->conf;
	struct decimal above;

	if (conf->between.count > 0 && conf->between.count != 2) {
		draft_refuse(d, conf->between.items[0].where, "between has two: the least and the largest", "between");
	} else if (conf->between.count == 2 && !is_date) {
		add_number_limits(d);
	}
	if (conf->coarsen.text != NULL && strcmp(conf->coarsen.text, "age_band") == 0) {
		add_bands(d);
	} else if (conf->coarsen.text != NULL && strcmp(conf->coarsen.text, "adm1") == 0) {
		draft_add(d, EDIT_ADM1)->number = f != NULL && f->coarse;
	}
	if (conf->above.text != NULL && conf->above_is.text != NULL) {
		if (!decimal_read(view_text(conf->above.text), view_text("."), VIEW_EMPTY, &above)) {
			draft_refuse(d, conf->above.where, "a number", conf->above.text);
		}
		struct edit *e = draft_add(d, EDIT_MORE_THAN);

		e->text = view_text(conf->above.text);
		e->other = view_text(conf->above_is.text);
	}
}

bool
draft_day_limits(struct compiler *c, const struct conf_value *conf, struct value *v)
{
	struct more *more = more_of(c, v);
	struct day_limits *days = compiler_alloc(c, sizeof(*days));
	struct date_value day;

	if (more == NULL || days == NULL) {
		return false;
	}
	struct view *const limits[] = {&days->first, &days->last};

	for (size_t i = 0; i < 2; i++) {
		struct view text = view_text(conf->between.items[i].text);

		if (i == 1 && view_is(text, "recorded")) {
			continue;
		}
		if (text.len != DATE_DAY_BYTES || !day_read(text, &day)) {
			findings_add(c->findings, E0326, conf->between.items[i].where, "[1900-01-01, recorded]", "%s",
			    conf->between.items[i].text);
			return false;
		}
		*limits[i] = text;
	}
	more->days = days;
	return true;
}
