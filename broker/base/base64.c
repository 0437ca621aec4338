// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

static int
base64_digit(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A'
	    : c >= 'a' && c <= 'z'  ? c - 'a' + 26
	    : c >= '0' && c <= '9'  ? c - '0' + 52
	    : c == '+' || c == '-'  ? 62
	    : c == '/' || c == '_'  ? 63
				    : -1;
}

bool
base64_decode(struct view text, struct buf *out)
{
	uint32_t group = 0;
	unsigned int bits = 0;

	if (text.len > 0 && text.len % 4 == 0 && text.data[text.len - 1] == '=') {
		text.len -= text.data[text.len - 2] == '=' ? 2 : 1;
	}
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(text.data[i]);

		if (digit < 0) {
			return false;
		}
		group = group << 6 | (uint32_t)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_put_u8(out, (uint8_t)(group >> bits));
		}
	}
	return text.len % 4 != 1;
}

void
base64_encode(struct view v, struct buf *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < v.len; i += 3) {
		uint32_t group = (uint32_t)v.data[i] << 16 | (i + 1 < v.len ? (uint32_t)v.data[i + 1] << 8 : 0) |
		    (i + 2 < v.len ? v.data[i + 2] : 0u);

		for (size_t c = 0; c < 4; c++) {
			buf_put_u8(out, (uint8_t)(i + c > v.len ? '=' : alphabet[group >> (18 - 6 * c) & 63]));
		}
	}
}
