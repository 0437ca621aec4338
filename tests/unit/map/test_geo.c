// SPDX-License-Identifier: Apache-2.0
// Points on the map, and which number comes first.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/geo.h"
#include "support/support.h"

static void
expect(enum geo_form from, const char *text, enum geo_form to, const char *wanted)
{
	struct arena a;
	struct view v;

	arena_init(&a, 0);
	assert_int_equal(wanted != NULL, geo_convert(view_text(text), from, to, &a, &v));
	if (wanted != NULL) {
		assert_view_is(wanted, v);
	}
	arena_fini(&a);
}

static void
every_form_becomes_every_other(void **state)
{
	(void)state;
	expect(GEO_WKT, "POINT (-92.26 14.9)", GEO_LATITUDE, "14.9");
	expect(GEO_WKT, "POINT(-92.26 14.9)", GEO_KOBO, "14.9 -92.26");
	expect(GEO_KOBO, "14.9 -92.26 180.0 5", GEO_WKT, "POINT (-92.26 14.9)");
	expect(GEO_CAP, "14.9,-92.26", GEO_LONGITUDE, "-92.26");
	expect(GEO_CAP, "0,0 0,1 1,1 0,0", GEO_WKT, "POLYGON ((0 0, 1 0, 1 1, 0 0))");
	expect(GEO_WKT, "POLYGON ((0 0, 1 0, 1 1, 0 0))", GEO_CAP, "0,0 0,1 1,1 0,0");
	expect(GEO_KOBO, "0 0 0 0;0 1 0 0;1 1 0 0", GEO_CAP, "0,0 0,1 1,1");
}

static void
what_is_no_place_on_earth_is_refused(void **state)
{
	static const char *const wrong[] = {"", "POINT", "POINT ()", "POINT (1)", "POINT (1 2 3)", "POINT (1 91)",
	    "POINT (181 1)", "POINT (null null)", "POINT (1 2), (3 4)", "LINESTRING (1 2, 3 4)",
	    "POLYGON ((0 0, 1 0, 0 0))", "POLYGON (0 0, 1 0, 1 1, 0 0)", "POINT (1 2"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		expect(GEO_WKT, wrong[i], GEO_CAP, NULL);
	}
	expect(GEO_KOBO, "14.9", GEO_CAP, NULL);
	expect(GEO_KOBO, "1 2 3 4 5", GEO_CAP, NULL);
	expect(GEO_KOBO, "1 2 x", GEO_CAP, NULL);
	expect(GEO_CAP, "14.9", GEO_WKT, NULL);
	expect(GEO_CAP, "1,2 3,4", GEO_LATITUDE, NULL);
	expect(GEO_WKT, "POINT (90 90)", GEO_LATITUDE, "90");
}

static void
as_many_points_as_the_limit_and_not_one_more(void **state)
{
	struct buf b = BUF_EMPTY;
	struct arena a;
	struct view v;

	(void)state;
	arena_init(&a, 0);
	for (int i = 0; i < GEO_POINTS; i++) {
		buf_put_str(&b, i == 0 ? "1,2" : " 1,2");
	}
	assert_true(geo_convert(buf_view(&b), GEO_CAP, GEO_KOBO, &a, &v));
	buf_put_str(&b, " 1,2");
	assert_false(geo_convert(buf_view(&b), GEO_CAP, GEO_KOBO, &a, &v));
	buf_fini(&b);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_becomes_every_other),
	    cmocka_unit_test(what_is_no_place_on_earth_is_refused),
	    cmocka_unit_test(as_many_points_as_the_limit_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
