// SPDX-License-Identifier: Apache-2.0
// A folder with a small rule set that is in order, and settings beside it; and the program that is run on it.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CLI_PLACE_H
#define EN_TESTS_UNIT_CLI_PLACE_H

#include "unit/cli/program.h"

#include <sys/stat.h>

struct place {
	char *folder, *settings;
	struct program p;
};

static inline void
put(struct place *at, const char *name, const char *text)
{
	free(test_write_text(at->folder, name, text));
}

static inline char *
path(struct place *at, const char *name)
{
	return test_path(at->folder, name);
}

static inline int
set_up(void **state)
{
	struct place *at = calloc(1, sizeof(*at));
	struct buf settings = BUF_EMPTY;
	char *here = getcwd(NULL, 0);

	at->folder = test_folder();
	at->p.in_fd = -1;
	buf_printf(&settings,
	    "listen: tcp://127.0.0.1:5570\nkey: keys/broker.cert_secret\nkeys: keys/agencies\nschemas: %s/build/schemas\n"
	    "journal: journal\nid_secret: journal/id.secret\n",
	    here);
	put(at, "enlace.yaml", buf_cstr(&settings));
	put(at, "agencies/inm.yaml", "agency: inm\nkind: authority\npublishes: [enlace.v1.Referral]\n");
	put(at, "keys/agencies/note", "");
	at->settings = path(at, "enlace.yaml");
	buf_fini(&settings);
	free(here);
	*state = at;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct place *at = *state;

	program_fini(&at->p);
	test_folder_remove(at->folder);
	free(at->settings);
	free(at);
	return 0;
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
