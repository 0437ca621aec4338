// SPDX-License-Identifier: Apache-2.0
#include "sdk/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

#define SEGMENT_BYTES MIB(4)
#define ENTRY_HEAD 12 // length and checksum
#define CHECK_SEED UINT64_C(0x656e6c6163653031)

struct segment {
	uint64_t first; // its name: the number of its first entry
	uint64_t bytes;
	uint64_t waiting; // unanswered entries
	int fd;
};

struct slot {
	uint64_t number;
	uint32_t segment, offset, length; // segment: its index now
	int64_t time_ms;
	bool is_done;
};

struct spool {
	char folder[4000];
	int lock_fd, folder_fd;
	struct segment *segments; // oldest first; the last one is written
	size_t segment_count, segment_cap;
	struct slot *slots; // from head on, in order of number; numbers have no gaps within
	size_t head, count, cap;
	uint64_t next_number, limit_bytes, total_bytes, waiting, torn;
	struct buf read, write;
};

static void
segment_path(const struct spool *s, uint64_t first, char path[4096])
{
	snprintf(path, 4096, "%s/spool-%016" PRIx64, s->folder, first);
}

static enum en_err
add_segment(struct spool *s, uint64_t first, bool is_new)
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
	segment_path(s, first, path);
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

static enum en_err
add_slot(struct spool *s, struct slot slot)
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
	s->slots[s->head + s->count++] = slot;
	s->segments[slot.segment].waiting++;
	s->waiting++;
	return EN_OK;
}

static bool
entry_decode(struct view body, struct spool_entry *ret)
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

// Walks one segment; what does not check is the torn end of the last one, or damage: the rest of the segment is cut off either way, because
// lengths cannot be trusted any more.
static enum en_err
load_segment(struct spool *s, uint32_t index, struct view all)
{
	size_t at = 0;

	while (all.len - at >= ENTRY_HEAD) {
		struct rd head = rd_init(view_of(all.data + at, ENTRY_HEAD));
		uint32_t length = rd_u32(&head);
		uint64_t check = rd_u64(&head);
		struct spool_entry entry;
		struct view body;
		enum en_err err;

		if (length > LIMIT_FRAME_BYTES || all.len - at - ENTRY_HEAD < length) {
			break;
		}
		body = view_of(all.data + at + ENTRY_HEAD, length);
		if (hash_bytes(CHECK_SEED, body) != check || !entry_decode(body, &entry) ||
		    entry.number < s->next_number) {
			break;
		}
		err = add_slot(s,
		    (struct slot){.number = entry.number,
			.segment = index,
			.offset = (uint32_t)(at + ENTRY_HEAD),
			.length = length,
			.time_ms = entry.time_ms});
		if (err != EN_OK) {
			return err;
		}
		s->next_number = entry.number + 1;
		at += ENTRY_HEAD + length;
	}
	s->torn += all.len - at;
	s->segments[index].bytes = at;
	s->total_bytes += at;
	return at == all.len || ftruncate(s->segments[index].fd, (off_t)at) == 0 ? EN_OK : EN_EIO;
}

static int
is_segment(const struct dirent *entry)
{
	return strncmp(entry->d_name, "spool-", 6) == 0 && strlen(entry->d_name) == 22;
}

static enum en_err
load_all(struct spool *s)
{
	struct dirent **names = NULL;
	int found = scandir(s->folder, &names, is_segment, alphasort);
	struct buf all = BUF_EMPTY;
	enum en_err err = found < 0 ? EN_EIO : EN_OK;

	for (int i = 0; i < found; i++) {
		char path[4096];

		if (err == EN_OK) {
			uint64_t first = strtoull(names[i]->d_name + 6, NULL, 16);

			err = add_segment(s, first, false);
			segment_path(s, first, path);
			buf_clear(&all);
			if (err == EN_OK) {
				err = buf_read_file(&all, path, SEGMENT_BYTES + LIMIT_FRAME_BYTES);
			}
			if (err == EN_OK) {
				// Numbers never go back, even when a segment lost its entries.
				s->next_number = first > s->next_number ? first : s->next_number;
				err = load_segment(s, (uint32_t)(s->segment_count - 1), buf_view(&all));
			}
		}
		free(names[i]);
	}
	free(names);
	buf_fini(&all);
	return err;
}

enum en_err
spool_open(const char *folder, uint64_t limit_bytes, struct spool **ret)
{
	struct spool *s = calloc(1, sizeof(*s));
	char lock[4096];
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
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		err = errno == EACCES ? EN_EDENIED : EN_EIO;
		goto out;
	}
	snprintf(lock, sizeof(lock), "%s/lock", s->folder);
	s->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	s->lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->folder_fd < 0 || s->lock_fd < 0) {
		err = errno == EACCES ? EN_EDENIED : EN_EIO;
		goto out;
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		err = EN_EBUSY;
		goto out;
	}
	err = load_all(s);
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
	for (int i = 0; i < 4; i++) {
		b->data[i] = (uint8_t)(body.len >> (24 - 8 * i));
	}
	for (int i = 0; i < 8; i++) {
		b->data[4 + i] = (uint8_t)(hash_bytes(CHECK_SEED, body) >> (56 - 8 * i));
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
		err = add_segment(s, s->next_number, true);
		if (err != EN_OK) {
			return err;
		}
	}
	g = &s->segments[s->segment_count - 1];
	err = write_entry(g, buf_view(&s->write));
	if (err == EN_OK) {
		err = add_slot(s,
		    (struct slot){.number = entry->number,
			.segment = (uint32_t)(s->segment_count - 1),
			.offset = (uint32_t)(g->bytes + ENTRY_HEAD),
			.length = (uint32_t)(s->write.len - ENTRY_HEAD),
			.time_ms = entry->time_ms});
	}
	if (err == EN_OK) {
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
		struct view body;

		if (slot->is_done) {
			continue;
		}
		buf_clear(&s->read);
		if (!buf_reserve(&s->read, slot->length)) {
			return EN_ENOMEM;
		}
		if (pread(s->segments[slot->segment].fd, s->read.data, slot->length, slot->offset) !=
		    (ssize_t)slot->length) {
			return EN_EIO;
		}
		body = view_of(s->read.data, slot->length);
		return entry_decode(body, ret) ? EN_OK : EN_ECORRUPT;
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

		segment_path(s, s->segments[drop].first, path);
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
	segment_path(s, g->first, old);
	segment_path(s, s->next_number, fresh);
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

int64_t
spool_oldest_ms(const struct spool *s)
{
	return s->count == 0 ? 0 : s->slots[s->head].time_ms;
}

uint64_t
spool_torn_bytes(const struct spool *s)
{
	return s->torn;
}
