// SPDX-License-Identifier: Apache-2.0
// Any bytes as an agency's table: the first byte is the count of its columns. Checked besides memory: no line is passed over. Every row begins behind the one
// before with nothing but line ends between them, lies in the text, and is told with its line; a broken one costs its first line only.
// `make fuzz FUZZ=csv` runs it.
#include <stdlib.h>
#include <string.h>

#include "connectors/file/csv.h"
#include "fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// From behind the row before to the start of this one; the line of this one.
static uint32_t
skip(const char *from, const char *to, uint32_t line)
{
	require(from <= to);
	for (; from < to; from++) {
		require(*from == '\n' || *from == '\r');
		line += *from == '\n';
	}
	return line;
}

static uint32_t
count_lines(struct csv_text text)
{
	uint32_t lines = 0;

	for (size_t i = 0; i < text.len; i++) {
		lines += text.data[i] == '\n';
	}
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1, *behind;
	struct csv_row *row = malloc(sizeof(*row));
	enum csv_result result;
	struct csv c;
	uint32_t line = 1;

	if (size == 0 || row == NULL || !csv_open(&c, text, size - 1, ',')) {
		free(row);
		return 0;
	}
	c.columns = data[0] % 8;
	behind = c.pos; // a byte order mark is no row
	while ((result = csv_read(&c, row)) != CSV_END) {
		line = skip(behind, row->raw.data, line);
		behind = row->raw.data + row->raw.len;
		require(behind <= text + size - 1 && row->line == line);
		require(result == CSV_ROW ? row->problem == NULL && row->count > 0
					  : row->problem != NULL && memchr(row->raw.data, '\n', row->raw.len) == NULL);
		line += count_lines(row->raw);
	}
	(void)skip(behind, text + size - 1, line);
	csv_close(&c);
	free(row);
	return 0;
}
