// SPDX-License-Identifier: Apache-2.0
// Files in one file, as tar reads it (POSIX ustar, GNU's way for long names): plain files of nobody, without a time, so that the same files are the same
// bytes.
#ifndef EN_BASE_TAR_H
#define EN_BASE_TAR_H

#include "base/bytes.h"

void tar_put(struct buf *b, const char *name, struct view bytes);
void tar_end(struct buf *b);	// behind the last one

#endif
