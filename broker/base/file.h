// SPDX-License-Identifier: Apache-2.0
// Files that must be there whole after a power cut: written under another name (PATH.new), synced, given their name, and
// the folder synced (security R15). Any thread.
#ifndef EN_BASE_FILE_H
#define EN_BASE_FILE_H

#include "base/bytes.h"

// All of the bytes, or why not: EN_EFULL, EN_EDENIED, EN_EIO; some of them may be written then.
EN_MUST_CHECK enum en_err file_write(int fd, struct view bytes);
// A file that whoever the umask allows can read, in the place of one of that name. When it cannot be, that one stays as
// it was. EN_EDENIED, EN_EFULL, EN_EIO.
EN_MUST_CHECK enum en_err file_replace(const char *path, struct view bytes);
// A new file that its user alone can read. EN_EEXISTS when there is one of that name; a half-written one is never there.
// EN_EDENIED, EN_EFULL, EN_EIO.
EN_MUST_CHECK enum en_err file_create_secret(const char *path, struct view bytes);
// The names in that folder are durable from here on.
EN_MUST_CHECK enum en_err file_sync_folder(const char *folder);

#endif
