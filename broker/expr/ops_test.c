// SPDX-License-Identifier: Apache-2.0
// Fused instructions: a field of a message, read from the wire index, compared with constants. They cannot fail, so a jump may hang on the answer. That
// the variable holds a message of the right type was looked at when the run began.
#include <math.h>

#include "expr/message.h"
#include "expr/program_int.h"

// The field's value on the wire; NULL when it does not occur. *ret_message: of the message that would hold it; INDEX_NONE when that is not there either.
static inline const struct index_node *
leaf_node(const struct cel_run *run, const struct field_path *p, const struct index **ret_ix, uint32_t *ret_message)
{
	const struct cel_value *v = &run->variables[p->variable];
	const struct index *ix = v->index;
	uint32_t message = v->n;

	*ret_ix = ix;
	for (uint32_t k = 0; k < p->step_count; k++) {
		const struct index_node *n = index_last(ix, message, p->steps[k]);

		if (n == NULL) {
			*ret_message = INDEX_NONE;
			return NULL;
		}
		message = n->message;
	}
	*ret_message = message;
	return index_last(ix, message, p->leaf);
}

static inline struct cel_value
scalar_of(const struct cel_run *run, const struct field_path *p)
{
	const struct index *ix;
	uint32_t message;
	const struct index_node *n = leaf_node(run, p, &ix, &message);

	return n == NULL ? message_default_scalar(p->leaf) : message_scalar(p->leaf, n->bits);
}

static inline struct view
text_of(const struct cel_run *run, const struct field_path *p)
{
	const struct index *ix;
	uint32_t message;
	const struct index_node *n = leaf_node(run, p, &ix, &message);

	return n == NULL ? p->leaf->default_text : index_bytes(ix, n);
}

static inline const struct instruction *
decided(struct cel_run *run, const struct instruction *i, bool answer)
{
	run->registers[i->to] = cel_bool(answer);
	return i->jump != 0 && answer == i->a ? i + i->jump : i + 1;
}

// A code that is there and that its enum does not know.
static inline bool
is_unheard_of(const struct schema_field *f, const struct index_node *n)
{
	return n != NULL && f->kind == KIND_ENUM && schema_enum_by_number(f->enumeration, (int32_t)n->bits) == NULL;
}

const struct instruction *
op_path(struct cel_run *run, const struct instruction *i)
{
	enum schema_kind kind = i->path->leaf->kind;
	const struct index *ix;
	uint32_t message;

	if (EN_UNLIKELY(run->known_codes && is_unheard_of(i->path->leaf, leaf_node(run, i->path, &ix, &message)))) {
		return op_fail(run, i, CEL_ERROR_UNHEARD_OF);
	}
	run->registers[i->to] = kind == KIND_STRING ? cel_string(text_of(run, i->path))
	    : kind == KIND_BYTES                    ? cel_bytes(text_of(run, i->path))
						    : scalar_of(run, i->path);
	return i + 1;
}

const struct instruction *
op_test_has(struct cel_run *run, const struct instruction *i)
{
	const struct index *ix;
	uint32_t message;

	(void)leaf_node(run, i->path, &ix, &message);
	return decided(run, i, message != INDEX_NONE && message_has(ix, message, i->path->leaf));
}

const struct instruction *
op_test_bool(struct cel_run *run, const struct instruction *i)
{
	return decided(run, i, scalar_of(run, i->path).boolean);
}

const struct instruction *
op_test_texts(struct cel_run *run, const struct instruction *i)
{
	const struct field_test *t = i->test;
	struct view text = text_of(run, &t->path);
	bool found = false;

	for (uint32_t k = 0; k < t->count && !found; k++) {
		found = view_equal(text, t->texts[k]);
	}
	return decided(run, i, found != t->negated);
}

const struct instruction *
op_test_integers(struct cel_run *run, const struct instruction *i)
{
	const struct field_test *t = i->test;
	int64_t value = scalar_of(run, &t->path).integer;
	bool found = false;

	for (uint32_t k = 0; k < t->count && !found; k++) {
		found = value == t->integers[k];
	}
	return decided(run, i, found != t->negated);
}

// Where only codes count that the enum knows. The one of these that may leave an error, which no jump follows.
const struct instruction *
op_test_codes(struct cel_run *run, const struct instruction *i)
{
	const struct field_test *t = i->test;
	const struct index *ix;
	uint32_t message;
	const struct index_node *n = leaf_node(run, &t->path, &ix, &message);
	int64_t value =
	    (n == NULL ? message_default_scalar(t->path.leaf) : message_scalar(t->path.leaf, n->bits)).integer;

	for (uint32_t k = 0; k < t->count; k++) {
		if (value == t->integers[k]) {
			return decided(run, i, !t->negated);
		}
	}
	return is_unheard_of(t->path.leaf, n) ? op_fail(run, i, CEL_ERROR_UNHEARD_OF) : decided(run, i, t->negated);
}

static inline bool
says(const struct field_test *t, bool less, bool more)
{
	return less ? t->less : more ? t->more : t->equal;
}

const struct instruction *
op_test_integer(struct cel_run *run, const struct instruction *i)
{
	int64_t value = scalar_of(run, &i->test->path).integer, bound = i->test->integer;

	return decided(run, i, says(i->test, value<bound, value> bound));
}

const struct instruction *
op_test_unsigned(struct cel_run *run, const struct instruction *i)
{
	uint64_t value = scalar_of(run, &i->test->path).unsigned_integer, bound = i->test->unsigned_integer;

	return decided(run, i, says(i->test, value<bound, value> bound));
}

const struct instruction *
op_test_double(struct cel_run *run, const struct instruction *i)
{
	double value = scalar_of(run, &i->test->path).number, bound = i->test->number;

	return decided(
	    run, i, isnan(value) || isnan(bound) ? i->test->unordered : says(i->test, value<bound, value> bound));
}
