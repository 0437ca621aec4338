// SPDX-License-Identifier: Apache-2.0
// Paths in a configuration file are relative to the folder that the file stands in, wherever the program was started.
#ifndef EN_CONF_PATH_H
#define EN_CONF_PATH_H

#include "base/arena.h"

// The folder of a file's path: "a/b" of "a/b/c.yaml", "." of "c.yaml". NULL without memory.
const char *conf_folder_of(struct arena *arena, const char *file);
// path itself when it is absolute, else folder/path; a copy in the arena, NULL without memory.
const char *conf_resolve(struct arena *arena, const char *folder, const char *path);
// Whether it ends so, and something stands before: "a.yaml" ends with ".yaml". False of NULL.
bool conf_ends_with(const char *path, const char *end);

#endif
