// SPDX-License-Identifier: Apache-2.0
// Date formats as people write them: dd mm aaaa (or yyyy, or aa) HH mi ss fff, each with its fixed count of digits; d and m of one or two
// digits; mmm (ene, jan) and mmmm (enero, January), read in both languages and in letters of any size, written in that of the year's letters; words
// in quotes, and other characters as they stand: "d 'de' mmmm 'de' aaaa". m is the month, always; minutes are mi. A zone is `zzz` (Z or +hh:mm in the text), a literal Z, or in
// brackets behind the
// format when the text does not say it: "dd/mm/aaaa HH:mi [-06:00]", "[UTC]", "[America/Tijuana]". By the clocks of a place an hour that comes
// twice is the first one, and one that they skip is none.
//
// Dates are partial and have no zone until somebody says one. Parsing is strict: a date that does not exist is none.
// Pure.
#ifndef EN_MAP_DATE_H
#define EN_MAP_DATE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/zone.h"

enum date_part {
	DATE_LITERAL, DATE_YEAR, DATE_MONTH, DATE_DAY, DATE_HOUR, DATE_MINUTE, DATE_SECOND, DATE_MILLI, DATE_ZONE, DATE_PART_COUNT
};
#define DATE_HAS(part) (1U << (part))

enum date_form {
	DATE_DIGITS,			// as many as the part has
	DATE_SHORT_YEAR,		// aa: two digits
	DATE_LOOSE,			// d, m: one or two digits
	DATE_SHORT_NAME, DATE_NAME,	// mmm, mmmm: of a month
};
struct date_piece {
	enum date_part part;
	enum date_form form;
	struct view literal;
};
struct date_format {
	const char *text;
	const struct date_piece *pieces;
	uint32_t piece_count;
	uint32_t has;			// DATE_HAS bits of the parts
	bool has_fixed_zone;		// Z or brackets
	struct view zone_name;		// in brackets: of a place; the caller loads it
	const struct zone *zone;	// set by the caller, and borrowed
	bool is_english;		// yyyy, yy: then months are written with their English names
	bool has_short_year;		// aa: then first_year says which hundred years are meant
	int32_t first_year;
	int32_t fixed_offset_minutes;
};

// What a text says; a part that the format does not have is 0.
struct date_value {
	int32_t parts[DATE_PART_COUNT];	// DATE_ZONE: minutes east of UTC
};

#define DATE_TEXT_BYTES 128		// room for what date_write makes; longer formats are refused

// EN_EFORMAT with what is wrong and what to write instead (static texts), EN_ENOMEM. The format borrows from the text.
EN_MUST_CHECK enum en_err date_format_parse(const char *text, struct arena *arena, struct date_format *ret, const char **reterr_problem,
    const char **reterr_hint);
// Whether some text could be read by both: each digit and each literal stands in the same place.
bool date_formats_overlap(const struct date_format *a, const struct date_format *b);
// False unless the whole text follows the format and the date exists.
bool date_read(const struct date_format *f, struct view text, struct date_value *ret);
// Returns the length, 0 when a part that the format needs is not known (year, month or day 0).
size_t date_write(const struct date_format *f, const struct date_value *v, char dst[static DATE_TEXT_BYTES]);
// As much of a day as is known, as yyyy-mm-dd, yyyy-mm or yyyy. Returns the length.
#define DATE_DAY_BYTES 10
size_t date_write_day(const struct date_value *v, char dst[static DATE_DAY_BYTES]);
// UTC milliseconds of a complete date with its zone, and back into the parts at an offset.
int64_t date_to_wall(const struct date_value *v);
struct date_value date_from_wall(int64_t wall_ms, int32_t offset_minutes);
// Minutes east of UTC of a format with a zone of its own, at that time.
int32_t date_offset_at(const struct date_format *f, int64_t wall_ms);

#endif
