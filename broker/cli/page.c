// SPDX-License-Identifier: Apache-2.0
#include "cli/pages.h"

#include <string.h>

const char *
page_of(const char *code)
{
	for (const struct page *p = pages; p->code != NULL; p++) {
		if (strcmp(p->code, code) == 0) {
			return p->text;
		}
	}
	return NULL;
}

bool
page_next_part(const char **at, struct page_part *ret)
{
	const char *start = strstr(*at, "\n## ");

	if (start == NULL) {
		return false;
	}
	start += strlen("\n## ");
	const char *body = start + strcspn(start, "\n"), *end = strstr(body, "\n## ");

	ret->heading = view_of(start, (size_t)(body - start));
	*at = end == NULL ? body + strlen(body) : end;
	end = *at;
	while (*body == '\n') {
		body++;
	}
	while (end > body && end[-1] == '\n') {
		end--;
	}
	ret->body = view_of(body, (size_t)(end - body));
	return true;
}

struct view
page_text(const char *code, enum en_lang lang)
{
	const char *page = page_of(code), *language = lang == EN_LANG_ES ? "Español" : "English";
	struct page_part part;

	while (page != NULL && page_next_part(&page, &part)) {
		if (view_is(part.heading, language)) {
			return part.body;
		}
	}
	return VIEW_EMPTY;
}
