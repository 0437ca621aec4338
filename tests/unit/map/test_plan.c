// SPDX-License-Identifier: Apache-2.0
// Need to know: what is not granted is not in the plan, what is masked is not read, and neither leaves a trace in the
// output.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

#include "map/plan.h"

// "target/native label line\n" of each hidden field.
static const char *
hidden(struct probe *p)
{
	struct buf b = BUF_EMPTY;
	size_t count;
	const struct plan_hidden *h = plan_hidden_fields(p->plan, &count);

	for (size_t i = 0; i < count; i++) {
		buf_printf(&b, "%s/%s %s %u\n", h[i].target, h[i].native,
		    h[i].label == LABEL_UNSPECIFIED ? "-" : label_name(h[i].label), h[i].where.line);
	}
	const char *text = arena_text(&p->arena, buf_view(&b));

	buf_fini(&b);
	return text;
}

static void
a_line_lives_only_if_its_label_is_granted(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p, "  numero: numero\n  nombre: persona.nombre\n  nivel: persona.sin_etiqueta\n  nota: nota\n");
	plan_with(p, grants_of(LABEL_IDENTITY, GRANT_FULL));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nombre\":\"Ana\"}");
	assert_string_equal(hidden(p), "nota/nota narrative 8\nnivel/nivel - 7\n");
	plan_with(p, grants_none());
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	assert_string_equal(hidden(p), "nota/nota narrative 8\nnivel/nivel - 7\nnombre/Nombre completo identity 6\n");
	plan_with(p, grants_all());
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nombre\":\"Ana\",\"nivel\":\"x\",\"nota\":\"narrada\"}");
}

static void
an_unlabelled_field_stays_hidden_even_when_every_label_is_granted(void **state)
{
	struct probe *p = *state;
	struct grants g = grants_all();

	g.level[LABEL_UNSPECIFIED] = GRANT_NONE;
	caso_to_vista(p, "  nombre: persona.nombre\n  nivel: persona.sin_etiqueta\n");
	plan_with(p, g);
	assert_becomes(p, CASO, "{\"nombre\":\"Ana\"}");
}

static void
coarse_shows_only_what_is_marked_coarse(void **state)
{
	struct probe *p = *state;
	static const char *const levels[] = {"ALTO", "A", "MEDIO", "M", "BAJO", "B", NULL};

	add_table(p, "nivel", "one_way", levels);
	caso_to_vista(p,
	    "  sexo: {from: persona.sexo, table: nivel}\n  nacimiento: {from: persona.nacimiento, date: aaaa-mm-dd}\n  nivel: {from: persona.nacimiento, date: aaaa}\n"
	    "  fecha: persona.nacimiento\n  domicilio: persona.domicilio\n  anio: persona.nacimiento.year\n");
	struct grants g = grants_of(LABEL_DEMOGRAPHIC, GRANT_COARSE);

	g.level[LABEL_LOCATION] = GRANT_COARSE;
	plan_with(p, g);
	assert_becomes(p, CASO,
	    "{\"sexo\":\"A\",\"domicilio\":{\"adm1\":\"07\",\"country\":\"MEX\"},\"fecha\":{\"year\":2011},\"nivel\":\"2011\",\"anio\":2011}");
	assert_string_equal(hidden(p),
	    "fecha.month/fecha.month demographic 8\nfecha.day/fecha.day demographic 8\ndomicilio.line/domicilio.line location 9\n"
	    "domicilio.locality/domicilio.locality location 9\ndomicilio.adm2/domicilio.adm2 location 9\nnacimiento/nacimiento demographic 6\n");
}

static void
a_pseudonym_is_all_that_a_pseudonym_grant_gives(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p, "  numero: numero\n  nombre: persona.nombre\n  seudonimo: {id_from: [persona.nombre]}\n");
	plan_with(p, grants_of(LABEL_IDENTITY, GRANT_PSEUDONYM));
	assert_ok(run_json(p, CASO));
	assert_null(strstr(output_json(p, 0), "Ana"));
	assert_non_null(strstr(output_json(p, 0), "\"seudonimo\":\""));
	plan_with(p, grants_none());
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
}

static void
the_nearest_label_counts_and_a_message_is_copied_without_its_hidden_parts(void **state)
{
	struct probe *p = *state;
	struct grants g = grants_of(LABEL_CONTACT, GRANT_FULL);

	g.level[LABEL_INDICATOR] = GRANT_FULL;
	caso_to_vista(p, "  persona: persona\n");
	plan_with(p, g);
	assert_becomes(p, CASO,
	    "{\"persona\":{\"contactos\":[{\"clase\":\"TEL\",\"numero\":\"55\"}],\"necesidades\":[\"SC-UC\"]}}");
	assert_non_null(strstr(hidden(p), "persona.contactos.nota/persona.contactos.nota narrative 5\n"));
	assert_non_null(strstr(hidden(p), "persona.nombre/persona.nombre identity 5\n"));
	assert_non_null(strstr(hidden(p), "persona.sin_etiqueta/persona.sinEtiqueta - 5\n"));
}

static void
a_message_of_which_nothing_may_be_shown_is_not_shown_to_be_there(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p, "  numero: numero\n  persona: persona\n  domicilio: persona.domicilio\n");
	plan_with(p, grants_none());
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	// Granted in part, and the part is not there.
	plan_with(p, grants_of(LABEL_CONTACT, GRANT_FULL));
	assert_becomes(p, "{\"persona\": {\"nombre\": \"Ana\", \"domicilio\": {\"line\": \"x\"}}}", "{}");
}

static void
a_choice_that_tests_a_hidden_field_goes_with_all_its_arms(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p,
	    "  numero: numero\n  nota:\n    choose:\n      - {when: {persona.sexo: ALTO}, is: alto}\n      - {when: {numero: C-1}, is: uno}\n    otherwise: {is: otro}\n");
	plan_with(p, grants_none());
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	assert_string_equal(hidden(p), "nota/nota demographic 6\n");
	plan_with(p, grants_of(LABEL_DEMOGRAPHIC, GRANT_COARSE));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nota\":\"alto\"}");
}

static void
items_are_counted_only_where_something_in_them_may_be_seen(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p,
	    "  numero: numero\n  contactos:\n    each: persona.contactos\n    called: c\n    set: {codigo: {is: x}, nota: c.nota, caso: c.numero}\n");
	plan_with(p, grants_of(LABEL_NARRATIVE, GRANT_FULL));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	plan_with(p, grants_of(LABEL_CONTACT, GRANT_FULL));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"contactos\":[{\"codigo\":\"x\",\"caso\":\"55\"}]}");
	assert_string_equal(hidden(p), "contactos.nota/contactos.nota narrative 9\n");
}

static const char *
refused(struct probe *p, const char *text, struct grants g)
{
	struct plan *plan = NULL;

	compile_ok(p, text);
	assert_err(EN_ECONFIG, plan_new(p->mapping, &g, &p->findings, &plan));
	assert_null(plan);
	assert_err(EN_ECONFIG, plan_new(p->mapping, &g, NULL, &plan));
	return found(p);
}

static void
a_required_target_that_needs_a_withheld_field_is_refused(void **state)
{
	struct probe *p = *state;
	struct plan *plan = NULL;
	struct grants g = grants_none();

	assert_string_equal(refused(p,
				mapping_text(p, "probe.v1.Caso", "probe.v1.VistaExigente", "",
				    "  numero: numero\n  nombre: persona.nombre\n"),
				g),
	    "E0401 6:3 nombre needs identity\n");
	assert_string_equal(refused(p,
				mapping_text(p, "probe.v1.Caso", "probe.v1.Vista", "",
				    "  hoja.necesario: persona.nombre\n  hoja.otro: numero\n"),
				g),
	    "E0401 5:3 hoja.necesario needs identity\n");
	// Of a sub-message that is hidden as a whole nothing is required.
	caso_to_vista(p, "  numero: numero\n  hoja.necesario: persona.nombre\n  hoja.otro: nota\n");
	assert_ok(plan_new(p->mapping, &g, &p->findings, &plan));
	plan_free(&plan);
}

static void
a_hidden_field_may_not_decide_whether_something_comes_at_all(void **state)
{
	struct probe *p = *state;
	const char *when =
	    mapping_text(p, "probe.v1.Caso", "probe.v1.Vista", "when: {persona.nombre: Ana}\n", "  numero: numero\n");
	const char *split = mapping_text(p, "probe.v1.Caso", "probe.v1.Vista",
	    "one_event_per: {item_of: persona.necesidades, called: n}\n", "  numero: numero\n");

	assert_string_equal(refused(p, when, grants_none()), "E0402 4:7 when needs identity\n");
	assert_string_equal(refused(p, split, grants_none()), "E0402 4:26 persona.necesidades needs indicator\n");
	compile_ok(p, split);
	plan_with(p, grants_of(LABEL_INDICATOR, GRANT_FULL));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
}

// A message that is copied in part would lack what its readers count on.
static void
a_copied_message_must_keep_what_it_requires(void **state)
{
	struct probe *p = *state;
	struct grants place = grants_of(LABEL_LOCATION, GRANT_FULL), nothing = grants_none();

	compile_ok(
	    p, mapping_text(p, "probe.v1.Expediente", "probe.v1.Copia", "", "  numero: numero\n  sello: sello\n"));
	assert_err(EN_ECONFIG, plan_new(p->mapping, &place, &p->findings, &p->plan));
	assert_string_equal(found(p), "E0401 6:3 sello.folio needs identity\n");
	place.level[LABEL_IDENTITY] = GRANT_FULL;
	plan_with(p, place);
	plan_with(p, nothing); // of which nothing is left is not sent, and lacks nothing
	assert_becomes(p, "{\"numero\": \"C\", \"sello\": {\"folio\": \"F\"}}", "{\"numero\":\"C\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_line_lives_only_if_its_label_is_granted),
	    probe_test(an_unlabelled_field_stays_hidden_even_when_every_label_is_granted),
	    probe_test(coarse_shows_only_what_is_marked_coarse),
	    probe_test(a_pseudonym_is_all_that_a_pseudonym_grant_gives),
	    probe_test(the_nearest_label_counts_and_a_message_is_copied_without_its_hidden_parts),
	    probe_test(a_message_of_which_nothing_may_be_shown_is_not_shown_to_be_there),
	    probe_test(a_choice_that_tests_a_hidden_field_goes_with_all_its_arms),
	    probe_test(items_are_counted_only_where_something_in_them_may_be_seen),
	    probe_test(a_required_target_that_needs_a_withheld_field_is_refused),
	    probe_test(a_hidden_field_may_not_decide_whether_something_comes_at_all),
	    probe_test(a_copied_message_must_keep_what_it_requires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
