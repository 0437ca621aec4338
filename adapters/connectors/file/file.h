// SPDX-License-Identifier: Apache-2.0
// What the files of the file connector share.
#ifndef ENLACE_FILE_FILE_H
#define ENLACE_FILE_FILE_H

#include <enlace/adapter.h>
#include <sys/stat.h>

#include "connectors/file/csv.h"

#define FILE_BYTES_MAX ((size_t)64 << 20)
#define FILE_ROWS_PER_TURN 200
#define FILE_POLL_MS 500
#define FILE_RETRY_MS 1000
#define FILE_LEFT_MS 10000	// a file that could not be taken is looked at again: rights and folders are mended while it waits

enum file_format { FILE_CSV, FILE_JSON, FILE_NDJSON };
enum file_encoding { FILE_UTF8, FILE_LATIN1 };

// A file seen in the watched folder at the last look.
struct file_candidate {
	char name[256];
	long long size;
	long long mtime_ns;
	uint64_t since_ms;	// unchanged since
	uint64_t again_ms;	// looked at and left alone: not before then
	bool is_told;		// that it was left alone
	bool is_gone;		// since the look, or it is no file
};

// Reading: the watched folder and the file under way.
struct file_in {
	const char *folder, *done, *pattern, *marker;
	uint64_t stable_ms;
	struct file_candidate *candidates;	// in the order of their names
	size_t candidate_count;
	size_t next;		// of them, to be asked whether it is complete
	bool is_walking;	// not all of them were asked since the last look
	size_t seen, taken;	// what the folder held at the last look; files moved away since
	// the file under way
	bool is_open;
	struct file_candidate *current;	// NULL: doctor's sample
	char name[256];
	long long size, mtime_ns;	// of what was read
	char *text;		// UTF-8
	size_t text_len;
	struct csv csv;
	struct csv_row header, row;
	char *header_text;	// the header's own copy
	bool has_row;		// row waits to be handed in again
	const char *next_line;	// ndjson, json
	uint32_t line;
	uint64_t rows, spooled, same, rejected;
};

// Writing.
struct file_out {
	const char *folder, *name;
	bool append;
	bool is_recovered;	// what a crash left was looked at
	int list_fd;		// of rows.c, -1: not open
	off_t line_at;		// in it, of the row that is being written
};

struct file {
	struct enlace_port *port;
	enum file_format format;
	enum file_encoding encoding;
	char separator;
	bool is_publish;
	struct file_in in;
	struct file_out out;
};

// ---- watch.c. The next complete file in in->current and in->name; false when there is none now: ask again after a while.
bool file_watch(struct file *f, uint64_t now_ms);
long long file_mtime_ns(const struct stat *info);
// Whether there is more to take, or may be: one that was left alone does not count.
bool file_waits(const struct file *f);
uint64_t file_now_ms(void);

// ---- read.c
// Opens in->name; false when it cannot be taken (told, and left where it is).
bool file_take(struct file *f);
// Tells the library what will be handed in; once for an open file. False without memory: it is dropped, and taken again later.
bool file_foretell(struct file *f);
// Hands rows in; true when the file is done and was moved away or has to be.
bool file_rows(struct file *f, uint32_t *ret_wait_ms);
void file_drop(struct file *f);

// ---- write.c
void file_deliver(void *state, const struct enlace_delivery *delivery);
// The names in the out folder are durable from here on.
bool file_sync_folder_of(const struct file *f);

// ---- rows.c. The list of rows that are being appended to the file that fd is.
// After a crash: a part of a row is cut off, a whole one is known to rows_has. Before the first row. False when the disk fails.
bool rows_recover(struct file *f, int fd);
bool rows_has(struct file *f, const struct enlace_delivery *d);
// Before a row's bytes are written at that place; durable. rows_end when it was settled, or is not there after all.
bool rows_begin(struct file *f, const struct enlace_delivery *d, long long from, const char *bytes, size_t len);
void rows_end(struct file *f);
void rows_close(struct file *f);

// ---- encoding.c. A new text from malloc; NULL without memory. from UTF-8 to Latin-1, what does not fit becomes '?', and *ret_lossy is set.
char *file_to_utf8(const char *text, size_t len, enum file_encoding encoding, size_t *ret_len);
char *file_from_utf8(const char *text, size_t len, enum file_encoding encoding, size_t *ret_len, bool *ret_lossy);

// ---- check.c
size_t file_doctor(void *state, struct enlace_check *checks, size_t max);

#endif
