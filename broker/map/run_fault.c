// SPDX-License-Identifier: Apache-2.0
// What a run tells when it cannot go on: which mapping, line, target and source, and why. Never a value.
#include <stdio.h>

#include "map/run_int.h"

bool
run_out_of_memory(struct runner *r)
{
	r->err = EN_ENOMEM;
	return false;
}

static void
copy_name(char *dst, size_t room, const char *name)
{
	(void)snprintf(dst, room, "%s", name == NULL ? "" : name); // a long name is cut; it is for people
}

bool
fault_at(
    struct runner *r, enum reason reason, struct where where, const char *target, const char *source, const char *table)
{
	struct map_fault *f = r->fault;

	f->reason = reason;
	f->where = where;
	copy_name(f->mapping, sizeof(f->mapping), mapping_name(r->plan->mapping));
	copy_name(f->target, sizeof(f->target), target);
	copy_name(f->source, sizeof(f->source), source);
	copy_name(f->table, sizeof(f->table), table);
	r->err = EN_EMAPPING;
	return false;
}

const struct code_table *
table_of(const struct value *v)
{
	return v->kind == CONF_VALUE_LOOKUP ? v->more->lookup->table : v->table->table;
}

bool
run_fault_at(struct runner *r, enum reason reason, struct where where, const char *source)
{
	return fault_at(r, reason, where, r->line == NULL ? "" : r->line->target, source, NULL);
}

bool
run_fault(struct runner *r, enum reason reason, const struct value *v)
{
	const char *target = r->line == NULL ? "" : r->line->target;
	struct where where = v != NULL ? v->where : r->line != NULL ? r->line->where : (struct where){.file = NULL};
	const char *table = v == NULL || reason != REASON_TABLE_MISS ? NULL : table_of(v)->name;

	return fault_at(r, reason, where, target, v == NULL ? NULL : v->source, table);
}

bool
run_fault_missing(struct runner *r, const struct op *op)
{
	if (op->line == NULL) {
		return fault_at(r, REASON_REQUIRED_MISSING, op->group->where, op->group->target, NULL, NULL);
	}
	return fault_at(r, REASON_REQUIRED_MISSING, op->line->where, op->line->target, op->line->value->source, NULL);
}
