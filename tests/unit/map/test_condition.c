// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

struct term {
	const char *path;
	const char *values[3];
};

static enum en_err
compile_terms(struct probe *p, const char *type, const struct term *terms, size_t count, struct condition **ret)
{
	struct conf_condition conf = {.where = {.line = 1, .column = 7}, .count = count};

	conf.terms = arena_zalloc(&p->arena, (count + 1) * sizeof(*conf.terms));
	for (size_t i = 0; i < count; i++) {
		struct conf_condition_term *t = &conf.terms[i];

		t->path = (struct conf_text){.text = terms[i].path, .where = {.line = (uint32_t)i + 1, .column = 1}};
		t->any_of.items =
		    arena_zalloc(&p->arena, sizeof(terms[i].values) / sizeof(char *) * sizeof(struct conf_text));
		while (t->any_of.count < 3 && terms[i].values[t->any_of.count] != NULL) {
			t->any_of.items[t->any_of.count] = (struct conf_text){
			    .text = terms[i].values[t->any_of.count], .where = {.line = (uint32_t)i + 1, .column = 9}};
			t->any_of.count++;
		}
	}
	return condition_compile(&conf, schema_type_by_name(p->schema, type), &p->findings, ret);
}

static enum condition_result
holds(struct probe *p, const struct term *terms, size_t count, const char *json)
{
	const struct schema_type *type = schema_type_by_name(p->schema, "probe.v1.Acta");
	struct condition *c = NULL;
	struct json_fault json_fault;
	struct index_fault index_fault;

	assert_ok(compile_terms(p, "probe.v1.Acta", terms, count, &c));
	buf_clear(&p->payload);
	assert_ok(json_to_payload(
	    type, view_text(json), &(struct json_options){.lenient = false}, &p->payload, NULL, &json_fault));
	assert_ok(index_build(&p->index, type, buf_view(&p->payload), &index_fault));
	enum condition_result result = condition_holds(c, &p->index, &p->ask);

	condition_free(&c);
	return result;
}

#define HOLDS(json, ...)                                                                                               \
	holds(*state, (const struct term[]){__VA_ARGS__}, EN_COUNT_OF(((const struct term[]){__VA_ARGS__})), (json))

static void
all_terms_must_hold_and_any_value_of_a_list_will_do(void **state)
{
	assert_int_equal(
	    HOLDS("{\"nna\": \"S\", \"sexo\": \"M\"}", {"nna", {"S", "N"}}, {"sexo", {"M"}}), CONDITION_TRUE);
	assert_int_equal(
	    HOLDS("{\"nna\": \"N\", \"sexo\": \"M\"}", {"nna", {"S", "N"}}, {"sexo", {"M"}}), CONDITION_TRUE);
	assert_int_equal(
	    HOLDS("{\"nna\": \"N\", \"sexo\": \"H\"}", {"nna", {"S", "N"}}, {"sexo", {"M"}}), CONDITION_FALSE);
}

static void
every_kind_of_value_is_compared_as_itself(void **state)
{
	const char *json =
	    "{\"nivel\": \"ALTO\", \"activo\": false, \"cuenta\": -5, \"grande\": \"9223372036854775807\", \"lugar\": {\"calle\": \"x\"}}";

	assert_int_equal(HOLDS(json, {"nivel", {"ALTO"}}, {"activo", {"false"}}, {"cuenta", {"-5"}},
			     {"grande", {"9223372036854775807"}}, {"lugar.calle", {"x"}}),
	    CONDITION_TRUE);
	assert_int_equal(HOLDS(json, {"nivel", {"BAJO"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS(json, {"activo", {"true"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS(json, {"cuenta", {"5"}}), CONDITION_FALSE);
}

static void
absent_and_empty_match_nothing(void **state)
{
	assert_int_equal(HOLDS("{}", {"nna", {"S"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{}", {"activo", {"false"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{}", {"cuenta", {"0"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{\"cuenta\": 0}", {"cuenta", {"0"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{\"nota\": \"\"}", {"nota", {"x"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{}", {"lugar.calle", {"x"}}), CONDITION_FALSE);
}

static void
one_element_of_a_list_is_enough(void **state)
{
	assert_int_equal(HOLDS("{\"idiomas\": [\"es\", \"cab\"]}", {"idiomas", {"cab"}}), CONDITION_TRUE);
	assert_int_equal(HOLDS("{\"idiomas\": [\"es\"]}", {"idiomas", {"cab"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{\"niveles\": [\"BAJO\", \"ALTO\"]}", {"niveles", {"ALTO"}}), CONDITION_TRUE);
}

static void
a_number_that_its_enum_does_not_know_is_neither_yes_nor_no(void **state)
{
	assert_int_equal(HOLDS("{\"nivel\": 77}", {"nivel", {"ALTO"}}), CONDITION_ERROR);
	assert_int_equal(
	    HOLDS("{\"nivel\": 77, \"nna\": \"S\"}", {"nna", {"S"}}, {"nivel", {"ALTO"}}), CONDITION_ERROR);
	assert_int_equal(
	    HOLDS("{\"nivel\": 77, \"nna\": \"N\"}", {"nivel", {"ALTO"}}, {"nna", {"S"}}), CONDITION_FALSE);
	assert_int_equal(HOLDS("{\"niveles\": [77, \"ALTO\"]}", {"niveles", {"ALTO"}}), CONDITION_TRUE);
}

// What the language makes of a well-known type is not asked for here: its fields are fields.
static void
fields_of_well_known_types_are_compared_as_fields(void **state)
{
	struct probe *p = *state;
	const struct term terms[] = {
	    {"seen.seconds", {"1795000000"}}, {"guess.value", {"7"}}, {"wait.nanos", {"0", "5"}}};
	struct condition *c = NULL;
	struct json_fault json_fault;
	struct index_fault index_fault;

	schema_unref(&p->schema);
	assert_ok(schema_load_file("build/schemas/test/expr.binpb", NULL, &p->findings, &p->schema));
	const struct schema_type *type = schema_type_by_name(p->schema, "check.v1.Case");
	assert_ok(compile_terms(p, "check.v1.Case", terms, EN_COUNT_OF(terms), &c));
	assert_ok(json_to_payload(type,
	    view_text("{\"seen\": \"2026-11-18T11:06:40Z\", \"guess\": 7, \"wait\": \"0.000000005s\"}"),
	    &(struct json_options){.lenient = false}, &p->payload, NULL, &json_fault));
	assert_ok(index_build(&p->index, type, buf_view(&p->payload), &index_fault));
	enum condition_result given = condition_holds(c, &p->index, &p->ask);
	condition_free(&c);
	assert_int_equal(given, CONDITION_TRUE);
}

static void
no_terms_always_hold(void **state)
{
	struct probe *p = *state;
	struct condition *c = NULL;
	struct index_fault fault;

	assert_ok(compile_terms(p, "probe.v1.Acta", NULL, 0, &c));
	assert_ok(index_build(&p->index, schema_type_by_name(p->schema, "probe.v1.Acta"), VIEW_EMPTY, &fault));
	assert_int_equal(condition_holds(c, &p->index, &p->ask), CONDITION_TRUE);
	assert_int_equal(condition_labels(c), 0);
	condition_free(&c);
	condition_free(&c);
}

static void
a_condition_knows_the_labels_that_it_reads(void **state)
{
	struct probe *p = *state;
	struct condition *c = NULL;
	const struct term terms[] = {{"persona.nombre", {"Ana"}}, {"persona.nacimiento.year", {"2011"}},
	    {"persona.sin_etiqueta", {"x"}}, {"numero", {"1"}}};

	assert_ok(compile_terms(p, "probe.v1.Caso", terms, EN_COUNT_OF(terms), &c));
	assert_int_equal(condition_labels(c),
	    1U << LABEL_IDENTITY | 1U << LABEL_DEMOGRAPHIC | 1U << LABEL_UNSPECIFIED | 1U << LABEL_OPERATIONAL);
	condition_free(&c);
}

static void
what_cannot_be_compared_is_told(void **state)
{
	struct probe *p = *state;
	struct condition *c = NULL;
	const struct term terms[] = {{"nivl", {"ALTO"}}, {"nivel", {"ALTOS"}}, {"nna", {"Z"}},
	    {"servicios.clave", {"x"}}, {"lugar", {"x"}}, {"latitud", {"1"}}, {"cuenta", {"uno"}}, {"firma", {"x"}}};

	assert_err(EN_ECONFIG, compile_terms(p, "probe.v1.Acta", terms, EN_COUNT_OF(terms), &c));
	assert_null(c);
	assert_string_equal(found(p),
	    "E0302 1:1 nivl is not a field of probe.v1.Acta | nivel\nE0306 2:9 ALTOS is not a value of nivel | ALTO\nE0306 3:9 Z is not a value of nna\n"
	    "E0303 4:1 servicios is repeated: clave stands in each of its items | each, or one_event_per\n"
	    "E0305 5:1 lugar is a message and cannot be compared with a value\nE0305 6:1 latitud is a number with decimals and cannot be compared with a value\n"
	    "E0307 7:9 cuenta is a whole number and cannot be uno\nE0305 8:1 firma is bytes and cannot be compared with a value\n");
}

static void
a_wrong_expression_is_not_taken_for_a_condition_that_always_holds(void **state)
{
	struct probe *p = *state;
	struct conf_condition conf = {.cel.text = "folio", .where.line = 1};
	struct condition *c = NULL;

	assert_err(
	    EN_ECONFIG, condition_compile(&conf, schema_type_by_name(p->schema, "probe.v1.Acta"), &p->findings, &c));
	assert_null(c);
	assert_string_equal(found(p), "E0906 0:1 it gives string, not bool\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(all_terms_must_hold_and_any_value_of_a_list_will_do),
	    probe_test(every_kind_of_value_is_compared_as_itself),
	    probe_test(absent_and_empty_match_nothing),
	    probe_test(one_element_of_a_list_is_enough),
	    probe_test(a_number_that_its_enum_does_not_know_is_neither_yes_nor_no),
	    probe_test(fields_of_well_known_types_are_compared_as_fields),
	    probe_test(no_terms_always_hold),
	    probe_test(a_condition_knows_the_labels_that_it_reads),
	    probe_test(what_cannot_be_compared_is_told),
	    probe_test(a_wrong_expression_is_not_taken_for_a_condition_that_always_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
