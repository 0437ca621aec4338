// SPDX-License-Identifier: Apache-2.0
// Any bytes as any kind of configuration file. The first byte chooses the kind, the rest is the text; of a table, what stands behind a
// line "%%" is its CSV. Checked besides memory: a file is either read or has a finding, and every finding has a place within the text.
// `make fuzz FUZZ=yaml` runs it.

#include "conf/adapter.h"
#include "conf/kinds.h"
#include "conf/table.h"
#include "fuzz/require.h"

// A new kind moves the two behind it: give their seeds the new numbers.
_Static_assert(CONF_KIND_COUNT == 7, "the seeds daemon and adapter begin with CONF_KIND_COUNT and the number after it");

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t
lines_of(struct view text)
{
	uint32_t lines = 1;

	for (size_t i = 0; i < text.len; i++) {
		// libyaml also ends lines with CR and the three of Unicode: the first byte of each is counted here,
		// generously.
		lines += text.data[i] == '\n' || text.data[i] == '\r' || text.data[i] == 0xc2 || text.data[i] == 0xe2;
	}
	return lines;
}

static void
check_findings(const struct findings *f, struct view text, bool was_read)
{
	uint32_t lines = lines_of(text);

	require(was_read == (f->errors == 0));
	for (size_t i = 0; i < f->count; i++) {
		require(f->items[i].where.line <= lines + 1);
		require(f->items[i].detail == NULL || view_is_utf8(view_text(f->items[i].detail)));
	}
}

static enum en_err
parse(uint8_t kind, struct view text, struct arena *arena, struct findings *findings)
{
	union {
		struct conf_daemon daemon;
		struct conf_adapter adapter;
	} plain = {0};
	void *thing = NULL;

	if (kind < CONF_KIND_COUNT) {
		const uint8_t *mark =
		    kind == CONF_TABLE && text.len > 0 ? memmem(text.data, text.len, "\n%%\n", 4) : NULL;
		size_t head = mark == NULL ? text.len : (size_t)(mark - text.data);
		enum en_err err = conf_kind_parse(
		    (enum conf_kind)kind, view_of(text.data, head), "fuzz.yaml", arena, findings, &thing);

		if (err == EN_OK && mark != NULL) {
			err = conf_table_read(thing, view_of(mark + 4, text.len - head - 4), arena, findings);
		}
		return err;
	}
	return conf_object_parse(kind == CONF_KIND_COUNT ? &conf_daemon_object : &conf_adapter_object, text,
	    "fuzz.yaml", arena, findings, &plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct findings findings;

	if (size == 0) {
		return 0;
	}
	struct view text = view_of(data + 1, size - 1);

	arena_init(&arena, 0);
	findings_init(&findings);
	enum en_err err = parse(data[0] % (CONF_KIND_COUNT + 2), text, &arena, &findings);

	require(err == EN_OK || err == EN_ECONFIG);
	check_findings(&findings, text, err == EN_OK);
	findings_fini(&findings);
	arena_fini(&arena);
	return 0;
}
