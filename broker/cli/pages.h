// SPDX-License-Identifier: Apache-2.0
// The pages of `enlace explain-code`: one file a code under cli/pages/, made into an array by the Makefile. A page has
// its text in English and Spanish and, where files can bring the code up, a wrong and a right example, which
// tests/e2e/test_findings.py plays.
//
//   # E0302
//   ## English
//   ...
//   ## Español
//   ...
//   ## Wrong: mappings/visita.yaml       or sh: commands in the folder of the rule set
//   ```yaml
//   ...
//   ```
//   ## Right: mappings/visita.yaml       what corrects it, applied after the wrong one
#ifndef EN_CLI_PAGES_H
#define EN_CLI_PAGES_H

struct page {
	const char *code, *text;	// the whole file
};

extern const struct page pages[];	// sorted by code; ends with a NULL code

#endif
