// SPDX-License-Identifier: Apache-2.0
// Running a program (program.h). A run holds what one thread needs: registers, an arena, indexes for messages that the expression makes or unpacks,
// a budget. It is used for one program after the other, and asks for no memory once it is warm
// (but what the C library takes to sort the entries of a map that format() writes, and what ProtoJSON takes for a message inside of a Value).
#ifndef EN_EXPR_RUN_H
#define EN_EXPR_RUN_H

#include "expr/value.h"

struct cel_program;
struct cel_run;

EN_MUST_CHECK enum en_err cel_run_new(struct cel_run **ret);	// EN_ENOMEM
void cel_run_free(struct cel_run **rp);
// Everything made since the last one is gone. cel_run_program begins with it; for those who make values (message.h) without running anything: they
// call it before an index that values were read from is built again.
void cel_run_reset(struct cel_run *run);
// variables: a value for each variable of the environment, by its number; cel_error(CEL_ERROR_NO_VARIABLE) for one that has none. A message must be of
// the type that was declared, in the same schemas; where one is missing whose fields the program compares, the whole is that error, also beside what
// would have decided without it. EN_OK: *ret is a value or a CEL_ERROR that says where in the text, and lives until the run's next
// use. EN_ENOMEM, or EN_ELIMIT when the budget (LIMIT_EXPR_RUN_*) is spent: then there is no answer.
EN_MUST_CHECK enum en_err cel_run_program(struct cel_run *run, const struct cel_program *program, const struct cel_value *variables, struct cel_value *ret);

#endif
