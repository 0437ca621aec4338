// SPDX-License-Identifier: Apache-2.0
// Signatures of function.tbl.h: "list<A>,int->A". They are text so that a row can be read; they are ours, so a wrong one is an assertion.
#include "expr/check_int.h"

#include <assert.h>

struct reader {
	struct cel_checker *c;
	const char *at;
	const struct cel_type *params[CEL_PARAMS_MAX]; // made when met
};

static const struct cel_type *read_type(struct reader *r);

static const struct cel_type *
read_parameters(struct reader *r, enum cel_type_kind kind)
{
	const struct cel_type *first, *second = NULL, *t;

	assert(*r->at == '<');
	r->at++;
	first = read_type(r);
	if (*r->at == ',') {
		r->at++;
		second = read_type(r);
	}
	assert(*r->at == '>');
	r->at++;
	t = cel_type_new(r->c->arena, kind, first, second);
	if (t == NULL) {
		(void)cel_check_memory(r->c);
		return cel_type_of_kind(CEL_DYN);
	}
	return t;
}

enum cel_type_kind
cel_kind_of_word(struct view word)
{
	static const struct {
		const char *word;
		enum cel_type_kind kind;
	} words[] = {{"dyn", CEL_DYN}, {"null", CEL_NULL}, {"bool", CEL_BOOL}, {"int", CEL_INT}, {"uint", CEL_UINT},
	    {"double", CEL_DOUBLE}, {"string", CEL_STRING}, {"bytes", CEL_BYTES}, {"timestamp", CEL_TIMESTAMP},
	    {"duration", CEL_DURATION}, {"list", CEL_LIST}, {"map", CEL_MAP}, {"type", CEL_TYPE},
	    {"optional_type", CEL_OPTIONAL}};

	if (word.len == 1 && word.data[0] >= 'A' && word.data[0] <= 'Z') {
		return CEL_PARAM;
	}
	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		if (view_is(word, words[i].word)) {
			return words[i].kind;
		}
	}
	return CEL_ABSTRACT;
}

static const struct cel_type *
read_type(struct reader *r)
{
	struct view word = view_of(r->at, strcspn(r->at, ",<>-"));
	enum cel_type_kind kind = cel_kind_of_word(word);

	r->at += word.len;
	if (kind == CEL_PARAM) {
		const struct cel_type **param = &r->params[word.data[0] - 'A'];

		*param = *param == NULL ? cel_fresh(r->c) : *param;
		return *param;
	}
	if (kind != CEL_ABSTRACT) {
		return *r->at == '<' ? read_parameters(r, kind) : cel_type_of_kind(kind);
	}
	struct cel_type *abstract = arena_zalloc(r->c->arena, sizeof(*abstract));

	if (abstract == NULL) {
		(void)cel_check_memory(r->c);
		return cel_type_of_kind(CEL_DYN);
	}
	abstract->kind = CEL_ABSTRACT;
	abstract->name = arena_text(r->c->arena, word);
	return abstract;
}

// Arguments of a signature, before its types are made.
static uint32_t
count_arguments(const char *signature)
{
	uint32_t count = *signature == '-' ? 0 : 1;
	int depth = 0;

	for (const char *p = signature; *p != '-'; p++) {
		depth += *p == '<' ? 1 : *p == '>' ? -1 : 0;
		count += *p == ',' && depth == 0;
	}
	return count;
}

bool
cel_signature(struct cel_checker *c, const char *signature, uint32_t count, const struct cel_type **ret_args,
    const struct cel_type **ret_result)
{
	struct reader r = {.c = c, .at = signature};

	if (count_arguments(signature) != count) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		ret_args[i] = read_type(&r);
		r.at += *r.at == ',';
	}
	assert(strncmp(r.at, "->", 2) == 0);
	r.at += 2;
	*ret_result = read_type(&r);
	return !c->failed;
}
