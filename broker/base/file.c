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

static enum en_err
write_synced(const char *path, struct view bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum en_err err = EN_OK;

	if (fd < 0) {
		return error_now();
	}
	errno = 0;
	// Secrets are small: what is not written at once found no room.
	if (fchmod(fd, 0600) != 0 || write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len || fsync(fd) != 0) {
		err = errno == 0 ? EN_EFULL : error_now();
	}
	close(fd);
	return err;
}

enum en_err
file_create_secret(const char *path, struct view bytes)
{
	char *fresh = NULL, *copy = strdup(path);
	enum en_err err = EN_ENOMEM;

	if (copy == NULL || asprintf(&fresh, "%s.new", path) < 0) {
		free(copy);
		return EN_ENOMEM;
	}
	err = write_synced(fresh, bytes);
	if (err == EN_OK && link(fresh, path) != 0) { // unlike rename, it takes the place of nothing
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
