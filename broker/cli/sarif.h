// SPDX-License-Identifier: Apache-2.0
// Findings as SARIF 2.1.0 (OASIS), the form in which code hosts and CI show them beside the lines: rule ids are our codes, a rule's
// help is its page, and a region is line and column in characters.
#ifndef EN_CLI_SARIF_H
#define EN_CLI_SARIF_H

#include "cli/cmd.h"

// On stdout, in the order and the language of the findings. EN_ENOMEM, EN_EIO.
EN_MUST_CHECK enum en_err sarif_print(const struct findings *f);

#endif
