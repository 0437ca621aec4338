// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/support.h"

struct fixture {
	char *folder, *path;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	f->path = test_path(f->folder, "id.secret");
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	test_folder_remove(f->folder);
	free(f->path);
	free(f);
	return 0;
}

static void
a_secret_is_readable_by_its_user_alone_and_nothing_is_left_beside_it(void **state)
{
	struct fixture *f = *state;
	char *text, *fresh = test_path(f->folder, "id.secret.new");
	struct stat info;

	umask(0);
	assert_ok(file_create_secret(f->path, view_text("abc")));
	umask(022);
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	text = test_read(f->path, NULL);
	assert_string_equal(text, "abc");
	assert_int_not_equal(access(fresh, F_OK), 0);
	free(text);
	free(fresh);
}

static void
a_secret_that_is_there_is_never_replaced(void **state)
{
	struct fixture *f = *state;
	char *text;

	assert_ok(file_create_secret(f->path, view_text("old")));
	assert_err(EN_EEXISTS, file_create_secret(f->path, view_text("new")));
	text = test_read(f->path, NULL);
	assert_string_equal(text, "old");
	free(text);
}

// A process that died between two steps left its own file, and no half a secret.
static void
what_an_earlier_process_left_is_no_hindrance(void **state)
{
	struct fixture *f = *state;
	char *text;

	free(test_write_text(f->folder, "id.secret.new", "half"));
	assert_ok(file_create_secret(f->path, view_text("whole")));
	text = test_read(f->path, NULL);
	assert_string_equal(text, "whole");
	free(text);
}

// As on a disk that has room for one byte more.
static enum en_err
in_one_byte(enum en_err (*put)(const char *path, struct view bytes), const char *path, const char *text)
{
	struct rlimit limit, before;
	enum en_err err;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	err = put(path, view_text(text));
	setrlimit(RLIMIT_FSIZE, &before);
	return err;
}

static void
a_disk_without_room_leaves_no_secret(void **state)
{
	struct fixture *f = *state;

	assert_err(EN_EFULL, in_one_byte(file_create_secret, f->path, "abc"));
	assert_int_not_equal(access(f->path, F_OK), 0);
	assert_ok(file_create_secret(f->path, view_text("abc")));
}

static void
a_file_takes_the_place_of_one_as_a_whole_or_not_at_all(void **state)
{
	struct fixture *f = *state;
	char *text, *fresh = test_path(f->folder, "id.secret.new");
	struct stat info;

	umask(027);
	assert_ok(file_replace(f->path, view_text("old")));
	umask(022);
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0640);
	assert_err(EN_EFULL, in_one_byte(file_replace, f->path, "new"));
	text = test_read(f->path, NULL);
	assert_string_equal(text, "old");
	free(text);
	assert_int_not_equal(access(fresh, F_OK), 0);
	assert_ok(file_replace(f->path, view_text("new")));
	text = test_read(f->path, NULL);
	assert_string_equal(text, "new");
	free(text);
	free(fresh);
	assert_err(EN_EIO, file_replace("/nonexistent/folder/file", view_text("abc")));
}

static void
all_bytes_are_written_or_it_is_told(void **state)
{
	int ends[2];
	char text[8] = {0};

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_ok(file_write(ends[1], view_text("")));
	assert_ok(file_write(ends[1], view_text("abc")));
	assert_int_equal(read(ends[0], text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	assert_err(EN_EIO, file_write(ends[1], view_text("abc")));
	close(ends[1]);
	int full = open("/dev/full", O_WRONLY);

	assert_err(EN_EFULL, file_write(full, view_text("abc")));
	close(full);
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_err(EN_EIO, file_create_secret("/nonexistent/folder/id.secret", view_text("abc")));
	assert_err(EN_EIO, file_sync_folder("/nonexistent/folder"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_secret_is_readable_by_its_user_alone_and_nothing_is_left_beside_it),
	    T(a_secret_that_is_there_is_never_replaced),
	    T(what_an_earlier_process_left_is_no_hindrance),
	    T(a_disk_without_room_leaves_no_secret),
	    T(a_file_takes_the_place_of_one_as_a_whole_or_not_at_all),
	    T(all_bytes_are_written_or_it_is_told),
	    T(a_folder_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests_name("base/file", tests, NULL, NULL);
}
