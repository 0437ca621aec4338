// SPDX-License-Identifier: Apache-2.0
// What a spool finds at open. A crash leaves at most a torn end behind, which nobody was told is safe: it is cut off. Anything else that does not check is
// damage to what the agency's system handed over: its bytes are kept in a file beside, it is told with its place, and the entries behind it go on.
//
// The checksum covers an entry and not its length. So a damaged length loses nothing: the next whole entry is looked for byte by byte, and what
// lies before it checks as one entry of just that length. Damaged bytes stay in their segment too, and are told again at each start until its entries are
// answered and it goes.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "sdk/spool_int.h"

#define SEGMENT_PREFIX "spool-"
#define DAMAGED_PREFIX "damaged-"
#define NUMBERS_AHEAD UINT32_MAX // of an entry, at most: more were never appended to one segment
#define ENTRY_LEAST (ENTRY_HEAD + 8 + 6 + 4 + 8) // number, six empty texts, line, time

static uint32_t
length_at(struct view all, size_t at)
{
	struct rd r = rd_init(view_of(all.data + at, all.len - at));

	return rd_u32(&r);
}

// Whether a whole entry of that length stands there, with a number that was still to come.
static bool
has_entry(const struct spool *s, struct view all, size_t at, size_t length, struct slot *ret)
{
	struct rd head = rd_init(view_of(all.data + at + 4, 8));
	uint64_t check = rd_u64(&head);
	struct view body = view_of(all.data + at + ENTRY_HEAD, length);
	struct rd number = rd_init(body);
	struct spool_entry entry;

	// The number before the checksum, which costs more: the search asks at every byte.
	if (rd_u64(&number) - s->next_number > NUMBERS_AHEAD || spool_check(body) != check ||
	    !spool_entry_decode(body, &entry)) {
		return false;
	}
	*ret = (struct slot){.number = entry.number, .offset = (uint32_t)(at + ENTRY_HEAD), .length = (uint32_t)length};
	return true;
}

static bool
has_entry_by_its_length(const struct spool *s, struct view all, size_t at, struct slot *ret)
{
	size_t left = all.len - at, length;

	if (left < ENTRY_LEAST) {
		return false;
	}
	length = length_at(all, at);
	return length >= ENTRY_LEAST - ENTRY_HEAD && length <= LIMIT_FRAME_BYTES && length <= left - ENTRY_HEAD &&
	    has_entry(s, all, at, length, ret);
}

// Where the next whole entry begins, or the end: behind the one that does not check, if its length is right, for a record may hold anything; else the
// first that there is.
static size_t
next_entry(const struct spool *s, struct view all, size_t at)
{
	size_t left = all.len - at;
	struct slot slot;

	if (left >= ENTRY_HEAD && length_at(all, at) <= left - ENTRY_HEAD) {
		size_t behind = at + ENTRY_HEAD + length_at(all, at);

		if (behind == all.len || has_entry_by_its_length(s, all, behind, &slot)) {
			return behind;
		}
	}
	for (at++; at < all.len; at++) {
		if (has_entry_by_its_length(s, all, at, &slot)) {
			return at;
		}
	}
	return all.len;
}

// The end of a write that did not come to its end: less than it says that it is, or room without anything in it.
static bool
is_torn(struct view end)
{
	uint32_t length = end.len < ENTRY_HEAD ? 0 : length_at(end, 0);

	return end.len < ENTRY_HEAD || (length <= LIMIT_FRAME_BYTES && length > end.len - ENTRY_HEAD) ||
	    bytes_are_zero(end.data, end.len);
}

// Under a name made from its bytes: the same ones are kept once, at however many starts they are found.
static enum en_err
set_aside(struct spool *s, uint32_t segment, size_t offset, struct view bytes)
{
	char name[32], path[4096], file[32];
	enum en_err err;

	snprintf(name, sizeof(name), DAMAGED_PREFIX "%016" PRIx64, spool_check(bytes));
	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	snprintf(file, sizeof(file), SEGMENT_PREFIX "%016" PRIx64, s->segments[segment].first);
	err = file_create_secret(path, bytes);
	log_event(LOG_ERROR, "spool.damaged", LOG_TEXT("code", en_err_code(EN_ECORRUPT)), LOG_TEXT("file", file),
	    LOG_NUM("offset", offset), LOG_NUM("bytes", bytes.len), LOG_TEXT("aside", name),
	    LOG_TEXT("remedy",
		"records of the export of that time were lost: hand it in again with `same_row: send`, and look at the disk"));
	return err == EN_EEXISTS ? EN_OK : err;
}

static enum en_err
load_segment(struct spool *s, uint32_t index, bool is_last, struct view all)
{
	size_t at = 0;
	enum en_err err = EN_OK;

	while (err == EN_OK && at < all.len) {
		struct slot slot;
		size_t end = at;

		if (!has_entry_by_its_length(s, all, at, &slot)) {
			end = next_entry(s, all, at);
			if (end - at < ENTRY_LEAST || !has_entry(s, all, at, end - at - ENTRY_HEAD, &slot)) {
				struct view odd = view_of(all.data + at, end - at);

				if (is_last && end == all.len && is_torn(odd)) {
					break;
				}
				err = set_aside(s, index, at, odd);
				at = end;
				continue;
			}
		}
		err = spool_reserve_slot(s);
		if (err != EN_OK) {
			return err;
		}
		slot.segment = index;
		spool_add_slot(s, slot);
		s->next_number = slot.number + 1;
		at = slot.offset + slot.length;
	}
	s->torn += all.len - at;
	s->segments[index].bytes = at;
	s->total_bytes += at;
	if (err == EN_OK && at < all.len && ftruncate(s->segments[index].fd, (off_t)at) != 0) {
		err = EN_EIO;
	}
	return err;
}

static bool
is_segment_name(const char *name)
{
	return strncmp(name, SEGMENT_PREFIX, strlen(SEGMENT_PREFIX)) == 0 &&
	    strlen(name) == strlen(SEGMENT_PREFIX) + 16;
}

static int
is_segment(const struct dirent *entry)
{
	return is_segment_name(entry->d_name);
}

static enum en_err
load_file(struct spool *s, const char *name, bool is_last)
{
	uint64_t first = strtoull(name + strlen(SEGMENT_PREFIX), NULL, 16);
	struct buf all = BUF_EMPTY;
	char path[4096];
	enum en_err err = spool_add_segment(s, first, false);

	spool_segment_path(s, first, path);
	if (err == EN_OK) {
		err = buf_read_file(&all, path, SEGMENT_BYTES + LIMIT_FRAME_BYTES);
	}
	if (err == EN_OK) {
		// Numbers never go back, even when a segment lost its entries.
		s->next_number = first > s->next_number ? first : s->next_number;
		err = load_segment(s, (uint32_t)(s->segment_count - 1), is_last, buf_view(&all));
	}
	buf_fini(&all);
	return err;
}

enum en_err
spool_load(struct spool *s)
{
	struct dirent **names = NULL;
	int found = scandir(s->folder, &names, is_segment, alphasort);
	enum en_err err = found < 0 ? EN_EIO : EN_OK;

	for (int i = 0; i < found; i++) {
		if (err == EN_OK) {
			err = load_file(s, names[i]->d_name, i == found - 1);
		}
		free(names[i]);
	}
	free(names);
	return err;
}

// Whether a process has the folder. A shared lock is asked for and given back at once.
static bool
is_in_use(const char *folder)
{
	char path[4096];
	int fd;
	bool in_use;

	snprintf(path, sizeof(path), "%s/" SPOOL_LOCK, folder);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	in_use = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (fd >= 0) {
		close(fd);
	}
	return in_use;
}

struct spool_look
spool_look(const char *folder)
{
	struct spool_look look = {.is_in_use = is_in_use(folder)};
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct stat info;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (is_segment_name(entry->d_name) &&
		    fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode)) {
			look.bytes += (uint64_t)info.st_size;
		}
		look.damaged += strncmp(entry->d_name, DAMAGED_PREFIX, strlen(DAMAGED_PREFIX)) == 0;
	}
	if (dir != NULL) {
		closedir(dir);
	}
	return look;
}
