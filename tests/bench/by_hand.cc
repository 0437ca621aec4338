// SPDX-License-Identifier: Apache-2.0
// The job by hand in C++, on Google's protobuf: it checks UTF-8, as enlace does.
#include "bench/by_hand.h"

#include <string>

#include "bench/referral.pb.h"

namespace {

std::string
date(const std::string &text)
{
	return text.size() == 10 ? text.substr(6, 4) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2) : std::string();
}

bench::Sex
sex(const std::string &code)
{
	return code == "M" ? bench::SEX_FEMALE
	    : code == "H"  ? bench::SEX_MALE
	    : code == "X"  ? bench::SEX_OTHER
			   : bench::SEX_UNKNOWN;
}

void
individual(const bench::Person &p, bench::Individual *to)
{
	to->set_given_name(p.nombre());
	std::string *name = to->mutable_family_name();
	*name = p.primer_apellido();
	if (!p.primer_apellido().empty() && !p.segundo_apellido().empty()) {
		name->push_back(' ');
	}
	name->append(p.segundo_apellido());
	to->set_sex(sex(p.sexo()));
	to->set_date_of_birth(date(p.fecha_nacimiento()));
	to->set_nationality(p.pais_origen());
	to->set_national_id(p.curp());
	for (const std::string &language : p.idiomas()) {
		to->add_languages(language);
	}
	to->set_phone(p.telefono());
}

} // namespace

extern "C" size_t
by_hand_cpp(const uint8_t *bytes, size_t len, uint8_t *dst)
{
	static bench::Acta acta;
	static bench::Referral r;

	r.Clear();
	if (!acta.ParseFromArray(bytes, static_cast<int>(len))) {
		return 0;
	}
	r.set_id(acta.folio());
	r.set_created(date(acta.fecha()));
	r.set_office(acta.oficina());
	r.set_reason(acta.motivo());
	r.set_priority(acta.prioridad());
	individual(acta.persona(), r.mutable_subject());
	for (const bench::Servicio &from : acta.servicios()) {
		bench::Service *to = r.add_services();
		to->set_type(from.codigo());
		to->set_note(from.nota());
		to->set_urgency(from.urgencia());
	}
	r.set_consent(acta.consentimiento());
	r.set_place(acta.municipio());
	r.set_lat(acta.lat());
	r.set_lon(acta.lon());
	r.set_officer(acta.funcionario());
	r.set_created_ms(acta.creado_ms());
	for (const bench::Person &from : acta.familiares()) {
		individual(from, r.add_family());
	}
	r.set_source_agency("INM");
	return r.SerializeToArray(dst, BY_HAND_ROOM) ? r.ByteSizeLong() : 0;
}
