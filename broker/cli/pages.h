// SPDX-License-Identifier: Apache-2.0
// The pages of `enlace explain-code`: one file a code under cli/pages/, made into an array by the Makefile. A page has
// its text in English and Spanish and, where files can bring the code up, a wrong and a right example, which
// tests/e2e/test_findings.py plays.
//
//   # E0302
//   ## English
//   ...
//   ## Español
//   ...
//   ## Wrong: mappings/visita.yaml       or sh: commands in the folder of the rule set
//   ```yaml
//   ...
//   ```
//   ## Right: mappings/visita.yaml       what corrects it, applied after the wrong one
#ifndef EN_CLI_PAGES_H
#define EN_CLI_PAGES_H

#include "base/bytes.h"
#include "base/err.h"

struct page {
	const char *code, *text;	// the whole file
};

extern const struct page pages[];	// sorted by code; ends with a NULL code

struct page_part {
	struct view heading, body;
};

// The whole page of a code; NULL when it has none.
const char *page_of(const char *code);
// The next "## heading" of a page with what follows it, without the blank lines around. False at the end.
bool page_next_part(const char **at, struct page_part *ret);
// What the page says in that language, without its examples; empty when there is no page.
struct view page_text(const char *code, enum en_lang lang);

#endif
