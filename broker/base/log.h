// SPDX-License-Identifier: Apache-2.0
// One JSON object a line on stderr: {"time":...,"level":...,"event":"session.open","agency":"inm",...}. The event's
// name is stable and part of the interface; fields are ids, codes, counts and field paths, never a value from a
// payload (domain R17). Any thread may log; a line is written with one write(2). Repeats of one event within a second
// past the 20th are counted, and the count is told with the next line.
//
// The level and the sink are the only process-wide state of enlace.
#ifndef EN_BASE_LOG_H
#define EN_BASE_LOG_H

#include "base/bytes.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name;
	enum { LOG_FIELD_TEXT, LOG_FIELD_NUMBER, LOG_FIELD_BYTES } kind;
	const char *text;	// NULL is written as null
	int64_t number;
	struct view bytes;	// escaped as text
};

#define LOG_TEXT(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_TEXT, .text = (v)})
#define LOG_NUM(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_NUMBER, .number = (int64_t)(v)})
#define LOG_BYTES(n, v) ((struct log_field){.name = (n), .kind = LOG_FIELD_BYTES, .bytes = (v)})

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define log_event(level, event, ...) \
	log_write((level), (event), (const struct log_field[]){__VA_ARGS__}, \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_set_level(enum log_level level);
bool log_level_from_text(const char *text, enum log_level *ret);	// debug info warn error
// Replaces stderr; fd -1 silences. The caller keeps the descriptor.
void log_set_fd(int fd);
// Appends text as the inside of a JSON string: quotes, backslashes, control characters and invalid UTF-8 escaped.
void json_escape(struct buf *b, struct view text);

#endif
