// SPDX-License-Identifier: Apache-2.0
// The limits of steps, at the limit and one past it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"
#include "expr/regex.h"

static void
characters_are_counted_up_to_the_limit_and_not_one_more(void **state)
{
	static const char *const steps[] = {"pad_left", "first_characters", "last_characters"};
	struct probe *p = *state;
	char sixty_four[LIMIT_PAD + 1];

	memset(sixty_four, '0', LIMIT_PAD);
	sixty_four[LIMIT_PAD - 1] = '7';
	sixty_four[LIMIT_PAD] = '\0';
	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		registro(p, arena_printf(&p->arena, "  texto: {from: codigo, %s: %d}\n", steps[i], LIMIT_PAD));
		assert_becomes(p, arena_printf(&p->arena, "{\"codigo\": \"%s\"}", i == 0 ? "7" : sixty_four),
		    arena_printf(&p->arena, "{\"texto\":\"%s\"}", sixty_four));
		for (int past = 0; past <= 1; past++) {
			expect_refused(p,
			    arena_printf(
				&p->arena, "  texto: {from: codigo, %s: %d}\n", steps[i], past * (LIMIT_PAD + 1)),
			    arena_printf(&p->arena, "E0112 5:%zu %s: from 1 to %d\n", 27 + strlen(steps[i]), steps[i],
				LIMIT_PAD));
		}
	}
}

#define MANY_WAYS "(?:a*b?){40}"

// What a text of so many letters costs.
static uint64_t
cost_of(struct probe *p, size_t letters, const char *text)
{
	const struct regex *re;
	const char *problem;
	uint64_t left = UINT64_MAX;
	bool found;
	size_t at;

	assert_ok(regex_compile(view_text("\\A(?:" MANY_WAYS ")\\z"), &p->arena, &re, &at, &problem));
	assert_ok(regex_match(re, view_of(text, letters), &p->arena, &left, &found));
	assert_true(found);
	return UINT64_MAX - left;
}

static void
a_text_that_costs_more_than_its_pattern_may_cannot_be_read(void **state)
{
	enum { MOST = 1 << 17 };
	struct probe *p = *state;
	char *text = arena_zalloc(&p->arena, MOST + 1);
	size_t low = 1, high = MOST;

	memset(text, 'a', MOST);
	while (high - low > 1) { // low may be read, high may not
		size_t middle = low + (high - low) / 2;

		*(cost_of(p, middle, text) <= LIMIT_MATCH_COST ? &low : &high) = middle;
	}
	assert_true(high < MOST);
	registro(p, "  texto: {from: codigo, matches: \"" MANY_WAYS "\"}\n");
	text[low] = '\0';
	assert_ok(run_json(p, arena_printf(&p->arena, "{\"codigo\": \"%s\"}", text)));
	text[low] = 'a';
	text[high] = '\0';
	assert_fault(p, arena_printf(&p->arena, "{\"codigo\": \"%s\"}", text), REASON_TEXT_FORM, "texto", "codigo");
}

static void
items_are_named_up_to_the_limit_and_not_one_more(void **state)
{
	struct probe *p = *state;

	registro(p, arena_printf(&p->arena, "  renglones[%d].clave: codigo\n", LIMIT_ELEMENT));
	assert_becomes(p, "{\"codigo\": \"a\"}", "{\"renglones\":[{\"clave\":\"a\"}]}");
	expect_refused(p, arena_printf(&p->arena, "  renglones[%d].clave: codigo\n", LIMIT_ELEMENT + 1),
	    arena_printf(
		&p->arena, "E0304 5:3 renglones[%d] is not a field of difficulty.v1.Ficha\n", LIMIT_ELEMENT + 1));
}

// Rows 1 to 17, each below the one before it; and two that are above each other.
static void
a_hierarchy_is_climbed_up_to_the_limit_and_not_one_more(void **state)
{
	struct probe *p = *state;
	struct buf csv = BUF_EMPTY;

	buf_put_str(&csv, "code,parent,level,name\n1,,top,Arriba\na,b,low,Uno\nb,a,low,Otro\n");
	for (int i = 2; i <= LIMIT_TABLE_LEVELS + 1; i++) {
		buf_printf(&csv, "%d,%d,low,Abajo\n", i, i - 1);
	}
	table(p,
	    "table: lugares\ncolumns: [code, parent, level, name]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
	    buf_cstr(&csv));
	buf_fini(&csv);
	registro(p, "  texto: {lookup: lugares, match: {code: municipio}, ancestor: top, take: name}\n");
	assert_becomes(p, "{\"municipio\": \"1\"}", "{\"texto\":\"Arriba\"}");
	assert_becomes(
	    p, arena_printf(&p->arena, "{\"municipio\": \"%d\"}", LIMIT_TABLE_LEVELS), "{\"texto\":\"Arriba\"}");
	assert_fault(p, arena_printf(&p->arena, "{\"municipio\": \"%d\"}", LIMIT_TABLE_LEVELS + 1), REASON_TABLE_MISS,
	    "texto", "municipio");
	assert_fault(p, "{\"municipio\": \"a\"}", REASON_TABLE_MISS, "texto", "municipio");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(characters_are_counted_up_to_the_limit_and_not_one_more),
	    probe_test(items_are_named_up_to_the_limit_and_not_one_more),
	    probe_test(a_text_that_costs_more_than_its_pattern_may_cannot_be_read),
	    probe_test(a_hierarchy_is_climbed_up_to_the_limit_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
