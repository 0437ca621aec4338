// SPDX-License-Identifier: Apache-2.0
// Findings as one text, so that a test compares all of them with what it wants: "CODE LINE:COLUMN detail | hint\n"
// each.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CONF_GOLDEN_H
#define EN_TESTS_UNIT_CONF_GOLDEN_H

#include <stdlib.h>

#include "conf/kinds.h"
#include "support/support.h"

// One file parsed: what it became and what was found.
struct parsed {
	struct arena arena;
	struct findings findings;
	void *thing;	// NULL when there are findings
};

static inline int
parsed_setup(void **state)
{
	struct parsed *p = calloc(1, sizeof(*p));

	arena_init(&p->arena, 0);
	findings_init(&p->findings);
	*state = p;
	return 0;
}

static inline int
parsed_teardown(void **state)
{
	struct parsed *p = *state;

	arena_fini(&p->arena);
	findings_fini(&p->findings);
	free(p);
	return 0;
}

static inline enum en_err
parse_kind(struct parsed *p, enum conf_kind kind, const char *text)
{
	return conf_kind_parse(kind, view_text(text), "set/t.yaml", &p->arena, &p->findings, &p->thing);
}

// From malloc. Sorts the findings.
static inline char *
golden_text(struct findings *f)
{
	struct buf text = BUF_EMPTY;

	findings_sort(f);
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *item = &f->items[i];

		buf_printf(&text, "%s %u:%u %s | %s\n", finding_code_text(item->code), item->where.line,
		    item->where.column, item->detail == NULL ? "-" : item->detail,
		    item->hint == NULL ? "-" : item->hint);
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

// What is found in a text of that kind; "" wants it to be fine.
#define expect_findings(kind, text, wanted) \
	do { \
		void *parsed_; \
		parsed_setup(&parsed_); \
		struct parsed *p_ = parsed_; \
		assert_err((wanted)[0] == '\0' ? EN_OK : EN_ECONFIG, parse_kind(p_, (kind), (text))); \
		assert_true(((wanted)[0] == '\0') == (p_->thing != NULL)); \
		assert_findings(&p_->findings, (wanted)); \
		parsed_teardown(&parsed_); \
	} while (0)

#define PARSED_TEST(name) cmocka_unit_test_setup_teardown(name, parsed_setup, parsed_teardown)

#endif
