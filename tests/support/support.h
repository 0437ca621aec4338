// SPDX-License-Identifier: Apache-2.0
// What unit tests share: folders of their own, small files, and assertions that print the error's name.
// Include after cmocka.h.
#ifndef EN_TESTS_SUPPORT_H
#define EN_TESTS_SUPPORT_H

#include "base/bytes.h"

// A new empty folder under TMPDIR (or /tmp). The caller gives it to test_folder_remove. Ends the test when there is
// none.
char *test_folder(void);
// Removes the folder with everything in it, and frees the name. NULL is nothing.
void test_folder_remove(char *folder);
// "folder/name" from malloc.
char *test_path(const char *folder, const char *name);
// Writes a file, with the folders it needs below `folder`; returns its path from malloc.
char *test_write(const char *folder, const char *name, struct view content);
char *test_write_text(const char *folder, const char *name, const char *text);
// The whole file, NUL-terminated, from malloc; ends the test when it cannot be read. ret_len may be NULL.
char *test_read(const char *path, size_t *ret_len);

// From here on this process may write no file beyond that size: what a full disk does to whoever writes. SIZE_MAX ends it.
void test_file_limit(size_t bytes);

void test_check_err(enum en_err wanted, enum en_err got, const char *expression, const char *file, int line);

#define assert_ok(expression) test_check_err(EN_OK, (expression), #expression, __FILE__, __LINE__)
#define assert_err(wanted, expression) test_check_err((wanted), (expression), #expression, __FILE__, __LINE__)
#define assert_view_is(wanted_text, actual) \
	do { \
		struct view checked_ = (actual); \
		assert_int_equal(checked_.len, strlen(wanted_text)); \
		assert_memory_equal(checked_.data, (wanted_text), checked_.len); \
	} while (0)

#endif
