// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include "unit/conf/golden.h"

#define START "mapping: m\nfrom: a.v1.A\nto: b.v1.B\n"
#define SET START "set:\n" // the next line is line 5

// The value of the first line of set.
static const struct conf_value *
value_of(struct parsed *p, const char *text)
{
	assert_ok(parse_kind(p, CONF_MAPPING, text));
	const struct conf_mapping *m = p->thing;

	return m->set[0].value;
}

// The mapping of the design's section 8, shortened only in its number of lines.
static const char acta[] =
    "mapping: inm-acta-to-referral\n"
    "from: inm.v1.Acta\n"
    "to: enlace.v1.Referral\n"
    "owner: INM, Direccion de Tecnologias\n"
    "when: {tipo: [A, B], nna: S}\n"
    "one_event_per: {item_of: servicios, called: servicio}\n"
    "set:\n"
    "  referral_id:          {id_from: [folio_acta, servicio.clave]}\n"
    "  source_case_id:       folio_acta\n"
    "  kind:                 {is: NOTIFICATION}\n"
    "  service:              {from: servicio.clave, table: inm-servicio}\n"
    "  person.given_names:   {from: nombres, clean: [trim, name_case]}\n"
    "  person.birth_date:    {from: fecha, empty_if: [\"01/01/1900\", \"SIN DATO\"], date: dd/mm/aaaa}\n"
    "  person.is_minor:      {from: nna, true_if: [S], false_if: [N], if_empty: {is: true}}\n"
    "  priority:\n"
    "    choose:\n"
    "      - {when: {nna: S, acompanamiento: [SOLO, SEPARADO]}, is: EMERGENCY, because: \"art. 112\"}\n"
    "      - {when: {nna: [S, N]}, is: NORMAL}\n"
    "    otherwise: hold\n"
    "unused: {consecutivo: \"row number of the export\", observaciones: \"narrative, stays at INM\"}\n";

static void
the_mapping_of_the_design_is_read_with_every_place(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_MAPPING, acta));
	const struct conf_mapping *m = p->thing;

	assert_string_equal(m->name.text, "inm-acta-to-referral");
	assert_string_equal(m->from.text, "inm.v1.Acta");
	assert_string_equal(m->to.text, "enlace.v1.Referral");
	assert_string_equal(m->owner.text, "INM, Direccion de Tecnologias");
	assert_int_equal(m->when.where.line, 5);
	assert_int_equal(m->when.count, 2);
	assert_string_equal(m->when.terms[0].path.text, "tipo");
	assert_int_equal(m->when.terms[0].any_of.count, 2);
	assert_string_equal(m->when.terms[1].any_of.items[0].text, "S");
	assert_string_equal(m->one_event_per.text, "servicios");
	assert_string_equal(m->one_event_called.text, "servicio");
	assert_int_equal(m->set_count, 8);
	assert_int_equal(m->unused_count, 2);
	assert_string_equal(m->unused[1].target.text, "observaciones");
	assert_string_equal(m->unused[1].value->literal.text, "narrative, stays at INM");

	assert_int_equal(m->set[0].value->kind, CONF_VALUE_ID_FROM);
	assert_string_equal(m->set[0].value->paths.items[1].text, "servicio.clave");
	assert_int_equal(m->set[1].value->kind, CONF_VALUE_COPY);
	assert_string_equal(m->set[1].value->from.text, "folio_acta");
	assert_int_equal(m->set[1].target.where.line, 9);
	assert_int_equal(m->set[1].target.where.column, 3);
	assert_int_equal(m->set[1].value->where.column, 25);
	assert_int_equal(m->set[2].value->kind, CONF_VALUE_IS);
	assert_string_equal(m->set[2].value->literal.text, "NOTIFICATION");
	assert_string_equal(m->set[3].value->table.text, "inm-servicio");
	assert_string_equal(m->set[4].value->clean.items[1].text, "name_case");
	assert_string_equal(m->set[5].value->empty_if.items[0].text, "01/01/1900");
	assert_string_equal(m->set[5].value->date.text, "dd/mm/aaaa");
	assert_string_equal(m->set[6].value->true_if.items[0].text, "S");
	assert_int_equal(m->set[6].value->if_empty->kind, CONF_VALUE_IS);
	assert_string_equal(m->set[6].value->if_empty->literal.text, "true");

	const struct conf_value *choice = m->set[7].value;

	assert_int_equal(choice->kind, CONF_VALUE_CHOOSE);
	assert_int_equal(choice->arm_count, 2);
	assert_int_equal(choice->arms[0].where.line, 17);
	assert_int_equal(choice->arms[0].when.count, 2);
	assert_string_equal(choice->arms[0].value->literal.text, "EMERGENCY");
	assert_string_equal(choice->arms[0].because.text, "art. 112");
	assert_null(choice->arms[1].because.text);
	assert_true(choice->otherwise_hold);
	assert_false(choice->otherwise_absent);
	assert_null(choice->otherwise);
	assert_int_equal(choice->otherwise_where.line, 19);
}

static void
every_verb_is_known(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_MAPPING,
	    SET "  a: {join: [x, y]}\n"
		"  b: {join: [x, y], with: \"\"}\n"
		"  c: {referral_by: numero}\n"
		"  d: {now: recorded}\n"
		"  e: {sender: agency}\n"
		"  f: {each: hijos, called: hijo, set: {nombre: hijo.nombre, sexo: {from: hijo.sexo, table: t}}}\n"
		"  g: {from: x, dates: [dd/mm/aaaa, aaaa-mm-dd]}\n"
		"  h: {is: \"\"}\n"));
	const struct conf_mapping *m = p->thing;

	assert_int_equal(m->set[0].value->kind, CONF_VALUE_JOIN);
	assert_string_equal(m->set[0].value->with.text, " ");
	assert_string_equal(m->set[1].value->with.text, "");
	assert_int_equal(m->set[2].value->kind, CONF_VALUE_REFERRAL_BY);
	assert_string_equal(m->set[2].value->from.text, "numero");
	assert_int_equal(m->set[3].value->kind, CONF_VALUE_NOW);
	assert_string_equal(m->set[3].value->literal.text, "recorded");
	assert_int_equal(m->set[4].value->kind, CONF_VALUE_SENDER);
	assert_int_equal(m->set[5].value->kind, CONF_VALUE_EACH);
	assert_string_equal(m->set[5].value->from.text, "hijos");
	assert_string_equal(m->set[5].value->called.text, "hijo");
	assert_int_equal(m->set[5].value->set_count, 2);
	assert_string_equal(m->set[5].value->set[1].value->table.text, "t");
	assert_int_equal(m->set[6].value->dates.count, 2);
	assert_string_equal(m->set[7].value->literal.text, "");
}

static void
otherwise_is_hold_absent_or_a_value(void **state)
{
	const struct conf_value *value =
	    value_of(*state, SET "  a: {choose: [{when: {x: 1}, is: B}], otherwise: absent}\n");

	assert_true(value->otherwise_absent);
	value = value_of(*state, SET "  a: {choose: [{when: {x: 1}, from: y, table: t}], otherwise: {is: C}}\n");
	assert_string_equal(value->arms[0].value->table.text, "t");
	assert_string_equal(value->otherwise->literal.text, "C");
	assert_false(value->otherwise_hold || value->otherwise_absent);
	value = value_of(*state, SET "  a: {choose: [{when: {x: 1}, is: B}]}\n");
	assert_int_equal(value->otherwise_where.line, 0);
	expect_findings(CONF_MAPPING, SET "  a: {choose: [{when: {x: 1}, is: B}], otherwise: hodl}\n",
	    "E0106 5:51 otherwise is one of: hold, absent, or {is: VALUE} | hold\n");
	expect_findings(CONF_MAPPING, SET "  a: {choose: [{when: {x: 1}, is: B}], otherwise: NORMAL}\n",
	    "E0106 5:51 otherwise is one of: hold, absent, or {is: VALUE} | {is: NORMAL}\n");
	expect_findings(CONF_MAPPING, SET "  a: {from: x, if_unknown: OTRO}\n",
	    "E0106 5:28 if_unknown is one of: hold, absent, keep, or {is: VALUE} | {is: OTRO}\n");
	expect_findings(CONF_MAPPING, SET "  a: {choose: [{when: {x: 1}, is: B}], otherwise: [hold]}\n",
	    "E0106 5:51 otherwise | hold, absent, or {is: VALUE}\n");
}

static void
a_value_has_one_verb(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, SET "  a: {from: x, is: B}\n  b: {join: [x], each: y}\n",
	    "E0115 5:16 from and is | -\n"
	    "E0115 6:18 join and each | -\n");
	expect_findings(CONF_MAPPING, SET "  a: {table: t}\n",
	    "E0105 5:6 where the value comes from | one of: from, is, id_from, first_of, join, fill, list_of, flags, lookup, choose, each, referral_by, now, sender, cel\n");
}

static void
the_verbs_are_told_in_the_readers_language(void **state)
{
	struct parsed *p = *state;

	findings_fini(&p->findings);
	findings_init_in(&p->findings, EN_LANG_ES);
	assert_err(EN_ECONFIG, parse_kind(p, CONF_MAPPING, SET "  a: {table: t}\n"));
	assert_int_equal(1, p->findings.count);
	assert_memory_equal("uno de: from, is, ", p->findings.items[0].hint, strlen("uno de: from, is, "));
}

static void
a_misspelt_verb_is_told_once(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, SET "  a: {form: x, table: t}\n", "E0103 5:7 form | from\n");
}

static void
steps_go_with_their_verbs_only(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING,
	    SET "  a: {is: X, table: t}\n"
		"  b: {from: x, with: \", \"}\n"
		"  c: {id_from: [x], clean: trim}\n"
		"  d: {from: x, otherwise: hold}\n"
		"  e: {choose: [{when: {x: A}, is: B}], otherwise: hold, true_if: [S]}\n"
		"  f: {now: recorded, if_empty: {is: X}}\n"
		"  g: {from: x, called: y}\n"
		"  h: {from: x, years_from: 1930}\n"
		"  i: {from: x, dates: [dd/mm/aa, dd/mm/aaaa], years_from: 1930}\n",
	    "E0115 5:14 is and table | -\n"
	    "E0115 6:16 from and with | -\n"
	    "E0115 7:21 id_from and clean | -\n"
	    "E0115 8:16 from and otherwise | -\n"
	    "E0115 9:57 choose and true_if | -\n"
	    "E0115 10:22 now and if_empty | -\n"
	    "E0105 11:6 item_of | -\n"
	    "E0105 12:6 date | date: dd/mm/aa\n");
}

static void
a_value_is_converted_once(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING,
	    SET "  a: {from: x, table: t, date: dd/mm/aaaa}\n"
		"  b: {from: x, date: dd/mm/aaaa, dates: [aaaa]}\n"
		"  c: {from: x, true_if: [S], false_if: [N], table: t}\n",
	    "E0115 5:26 table and date | -\n"
	    "E0115 6:34 date and dates | -\n"
	    "E0115 7:16 table and true_if | -\n");
}

static void
an_arm_has_a_condition_and_nothing_else_may(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, SET "  a: {choose: [{is: B}], otherwise: hold}\n",
	    "E0105 5:16 when | the condition of this arm: {field: VALUE}; all must hold, a list means any of\n");
	expect_findings(CONF_MAPPING, SET "  a: {from: x, because: \"y\"}\n", "E0103 5:16 because | -\n");
	expect_findings(CONF_MAPPING, SET "  a: {choose: x}\n  b: {choose: [y]}\n",
	    "E0106 5:15 choose | a list of arms: - {when: {field: VALUE}, is: VALUE}\n"
	    "E0106 6:16 an item | {when: {field: VALUE}, is: VALUE}\n");
}

static void
conditions_name_fields_and_values(void **state)
{
	(void)state;
	expect_findings(
	    CONF_MAPPING, START "when: {}\nset: {a: b}\n", "E0106 4:7 when | {field: VALUE, other: [ONE, TWO]}\n");
	expect_findings(
	    CONF_MAPPING, START "when: nna\nset: {a: b}\n", "E0106 4:7 when | {field: VALUE, other: [ONE, TWO]}\n");
	expect_findings(CONF_MAPPING, START "when: {nna: }\nset: {a: b}\n",
	    "E0106 4:13 nna has no value | a value, a list of values, {not: [...]}, or {present: true}\n");
	expect_findings(CONF_MAPPING, START "when: {nna: {x: y}}\nset: {a: b}\n",
	    "E0106 4:13 nna | a value, a list of values, {not: [...]}, or {present: true}\n");
}

static void
an_expression_stands_alone(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, START "when: {cel: \"nna == 'S'\"}\nset: {a: {cel: \"b + 'x'\"}}\n", "");
	expect_findings(CONF_MAPPING, START "when: {cel: \"x\", nna: S}\nset: {a: b}\n",
	    "E0106 4:13 cel | cel stands alone: {cel: \"...\"}\n");
}

static void
values_of_another_form_are_told_with_what_to_write(void **state)
{
	static const char help[] = "a source field, or {is: VALUE}, {from: field, table: NAME}, ...";
	char wanted[512];

	(void)state;
	(void)snprintf(wanted, sizeof(wanted),
	    "E0106 5:6 a | %s\nE0106 6:5 b has no value | %s\nE0106 7:6 c | %s\nE0106 8:6 d | %s\n", help, help, help,
	    help);
	expect_findings(CONF_MAPPING, SET "  a: [x]\n  b:\n  c: {}\n  d: \"\"\n", wanted);
	expect_findings(
	    CONF_MAPPING, START "set: {}\n", "E0106 4:6 set | {target.field: source_field, other: {is: VALUE}}\n");
	expect_findings(
	    CONF_MAPPING, START "set: x\n", "E0106 4:6 set | {target.field: source_field, other: {is: VALUE}}\n");
}

static void
what_is_unused_has_its_reason(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, START "set: {a: b}\nunused: {x: \"\", y: , z: [a]}\n",
	    "E0106 5:13 x | why it is not used, in quotes\n"
	    "E0106 5:20 y has no value | why it is not used, in quotes\n"
	    "E0106 5:25 z | why it is not used, in quotes\n");
	expect_findings(CONF_MAPPING, START "set: {a: b}\nunused: [x]\n",
	    "E0106 5:9 unused | {source_field: \"why it is not used\"}\n");
}

static void
each_and_one_event_per_say_what_their_item_is_called(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, SET "  a: {each: x}\n",
	    "E0105 5:6 called | {each: items, called: item, set: {...}}\n"
	    "E0105 5:6 set | {each: items, called: item, set: {...}}\n");
	expect_findings(CONF_MAPPING, START "one_event_per: {item_of: x}\nset: {a: b}\n",
	    "E0105 4:16 called | the name of the item at hand, for the paths in set\n");
	expect_findings(CONF_MAPPING, START "one_event_per: x\nset: {a: b}\n",
	    "E0106 4:16 one_event_per | {item_of: field, called: name}: one event for each item of a repeated field\n");
}

static void
a_mapping_without_its_types_is_told(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, "mapping: m\n",
	    "E0105 1:1 from | the source message type, as inm.v1.Acta\n"
	    "E0105 1:1 set | target field: value, one in a line\n"
	    "E0105 1:1 to | the target message type, as enlace.v1.Referral\n");
}

static void
unknown_words_are_told_with_the_nearest(void **state)
{
	(void)state;
	expect_findings(CONF_MAPPING, SET "  a: {from: x, clean: [trimm]}\n  b: {now: recorder}\n  c: {sender: key}\n",
	    "E0106 5:24 an item is one of: strip_html, unescape, trim, upper, lower, name_case, collapse_spaces, digits_only, strip_accents, compose, strip_zeros | trim\n"
	    "E0106 6:12 now is one of: recorded | recorded\n"
	    "E0106 7:15 sender is one of: agency | agency\n");
}

static void
values_within_values_stop_at_the_depth_of_yaml(void **state)
{
	struct parsed *p = *state;
	struct buf text = BUF_EMPTY;

	buf_put_str(&text, SET "  a: ");
	for (int i = 0; i < 40; i++) {
		buf_put_str(&text, "{from: x, if_empty: ");
	}
	assert_err(EN_ECONFIG, parse_kind(p, CONF_MAPPING, buf_cstr(&text)));
	assert_int_equal(p->findings.items[0].code, E0108);
	buf_fini(&text);
}

static void
every_cut_of_a_mapping_is_read_or_refused(void **state)
{
	struct parsed *p = *state;

	for (size_t len = 0; len < strlen(acta); len++) {
		char *copy = malloc(len + 1);
		struct conf_mapping *m = NULL;

		memcpy(copy + 1, acta, len);
		enum en_err err = conf_mapping_parse(view_of(copy + 1, len), "t.yaml", &p->arena, &p->findings, &m);

		assert_true(err == EN_OK ? m != NULL : err == EN_ECONFIG && m == NULL);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(the_mapping_of_the_design_is_read_with_every_place),
	    PARSED_TEST(every_verb_is_known),
	    PARSED_TEST(otherwise_is_hold_absent_or_a_value),
	    PARSED_TEST(a_value_has_one_verb),
	    PARSED_TEST(the_verbs_are_told_in_the_readers_language),
	    PARSED_TEST(a_misspelt_verb_is_told_once),
	    PARSED_TEST(steps_go_with_their_verbs_only),
	    PARSED_TEST(a_value_is_converted_once),
	    PARSED_TEST(an_arm_has_a_condition_and_nothing_else_may),
	    PARSED_TEST(conditions_name_fields_and_values),
	    PARSED_TEST(an_expression_stands_alone),
	    PARSED_TEST(values_of_another_form_are_told_with_what_to_write),
	    PARSED_TEST(what_is_unused_has_its_reason),
	    PARSED_TEST(each_and_one_event_per_say_what_their_item_is_called),
	    PARSED_TEST(a_mapping_without_its_types_is_told),
	    PARSED_TEST(unknown_words_are_told_with_the_nearest),
	    PARSED_TEST(values_within_values_stop_at_the_depth_of_yaml),
	    PARSED_TEST(every_cut_of_a_mapping_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
