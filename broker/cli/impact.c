// SPDX-License-Identifier: Apache-2.0
#include "cli/impact.h"

#include <ctype.h>
#include <string.h>

#include "base/say.h"

#define SAY(i, sentence) en_say((i)->lang, sentence)

static bool
is_same_text(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

bool
impact_is_new(const struct impact *i, const struct finding *finding)
{
	for (size_t k = 0; k < i->before->count; k++) {
		const struct finding *other = &i->before->items[k];

		if (other->code == finding->code && other->where.line == finding->where.line &&
		    other->where.column == finding->where.column &&
		    is_same_text(other->where.file, finding->where.file) &&
		    is_same_text(other->detail, finding->detail)) {
			return false;
		}
	}
	return true;
}

// ---- by number -------------------------------------------------------------------------------------------------------------------

// The field's name, in the way that name is one of the old field.
static const char *
like(const char *name, const struct schema_field *old, const struct schema_field *new)
{
	return strcmp(name, old->name) == 0 ? new->name : new->json_name;
}

static const char *
because_field(const struct impact *i, const struct schema_type *old, const char *name)
{
	const struct schema_field *was = schema_field_by_name(old, view_text(name)), *is;
	const struct schema_type *new = schema_type_by_name(i->new, old->name);

	if (new == NULL) {
		return arena_printf(i->arena, SAY(i, "the message %s is gone"), old->name);
	}
	if (was == NULL) {
		return NULL;
	}
	is = schema_field_by_number(new, was->number);
	return is == NULL
	    ? arena_printf(i->arena, SAY(i, "field %u `%s` is gone"), was->number, name)
	    : arena_printf(i->arena, SAY(i, "field %u `%s` is now `%s`"), was->number, name, like(name, was, is));
}

static const char *
because_value(const struct impact *i, const struct schema_enum *old, const char *name)
{
	const struct schema_enum_value *was = schema_enum_by_name(old, view_text(name)), *is;
	const struct schema_enum *new = schema_enum_by_full_name(i->new, view_text(old->name));

	if (new == NULL) {
		return arena_printf(i->arena, SAY(i, "the enum %s is gone"), old->name);
	}
	if (was == NULL) {
		return NULL;
	}
	is = schema_enum_by_number(new, was->number);
	return is == NULL ? arena_printf(i->arena, SAY(i, "value %d `%s` is gone"), was->number, name)
			  : arena_printf(i->arena, SAY(i, "value %d `%s` is now `%s`"), was->number, name, is->name);
}

// scope is a field with a closed list: "inm.v1.Acta.nna".
static const char *
because_listed(const struct impact *i, const char *scope, const char *name)
{
	const char *dot = strrchr(scope, '.');
	const struct schema_type *old =
	    dot == NULL ? NULL : schema_type_by_view(i->old, view_of(scope, (size_t)(dot - scope)));
	const struct schema_type *new = old == NULL ? NULL : schema_type_by_name(i->new, old->name);
	const struct schema_field *was = old == NULL ? NULL : schema_field_by_name(old, view_text(dot + 1)), *is;

	for (uint32_t k = 0; was != NULL && k < was->value_count; k++) {
		if (strcmp(was->values[k], name) == 0) {
			return arena_printf(i->arena, SAY(i, "`%s` is no value of field %u `%s` any more"), name,
			    was->number, was->name);
		}
	}
	// It was open, and has a list now; or it is no text any more, which is told as that.
	is = was == NULL || new == NULL ? NULL : schema_field_by_number(new, was->number);
	return is != NULL && is->value_count > 0
	    ? arena_printf(
		  i->arena, SAY(i, "field %u `%s` has a closed list now, without `%s`"), was->number, was->name, name)
	    : NULL;
}

// ---- by name ---------------------------------------------------------------------------------------------------------------------

static bool
is_word(unsigned char c)
{
	return isalnum(c) || c == '_' || c >= 0x80;
}

static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text == NULL ? NULL : strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
		if ((at == text || !is_word((unsigned char)at[-1])) && !is_word((unsigned char)at[len])) {
			return true;
		}
	}
	return false;
}

// What did not change its name but became something else: a breach whose field stands in the line.
static const char *
because_breach(const struct impact *i, const struct finding *finding)
{
	for (size_t k = 0; k < i->report->count; k++) {
		const struct compat_breach *b = &i->report->items[k];

		if ((b->rule == COMPAT_FIELD_WIRE_JSON_COMPATIBLE_TYPE ||
			b->rule == COMPAT_FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY ||
			b->rule == COMPAT_FIELD_SAME_ONEOF || b->rule == COMPAT_MESSAGE_SAME_REQUIRED_FIELDS ||
			b->rule == COMPAT_FIELD_SAME_LABEL) &&
		    (has_word(finding->detail, b->member) || has_word(finding->excerpt, b->member))) {
			return arena_printf(i->arena, "%s.%s: %s", b->scope, b->member, b->detail);
		}
	}
	return NULL;
}

const char *
impact_because(const struct impact *i, const struct finding *finding)
{
	const char *because = NULL;

	if (finding->scope != NULL && finding->name != NULL) {
		const struct schema_type *type = schema_type_by_name(i->old, finding->scope);
		const struct schema_enum *enumeration = schema_enum_by_full_name(i->old, view_text(finding->scope));

		because = type != NULL    ? because_field(i, type, finding->name)
		    : enumeration != NULL ? because_value(i, enumeration, finding->name)
					  : because_listed(i, finding->scope, finding->name);
	}
	return because != NULL ? because : because_breach(i, finding);
}
