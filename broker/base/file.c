// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum en_err
error_now(void)
{
	switch (errno) {
	case EEXIST:
		return EN_EEXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
		return EN_EDENIED;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return EN_EFULL;
	default:
		return EN_EIO;
	}
}

enum en_err
file_sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum en_err err = fd >= 0 && fsync(fd) == 0 ? EN_OK : error_now();

	if (fd >= 0) {
		close(fd);
	}
	return err;
}

enum en_err
file_write(int fd, struct view bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno != EINTR) {
			return error_now();
		}
		bytes = n < 0 ? bytes : view_of(bytes.data + n, bytes.len - (size_t)n);
	}
	return EN_OK;
}

static enum en_err
write_synced(const char *path, bool is_secret, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, is_secret ? 0600 : 0666);

	if (fd < 0) {
		return error_now();
	}
	// One that an earlier process left may be readable by others.
	enum en_err err = is_secret && fchmod(fd, 0600) != 0 ? error_now() : file_write(fd, bytes);

	if (err == EN_OK && fsync(fd) != 0) {
		err = error_now();
	}
	close(fd);
	return err;
}

// Under another name, and then under its own: where there is none yet (link), or in the place of what is there (rename).
static enum en_err
put_whole(const char *path, bool is_secret, struct view bytes, int (*give_name)(const char *, const char *))
{
	char *fresh = NULL, *copy = strdup(path);
	enum en_err err = EN_ENOMEM;

	if (copy == NULL || asprintf(&fresh, "%s.new", path) < 0) {
		free(copy);
		return EN_ENOMEM;
	}
	err = write_synced(fresh, is_secret, bytes);
	if (err == EN_OK && give_name(fresh, path) != 0) {
		err = error_now();
	}
	(void)unlink(fresh);
	if (err == EN_OK) {
		err = file_sync_folder(dirname(copy));
	}
	free(copy);
	free(fresh);
	return err;
}

enum en_err
file_replace(const char *path, struct view bytes)
{
	return put_whole(path, false, bytes, rename);
}

enum en_err
file_create_secret(const char *path, struct view bytes)
{
	return put_whole(path, true, bytes, link);
}
