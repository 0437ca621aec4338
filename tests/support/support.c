// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void
test_check_err(enum en_err wanted, enum en_err got, const char *expression, const char *file, int line)
{
	if (wanted != got) {
		print_error("%s\n    is \"%s\" and not \"%s\"\n", expression, en_err_code(got), en_err_code(wanted));
		_fail(file, line);
	}
}

char *
test_folder(void)
{
	const char *base = getenv("TMPDIR");
	char *folder = test_path(base == NULL || base[0] == '\0' ? "/tmp" : base, "enlace-test-XXXXXX");

	if (mkdtemp(folder) == NULL) {
		fail_msg("no temporary folder can be made");
	}
	return folder;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
test_folder_remove(char *folder)
{
	if (folder != NULL) {
		(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); // what stays is the machine's to clean
		free(folder);
	}
}

char *
test_path(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		fail_msg("out of memory");
	}
	return path;
}

char *
test_write(const char *folder, const char *name, struct view content)
{
	char *path = test_path(folder, name);

	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700); // it may be there; fopen tells when it is not
		*slash = '/';
	}
	FILE *file = fopen(path, "wb");

	if (file == NULL || fwrite(content.data, 1, content.len, file) != content.len || fclose(file) != 0) {
		fail_msg("%s cannot be written", path);
	}
	return path;
}

char *
test_write_text(const char *folder, const char *name, const char *text)
{
	return test_write(folder, name, view_text(text));
}

char *
test_read(const char *path, size_t *ret_len)
{
	struct buf content = BUF_EMPTY;

	if (buf_read_file(&content, path, SIZE_MAX / 4) != EN_OK) {
		fail_msg("%s cannot be read", path);
	}
	(void)buf_cstr(&content);
	if (ret_len != NULL) {
		*ret_len = content.len;
	}
	return (char *)content.data;
}

void
test_file_limit(size_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes == SIZE_MAX ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
