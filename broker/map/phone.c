// SPDX-License-Identifier: Apache-2.0
// Digits first; then either the text says the country (+ or 00) or somebody else does.
#include "map/phone.h"

#define MOST_DIGITS 24 // of what people write; E.164 has fifteen

// Digits of the text, a plus counting as 00; false when there is anything but digits and what stands between them.
static bool
digits_of(struct view text, uint8_t *dst, size_t *ret_len, bool *ret_international)
{
	static const char between[] = " -.()/\xa0\xc2";
	size_t len = 0;

	*ret_international = false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c == '+' && len == 0 && !*ret_international) {
			*ret_international = true;
		} else if (c >= '0' && c <= '9') {
			if (len == MOST_DIGITS) {
				return false;
			}
			dst[len++] = c;
		} else if (memchr(between, c, sizeof(between) - 1) == NULL) {
			return false;
		}
	}
	if (!*ret_international && len > 2 && dst[0] == '0' && dst[1] == '0') {
		*ret_international = true;
		len -= 2;
		memmove(dst, dst + 2, len);
	}
	*ret_len = len;
	return len > 0; // zeros alone were 00, and are no country's
}

// The next item of a list with "|" between them; false at the end.
static bool
next_item(struct view *list, struct view *ret)
{
	if (list->len == 0) {
		return false;
	}
	const uint8_t *bar = memchr(list->data, '|', list->len);
	size_t len = bar == NULL ? list->len : (size_t)(bar - list->data);

	*ret = view_of(list->data, len);
	*list = bar == NULL ? VIEW_EMPTY : view_of(bar + 1, list->len - len - 1);
	return true;
}

static bool
has_length(const struct phone_country *c, size_t len)
{
	struct view list = c->lengths, item;

	while (next_item(&list, &item)) {
		size_t n = 0;

		for (size_t i = 0; i < item.len && item.data[i] >= '0' && item.data[i] <= '9'; i++) {
			n = 10 * n + (size_t)(item.data[i] - '0');
		}
		if (n == len) {
			return true;
		}
	}
	return false;
}

static bool
begins(struct view digits, struct view with)
{
	return with.len > 0 && with.len <= digits.len && memcmp(digits.data, with.data, with.len) == 0;
}

static struct view
behind(struct view digits, size_t len)
{
	return view_of(digits.data + len, digits.len - len);
}

// The number inside the country, of digits with or without what is dialled in front of it.
static bool
national(const struct phone_country *c, struct view digits, struct view *ret)
{
	struct view list = c->trunk, item;

	if (has_length(c, digits.len)) {
		*ret = digits;
		return true;
	}
	while (next_item(&list, &item)) {
		if (begins(digits, item) && has_length(c, digits.len - item.len)) {
			*ret = behind(digits, item.len);
			return true;
		}
	}
	return false;
}

// The digits behind a country's code.
static bool
behind_code(const struct phone_country *c, struct view digits, struct view *ret)
{
	if (has_length(c, digits.len)) {
		*ret = digits;
		return true;
	}
	if (begins(digits, c->infix) && has_length(c, digits.len - c->infix.len)) {
		*ret = behind(digits, c->infix.len);
		return true;
	}
	return false;
}

static size_t
write(const struct phone_country *c, struct view digits, char *dst)
{
	size_t len = 1 + c->code.len + digits.len;

	if (len >= PHONE_TEXT_BYTES) {
		return 0;
	}
	dst[0] = '+';
	memcpy(dst + 1, c->code.data, c->code.len);
	memcpy(dst + 1 + c->code.len, digits.data, digits.len);
	dst[len] = '\0';
	return len;
}

static size_t
international(const struct phone_plan *plan, struct view digits, char *dst)
{
	const struct phone_country *best = NULL;
	struct view number = VIEW_EMPTY, found;

	for (uint32_t i = 0; i < plan->count; i++) {
		const struct phone_country *c = &plan->items[i];

		if (begins(digits, c->code) && (best == NULL || c->code.len > best->code.len) &&
		    behind_code(c, behind(digits, c->code.len), &found)) {
			best = c;
			number = found;
		}
	}
	return best == NULL ? 0 : write(best, number, dst);
}

size_t
phone_e164(const struct phone_plan *plan, struct view text, struct view country, char dst[static PHONE_TEXT_BYTES])
{
	uint8_t room[MOST_DIGITS];
	struct view digits = {.data = room}, number;
	bool is_international;

	if (!digits_of(text, room, &digits.len, &is_international)) {
		return 0;
	}
	if (is_international) {
		return international(plan, digits, dst);
	}
	for (uint32_t i = 0; country.len > 0 && i < plan->count; i++) {
		const struct phone_country *c = &plan->items[i];

		if (!view_equal(c->name, country)) {
			continue;
		}
		if (national(c, digits, &number) ||
		    (begins(digits, c->code) && behind_code(c, behind(digits, c->code.len), &number))) {
			return write(c, number, dst);
		}
	}
	return 0;
}
