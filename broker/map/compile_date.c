// SPDX-License-Identifier: Apache-2.0
// `date` and `dates` of a line: the formats, what they must say for the target, and the messages that are dates by their shape: int32 year, month and
// day are a partial date, int64 ms is a moment.
#include "map/compiler.h"
#include "map/date_int.h"
#include "map/number.h"

static const struct schema_field *
plain_field(const struct schema_type *t, const char *name, enum schema_kind kind)
{
	const struct schema_field *f = schema_field_by_name(t, view_text(name));

	return f != NULL && f->kind == kind && !f->repeated ? f : NULL;
}

bool
date_fields_of(const struct schema_type *t, struct date_fields *ret)
{
	struct date_fields d = {
	    .year = plain_field(t, "year", KIND_INT32),
	    .month = plain_field(t, "month", KIND_INT32),
	    .day = plain_field(t, "day", KIND_INT32),
	};

	*ret = d;
	return d.year != NULL && d.month != NULL && d.day != NULL;
}

bool
instant_fields_of(const struct schema_type *t, struct instant_fields *ret)
{
	*ret = (struct instant_fields){
	    .ms = plain_field(t, "ms", KIND_INT64),
	    .offset_minutes = plain_field(t, "offset_minutes", KIND_INT32),
	};
	return ret->ms != NULL;
}

static bool
has_zone(const struct date_format *f)
{
	return f->has_fixed_zone || (f->has & DATE_HAS(DATE_ZONE)) != 0;
}

// What the conversion needs the format to say.
static bool
check_format(struct compiler *c, const struct value *v, const struct date_format *f, struct where where)
{
	const uint32_t time =
	    DATE_HAS(DATE_HOUR) | DATE_HAS(DATE_MINUTE) | DATE_HAS(DATE_SECOND) | DATE_HAS(DATE_MILLI);
	const uint32_t moment = DATE_HAS(DATE_DAY) | DATE_HAS(DATE_HOUR) | DATE_HAS(DATE_MINUTE);

	if (v->convert == CONVERT_DATE_TO_TEXT && (f->has & time) != 0) {
		findings_add(c->findings, E0318, where, NULL, "%s: the source has no time of day", f->text);
		return false;
	}
	if (v->convert == CONVERT_TEXT_TO_INSTANT && (f->has & moment) != moment) {
		findings_add(c->findings, E0318, where, "dd/mm/aaaa HH:mi [-06:00]",
		    "%s: a moment needs day, hour and minute", f->text);
		return false;
	}
	if ((v->convert == CONVERT_TEXT_TO_INSTANT || v->convert == CONVERT_INSTANT_TO_TEXT) && !has_zone(f)) {
		findings_add(
		    c->findings, E0325, where, "end it with Z, zzz, or the zone in brackets: [-06:00]", "%s", f->text);
		return false;
	}
	return true;
}

void
places_free(struct place *list)
{
	for (; list != NULL; list = list->next) {
		zone_free(&list->zone);
	}
}

// The clocks of a place, read once for all lines of the mapping.
static enum en_err
load_place(struct compiler *c, struct view name, const struct zone **ret)
{
	struct place *p = c->mapping->places;
	enum en_err err;

	while (p != NULL && !view_is(name, p->name)) {
		p = p->next;
	}
	if (p == NULL) {
		p = compiler_alloc(c, sizeof(*p));
		if (p == NULL) {
			return EN_ENOMEM;
		}
		p->name = arena_text(c->arena, name);
		err = p->name == NULL ? EN_ENOMEM : zone_load(ZONE_FOLDER, p->name, &p->zone);
		if (err != EN_OK) {
			return err;
		}
		p->next = c->mapping->places;
		c->mapping->places = p;
	}
	*ret = p->zone;
	return EN_OK;
}

static bool
take_place(struct compiler *c, const struct conf_text *text, struct date_format *f)
{
	enum en_err err = f->zone_name.len == 0 ? EN_OK : load_place(c, f->zone_name, &f->zone);

	if (err == EN_ENOMEM) {
		c->err = err;
	} else if (err != EN_OK) {
		findings_add(c->findings, E0318, text->where, findings_say(c->findings, DATE_ZONE_HINT), "%s: %s",
		    text->text, findings_say(c->findings, DATE_ZONE_PROBLEM));
	}
	return err == EN_OK;
}

static bool
compile_format(struct compiler *c, const struct conf_text *text, const struct value *v, struct date_format *ret)
{
	const char *problem = NULL, *hint = NULL;
	enum en_err err = date_format_parse(text->text, c->arena, ret, &problem, &hint);

	if (err == EN_ENOMEM) {
		c->err = err;
	} else if (err != EN_OK) {
		findings_add(c->findings, E0318, text->where, findings_say(c->findings, hint), "%s: %s", text->text,
		    findings_say(c->findings, problem));
	}
	return err == EN_OK && take_place(c, text, ret) && check_format(c, v, ret, text->where);
}

// Two digits of a year need to be told which hundred years they are of.
static bool
check_years(struct compiler *c, const struct conf_value *conf, const struct conf_text *text, struct date_format *f)
{
	uint64_t first = 0;
	struct view years = view_text(conf->years_from.text);

	if (!f->has_short_year) {
		return true;
	}
	if (years.len != 4 || !number_parse(KIND_UINT64, years, &first) || first < 1000) {
		findings_add(c->findings, E0318, text->where, "years_from: 1930",
		    "%s: two digits do not say which hundred years", text->text);
		return false;
	}
	f->first_year = (int32_t)first;
	return true;
}

// Whether every text of one format is told from those of the others is only asked where texts are read.
static bool
compile_formats(struct compiler *c, const struct conf_value *conf, const struct value *v, bool reads,
    const struct date_format **ret, uint32_t *ret_count)
{
	struct conf_list one = {.items = (struct conf_text[]){conf->date}, .count = 1};
	const struct conf_list *list = conf->date.text != NULL ? &one : &conf->dates;
	struct date_format *formats = compiler_array(c, list->count, sizeof(*formats));
	bool good = formats != NULL;

	for (size_t i = 0; formats != NULL && i < list->count; i++) {
		if (!compile_format(c, &list->items[i], v, &formats[i]) ||
		    !check_years(c, conf, &list->items[i], &formats[i])) {
			good = false;
			continue;
		}
		for (size_t j = 0; reads && j < i; j++) {
			if (formats[j].text != NULL && date_formats_overlap(&formats[i], &formats[j])) {
				findings_add(c->findings, E0319, list->items[i].where, NULL, "%s and %s",
				    formats[j].text, formats[i].text);
				good = false;
			}
		}
	}
	*ret = formats;
	*ret_count = (uint32_t)list->count;
	return good;
}

bool
dates_compile(struct compiler *c, const struct conf_value *conf, struct value *v)
{
	bool reads = v->convert != CONVERT_DATE_TO_TEXT && v->convert != CONVERT_INSTANT_TO_TEXT;

	return compile_formats(c, conf, v, reads, &v->formats, &v->format_count);
}

bool
formats_compile(struct compiler *c, const struct conf_value *conf, const struct date_format **ret, uint32_t *ret_count)
{
	const struct value day = {.convert = CONVERT_TEXT_TO_DAY};

	return compile_formats(c, conf, &day, true, ret, ret_count);
}
