// SPDX-License-Identifier: Apache-2.0
// `enlace explain` on the shipped rules: where every field came from, what was withheld from whom, and why somebody was not told.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

#define ACTA(sex) ACTA_OF("DARIELA NOHEMI", sex)
#define ACTA_OF(names, sex)                                                                                            \
	"{\"FOLIO_ACTA\":\"INM-TAP-2026-000123\",\"NOMBRES\":\"" names "\",\"SEXO\":\"" sex                            \
	"\",\"EDAD_APARENTE\":13,\"NNA\":\"S\",\"ACOMPANAMIENTO\":\"SOLO\",\"DIF_RECEPTOR\":\"CAS-TAP-01\","           \
	"\"SERVICIOS\":\"PROTECCION|ALBERGUE\"}"
#define EXPLAIN "explain", "--sender", "inm", "--recorded", "2026-11-23T15:45:00Z", "-c", "config/enlace.yaml"

static void
every_field_names_its_line_row_and_column(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "enlace.v1.Referral by inm-acta-to-referral");
	assert_said(
	    &at->p.out, "person.sex                         <- SEXO  config/mappings/inm-acta-to-referral.yaml:");
	assert_said(&at->p.out, "table inm-sexo  config/codes/inm-sexo.csv:2:1");
	assert_said(&at->p.out, "name_first                         <- person.givenNames <- NOMBRES  config/mappings/");
	assert_said(
	    &at->p.out, "decided by NNA, ACOMPANAMIENTO, because: Ley de Migracion, art. 112: immediate notice");
	assert_said(&at->p.out, "service_response_timeframe <- priority <- NNA, ACOMPANAMIENTO");
	assert_said(&at->p.out, "decided by DOCUMENTO_TIPO\n"); // which was empty
	assert_said(&at->p.out,
	    "unicef: unicef-referrals receives unicef.v1.Case, route child-protection, agreement inm-unicef");
	assert_said(&at->p.out,
	    "protection_concerns                -- the agreement does not grant indicator  config/mappings/");
	assert_said(&at->p.out, "route asylum-procedure: the route's condition does not hold: service  config/routes/");
}

static void
values_are_hidden_unless_asked_for(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN);
	assert_not_said(&at->p.out, "ariela");
	assert_not_said(&at->p.out, "DARIELA");
	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN, "--format", "json");
	assert_not_said(&at->p.out, "ariela");
	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN, "--values", "--recipient", "unicef");
	assert_said(&at->p.out, "NOMBRES = Dariela Nohemi");
	run_enlace_on(&at->p, view_text(ACTA_OF("\\u001b[31mX", "MUJER")), EXPLAIN, "--values");
	assert_not_said(&at->p.out, "\033"); // a terminal obeys what it is sent
	assert_said(&at->p.out, "NOMBRES = ?[31m");
	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN, "--values", "--recipient", "unicef");
	assert_not_said(&at->p.out, "comar:");
	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN, "--values", "--format", "json");
	assert_said(&at->p.out,
	    "\"field\":\"name_first\",\"source\":\"person.givenNames\",\"columns\":\"NOMBRES\",\"value\":\"Dariela Nohemi\"");
}

static void
who_receives_nothing_is_told_why(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(ACTA("MUJER")), EXPLAIN, "--why-not");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "  unhcr: receives nothing of it\n    no route sends this message to it\n");
	assert_said(&at->p.out, "    route asylum-procedure: the route's condition does not hold: service");
	run_enlace_on(&at->p, view_text(ACTA("MUJER")), "explain", "--sender", "inm", "--recorded",
	    "2029-01-01T00:00:00Z", "--recipient", "comar", "-c", "config/enlace.yaml");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "the agreement is not valid at this time, comar-alerts, agreement inm-comar-alerts");
}

static void
the_persons_consent_is_a_reason_of_its_own(void **state)
{
	static const char sample[] = "adapters/civil-society/samples/submission.json";
	struct place *at = *state;
	char *consent = path(at, "consent.json");

#define SHELTER                                                                                                        \
	"explain", "--sender", "albergue-esperanza", "--recipient", "comar", "-c", "config/enlace.yaml", "--in", sample
	put(at, "consent.json",
	    "{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\",\"recipients\":[\"comar\"],\"withheld\":[\"person.contacts\"]}");
	run_enlace(&at->p, SHELTER, "--recorded", "2026-11-24T16:40:00Z", "--consent", consent);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "solicitante.contacto               -- the person withheld it (person.contacts)");
	assert_said(&at->p.err, "_attachments\n");
	put(at, "consent.json", "{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"NO\"}");
	run_enlace(&at->p, SHELTER, "--recorded", "2026-11-24T16:40:00Z", "--consent", consent);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "consent: sharing with other organisations was not agreed to");
	assert_said(&at->p.err, "no_recipient");
	free(consent);
}

static void
what_would_be_held_is_told_with_its_place(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(ACTA("NO BINARIO")), EXPLAIN);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "table_miss at SEXO");
	assert_not_said(&at->p.err, "BINARIO");
	run_enlace_on(&at->p, view_text(ACTA("NO BINARIO")), EXPLAIN, "--format", "json");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "\"held\":{\"code\":\"table_miss\",\"field\":\"SEXO\"");
}

static void
it_speaks_spanish_and_asks_for_what_is_missing(void **state)
{
	struct place *at = *state;

	program_run_in(
	    &at->p, "es_MX.UTF-8", view_text(ACTA("MUJER")), (const char *const[]){EXPLAIN, "--why-not", NULL});
	assert_said(&at->p.out, "ninguna ruta le envía este mensaje");
	run_enlace(&at->p, "explain", "-c", "config/enlace.yaml");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "--type is needed");
	run_enlace(&at->p, "explain", "--type", "inm.v1.Act", "-c", "config/enlace.yaml");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "did you mean inm.v1.Acta");
	run_enlace(&at->p, EXPLAIN, "--recipient", "comr");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no agency comr; did you mean comar\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE_TEST(every_field_names_its_line_row_and_column),
	    PLACE_TEST(values_are_hidden_unless_asked_for),
	    PLACE_TEST(who_receives_nothing_is_told_why),
	    PLACE_TEST(the_persons_consent_is_a_reason_of_its_own),
	    PLACE_TEST(what_would_be_held_is_told_with_its_place),
	    PLACE_TEST(it_speaks_spanish_and_asks_for_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
