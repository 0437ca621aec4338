// SPDX-License-Identifier: Apache-2.0
// Eighteen digits fit into 64 bits, and the product of two of them into 128.
#include "map/decimal.h"

#include <stdio.h>

__extension__ typedef __int128 wide;

#define MOST_UNITS INT64_C(999999999999999999)

static const char separators[] = ".,' ";

const char *
decimal_example(struct view example, struct view *ret_decimal, struct view *ret_thousands)
{
	size_t first = example.len, last = example.len, count = 0;

	*ret_decimal = *ret_thousands = VIEW_EMPTY;
	for (size_t i = 0; i < example.len; i++) {
		uint8_t c = example.data[i];

		if (c >= '0' && c <= '9') {
			continue;
		}
		if (memchr(separators, c, sizeof(separators) - 1) == NULL) {
			return "an example has digits and . , ' or a blank between them";
		}
		first = count == 0 ? i : first;
		last = i;
		count++;
	}
	struct decimal d;

	if (count == 0) {
		return "an example shows what begins the decimals: \"1.234,5\"";
	}
	struct view a = view_of(example.data + first, 1), b = view_of(example.data + last, 1);

	if (count > 1 && !view_equal(a, b)) {
		*ret_thousands = a;
		*ret_decimal = b;
	} else if (count > 1 || (example.len - last == 4 && last <= 3)) {
		// 1.234 is read as the thousand that it looks like.
		*ret_thousands = a;
	} else {
		*ret_decimal = b;
	}
	return decimal_read(example, *ret_decimal, *ret_thousands, &d) ? NULL : "thousands stand in threes";
}

static bool
is_digit(struct view text, size_t at)
{
	return at < text.len && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool
is_char(struct view text, size_t at, struct view c)
{
	return c.len == 1 && at < text.len && text.data[at] == c.data[0];
}

bool
decimal_read(struct view text, struct view point, struct view thousands, struct decimal *ret)
{
	bool negative = text.len > 0 && text.data[0] == '-';
	size_t at = negative ? 1 : 0, digits = 0, run = 0;
	bool grouped = false, behind = false;
	struct decimal d = {.units = 0};

	if (!is_digit(text, at)) {
		return false;
	}
	for (; at < text.len; at++) {
		if (is_digit(text, at)) {
			int64_t digit = text.data[at] - '0';

			digits += digits > 0 || digit > 0;
			if (digits > DECIMAL_DIGITS || (behind && d.scale == DECIMAL_DIGITS)) {
				return false;
			}
			d.units = 10 * d.units + digit;
			d.scale += behind;
			run++;
		} else if (!behind && is_char(text, at, thousands) && (grouped ? run == 3 : run <= 3)) {
			grouped = true;
			run = 0;
		} else if (!behind && is_char(text, at, point) && is_digit(text, at + 1) && (!grouped || run == 3)) {
			behind = true;
		} else {
			return false;
		}
	}
	if (grouped && !behind && run != 3) {
		return false;
	}
	d.units = negative ? -d.units : d.units;
	*ret = d;
	return true;
}

static int64_t
power(uint32_t n)
{
	int64_t p = 1;

	while (n-- > 0) {
		p *= 10;
	}
	return p;
}

size_t
decimal_write(struct decimal d, char dst[static DECIMAL_TEXT_BYTES])
{
	uint64_t units = d.units < 0 ? (uint64_t)-d.units : (uint64_t)d.units, one = (uint64_t)power(d.scale);
	int len = d.scale == 0
	    ? snprintf(dst, DECIMAL_TEXT_BYTES, "%s%llu", d.units < 0 ? "-" : "", (unsigned long long)units)
	    : snprintf(dst, DECIMAL_TEXT_BYTES, "%s%llu.%0*llu", d.units < 0 ? "-" : "",
		  (unsigned long long)(units / one), (int)d.scale, (unsigned long long)(units % one));

	return len < 0 ? 0 : (size_t)len;
}

// Half away from zero.
static wide
divide(wide value, wide by)
{
	wide half = by / 2;

	return value < 0 ? -((-value + half) / by) : (value + half) / by;
}

// As many digits as there is room for, rounded once.
static bool
narrow(wide units, uint32_t scale, struct decimal *ret)
{
	wide by = 1;

	while (scale > 0 &&
	    (scale > DECIMAL_DIGITS || divide(units, by) > MOST_UNITS || divide(units, by) < -MOST_UNITS)) {
		by *= 10;
		scale--;
	}
	units = divide(units, by);
	*ret = (struct decimal){.units = (int64_t)units, .scale = scale};
	return units <= MOST_UNITS && units >= -MOST_UNITS;
}

bool
decimal_times(struct decimal a, struct decimal b, struct decimal *ret)
{
	return narrow((wide)a.units * b.units, a.scale + b.scale, ret);
}

bool
decimal_round(struct decimal d, uint32_t scale, struct decimal *ret)
{
	wide units = d.units;

	if (scale > DECIMAL_DIGITS) {
		return false;
	}
	units = scale >= d.scale ? units * power(scale - d.scale) : divide(units, power(d.scale - scale));
	*ret = (struct decimal){.units = (int64_t)units, .scale = scale};
	return units <= MOST_UNITS && units >= -MOST_UNITS;
}

int
decimal_compare(struct decimal a, struct decimal b)
{
	wide x = (wide)a.units * power(b.scale), y = (wide)b.units * power(a.scale);

	return (x > y) - (x < y);
}
