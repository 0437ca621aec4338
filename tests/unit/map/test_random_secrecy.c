// SPDX-License-Identifier: Apache-2.0
// Need to know over schemas and mappings that nobody wrote: flip a field that a recipient may not know, and every byte that it
// gets stays the same, faults included. The seed is printed and replays exactly; ENLACE_ROUNDS asks for more rounds, ENLACE_SEED for
// one of them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"
#include "random_rules.h"

#include "conf/value.h"

enum { ROUNDS = 500, GRANTS = 5, PAYLOADS = 6, FLIPS = 60, LEAVES = 2000, ITEMS = 2 };

// ---- payloads -----------------------------------------------------------------------------------------------------

// Values that the steps can read, and some that they cannot. Index 0: the field is absent.
static const char *const words[] = {NULL, "S", "N", "A", "B", "7", "12", "45", "07089", "05/03/2011", "2011-03-05",
    "2011", "ana lopez paz", "a#b", "1.234,5", "{\"a\": \"x\"}", "[\"x\", \"S\"]", "14.9 -92.2", "+52 962 123 4567",
    "S N S", "a (b)"};

// One place in the payload where a value stands: every walk meets them in the same order.
struct leaf {
	enum label label; // its own or the nearest above
	bool coarse;
	uint32_t value; // which one
};
struct payload {
	const struct random_rules *g;
	struct leaf leaves[LEAVES];
	size_t count; // met by the last walk
	bool first; // the walk that finds the labels and makes the values
	struct random_rules dice;
};

static uint32_t
leaf_value(struct payload *p, enum label label, bool coarse)
{
	if (p->count == LEAVES) {
		return 0; // the rest of a large payload is absent
	}
	struct leaf *leaf = &p->leaves[p->count++];

	if (p->first) {
		*leaf = (struct leaf){.label = label, .coarse = coarse, .value = random_next(&p->dice, 1000)};
	}
	return leaf->value;
}

static void put_message(struct payload *p, struct buf *b, int t, enum label label);

static void
put_date(struct payload *p, struct buf *b, enum label label)
{
	uint32_t year = leaf_value(p, label, true), month = leaf_value(p, label, false),
		 day = leaf_value(p, label, false);

	if (year % 4 > 0) {
		put_number(b, 1, 2000 + year % 20);
	}
	if (month % 4 > 0) {
		put_number(b, 2, 1 + month % 12);
	}
	if (day % 4 > 0) {
		put_number(b, 3, 1 + day % 28);
	}
}

static void
put_scalar(struct payload *p, struct buf *b, unsigned number, const struct random_field *f, enum label label)
{
	uint32_t value = leaf_value(p, label, f->coarse);

	if (f->kind == KIND_STRING) {
		const char *word = value % 3 == 0 ? NULL : words[value % EN_COUNT_OF(words)];

		if (word != NULL) {
			put_string(b, number, word);
		}
	} else {
		put_number(b, number, value % (f->kind == KIND_BOOL ? 2 : 4));
	}
}

// Lists always have as many items: what changes is what is in them.
static void
put_message(struct payload *p, struct buf *b, int t, enum label above)
{
	const struct random_type *type = &p->g->types[t];

	for (int i = 0; i < type->count; i++) {
		const struct random_field *f = &type->fields[i];
		enum label label = f->label != LABEL_UNSPECIFIED ? f->label : above;

		for (int n = 0; n < (f->repeated ? ITEMS : 1); n++) {
			struct buf inner = BUF_EMPTY;

			if (f->kind != KIND_MESSAGE) {
				put_scalar(p, b, (unsigned)i + 1, f, label);
				continue;
			}
			if (f->type < 0) {
				put_date(p, &inner, label);
			} else {
				put_message(p, &inner, f->type, label);
			}
			if (inner.len > 0 ||
			    f->repeated) { // whether a message is there may be all that a field in it says
				put_bytes(b, (unsigned)i + 1, inner.data, inner.len);
			}
			buf_fini(&inner);
		}
	}
}

// ---- runs ---------------------------------------------------------------------------------------------------------

static bool
is_hidden(const struct leaf *leaf, const struct grants *g)
{
	return leaf->label == LABEL_UNSPECIFIED ||
	    (leaf->label != LABEL_OPERATIONAL && g->level[leaf->label] == GRANT_NONE);
}

static void
run(struct probe *p, struct payload *load, struct buf *keep)
{
	struct index_fault fault;

	buf_clear(&p->payload);
	load->count = 0;
	put_message(load, &p->payload, 0, LABEL_UNSPECIFIED);
	assert_ok(index_build(&p->index, mapping_from(p->mapping), buf_view(&p->payload), &fault));
	enum en_err err = plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault);

	buf_clear(keep);
	if (err == EN_OK) {
		for (size_t i = 0; i < p->run.output_count; i++) {
			buf_put_text(keep, p->run.outputs[i].payload);
		}
	} else {
		buf_printf(keep, "%s %s %s %s", reason_code(p->fault.reason), p->fault.target, p->fault.source,
		    p->fault.table);
	}
}

static void
load_tables(struct probe *p)
{
	table(p, "table: letras\n", "from,to\nS,si\nN,no\nA,a\n7,siete\n");
	table(p, "table: par\ndirection: both_ways\n", "from,to\nS,A\nN,B\nA,S\nB,7\n");
	table(p, "table: kilos\n", "from,to\nS,2\nN,3\nA,10\n");
	table(p,
	    "table: lugares\ncolumns: [code, parent, level, name]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
	    "code,parent,level,name\nS,,adm1,Norte\nN,S,adm2,Sur\nA,,adm1,Este\nB,A,adm2,Oeste\n");
	table(p, "table: ancha\ncolumns: [uno, dos, tres]\n", "uno,dos,tres\nS,N,sn\nS,S,ss\nA,B,ab\nN,N,nn\n");
	table(p, "table: lada\ncolumns: [country, code, trunk, lengths, infix]\n",
	    "country,code,trunk,lengths,infix\nMEX,52,044|045|01,10,1\n");
}

// Compiles what the seed makes; the findings are printed when it is not valid, which is a mistake of the generator.
static void
compile_random(struct probe *p, struct random_rules *g)
{
	plan_free(&p->plan);
	mapping_free(&p->mapping);
	schema_unref(&p->schema);
	findings_fini(&p->findings);
	findings_init(&p->findings);
	random_rules_make(g);
	assert_ok(schema_new(&p->schema));
	probe_add(p, CANONICAL_SCHEMA);
	assert_ok(schema_add(p->schema, buf_view(&g->schema), "azar", &p->findings));
	assert_ok(schema_seal(p->schema, &p->findings));
	compile_ok(p, buf_cstr(&g->mapping));
}

struct tally {
	size_t flips, changes, plans, faults;
	bool words[128]; // of the language: which some mapping has used
};

// Every referral is known, by the very number that is asked for.
static bool
know_all(void *context, const char *sender, struct view reference, struct view *ret)
{
	(void)context;
	(void)sender;
	*ret = reference;
	return true;
}

static void
count_words(const struct buf *mapping, struct tally *tally)
{
	for (size_t i = 0; i < conf_arm_object.field_count; i++) {
		char key[64];

		(void)snprintf(key, sizeof(key), "%s:", conf_arm_object.fields[i].key);
		for (const char *at = strstr(buf_cstr((struct buf *)mapping), key); at != NULL && !tally->words[i];
		     at = strstr(at + 1, key)) {
			tally->words[i] = strchr(" {\n", at[-1]) != NULL;
		}
	}
}

static void
assert_all_words(const struct tally *tally)
{
	assert_true(conf_arm_object.field_count <= EN_COUNT_OF(tally->words));
	for (size_t i = 0; i < conf_arm_object.field_count; i++) {
		if (!tally->words[i]) {
			fail_msg("no mapping made at random has %s", conf_arm_object.fields[i].key);
		}
	}
}

static void
flip_leaves(struct probe *p, struct payload *load, const struct grants *grants, uint64_t seed, struct tally *tally)
{
	struct buf one = BUF_EMPTY, other = BUF_EMPTY;

	run(p, load, &one);
	tally->faults += p->run.output_count == 0;
	for (int i = 0; i < FLIPS; i++) {
		size_t at = random_next(&load->dice, (uint32_t)load->count);

		for (int again = 0; again < 4 && !is_hidden(&load->leaves[at], grants); again++) {
			at = random_next(&load->dice, (uint32_t)load->count); // most flips are of what is hidden
		}
		struct leaf *leaf = &load->leaves[at];
		uint32_t was = leaf->value;

		leaf->value = random_next(&load->dice, 1000);
		run(p, load, &other);
		bool same = view_equal(buf_view(&one), buf_view(&other));

		if (!is_hidden(leaf, grants)) {
			tally->changes += !same;
		} else if (!same) {
			print_message("%s\n", buf_cstr((struct buf *)&load->g->mapping));
			fail_msg("seed %llu: leaf %zu with the label %s shows", (unsigned long long)seed, at,
			    label_name(leaf->label));
		} else {
			tally->flips++;
		}
		leaf->value = was;
	}
	buf_fini(&one);
	buf_fini(&other);
}

static void
one_round(struct probe *p, uint64_t seed, struct tally *tally)
{
	struct random_rules g = {.seed = seed};
	struct payload load = {.g = &g, .dice = {.seed = seed ^ 77}};
	struct buf scratch = BUF_EMPTY;

	compile_random(p, &g);
	count_words(&g.mapping, tally);
	for (int i = 0; i < GRANTS; i++) {
		struct grants grants = grants_none();

		for (size_t l = LABEL_OPERATIONAL + 1; l < LABEL_COUNT; l++) {
			grants.level[l] =
			    (uint8_t)(random_next(&load.dice, 3) == 0 ? GRANT_NONE : random_next(&load.dice, 4));
		}
		plan_free(&p->plan);
		if (plan_new(p->mapping, &grants, NULL, &p->plan) != EN_OK) {
			continue; // a recipient who may not have enough of it gets nothing
		}
		tally->plans++;
		p->env.is_update = random_next(&load.dice, 2) == 0;
		for (int n = 0; n < PAYLOADS; n++) {
			load.first = true;
			run(p, &load, &scratch);
			load.first = false;
			flip_leaves(p, &load, &grants, seed, tally);
		}
	}
	buf_fini(&scratch);
	random_rules_fini(&g);
}

static uint64_t
from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void
whatever_the_rules_a_hidden_field_shows_nowhere(void **state)
{
	struct probe *p = *state;
	uint64_t rounds = from_environment("ENLACE_ROUNDS", ROUNDS), first = from_environment("ENLACE_SEED", 20261125);
	struct tally tally = {.flips = 0};

	load_tables(p);
	p->env.referral_by = know_all;
	if (getenv("ENLACE_SEED") != NULL) {
		rounds = 1;
	}
	for (uint64_t i = 0; i < rounds; i++) {
		one_round(p, first + i * 1000003, &tally);
	}
	print_message("%llu rounds from seed %llu: %zu plans, %zu hidden flips, %zu visible changes, %zu faults\n",
	    (unsigned long long)rounds, (unsigned long long)first, tally.plans, tally.flips, tally.changes,
	    tally.faults);
	if (rounds >= ROUNDS) {
		assert_all_words(&tally);
	}
	assert_true(rounds < ROUNDS || (tally.flips > 200000 && tally.changes > 5000)); // or nothing was tested
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(whatever_the_rules_a_hidden_field_shows_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
