// SPDX-License-Identifier: Apache-2.0
// Functions of strings that make new ones out of parts.
#include "expr/function_int.h"

#define NOWHERE SIZE_MAX

// ---- join, split ----------------------------------------------------------------------------------------------------

static struct cel_value
joined(struct cel_run *run, struct cel_value list, struct view separator)
{
	buf_clear(&run->scratch);
	for (uint32_t i = 0; i < list.n; i++) {
		struct cel_value item = cel_list_items(list)[i];

		if (item.kind != CEL_STRING) {
			return cel_error(CEL_ERROR_NO_OVERLOAD);
		}
		if (!run_charge(run, 1 + (item.n + separator.len) / 16)) {
			return cel_null();
		}
		if (i > 0) {
			buf_put_view(&run->scratch, separator);
		}
		buf_put_view(&run->scratch, cel_text(item));
	}
	return run_scratch(run, CEL_STRING);
}

void
cel_join_all(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = joined(run, args[0], VIEW_EMPTY);
}

void
cel_join_by(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = joined(run, args[0], cel_text(args[1]));
}

// Where the part that begins at `from` ends: before the separator, or behind one character when there is none.
static size_t
part_end(struct view text, struct view separator, size_t from)
{
	if (separator.len == 0) {
		size_t end = from + text_char_bytes(text.data[from]);

		return end < text.len ? end : NOWHERE;
	}
	return text_find(text, separator, from);
}

// At most `limit` parts, the last with all the rest; a negative limit is none.
static struct cel_value
split(struct cel_run *run, struct view text, struct view separator, int64_t limit)
{
	struct cel_value list = cel_null();
	size_t from = 0;

	if (!cel_list_new(&run->arena, 0, &list)) {
		run_exhausted(run);
		return list;
	}
	if (limit == 0 || (text.len == 0 && separator.len == 0)) {
		return list;
	}
	for (;;) {
		bool last = limit > 0 && (int64_t)list.n == limit - 1;
		size_t end = last ? NOWHERE : part_end(text, separator, from);
		size_t len = (end == NOWHERE ? text.len : end) - from;

		if (!run_charge(run, 1 + len / 16) ||
		    !cel_list_append(&run->arena, &list, cel_string((struct view){text.data + from, len}))) {
			run_exhausted(run);
			return list;
		}
		if (end == NOWHERE) {
			return list;
		}
		from = end + separator.len;
	}
}

void
cel_split(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = split(run, cel_text(args[0]), cel_text(args[1]), -1);
}

void
cel_split_count(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = split(run, cel_text(args[0]), cel_text(args[1]), args[2].integer);
}

// ---- replace --------------------------------------------------------------------------------------------------------

// An empty text is found before every character and at the end.
static struct cel_value
replaced(struct cel_run *run, const struct cel_value *args, int64_t limit)
{
	struct view text = cel_text(args[0]), old = cel_text(args[1]), new = cel_text(args[2]);
	size_t from = 0;

	(void)run_charge_text(run, args[0]);
	buf_clear(&run->scratch);
	while (limit != 0 && from <= text.len) {
		size_t at = text_find(text, old, from);

		if (at == NOWHERE || !run_charge(run, 1 + new.len / 16)) {
			break;
		}
		buf_put(&run->scratch, text.data + from, at - from);
		buf_put_view(&run->scratch, new);
		limit -= limit > 0;
		from = at + old.len;
		if (old.len == 0) {
			size_t len = at < text.len ? text_char_bytes(text.data[at]) : 1;

			buf_put(&run->scratch, text.data + at, at < text.len ? len : 0);
			from = at + len;
		}
	}
	if (from < text.len) {
		buf_put(&run->scratch, text.data + from, text.len - from);
	}
	return run_scratch(run, CEL_STRING);
}

void
cel_replace(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = replaced(run, args, -1);
}

void
cel_replace_count(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = replaced(run, args, args[3].integer);
}

// ---- quote ----------------------------------------------------------------------------------------------------------

void
cel_quote(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	static const char plain[] = "\a\b\f\n\r\t\v\\\"", letters[] = "abfnrtv\\\"";
	struct view text = cel_text(args[0]);

	buf_clear(&run->scratch);
	buf_put_u8(&run->scratch, '"');
	for (size_t i = 0; i < text.len; i++) {
		const char *special = text.data[i] == '\0' ? NULL : strchr(plain, text.data[i]);

		if (special != NULL) {
			buf_put_u8(&run->scratch, '\\');
		}
		buf_put_u8(&run->scratch, special == NULL ? text.data[i] : (uint8_t)letters[special - plain]);
	}
	buf_put_u8(&run->scratch, '"');
	*ret = run_scratch(run, CEL_STRING);
}
