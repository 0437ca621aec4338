// SPDX-License-Identifier: Apache-2.0
#include "base/tar.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 512
#define NAME_BYTES 100
#define LONG_NAME 'L'
#define PLAIN_FILE '0'

static const uint8_t zeroes[BLOCK];

struct header { // numbers are octal digits
	char name[NAME_BYTES], mode[8], user[8], group[8], size[12], time[12], checksum[8], kind, link[NAME_BYTES];
	char magic[8], user_name[32], group_name[32], device[16], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

static void
put_entry(struct buf *b, const char *name, char kind, struct view bytes)
{
	struct header h = {.mode = "0000644",
	    .user = "0000000",
	    .group = "0000000",
	    .time = "00000000000",
	    .checksum = "        ", // and no NUL: it counts as blanks
	    .kind = kind,
	    .magic = "ustar",
	    .device = "0000000\0"
		      "0000000"};
	const uint8_t *at = (const uint8_t *)&h;
	unsigned sum = 0;

	memcpy(h.name, name, strnlen(name, NAME_BYTES - 1));
	memcpy(h.magic + sizeof("ustar"), "00", 2); // the version
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)bytes.len);
	for (size_t i = 0; i < sizeof(h); i++) {
		sum += at[i];
	}
	snprintf(h.checksum, sizeof(h.checksum), "%06o", sum & 0777777); // then NUL, and the blank that stands there
	buf_put(b, &h, sizeof(h));
	buf_put_view(b, bytes);
	buf_put(b, zeroes, (BLOCK - bytes.len % BLOCK) % BLOCK);
}

void
tar_put(struct buf *b, const char *name, struct view bytes)
{
	if (strlen(name) >= NAME_BYTES) {
		put_entry(b, "././@LongLink", LONG_NAME, view_of(name, strlen(name) + 1));
	}
	put_entry(b, name, PLAIN_FILE, bytes);
}

void
tar_end(struct buf *b)
{
	buf_put(b, zeroes, BLOCK);
	buf_put(b, zeroes, BLOCK);
}
