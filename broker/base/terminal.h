// SPDX-License-Identifier: Apache-2.0
// What the reader's side can show: colours on a terminal that wants them, letters beyond ASCII where the locale says UTF-8. Texts are
// written once, in UTF-8; where that would come out as scrap, a stream for words folds them letter by letter, so that columns and
// carets stay where they are. Data never goes through it.
#ifndef EN_BASE_TERMINAL_H
#define EN_BASE_TERMINAL_H

#include <stdio.h>

#include "base/bytes.h"

// Whether LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8. The locale need not be installed.
bool terminal_is_utf8(void);
// Whether the stream is a terminal that shows colours: not TERM=dumb, and NO_COLOR is not set (no-color.org: or empty).
bool terminal_has_colours(FILE *stream);
// The stream by which words go where `stream` goes, folded to ASCII. It buffers lines, is closed at exit, and its errors are seen as
// the stream's own would be. NULL without memory. stream must be a file's, a pipe's or a terminal's.
FILE *terminal_ascii(FILE *stream);
// Writes the words, folded where the reader has no UTF-8. For programs that say little and need no stream for it: their usage.
void terminal_say(FILE *out, const char *words);
// Appends the text in ASCII: one letter for each of its letters, '?' for what has no near one and for bytes that are no UTF-8; marks that
// stand over the letter before them are dropped.
void ascii_fold(struct view text, struct buf *b);

#endif
