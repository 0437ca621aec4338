// SPDX-License-Identifier: Apache-2.0
// Key files and their rights.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/cert.h"
#include "net/net.h"
#include "support/support.h"

#define NOBODY 65534

struct fixture {
	char *folder, *path, *secret_path;
	struct cert cert;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	f->path = test_path(f->folder, "inm.cert");
	f->secret_path = test_path(f->folder, "inm.cert_secret");
	assert_ok(cert_generate(&f->cert));
	assert_ok(cert_save(f->path, &f->cert));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	test_folder_remove(f->folder);
	free(f->path);
	free(f->secret_path);
	free(f);
	return 0;
}

// What another user than the owner of the files gets: root reads everything, so a child becomes nobody.
static enum en_err
load_as_another(struct fixture *f, enum en_err (*load)(const char *path, struct cert *ret), const char *path)
{
	int status;
	pid_t child;

	assert_int_equal(chmod(f->folder, 0755), 0);
	if (geteuid() != 0) {
		struct cert cert;

		assert_int_equal(chmod(f->secret_path, 0), 0);
		return load(path, &cert);
	}
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct cert cert;

		_exit(setresuid(NOBODY, NOBODY, NOBODY) != 0 ? 255 : (int)load(path, &cert));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (enum en_err)WEXITSTATUS(status);
}

static void
a_saved_key_loads_with_both_halves(void **state)
{
	struct fixture *f = *state;
	struct cert there;

	assert_ok(cert_load_secret(f->path, &there));
	assert_string_equal(there.public_key, f->cert.public_key);
	assert_string_equal(there.secret_key, f->cert.secret_key);
	assert_ok(cert_load_secret(f->secret_path, &there)); // by either name
	assert_string_equal(there.secret_key, f->cert.secret_key);
}

// The broker's public key beside its secret one, on the machine of an adapter that runs as somebody else.
static void
a_public_key_loads_beside_a_secret_one_that_is_not_readable(void **state)
{
	struct fixture *f = *state;

	assert_err(EN_OK, load_as_another(f, cert_load_public, f->path));
	assert_err(EN_EDENIED, load_as_another(f, cert_load_secret, f->path));
}

static void
a_secret_key_that_others_can_read_is_refused(void **state)
{
	struct fixture *f = *state;
	struct cert there;

	assert_int_equal(chmod(f->secret_path, 0640), 0);
	assert_err(EN_EDENIED, cert_load_secret(f->path, &there));
}

static void
a_key_takes_the_place_of_none(void **state)
{
	struct fixture *f = *state;
	struct cert other, there;

	assert_ok(cert_generate(&other));
	assert_err(EN_EEXISTS, cert_save(f->path, &other));
	assert_err(EN_EEXISTS, cert_save_public(f->path, &other));
	assert_ok(cert_load_secret(f->path, &there));
	assert_string_equal(there.secret_key, f->cert.secret_key);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_saved_key_loads_with_both_halves),
	    TEST(a_public_key_loads_beside_a_secret_one_that_is_not_readable),
	    TEST(a_secret_key_that_others_can_read_is_refused),
	    TEST(a_key_takes_the_place_of_none),
	};
	int failed;

	if (net_init() != EN_OK) {
		return 1;
	}
	failed = cmocka_run_group_tests_name("net/cert", tests, NULL, NULL);
	net_fini();
	return failed;
}
