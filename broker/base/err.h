// SPDX-License-Identifier: Apache-2.0
// One enum for every error of enlace; 0 is success. What else is known of an error (may a retry help,
// which exit code, which words) stands once, in err.tbl.h.
//
// A miss in a look-up is not an error: such functions return NULL. Positions travel apart, in a
// struct finding (conf, rules) or a struct fault (map), filled only on failure.
#ifndef EN_BASE_ERR_H
#define EN_BASE_ERR_H

#include <stdbool.h>

enum en_err {
#define EN_ERR(name, retry, exit, code, en, es) name,
#include "base/err.tbl.h"
#undef EN_ERR
	EN_ERR_COUNT
};

// Which words to use. Chosen once by a program's main from LC_ALL, LC_MESSAGES, LANG.
enum en_lang { EN_LANG_EN, EN_LANG_ES };

// Reads the environment, in the order of POSIX; anything but Spanish is English.
enum en_lang en_lang_from_environment(void);

// The stable code ("full"): the same in every language, never reused. Never NULL.
const char *en_err_code(enum en_err err);
// The text for a person, without a full stop. Never NULL.
const char *en_err_text(enum en_err err, enum en_lang lang);
// Whether the same call may succeed later with nothing changed by the caller.
bool en_err_may_retry(enum en_err err);
// The exit code of a program that ends because of it.
int en_err_exit_code(enum en_err err);

#endif
