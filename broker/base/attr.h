// SPDX-License-Identifier: Apache-2.0
// The few compiler attributes that the code uses, behind names, so that the rest stays plain C11.
#ifndef EN_BASE_ATTR_H
#define EN_BASE_ATTR_H

#define EN_MUST_CHECK __attribute__((warn_unused_result))
#define EN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
// Argument n is a format string, and what is returned is one for the same arguments.
#define EN_FORMAT_ARG(n) __attribute__((format_arg(n)))
#define EN_NOINLINE __attribute__((noinline))	// kept out of a loop that needs its registers
#define EN_UNREACHABLE() __builtin_unreachable()
#define EN_LIKELY(x) __builtin_expect(!!(x), 1)
#define EN_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define EN_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
