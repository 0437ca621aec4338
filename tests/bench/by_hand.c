// SPDX-License-Identifier: Apache-2.0
// The job by hand in C, on protobuf-c. Nothing is checked that protobuf-c does not check: no UTF-8, no depth.
#include "bench/by_hand.h"

#include <stdlib.h>
#include <string.h>

#include "bench/referral.pb-c.h"

#define ARENA_BYTES 65536

struct counter {
	size_t used;
	uint8_t bytes[ARENA_BYTES];
};

static void *
take(ProtobufCAllocator *allocator, size_t size)
{
	if (allocator == NULL) {
		return malloc(size);
	}
	struct counter *c = allocator->allocator_data;
	size_t at = c->used;

	c->used = (at + size + 15) & ~(size_t)15;
	return c->used <= sizeof(c->bytes) ? c->bytes + at : NULL;
}

static void *
counter_alloc(void *data, size_t size)
{
	return take(&(ProtobufCAllocator){.allocator_data = data}, size);
}

static void
counter_free(void *data, void *pointer)
{
	(void)data;
	(void)pointer;
}

static void
give_back(ProtobufCAllocator *allocator, void *p)
{
	if (allocator == NULL) {
		free(p);
	}
}

// dd/MM/yyyy to yyyy-MM-dd.
static char *
date(ProtobufCAllocator *a, const char *text)
{
	char *to = take(a, 11);

	if (strlen(text) != 10) {
		to[0] = '\0';
		return to;
	}
	memcpy(to, text + 6, 4);
	to[4] = '-';
	memcpy(to + 5, text + 3, 2);
	to[7] = '-';
	memcpy(to + 8, text, 2);
	to[10] = '\0';
	return to;
}

static char *
surnames(ProtobufCAllocator *a, const char *first, const char *second)
{
	size_t n = strlen(first), m = strlen(second);
	char *to = take(a, n + m + 2);

	memcpy(to, first, n);
	if (n > 0 && m > 0) {
		to[n++] = ' ';
	}
	memcpy(to + n, second, m + 1);
	return to;
}

static Bench__Sex
sex(const char *code)
{
	static const struct {
		const char *code;
		Bench__Sex sex;
	} table[] = {{"M", BENCH__SEX__SEX_FEMALE}, {"H", BENCH__SEX__SEX_MALE}, {"X", BENCH__SEX__SEX_OTHER}};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].code, code) == 0) {
			return table[i].sex;
		}
	}
	return BENCH__SEX__SEX_UNKNOWN;
}

static void
individual(ProtobufCAllocator *a, const Bench__Person *p, Bench__Individual *to)
{
	bench__individual__init(to);
	to->given_name = p->nombre;
	to->family_name = surnames(a, p->primer_apellido, p->segundo_apellido);
	to->sex = sex(p->sexo);
	to->date_of_birth = date(a, p->fecha_nacimiento);
	to->nationality = p->pais_origen;
	to->national_id = p->curp;
	to->n_languages = p->n_idiomas;
	to->languages = p->idiomas;
	to->phone = p->telefono;
}

static void
individual_free(ProtobufCAllocator *a, Bench__Individual *to)
{
	give_back(a, to->family_name);
	give_back(a, to->date_of_birth);
}

static size_t
translate(ProtobufCAllocator *a, const uint8_t *bytes, size_t len, uint8_t *dst)
{
	Bench__Acta *acta = bench__acta__unpack(a, len, bytes);

	static char agency[] = "INM";

	if (acta == NULL || acta->persona == NULL) {
		return 0;
	}
	Bench__Referral r = BENCH__REFERRAL__INIT;
	Bench__Individual subject, *relatives = take(a, acta->n_familiares * sizeof(*relatives) + 1);
	Bench__Individual **family = take(a, acta->n_familiares * sizeof(*family) + 1);
	Bench__Service *offers = take(a, acta->n_servicios * sizeof(*offers) + 1);
	Bench__Service **services = take(a, acta->n_servicios * sizeof(*services) + 1);

	r.id = acta->folio;
	r.created = date(a, acta->fecha);
	r.office = acta->oficina;
	r.reason = acta->motivo;
	r.priority = acta->prioridad;
	individual(a, acta->persona, &subject);
	r.subject = &subject;
	for (size_t i = 0; i < acta->n_servicios; i++) {
		bench__service__init(&offers[i]);
		offers[i].type = acta->servicios[i]->codigo;
		offers[i].note = acta->servicios[i]->nota;
		offers[i].urgency = acta->servicios[i]->urgencia;
		services[i] = &offers[i];
	}
	r.n_services = acta->n_servicios;
	r.services = services;
	r.consent = acta->consentimiento;
	r.place = acta->municipio;
	r.lat = acta->lat;
	r.lon = acta->lon;
	r.officer = acta->funcionario;
	r.created_ms = acta->creado_ms;
	for (size_t i = 0; i < acta->n_familiares; i++) {
		individual(a, acta->familiares[i], &relatives[i]);
		family[i] = &relatives[i];
	}
	r.n_family = acta->n_familiares;
	r.family = family;
	r.source_agency = agency;
	size_t wrote = bench__referral__get_packed_size(&r) <= BY_HAND_ROOM ? bench__referral__pack(&r, dst) : 0;

	give_back(a, r.created);
	individual_free(a, &subject);
	for (size_t i = 0; i < acta->n_familiares; i++) {
		individual_free(a, &relatives[i]);
	}
	give_back(a, relatives);
	give_back(a, family);
	give_back(a, offers);
	give_back(a, services);
	if (a == NULL) {
		bench__acta__free_unpacked(acta, NULL);
	}
	return wrote;
}

size_t
by_hand_malloc(const uint8_t *acta, size_t len, uint8_t *dst)
{
	return translate(NULL, acta, len, dst);
}

size_t
by_hand_arena(const uint8_t *acta, size_t len, uint8_t *dst)
{
	static struct counter counter;
	ProtobufCAllocator allocator = {.alloc = counter_alloc, .free = counter_free, .allocator_data = &counter};

	counter.used = 0;
	return translate(&allocator, acta, len, dst);
}

// ---- the bare copy ------------------------------------------------------------------------------------------------

static const uint8_t *
varint(const uint8_t *p, uint64_t *ret)
{
	uint64_t value = *p & 0x7f;

	for (unsigned shift = 7; *p++ >= 0x80; shift += 7) {
		value |= (uint64_t)(*p & 0x7f) << shift;
	}
	*ret = value;
	return p;
}

// Which fields of the acta hold messages: the whole table that a copy needs.
static size_t
copy(const uint8_t *p, const uint8_t *end, uint32_t messages, uint8_t *dst)
{
	uint8_t *to = dst;

	while (p < end) {
		const uint8_t *start = p;
		uint64_t tag, value;

		p = varint(p, &tag);
		switch (tag & 7) {
		case 0:
			p = varint(p, &value);
			break;
		case 1:
			p += 8;
			break;
		case 5:
			p += 4;
			break;
		default:
			p = varint(p, &value);
			if (value > (uint64_t)(end - p)) {
				return 0;
			}
			if ((messages >> (tag >> 3) & 1) != 0) {
				memcpy(to, start, (size_t)(p - start));
				to += p - start;
				to += copy(p, p + value, 0, to);
				p += value;
				continue;
			}
			p += value;
		}
		memcpy(to, start, (size_t)(p - start));
		to += p - start;
	}
	return (size_t)(to - dst);
}

size_t
bare_copy(const uint8_t *acta, size_t len, uint8_t *dst)
{
	return copy(acta, acta + len, 1U << 6 | 1U << 7 | 1U << 15, dst);
}
