// SPDX-License-Identifier: Apache-2.0
// Expressions made at random, in as many ways as there are to read a field.
#ifndef EN_TESTS_UNIT_MAP_RANDOM_EXPRESSIONS_H
#define EN_TESTS_UNIT_MAP_RANDOM_EXPRESSIONS_H

#include "random_schema.h"

// Writes the form with its marks replaced: @ and & are two texts, $ is a message or a list of them, T its type.
static inline void
put_form(struct random_rules *g, const char *form, const char *a, const char *b, const char *message, int type)
{
	for (; *form != '\0'; form++) {
		switch (*form) {
		case '@':
			buf_put_str(&g->mapping, a);
			break;
		case '&':
			buf_put_str(&g->mapping, form[1] == '&' ? "&&" : b);
			form += form[1] == '&';
			break;
		case '$':
			buf_put_str(&g->mapping, message);
			break;
		case 'T':
			buf_printf(&g->mapping, "azar.v1.T%d", type);
			break;
		default:
			buf_put(&g->mapping, form, 1);
		}
	}
}

// An expression that is true or false, in as many ways as there are to read a field.
static inline void
put_test(struct random_rules *g, int t, const char *prefix)
{
	static const char *const of_texts[] = {"@ == 'S'", "@ in ['S', 'N', 'A']", "!@.startsWith('S')", "size(@) > 1",
	    "@.matches('[0-9]+')", "[@].exists(v, v == 'S')", "@ + 'x' == 'Sx'", "{'k': @}.k == 'S'", "{@: 1}.exists(k, k == 'S')",
	    "dyn(@) == 'S'", "cel.bind(b, @, b == 'S' || b == 'N')", "(@ != '' ? optional.of(1) : optional.none()).hasValue()",
	    "@.lowerAscii().contains('a')", "[[@]][0][0] == 'S'", "has(@)", "(@ == 'S' ? & : 'x') == 'N'", "@ < &",
	    "[@, &].map(v, v == 'S')[1]", "@ == 'S' && & == 'N'", "@ == 'S' || & == 'N'", "[1].exists(v, @ == 'S')",
	    "'%s-%s'.format([@, &]) == 'S-N'", "@.split(' ').size() > 1", "[@, &].exists_one(v, v == 'S')",
	    "optional.of(@).optMap(v, & == 'S').orValue(false)", "type(@) == string && & == 'S'"};
	static const char *const of_message[] = {"has($)", "$ == T{}", "[$, T{}].exists_one(v, v == T{})", "dyn($).f0 == 'S'",
	    "{'k': $}.k.f1 == 'S'", "[$].filter(v, v.f0 == 'S').size() == 1", "cel.bind(b, $, b.f0 == b.f1)",
	    "(@ == 'S' ? $ : T{}).f0 == 'N'", "optional.of($).?f1.orValue('') == 'S'", "$ in [T{}, T{f0: @}]", "[$] == [T{}]",
	    "optional.ofNonZeroValue($).hasValue()", "optional.ofNonZeroValue($).orValue(T{f0: 'S'}).f0 == 'S'"};
	static const char *const of_list[] = {"$.exists(v, v.f0 == 'S')", "$.all(v, v.f1 != '')", "size($) == 2 && $[0].f0 == 'S'",
	    "$.map(v, v.f0).join() == 'SS'", "$ == $.filter(v, v.f1 == 'S')", "$[?5].hasValue()", "$[?0].?f1.orValue('') == 'S'",
	    "$.map(v, [v])[1][0].f0 == 'S'", "T{} in $", "$.exists(i, v, i == 1 && v.f1 == 'S')",
	    "$.transformList(i, v, v.f0)[0] == 'S'", "cel.bind(l, $, l[1].f1 == 'N')", "($ + $).size() > 3"};
	const char *root = prefix[0] == '\0' ? "data." : prefix;
	char a[64], b[64], message[64];
	const struct random_field *f;
	uint32_t way = random_next(g, 4);

	text_path(g, t, root, a, sizeof(a));
	text_path(g, t, root, b, sizeof(b));
	f = way < 2 ? NULL : random_path(g, t, KIND_MESSAGE, way == 3, root, message, sizeof(message));
	if (f == NULL || f->type < 0) {
		put_form(g, of_texts[random_next(g, EN_COUNT_OF(of_texts))], a, b, "", 0);
	} else if (way == 2) {
		put_form(g, of_message[random_next(g, EN_COUNT_OF(of_message))], a, b, message, f->type);
	} else {
		put_form(g, of_list[random_next(g, EN_COUNT_OF(of_list))], a, b, message, f->type);
	}
}

// An expression that gives a text.
static inline void
put_expression(struct random_rules *g, int t, const char *prefix)
{
	const char *root = prefix[0] == '\0' ? "data." : prefix;
	char a[64], b[64];

	text_path(g, t, root, a, sizeof(a));
	text_path(g, t, root, b, sizeof(b));
	buf_put_str(&g->mapping, "{cel: \"");
	switch (random_next(g, 4)) {
	case 0:
		put_form(g, "@ + '#' + &", a, b, "", 0);
		break;
	case 1:
		put_form(g, "string(size(@))", a, b, "", 0);
		break;
	default:
		put_test(g, t, prefix);
		put_form(g, " ? @ : 'no'", a, b, "", 0);
	}
	buf_printf(&g->mapping, "\"%s}", random_next(g, 3) == 0 ? ", if_empty: {is: nada}" : "");
}

#endif
