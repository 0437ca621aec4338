// SPDX-License-Identifier: Apache-2.0
// Where in a message something is wrong, for whoever sent it.
#include <stdio.h>

#include "wire/frame_int.h"

size_t
wire_path_push(struct wire_path *p, const char *name)
{
	size_t before = p->len;
	int n = snprintf(
	    p->text + p->len, sizeof(p->text) - p->len, "%s%s", p->len == 0 || name[0] == '[' ? "" : ".", name);

	p->len += n < 0 ? 0 : (size_t)n;
	if (p->len >= sizeof(p->text)) {
		p->len = sizeof(p->text) - 1;
	}
	// Cut within a character, it would be no text that a frame can carry.
	while (p->len > before && !view_is_utf8(view_of(p->text, p->len))) {
		p->text[--p->len] = '\0';
	}
	return before;
}

void
wire_path_back(struct wire_path *p, size_t len)
{
	p->len = len;
	p->text[len] = '\0';
}

void
wire_path_put_in_front(struct wire_path *p, const char *name)
{
	struct wire_path inner = *p;

	wire_path_back(p, 0);
	(void)wire_path_push(p, name);
	if (inner.len > 0) {
		(void)wire_path_push(p, inner.text);
	}
}
