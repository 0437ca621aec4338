// SPDX-License-Identifier: Apache-2.0
// What the tests of the 42 difficulties share: mappings between records of difficulty.proto, and tables written as their two files.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_MAP_DIFFICULTY_H
#define EN_TESTS_UNIT_MAP_DIFFICULTY_H

#include "fixture.h"

#include "conf/kinds.h"
#include "conf/table.h"

// A table as a person would write it: the header and the CSV. EN_ECONFIG leaves the findings for the test to look at.
static inline enum en_err
load_table(struct probe *p, const char *header, const char *csv)
{
	struct conf_table **tables = arena_zalloc(&p->arena, (p->codes.table_count + 1) * sizeof(*tables));
	void *table = NULL;
	enum en_err err = conf_kind_parse(CONF_TABLE, view_text(header), "t.yaml", &p->arena, &p->findings, &table);

	if (err == EN_OK) {
		err = conf_table_read(table, view_text(csv), &p->arena, &p->findings);
	}
	if (err != EN_OK) {
		return err;
	}
	if (p->codes.table_count > 0) {
		memcpy(tables, p->codes.tables, p->codes.table_count * sizeof(*tables));
	}
	tables[p->codes.table_count++] = table;
	p->codes.tables = tables;
	code_tables_free(&p->tables);
	err = code_tables_new(&p->codes, &p->findings, &p->tables);
	if (err != EN_OK) {
		p->codes.table_count--;
		assert_ok(code_tables_new(&p->codes, &p->findings, &p->tables));
	}
	return err;
}

static inline void
table(struct probe *p, const char *header, const char *csv)
{
	enum en_err err = load_table(p, header, csv);

	if (err != EN_OK) {
		print_message("%s", found(p));
	}
	assert_ok(err);
}

// A mapping between two types of difficulty.v1 (or any full name), all of the source granted.
static inline void
between(struct probe *p, const char *from, const char *to, const char *head, const char *set)
{
	const char *a = strchr(from, '.') == NULL ? arena_printf(&p->arena, "difficulty.v1.%s", from) : from;
	const char *b = strchr(to, '.') == NULL ? arena_printf(&p->arena, "difficulty.v1.%s", to) : to;

	compile_ok(p, mapping_text(p, a, b, head, set));
	plan_with(p, grants_all());
}

static inline void
registro(struct probe *p, const char *set)
{
	between(p, "Registro", "Ficha", "", set);
}

// Compiles the line and expects these findings, those about unread fields aside.
static inline void
expect_refused(struct probe *p, const char *set, const char *wanted)
{
	struct buf b = BUF_EMPTY;

	findings_fini(&p->findings);
	findings_init(&p->findings);
	(void)compile(p, mapping_text(p, "difficulty.v1.Registro", "difficulty.v1.Ficha", "", set));
	findings_sort(&p->findings);
	for (size_t i = 0; i < p->findings.count; i++) {
		const struct finding *f = &p->findings.items[i];

		if (f->code != E0315) {
			buf_printf(&b, "%s %u:%u %s\n", finding_code_text(f->code), f->where.line, f->where.column,
			    f->detail == NULL ? "" : f->detail);
		}
	}
	assert_string_equal(buf_cstr(&b), wanted);
	buf_fini(&b);
}

#endif
