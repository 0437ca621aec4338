// SPDX-License-Identifier: Apache-2.0
#include "sdk/spool_int.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define CHECK_BYTES 8 // of an entry, before its body

void
spool_segment_path(const struct spool *s, uint64_t first, char path[4096])
{
	snprintf(path, 4096, "%s/spool-%016" PRIx64, s->folder, first);
}

enum en_err
spool_add_segment(struct spool *s, uint64_t first, bool is_new)
{
	char path[4096];
	int fd;

	if (s->segment_count == s->segment_cap) {
		size_t cap = s->segment_cap == 0 ? 8 : s->segment_cap * 2;
		struct segment *grown = realloc(s->segments, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		s->segments = grown;
		s->segment_cap = cap;
	}
	spool_segment_path(s, first, path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (is_new ? O_CREAT | O_EXCL : 0), 0600);
	if (fd < 0) {
		return errno == ENOSPC ? EN_EFULL : errno == EACCES ? EN_EDENIED : EN_EIO;
	}
	if (is_new && fsync(s->folder_fd) != 0) {
		close(fd);
		(void)unlink(path); // the next try makes it again
		return EN_EIO;
	}
	s->segments[s->segment_count++] = (struct segment){.first = first, .fd = fd};
	return EN_OK;
}

enum en_err
spool_reserve_slot(struct spool *s)
{
	if (s->head > 0 && s->head + s->count == s->cap) {
		memmove(s->slots, s->slots + s->head, s->count * sizeof(*s->slots));
		s->head = 0;
	}
	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 256 : s->cap * 2;
		struct slot *grown = realloc(s->slots, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		s->slots = grown;
		s->cap = cap;
	}
	return EN_OK;
}

void
spool_add_slot(struct spool *s, struct slot slot)
{
	assert(s->head + s->count < s->cap);
	s->slots[s->head + s->count++] = slot;
	s->segments[slot.segment].waiting++;
	s->waiting++;
}

uint64_t
spool_check(struct view body)
{
	return hash_bytes(UINT64_C(0x656e6c6163653031), body);
}

bool
spool_entry_decode(struct view body, struct spool_entry *ret)
{
	struct rd r = rd_init(body);

	ret->number = rd_u64(&r);
	ret->id = rd_text(&r);
	ret->source = rd_text(&r);
	ret->type = rd_text(&r);
	ret->case_id = rd_text(&r);
	ret->origin = rd_text(&r);
	ret->line = rd_u32(&r);
	ret->time_ms = (int64_t)rd_u64(&r);
	ret->payload = rd_text(&r);
	return rd_end(&r) == EN_OK;
}

enum en_err
spool_open(const char *folder, uint64_t limit_bytes, struct spool **ret)
{
	struct spool *s = calloc(1, sizeof(*s));
	char path[4096];
	enum en_err err = EN_OK;

	if (s == NULL) {
		return EN_ENOMEM;
	}
	s->lock_fd = s->folder_fd = -1;
	s->next_number = 1;
	s->limit_bytes = limit_bytes;
	if (strlen(folder) >= sizeof(s->folder)) {
		err = EN_ELIMIT;
		goto out;
	}
	strcpy(s->folder, folder);
	if (mkdir(folder, 0700) == 0) {
		snprintf(path, sizeof(path), "%s/..", s->folder);
		err = file_sync_folder(path);
	} else if (errno != EEXIST) {
		err = errno == EACCES ? EN_EDENIED : EN_EIO;
	}
	if (err != EN_OK) {
		goto out;
	}
	snprintf(path, sizeof(path), "%s/" SPOOL_LOCK, s->folder);
	s->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->folder_fd < 0 || s->lock_fd < 0) {
		err = errno == EACCES ? EN_EDENIED : EN_EIO;
		goto out;
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		err = EN_EBUSY;
		goto out;
	}
	err = spool_load(s);
	if (err == EN_OK) {
		*ret = s;
		s = NULL;
	}
out:
	spool_close(&s);
	return err;
}

void
spool_close(struct spool **sp)
{
	struct spool *s = *sp;

	*sp = NULL;
	if (s == NULL) {
		return;
	}
	for (size_t i = 0; i < s->segment_count; i++) {
		close(s->segments[i].fd);
	}
	if (s->lock_fd >= 0) {
		close(s->lock_fd);
	}
	if (s->folder_fd >= 0) {
		close(s->folder_fd);
	}
	buf_fini(&s->read);
	buf_fini(&s->write);
	free(s->segments);
	free(s->slots);
	free(s);
}

static void
entry_encode(struct buf *b, const struct spool_entry *e)
{
	struct view body;
	uint64_t check;

	buf_clear(b);
	buf_put_u32(b, 0);
	buf_put_u64(b, 0);
	buf_put_u64(b, e->number);
	buf_put_text(b, e->id);
	buf_put_text(b, e->source);
	buf_put_text(b, e->type);
	buf_put_text(b, e->case_id);
	buf_put_text(b, e->origin);
	buf_put_u32(b, e->line);
	buf_put_u64(b, (uint64_t)e->time_ms);
	buf_put_text(b, e->payload);
	if (b->err != EN_OK) {
		return;
	}
	body = view_of(b->data + ENTRY_HEAD, b->len - ENTRY_HEAD);
	check = spool_check(body);
	for (int i = 0; i < 4; i++) {
		b->data[i] = (uint8_t)(body.len >> (24 - 8 * i));
	}
	for (int i = 0; i < 8; i++) {
		b->data[4 + i] = (uint8_t)(check >> (56 - 8 * i));
	}
}

// All or nothing: a short write is cut off again.
static enum en_err
write_entry(struct segment *g, struct view bytes)
{
	ssize_t n = pwrite(g->fd, bytes.data, bytes.len, (off_t)g->bytes);

	if (n == (ssize_t)bytes.len) {
		return EN_OK;
	}
	n = n < 0 && errno != ENOSPC && errno != EDQUOT && errno != EFBIG ? -1 : 0;
	if (ftruncate(g->fd, (off_t)g->bytes) != 0) {
		return EN_EIO;
	}
	return n < 0 ? EN_EIO : EN_EFULL;
}

enum en_err
spool_append(struct spool *s, struct spool_entry *entry)
{
	struct segment *g;
	enum en_err err;

	entry->number = s->next_number;
	entry_encode(&s->write, entry);
	if (s->write.err != EN_OK) {
		return s->write.err;
	}
	if (s->write.len - ENTRY_HEAD > LIMIT_FRAME_BYTES) {
		return EN_ELIMIT;
	}
	if (s->total_bytes + s->write.len > s->limit_bytes) {
		return EN_EFULL;
	}
	if (s->segment_count == 0 || s->segments[s->segment_count - 1].bytes + s->write.len > SEGMENT_BYTES) {
		if (s->segment_count > 0 && fdatasync(s->segments[s->segment_count - 1].fd) != 0) {
			return EN_EIO;
		}
		err = spool_add_segment(s, s->next_number, true);
		if (err != EN_OK) {
			return err;
		}
	}
	g = &s->segments[s->segment_count - 1];
	err = spool_reserve_slot(s);
	if (err == EN_OK) {
		err = write_entry(g, buf_view(&s->write));
	}
	if (err == EN_OK) {
		spool_add_slot(s,
		    (struct slot){.number = entry->number,
			.segment = (uint32_t)(s->segment_count - 1),
			.offset = (uint32_t)(g->bytes + ENTRY_HEAD),
			.length = (uint32_t)(s->write.len - ENTRY_HEAD)});
		g->bytes += s->write.len;
		s->total_bytes += s->write.len;
		s->next_number++;
	}
	return err;
}

enum en_err
spool_sync(struct spool *s)
{
	if (s->segment_count == 0) {
		return EN_OK;
	}
	return fdatasync(s->segments[s->segment_count - 1].fd) == 0 ? EN_OK : EN_EIO;
}

// Slots are in order of number: binary search for the first one that is not below.
static size_t
slot_at(const struct spool *s, uint64_t number)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->slots[s->head + middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

enum en_err
spool_read(struct spool *s, uint64_t from, struct spool_entry *ret)
{
	for (size_t i = slot_at(s, from); i < s->count; i++) {
		const struct slot *slot = &s->slots[s->head + i];
		size_t len = CHECK_BYTES + slot->length; // the length before it may be damaged, see spool_load.c
		struct view body;
		struct rd check;

		if (slot->is_done) {
			continue;
		}
		buf_clear(&s->read);
		if (!buf_reserve(&s->read, len)) {
			return EN_ENOMEM;
		}
		if (pread(s->segments[slot->segment].fd, s->read.data, len, slot->offset - CHECK_BYTES) !=
		    (ssize_t)len) {
			return EN_EIO;
		}
		check = rd_init(view_of(s->read.data, CHECK_BYTES));
		body = view_of(s->read.data + CHECK_BYTES, slot->length);
		return rd_u64(&check) == spool_check(body) && spool_entry_decode(body, ret) ? EN_OK : EN_ECORRUPT;
	}
	return EN_ENOTFOUND;
}

// Removes the oldest segments that nobody waits for. The one that is written stays, unless it is full of answered entries.
static void
drop_segments(struct spool *s)
{
	size_t drop = 0;

	while (drop + 1 < s->segment_count && s->segments[drop].waiting == 0) {
		char path[4096];

		spool_segment_path(s, s->segments[drop].first, path);
		close(s->segments[drop].fd);
		// A file that cannot be removed is loaded again at the next start, and its entries answered as duplicates.
		(void)!unlink(path);
		s->total_bytes -= s->segments[drop].bytes;
		drop++;
	}
	if (drop == 0) {
		return;
	}
	s->segment_count -= drop;
	memmove(s->segments, s->segments + drop, s->segment_count * sizeof(*s->segments));
	for (size_t i = 0; i < s->count; i++) {
		s->slots[s->head + i].segment -= (uint32_t)drop;
	}
}

// An empty spool starts its file anew, so that disk use goes back to nothing. The name keeps the next number.
static void
restart_segment(struct spool *s)
{
	struct segment *g = &s->segments[0];
	char old[4096], fresh[4096];

	if (s->segment_count != 1 || s->waiting != 0 || g->bytes == 0) {
		return;
	}
	spool_segment_path(s, g->first, old);
	spool_segment_path(s, s->next_number, fresh);
	if (ftruncate(g->fd, 0) == 0 && rename(old, fresh) == 0) {
		s->total_bytes -= g->bytes;
		g->bytes = 0;
		g->first = s->next_number;
	}
}

void
spool_done(struct spool *s, uint64_t number)
{
	size_t at = slot_at(s, number);
	struct slot *slot = &s->slots[s->head + at];

	if (at == s->count || slot->number != number || slot->is_done) {
		return;
	}
	slot->is_done = true;
	assert(s->segments[slot->segment].waiting > 0);
	s->segments[slot->segment].waiting--;
	s->waiting--;
	while (s->count > 0 && s->slots[s->head].is_done) {
		s->head++;
		s->count--;
	}
	if (s->segment_count > 1 && s->segments[0].waiting == 0) {
		drop_segments(s);
	}
	restart_segment(s);
}

uint64_t
spool_count(const struct spool *s)
{
	return s->waiting;
}

uint64_t
spool_bytes(const struct spool *s)
{
	return s->total_bytes;
}

uint64_t
spool_torn_bytes(const struct spool *s)
{
	return s->torn;
}
