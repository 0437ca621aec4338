// SPDX-License-Identifier: Apache-2.0
// ISO-8859-1 and UTF-8: the first 256 characters of Unicode are Latin-1, so no table is needed.
#include "connectors/file/file.h"

#include <stdlib.h>
#include <string.h>

static char *
copy(const char *text, size_t len, size_t *ret_len)
{
	char *out = malloc(len + 1);

	if (out != NULL) {
		memcpy(out, text, len);
		out[len] = '\0';
		*ret_len = len;
	}
	return out;
}

char *
file_to_utf8(const char *text, size_t len, enum file_encoding encoding, size_t *ret_len)
{
	size_t at = 0;
	char *out;

	if (encoding == FILE_UTF8) {
		return copy(text, len, ret_len);
	}
	out = malloc(2 * len + 1);
	if (out == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x80) {
			out[at++] = (char)c;
		} else {
			out[at++] = (char)(0xc0 | c >> 6);
			out[at++] = (char)(0x80 | (c & 0x3f));
		}
	}
	out[at] = '\0';
	*ret_len = at;
	return out;
}

char *
file_from_utf8(const char *text, size_t len, enum file_encoding encoding, size_t *ret_len, bool *ret_lossy)
{
	size_t at = 0;
	char *out;

	*ret_lossy = false;
	if (encoding == FILE_UTF8) {
		return copy(text, len, ret_len);
	}
	out = malloc(len + 1);
	if (out == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t width = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

		if (width == 1) {
			out[at++] = (char)c;
		} else if (width == 2 && c <= 0xc3 && i + 1 < len) {
			out[at++] = (char)((c & 0x03) << 6 | ((unsigned char)text[i + 1] & 0x3f));
		} else {
			out[at++] = '?';
			*ret_lossy = true;
		}
		i += width;
	}
	out[at] = '\0';
	*ret_len = at;
	return out;
}
