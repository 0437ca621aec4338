// SPDX-License-Identifier: Apache-2.0
// A form is read into pairs of texts and written from them.
#include "map/geo.h"

#include "map/decimal.h"

struct points {
	struct view latitude[GEO_POINTS], longitude[GEO_POINTS];
	size_t count;
	bool is_area; // POLYGON
};

static struct view
trim(struct view v)
{
	while (v.len > 0 && v.data[0] == ' ') {
		v = view_of(v.data + 1, v.len - 1);
	}
	while (v.len > 0 && v.data[v.len - 1] == ' ') {
		v.len--;
	}
	return v;
}

// What stands before the character, and *rest behind it; false at the end of the text.
static bool
next_piece(struct view *rest, char by, struct view *ret)
{
	struct view v = trim(*rest);

	if (v.len == 0) {
		return false;
	}
	const uint8_t *at = memchr(v.data, by, v.len);
	size_t len = at == NULL ? v.len : (size_t)(at - v.data);

	*ret = trim(view_of(v.data, len));
	*rest = at == NULL ? VIEW_EMPTY : view_of(at + 1, v.len - len - 1);
	return true;
}

static bool
is_degree(struct view text, int64_t most)
{
	struct decimal d, limit = {.units = most}, least = {.units = -most};

	return decimal_read(text, view_text("."), VIEW_EMPTY, &d) && decimal_compare(d, limit) <= 0 &&
	    decimal_compare(d, least) >= 0;
}

static bool
add(struct points *p, struct view latitude, struct view longitude)
{
	if (p->count == GEO_POINTS || !is_degree(latitude, 90) || !is_degree(longitude, 180)) {
		return false;
	}
	p->latitude[p->count] = latitude;
	p->longitude[p->count++] = longitude;
	return true;
}

static bool
begins(struct view v, const char *word)
{
	size_t len = strlen(word);

	return v.len > len && memcmp(v.data, word, len) == 0;
}

// Without its brackets; false when it has none.
static bool
inside(struct view *v)
{
	*v = trim(*v);
	if (v->len < 2 || v->data[0] != '(' || v->data[v->len - 1] != ')') {
		return false;
	}
	*v = view_of(v->data + 1, v->len - 2);
	return true;
}

static bool
read_wkt(struct view text, struct points *p)
{
	struct view v = trim(text), pair, latitude, longitude;

	p->is_area = begins(v, "POLYGON");
	if (!p->is_area && !begins(v, "POINT")) {
		return false;
	}
	v = view_of(v.data + (p->is_area ? 7 : 5), v.len - (p->is_area ? 7 : 5));
	if (!inside(&v) || (p->is_area && !inside(&v))) {
		return false;
	}
	while (next_piece(&v, ',', &pair)) {
		if (!next_piece(&pair, ' ', &longitude) || !next_piece(&pair, ' ', &latitude) || trim(pair).len > 0 ||
		    !add(p, latitude, longitude)) {
			return false;
		}
	}
	return p->is_area ? p->count >= 4 : p->count == 1;
}

static bool
read_kobo(struct view text, struct points *p)
{
	struct view v = text, point, latitude, longitude, more;
	size_t numbers;

	while (next_piece(&v, ';', &point)) {
		if (!next_piece(&point, ' ', &latitude) || !next_piece(&point, ' ', &longitude)) {
			return false;
		}
		for (numbers = 2; next_piece(&point, ' ', &more); numbers++) {
			struct decimal d;

			if (numbers == 4 || !decimal_read(more, view_text("."), VIEW_EMPTY, &d)) {
				return false;
			}
		}
		if (!add(p, latitude, longitude)) {
			return false;
		}
	}
	p->is_area = p->count > 1;
	return p->count > 0;
}

static bool
read_cap(struct view text, struct points *p)
{
	struct view v = text, point, latitude;

	while (next_piece(&v, ' ', &point)) {
		if (!next_piece(&point, ',', &latitude) || !add(p, latitude, trim(point))) {
			return false;
		}
	}
	p->is_area = p->count > 1;
	return p->count > 0;
}

// Appends to a text that has room.
static void
put(struct view *to, uint8_t *room, struct view what)
{
	memcpy(room + to->len, what.data, what.len);
	to->len += what.len;
}

static struct view
write(const struct points *p, enum geo_form to, struct arena *arena)
{
	struct view text = {.len = 0};
	size_t need = 32;

	for (size_t i = 0; i < p->count; i++) {
		need += p->latitude[i].len + p->longitude[i].len + 4;
	}
	uint8_t *room = arena_alloc(arena, need);

	if (room == NULL) {
		return VIEW_EMPTY;
	}
	bool is_wkt = to == GEO_WKT;
	const char *between = is_wkt ? ", " : to == GEO_CAP ? " " : ";";

	put(&text, room, view_text(!is_wkt ? "" : p->is_area ? "POLYGON ((" : "POINT ("));
	for (size_t i = 0; i < p->count; i++) {
		put(&text, room, view_text(i == 0 ? "" : between));
		put(&text, room, is_wkt ? p->longitude[i] : p->latitude[i]);
		put(&text, room, view_text(to == GEO_CAP ? "," : " "));
		put(&text, room, is_wkt ? p->latitude[i] : p->longitude[i]);
	}
	put(&text, room, view_text(!is_wkt ? "" : p->is_area ? "))" : ")"));
	text.data = room;
	return text;
}

bool
geo_convert(struct view text, enum geo_form from, enum geo_form to, struct arena *arena, struct view *ret)
{
	struct points *p = arena_alloc(arena, sizeof(*p));

	*ret = VIEW_EMPTY;
	if (p == NULL) {
		return true;
	}
	p->count = 0;
	p->is_area = false;
	if (!(from == GEO_WKT ? read_wkt(text, p) : from == GEO_KOBO ? read_kobo(text, p) : read_cap(text, p))) {
		return false;
	}
	if (to == GEO_LATITUDE || to == GEO_LONGITUDE) {
		*ret = to == GEO_LATITUDE ? p->latitude[0] : p->longitude[0];
		return p->count == 1;
	}
	*ret = write(p, to, arena);
	return true;
}
