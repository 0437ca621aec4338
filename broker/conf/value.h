// SPDX-License-Identifier: Apache-2.0
// The value of a line: one verb and its steps. What the files of its reader share.
//
//   value.c        the table of keys, one row each, and the line itself
//   value_read.c   forms that no row can say: arms, pairs, other values inside
//   value_check.c  which steps go with which verb, and which with each other
#ifndef EN_CONF_VALUE_H
#define EN_CONF_VALUE_H

#include "conf/bind.h"

// What is bound from one map: a value, and where it is an arm of a choice also its condition and reason.
struct value_draft {
	struct conf_value value;
	struct conf_condition when;
	struct conf_text because;
};

// NULL when it could not be read, which a finding or b->err tells.
const struct conf_value *conf_value_read(struct binder *b, const struct yaml_node *node);
void conf_lines_read(struct binder *b, const struct yaml_node *node, struct conf_set_line **ret, size_t *ret_count);

// One map as a value, or as an arm with its `when`.
extern const struct bind_object conf_value_object, conf_arm_object;
// Whether some row of the table has this key.
bool conf_value_has_key(const char *key);

// Readers of rows. Those of the first group get the start of the draft as dst: they fill more than one member of it.
void value_read_arms(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_otherwise(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_unknown(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_set(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_flags(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_match(struct binder *b, const struct yaml_node *node, void *dst);
void value_read_aliases(struct binder *b, const struct yaml_node *node, void *dst);
// What stands there in place of a value.
extern const char *const value_otherwise_words[], *const value_unknown_words[];
// Of a const struct conf_value * at dst.
void value_read_inner(struct binder *b, const struct yaml_node *node, void *dst);

// The verbs, by their kind; NULL past the last.
extern const char *const value_verbs[];
// The check of both objects.
void value_check(struct binder *b, const struct yaml_node *map, void *dst);

#endif
