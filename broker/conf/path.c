// SPDX-License-Identifier: Apache-2.0
// Plain text work: nothing is looked up, so a path may name what is not there yet.
#include "conf/path.h"

const char *
conf_folder_of(struct arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');

	if (slash == NULL) {
		return arena_text(arena, view_text("."));
	}
	return arena_text(arena, view_of(file, slash == file ? 1 : (size_t)(slash - file)));
}

const char *
conf_resolve(struct arena *arena, const char *folder, const char *path)
{
	size_t len = strlen(folder);

	if (path[0] == '/') {
		return arena_text(arena, view_text(path));
	}
	if (strcmp(path, ".") == 0) {
		return arena_text(arena, view_text(folder));
	}
	while (strncmp(path, "./", 2) == 0) {
		path += 2;
	}
	return arena_printf(arena, "%s%s%s", folder, len > 0 && folder[len - 1] == '/' ? "" : "/", path);
}

bool
conf_ends_with(const char *path, const char *end)
{
	size_t len = path == NULL ? 0 : strlen(path), end_len = strlen(end);

	return len > end_len && strcmp(path + len - end_len, end) == 0;
}
