// SPDX-License-Identifier: Apache-2.0
// Findings as one text, so that a test compares all of them with what it wants: "CODE LINE:COLUMN detail | hint\n" each.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CONF_GOLDEN_H
#define EN_TESTS_UNIT_CONF_GOLDEN_H

#include <stdlib.h>

#include "base/finding.h"
#include "support/support.h"

// From malloc. Sorts the findings.
static inline char *
golden_text(struct findings *f)
{
	struct buf text = BUF_EMPTY;

	findings_sort(f);
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *item = &f->items[i];

		buf_printf(&text, "%s %u:%u %s | %s\n", finding_code_text(item->code), item->where.line, item->where.column,
		    item->detail == NULL ? "-" : item->detail, item->hint == NULL ? "-" : item->hint);
	}
	(void)buf_cstr(&text);
	return (char *)text.data;
}

#define assert_findings(findings, wanted) \
	do { \
		char *golden_ = golden_text(findings); \
		assert_string_equal(golden_, (wanted)); \
		free(golden_); \
	} while (0)

#endif
