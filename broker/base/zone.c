// SPDX-License-Identifier: Apache-2.0
// TZif: a header and a block in 32 bits, then, from version 2 on, the same again in 64 bits and a line with the rule for all later years. Only the 64-bit part
// is used; the first is passed over by the counts in its header. A file of version 1 has nothing else, so its one block is read.
//
// The rule ("CST6CDT,M3.2.0,M11.1.0") is what holds after the last transition of the table. Forms with a Julian day (Jn, n) are not used by any zone of today;
// they are refused, not guessed.
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"

#define DAY_S 86400

struct switch_rule { // the week-th weekday of a month at a time of day by the clock of before
	int month, week, weekday;
	int32_t time_s;
};

struct zone {
	int64_t *times; // transitions, ascending
	int32_t *offsets; // offsets[i] holds from times[i] on
	size_t count;
	int32_t first_offset; // before the first transition
	bool has_rule, has_summer;
	int32_t rule_offset, summer_offset;
	struct switch_rule summer_begins, summer_ends;
};

struct counts {
	uint32_t utc, standard, leap, times, types, letters;
};

// ---- the rule of all later years --------------------------------------------------------------------------------------------------------

static bool
take_number(const char **at, int32_t max, int32_t *ret)
{
	int32_t n = 0;
	const char *start = *at;

	for (; **at >= '0' && **at <= '9' && n <= max; (*at)++) {
		n = n * 10 + (**at - '0');
	}
	*ret = n;
	return *at > start && n <= max;
}

// [+-]hh[:mm[:ss]]
static bool
take_time(const char **at, int32_t *ret_s)
{
	int32_t sign = **at == '-' ? -1 : 1, hours, minutes = 0, seconds = 0;

	*at += **at == '-' || **at == '+';
	if (!take_number(at, 167, &hours)) {
		return false;
	}
	if (**at == ':') {
		(*at)++;
		if (!take_number(at, 59, &minutes)) {
			return false;
		}
	}
	if (**at == ':') {
		(*at)++;
		if (!take_number(at, 59, &seconds)) {
			return false;
		}
	}
	*ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

// A zone's letters, which nobody here needs: CST or <-03>.
static bool
skip_name(const char **at)
{
	size_t len;

	if (**at == '<') {
		len = strcspn(*at, ">");
		*at += len + ((*at)[len] == '>');
		return len > 1;
	}
	len = strspn(*at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	*at += len;
	return len > 0;
}

static bool
take_switch(const char **at, struct switch_rule *ret)
{
	int32_t month, week, weekday;

	ret->time_s = 2 * 3600;
	if (**at != ',' || (*at)[1] != 'M') {
		return false;
	}
	*at += 2;
	if (!take_number(at, 12, &month) || *(*at)++ != '.' || !take_number(at, 5, &week) || *(*at)++ != '.' ||
	    !take_number(at, 6, &weekday) || month == 0 || week == 0) {
		return false;
	}
	ret->month = month;
	ret->week = week;
	ret->weekday = weekday;
	if (**at == '/') {
		(*at)++;
		return take_time(at, &ret->time_s);
	}
	return true;
}

// POSIX counts west of Greenwich as positive; we count east.
static bool
parse_rule(struct zone *z, const char *at)
{
	int32_t west;

	if (*at == '\0') {
		return true; // the table says all there is
	}
	if (!skip_name(&at) || !take_time(&at, &west)) {
		return false;
	}
	z->has_rule = true;
	z->rule_offset = -west;
	z->summer_offset = z->rule_offset + 3600;
	if (*at == '\0') {
		return true;
	}
	z->has_summer = true;
	if (!skip_name(&at)) {
		return false;
	}
	if (*at != ',') {
		if (!take_time(&at, &west)) {
			return false;
		}
		z->summer_offset = -west;
	}
	return take_switch(&at, &z->summer_begins) && take_switch(&at, &z->summer_ends) && *at == '\0';
}

// Seconds since 1970 on the local clock at which the rule switches in that year.
static int64_t
switch_local(const struct switch_rule *s, int32_t year)
{
	int64_t first = civil_to_days((struct civil_date){year, (uint8_t)s->month, 1});
	int64_t day = first + (s->weekday - civil_weekday(first) + 7) % 7 + 7 * (s->week - 1);

	while (day >= first + civil_days_in_month(year, s->month)) {
		day -= 7; // week 5 is the last one
	}
	return day * DAY_S + s->time_s;
}

static int32_t
rule_offset(const struct zone *z, int64_t utc_s)
{
	if (!z->has_summer) {
		return z->rule_offset;
	}
	int32_t in_day, year = civil_from_days(civil_day_of(utc_s + z->rule_offset, &in_day)).year;
	int64_t begins = switch_local(&z->summer_begins, year) - z->rule_offset;
	int64_t ends = switch_local(&z->summer_ends, year) - z->summer_offset;
	bool is_summer = begins < ends ? utc_s >= begins && utc_s < ends : utc_s >= begins || utc_s < ends;

	return is_summer ? z->summer_offset : z->rule_offset;
}

// ---- the file -----------------------------------------------------------------------------------------------------------------------------

static bool
read_header(struct rd *r, uint8_t *ret_version, struct counts *ret)
{
	struct view magic = rd_view(r, 4);

	*ret_version = rd_u8(r);
	(void)rd_view(r, 15); // reserved
	ret->utc = rd_u32(r);
	ret->standard = rd_u32(r);
	ret->leap = rd_u32(r);
	ret->times = rd_u32(r);
	ret->types = rd_u32(r);
	ret->letters = rd_u32(r);
	return r->err == EN_OK && view_is(magic, "TZif") && ret->types > 0 && ret->types <= 256 &&
	    ret->times <= LIMIT_ZONE_BYTES && ret->leap <= LIMIT_ZONE_BYTES && ret->letters <= LIMIT_ZONE_BYTES;
}

static size_t
block_bytes(const struct counts *c, size_t time_bytes)
{
	return c->times * (time_bytes + 1) + (size_t)c->types * 6 + c->letters + c->leap * (time_bytes + 4) +
	    c->standard + c->utc;
}

static bool
read_block(struct rd *r, const struct counts *c, size_t time_bytes, struct zone *z)
{
	struct rd start = *r, types;
	struct view indexes;

	if (rd_view(&start, block_bytes(c, time_bytes)).data == NULL) {
		return false;
	}
	for (uint32_t i = 0; i < c->times; i++) {
		z->times[i] = time_bytes == 8 ? (int64_t)rd_u64(r) : (int32_t)rd_u32(r);
		if (i > 0 && z->times[i] <= z->times[i - 1]) {
			return false;
		}
	}
	indexes = rd_view(r, c->times);
	types = *r;
	z->first_offset = (int32_t)rd_u32(&types);
	for (uint32_t i = 0; i < c->times; i++) {
		if (indexes.data[i] >= c->types) {
			return false;
		}
		types = *r;
		(void)rd_view(&types, indexes.data[i] * 6U);
		z->offsets[i] = (int32_t)rd_u32(&types);
		if (z->offsets[i] < -DAY_S || z->offsets[i] > DAY_S) {
			return false;
		}
	}
	z->count = c->times;
	*r = start;
	return types.err == EN_OK && z->first_offset >= -DAY_S && z->first_offset <= DAY_S;
}

static bool
read_rule(struct rd *r, struct zone *z)
{
	char rule[128];
	size_t len = 0;

	if (rd_u8(r) != '\n') {
		return false;
	}
	for (uint8_t c = rd_u8(r); c != '\n'; c = rd_u8(r)) {
		if (c == '\0' || len + 1 == sizeof(rule)) {
			return false; // a zero is also what a reader past its end gives
		}
		rule[len++] = (char)c;
	}
	rule[len] = '\0';
	return r->err == EN_OK && parse_rule(z, rule);
}

static struct zone *
zone_new(size_t transitions)
{
	struct zone *z = calloc(1, sizeof(*z));

	if (z != NULL) {
		z->times = calloc(transitions + 1, sizeof(*z->times));
		z->offsets = calloc(transitions + 1, sizeof(*z->offsets));
		if (z->times == NULL || z->offsets == NULL) {
			zone_free(&z);
		}
	}
	return z;
}

enum en_err
zone_parse(struct view tzif, struct zone **ret)
{
	struct rd r = rd_init(tzif);
	struct counts counts;
	uint8_t version;
	size_t time_bytes = 4;
	bool good = read_header(&r, &version, &counts);

	if (good && version >= '2') {
		(void)rd_view(&r, block_bytes(&counts, 4));
		time_bytes = 8;
		good = read_header(&r, &version, &counts);
	}
	if (!good || counts.times > tzif.len) {
		return EN_EFORMAT;
	}
	struct zone *z = zone_new(counts.times);

	if (z == NULL) {
		return EN_ENOMEM;
	}
	if (!read_block(&r, &counts, time_bytes, z) || (time_bytes == 8 && !read_rule(&r, z))) {
		zone_free(&z);
		return EN_EFORMAT;
	}
	*ret = z;
	return EN_OK;
}

// Letters, digits and _ + - in parts divided by slashes: nothing that leads out of the folder.
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && name[0] != '/' && strstr(name, "//") == NULL && name[len - 1] != '/' &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == len;
}

enum en_err
zone_load(const char *folder, const char *name, struct zone **ret)
{
	struct buf file = BUF_EMPTY;
	char path[512];
	enum en_err err;

	if (strcmp(name, "UTC") == 0) {
		*ret = zone_new(0);
		return *ret == NULL ? EN_ENOMEM : EN_OK;
	}
	if (!is_name(name) || (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path)) {
		return EN_ENOTFOUND;
	}
	err = buf_read_file(&file, path, LIMIT_ZONE_BYTES);
	if (err == EN_OK) {
		err = zone_parse(buf_view(&file), ret);
	}
	buf_fini(&file);
	return err;
}

void
zone_free(struct zone **zp)
{
	if (*zp != NULL) {
		free((*zp)->times);
		free((*zp)->offsets);
		free(*zp);
		*zp = NULL;
	}
}

// ---- questions ----------------------------------------------------------------------------------------------------------------------------

int32_t
zone_offset(const struct zone *z, int64_t utc_s)
{
	size_t low = 0, high = z->count; // the first transition after utc_s is in [low, high]

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->times[middle] <= utc_s) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == z->count && z->has_rule) {
		return rule_offset(z, utc_s);
	}
	return low == 0 ? z->first_offset : z->offsets[low - 1];
}

bool
zone_offset_by_clock(const struct zone *z, int64_t local_s, int32_t *ret)
{
	const int32_t tried[] = {zone_offset(z, local_s - DAY_S), zone_offset(z, local_s + DAY_S)};

	for (size_t i = 0; i < EN_COUNT_OF(tried); i++) {
		if (zone_offset(z, local_s - tried[i]) == tried[i]) {
			*ret = tried[i];
			return true;
		}
	}
	return false;
}

int64_t
zone_day_begins_ms(const struct zone *z, int64_t days)
{
	int64_t local = days * DAY_S;
	int32_t offset;

	// In a gap midnight by the clock of before lies just after it.
	if (!zone_offset_by_clock(z, local, &offset)) {
		offset = zone_offset(z, local - DAY_S);
	}
	return (local - offset) * 1000;
}
