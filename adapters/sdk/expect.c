// SPDX-License-Identifier: Apache-2.0
// What a source of several records says before it hands them in: how often each key is still to come. An export may hold a row twice, as it was and
// as it was corrected; whoever reads it again (the whole export of the next day, or the same file after a crash) must not send the older state once more.
// It is a help, never a condition: without memory for it a row goes as a new revision, and nothing is lost.
#include "sdk/adapter_int.h"

static size_t
count_of(const void *value)
{
	return (size_t)(uintptr_t)value;
}

static void
set_count(struct enlace_port *port, struct view key, size_t count)
{
	if (count == 0) {
		(void)strmap_remove(&port->expected, key);
	} else if (strmap_put(&port->expected, key, (void *)(uintptr_t)count, NULL) != EN_OK) {
		(void)strmap_remove(&port->expected, key);
	}
}

void
enlace_expect(struct enlace_port *port, const struct enlace_record *record)
{
	uint8_t key[LEDGER_KEY_BYTES];
	struct enlace_reason reason;
	const char *empty;

	if (submit_encode(port, record, &reason) == ENLACE_SPOOLED && submit_key(port, key, &empty)) {
		set_count(port, view_of(key, sizeof(key)), expect_left(port, key) + 1);
	}
}

void
enlace_expect_nothing(struct enlace_port *port)
{
	strmap_fini(&port->expected);
}

size_t
expect_left(const struct enlace_port *port, const uint8_t key[LEDGER_KEY_BYTES])
{
	return count_of(strmap_get(&port->expected, view_of(key, LEDGER_KEY_BYTES)));
}

void
expect_came(struct enlace_port *port, const uint8_t key[LEDGER_KEY_BYTES])
{
	size_t left = expect_left(port, key);

	if (left > 0) {
		set_count(port, view_of(key, LEDGER_KEY_BYTES), left - 1);
	}
}
