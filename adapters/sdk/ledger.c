// SPDX-License-Identifier: Apache-2.0
#include "sdk/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"

#define CHECK_SEED UINT64_C(0x656e6c6163653032)
#define ROW_HEAD 10 // u16 length of what follows the head, u64 checksum over it
#define ROW_FIXED (2 * LEDGER_KEY_BYTES + 4 + 8)

struct ledger {
	char path[4000];
	int fd;
	uint64_t bytes;
	struct strmap rows; // key and content -> struct ledger_row, from malloc
	struct strmap newest; // key -> the one of them that came last
	struct buf unwritten; // put since the last sync
};

static void
row_encode(struct buf *b, const struct ledger_row *row)
{
	size_t start = b->len, text = strlen(row->text);
	uint64_t check;

	buf_put_u16(b, (uint16_t)(ROW_FIXED + text));
	buf_put_u64(b, 0);
	buf_put(b, row->key, sizeof(row->key));
	buf_put(b, row->content, sizeof(row->content));
	buf_put_u32(b, row->revision);
	buf_put_u64(b, (uint64_t)row->time_ms);
	buf_put(b, row->text, text);
	if (b->err != EN_OK) {
		return;
	}
	check = hash_bytes(CHECK_SEED, view_of(b->data + start + ROW_HEAD, ROW_FIXED + text));
	for (int i = 0; i < 8; i++) {
		b->data[start + 2 + (size_t)i] = (uint8_t)(check >> (56 - 8 * i));
	}
}

static bool
row_decode(struct view body, struct ledger_row *ret)
{
	struct rd r = rd_init(body);
	size_t text;

	memset(ret, 0, sizeof(*ret));
	rd_copy(&r, ret->key, sizeof(ret->key));
	rd_copy(&r, ret->content, sizeof(ret->content));
	ret->revision = rd_u32(&r);
	ret->time_ms = (int64_t)rd_u64(&r);
	text = rd_left(&r);
	if (text >= sizeof(ret->text)) {
		return false;
	}
	rd_copy(&r, ret->text, text);
	return rd_end(&r) == EN_OK;
}

static struct view
key_of(const struct ledger_row *row)
{
	return view_of(row->key, sizeof(row->key));
}

// Key and content stand side by side in a row: one key of the map.
static struct view
state_of(const struct ledger_row *row)
{
	_Static_assert(offsetof(struct ledger_row, content) == offsetof(struct ledger_row, key) + LEDGER_KEY_BYTES,
	    "content follows key");
	return view_of((const uint8_t *)row + offsetof(struct ledger_row, key), 2 * LEDGER_KEY_BYTES);
}

static enum en_err
remember(struct ledger *l, const struct ledger_row *row)
{
	struct ledger_row *there = strmap_get(&l->rows, state_of(row));
	enum en_err err;

	if (there == NULL) {
		there = malloc(sizeof(*there));
		if (there == NULL) {
			return EN_ENOMEM;
		}
		*there = *row;
		err = strmap_put(&l->rows, state_of(row), there, NULL);
		if (err != EN_OK) {
			free(there);
			return err;
		}
	}
	err = strmap_put(&l->newest, key_of(row), there, NULL);
	if (err == EN_OK) {
		*there = *row;
	}
	return err;
}

// How long the row is that stands there, with its head; 0 when none does.
static size_t
row_at(struct view all, size_t at, struct ledger_row *ret)
{
	struct rd head = rd_init(view_of(all.data + at, all.len - at));
	size_t length = rd_u16(&head);
	uint64_t check = rd_u64(&head);
	struct view body;

	if (head.err != EN_OK || length < ROW_FIXED || rd_left(&head) < length) {
		return 0;
	}
	body = rd_view(&head, length);
	return hash_bytes(CHECK_SEED, body) == check && row_decode(body, ret) ? ROW_HEAD + length : 0;
}

struct loaded {
	size_t rows, good, damaged; // good: up to the end of the last whole row; damaged: bytes before that of no row
};

// What a crash left at the end is no row, and cut off by the caller. A row that was damaged costs itself: the next one is looked for byte by byte.
static enum en_err
load(struct ledger *l, struct view all, int64_t oldest_ms, struct loaded *ret)
{
	size_t at = 0;

	while (at < all.len) {
		struct ledger_row row;
		size_t len = row_at(all, at, &row);
		enum en_err err;

		if (len == 0) {
			at++;
			continue;
		}
		err = row.time_ms >= oldest_ms ? remember(l, &row) : EN_OK;
		if (err != EN_OK) {
			return err;
		}
		ret->rows++;
		ret->damaged += at - ret->good;
		at += len;
		ret->good = at;
	}
	return EN_OK;
}

static int
by_revision(const void *a, const void *b)
{
	const struct ledger_row *x = *(const struct ledger_row *const *)a, *y = *(const struct ledger_row *const *)b;

	return x->revision < y->revision ? -1 : x->revision > y->revision;
}

// All rows, those of one key in the order in which they came.
static enum en_err
encode_all(const struct ledger *l, struct buf *out)
{
	const struct ledger_row **rows = calloc(l->rows.count + 1, sizeof(const struct ledger_row *));
	size_t at = 0, count = 0;
	struct view key;
	void *row;

	if (rows == NULL) {
		return EN_ENOMEM;
	}
	while (strmap_next(&l->rows, &at, &key, &row)) {
		rows[count++] = row;
	}
	qsort(rows, count, sizeof(const struct ledger_row *), by_revision);
	for (size_t i = 0; i < count; i++) {
		row_encode(out, rows[i]);
	}
	free(rows);
	return out->err;
}

// New file, sync, rename: either the old ledger or the new one is there.
static enum en_err
rewrite(struct ledger *l)
{
	char fresh[4096];
	struct buf all = BUF_EMPTY;
	enum en_err err = encode_all(l, &all);
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", l->path);
	fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err = EN_EIO;
	}
	if (err == EN_OK) {
		err = file_write(fd, buf_view(&all));
	}
	if (err == EN_OK && (fsync(fd) != 0 || rename(fresh, l->path) != 0)) {
		err = EN_EIO;
	}
	if (err == EN_OK) {
		close(l->fd);
		l->fd = fd;
		l->bytes = all.len;
		fd = -1;
	}
	if (fd >= 0) {
		close(fd);
	}
	buf_fini(&all);
	return err;
}

enum en_err
ledger_open(const char *path, int64_t now_ms, uint64_t keep_ms, struct ledger **ret)
{
	struct ledger *l = calloc(1, sizeof(*l));
	struct buf all = BUF_EMPTY;
	struct loaded loaded = {.rows = 0};
	enum en_err err = EN_OK;

	if (l == NULL) {
		return EN_ENOMEM;
	}
	l->fd = -1;
	if (strlen(path) >= sizeof(l->path)) {
		err = EN_ELIMIT;
		goto out;
	}
	strcpy(l->path, path);
	l->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->fd < 0) {
		err = errno == EACCES ? EN_EDENIED : EN_EIO;
		goto out;
	}
	err = buf_read_file(&all, path, GIB(1));
	if (err == EN_OK) {
		err = load(l, buf_view(&all), now_ms - (int64_t)keep_ms, &loaded);
	}
	if (err == EN_OK && (ftruncate(l->fd, (off_t)loaded.good) != 0 || lseek(l->fd, 0, SEEK_END) < 0)) {
		err = EN_EIO;
	}
	l->bytes = loaded.good;
	if (err == EN_OK && loaded.damaged > 0) {
		log_event(LOG_ERROR, "ledger.damaged", LOG_TEXT("code", en_err_code(EN_ECORRUPT)),
		    LOG_TEXT("file", path), LOG_NUM("bytes", loaded.damaged), LOG_NUM("rows", loaded.rows),
		    LOG_TEXT("remedy", "look at the disk; what these rows were about may be sent or delivered again"));
	}
	if (err == EN_OK && (loaded.damaged > 0 || (loaded.rows > 1000 && loaded.rows > 2 * l->rows.count))) {
		err = rewrite(l);
	}
	if (err == EN_OK) {
		*ret = l;
		l = NULL;
	}
out:
	buf_fini(&all);
	ledger_close(&l);
	return err;
}

void
ledger_close(struct ledger **lp)
{
	struct ledger *l = *lp;
	size_t at = 0;
	struct view key;
	void *row;

	*lp = NULL;
	if (l == NULL) {
		return;
	}
	while (strmap_next(&l->rows, &at, &key, &row)) {
		free(row);
	}
	strmap_fini(&l->rows);
	strmap_fini(&l->newest);
	if (l->fd >= 0) {
		close(l->fd);
	}
	buf_fini(&l->unwritten);
	free(l);
}

const struct ledger_row *
ledger_get(const struct ledger *l, const uint8_t key[LEDGER_KEY_BYTES])
{
	return strmap_get(&l->newest, view_of(key, LEDGER_KEY_BYTES));
}

bool
ledger_has(const struct ledger *l, const struct ledger_row *row)
{
	return strmap_get(&l->rows, state_of(row)) != NULL;
}

enum en_err
ledger_put(struct ledger *l, const struct ledger_row *row)
{
	size_t before = l->unwritten.len;
	enum en_err err;

	row_encode(&l->unwritten, row);
	err = l->unwritten.err != EN_OK ? l->unwritten.err : remember(l, row);
	if (err != EN_OK) {
		l->unwritten.len = before;
		l->unwritten.err = EN_OK;
	}
	return err;
}

enum en_err
ledger_sync(struct ledger *l)
{
	enum en_err err = file_write(l->fd, buf_view(&l->unwritten));

	if (err != EN_OK) {
		// Cut a torn row off, so that later ones can be read; all of them are written by the next sync.
		return ftruncate(l->fd, (off_t)l->bytes) == 0 && lseek(l->fd, (off_t)l->bytes, SEEK_SET) >= 0 ? err
													      : EN_EIO;
	}
	l->bytes += l->unwritten.len;
	buf_clear(&l->unwritten);
	return fdatasync(l->fd) == 0 ? EN_OK : EN_EIO;
}

size_t
ledger_count(const struct ledger *l)
{
	return l->newest.count;
}
