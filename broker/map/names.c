// SPDX-License-Identifier: Apache-2.0
// Names are cut at blanks into units: a word with the particles in front of it.
#include "map/names.h"

#include <strings.h>

#include "map/text.h"

struct unit {
	size_t start, end;
};
struct units {
	struct unit items[NAME_WORDS];
	size_t count;
};

static bool
is_particle(struct view word)
{
	static const char *const particles[] = {"de", "del", "la", "las", "los", "y", "e", "san", "santa", "da", "das",
	    "do", "dos", "di", "van", "von", "der"};

	for (size_t i = 0; i < EN_COUNT_OF(particles); i++) {
		if (word.len == strlen(particles[i]) &&
		    strncasecmp((const char *)word.data, particles[i], word.len) == 0) {
			return true;
		}
	}
	return false;
}

// A name cannot end in a particle, nor have more words than fit.
static bool
cut(struct view text, size_t from, size_t to, struct units *ret)
{
	bool open = false;

	ret->count = 0;
	for (size_t at = from; at < to;) {
		if (text.data[at] == ' ') {
			at++;
			continue;
		}
		const uint8_t *blank = memchr(text.data + at, ' ', to - at);
		size_t end = blank == NULL ? to : (size_t)(blank - text.data);

		if (!open) {
			if (ret->count == NAME_WORDS) {
				return false;
			}
			ret->items[ret->count++].start = at;
		}
		ret->items[ret->count - 1].end = end;
		open = is_particle(view_of(text.data + at, end - at));
		at = end;
	}
	return !open && ret->count > 0;
}

// From unit first up to, but without, unit last.
static struct view
span(struct view text, const struct units *u, size_t first, size_t last)
{
	if (first >= last) {
		return VIEW_EMPTY;
	}
	return view_of(text.data + u->items[first].start, u->items[last - 1].end - u->items[first].start);
}

// Given names and surnames are units from one number up to, but without, the other.
static struct view
take(struct view text, const struct units *u, size_t given, size_t given_end, size_t surname, size_t surname_end,
    enum name_part part)
{
	switch (part) {
	case NAME_GIVEN:
		return span(text, u, given, given_end);
	case NAME_SURNAME_1:
		return span(text, u, surname, surname + 1 < surname_end ? surname + 1 : surname_end);
	case NAME_SURNAME_2:
		return span(text, u, surname + 1, surname_end);
	case NAME_SURNAMES:
		break;
	}
	return span(text, u, surname, surname_end);
}

static bool
take_comma(struct view text, enum name_part part, struct view *ret)
{
	const uint8_t *comma = memchr(text.data, ',', text.len);
	size_t at = comma == NULL ? 0 : (size_t)(comma - text.data);
	struct units surnames, given;

	if (comma == NULL || memchr(comma + 1, ',', text.len - at - 1) != NULL || !cut(text, 0, at, &surnames) ||
	    !cut(text, at + 1, text.len, &given) || surnames.count > 2) {
		return false;
	}
	*ret = part == NAME_GIVEN ? span(text, &given, 0, given.count)
				  : take(text, &surnames, 0, 0, 0, surnames.count, part);
	return true;
}

bool
name_take(struct view text, enum name_order order, enum name_part part, struct view *ret)
{
	struct units u;
	size_t surnames = 1;

	if (text.len == 0) {
		return false;
	}
	if (order == NAME_SURNAMES_COMMA) {
		return take_comma(text, part, ret);
	}
	if (memchr(text.data, ',', text.len) != NULL || !cut(text, 0, text.len, &u) || u.count < 2) {
		return false;
	}
	if (order == NAME_SURNAMES_FIRST) {
		if (u.count < 3) {
			return false; // two names: one surname and a given name, or two surnames
		}
		*ret = take(text, &u, 2, u.count, 0, 2, part);
		return true;
	}
	if (order == NAME_GIVEN_FIRST && u.count > 2) {
		surnames = 2;
	}
	*ret = take(text, &u, 0, u.count - surnames, u.count - surnames, u.count, part);
	return true;
}
