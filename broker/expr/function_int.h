// SPDX-License-Identifier: Apache-2.0
// The C functions of function.tbl.h, and what their files share. Not for other folders.
#ifndef EN_EXPR_FUNCTION_INT_H
#define EN_EXPR_FUNCTION_INT_H

#include "expr/function.h"
#include "expr/run_int.h"

// function_number.c
cel_function cel_negate_int;
cel_function cel_negate_double;
cel_function cel_add_int;
cel_function cel_add_uint;
cel_function cel_add_double;
cel_function cel_subtract_int;
cel_function cel_subtract_uint;
cel_function cel_subtract_double;
cel_function cel_multiply_int;
cel_function cel_multiply_uint;
cel_function cel_multiply_double;
cel_function cel_divide_int;
cel_function cel_divide_uint;
cel_function cel_divide_double;
cel_function cel_modulo_int;
cel_function cel_modulo_uint;
// function_list.c
cel_function cel_add_text;
cel_function cel_add_list;
cel_function cel_size;
cel_function cel_map_insert;
cel_function cel_map_insert_map;
cel_function cel_optional_of;
cel_function cel_optional_of_non_zero;
cel_function cel_optional_none;
cel_function cel_optional_has_value;
cel_function cel_optional_value;
cel_function cel_base64_encode;
cel_function cel_base64_decode;
// function_convert.c
cel_function cel_identity;
cel_function cel_bool_from_string;
cel_function cel_bytes_from_string;
cel_function cel_int_from_uint;
cel_function cel_int_from_double;
cel_function cel_int_from_string;
cel_function cel_int_from_timestamp;
cel_function cel_uint_from_int;
cel_function cel_uint_from_double;
cel_function cel_uint_from_string;
cel_function cel_double_from_int;
cel_function cel_double_from_uint;
cel_function cel_double_from_string;
cel_function cel_string_from_bool;
cel_function cel_string_from_int;
cel_function cel_string_from_uint;
cel_function cel_string_from_double;
cel_function cel_string_from_bytes;
cel_function cel_string_from_duration;
// A double as it is written, with a NUL behind it. Returns the length.
size_t double_to_text(double d, char dst[static 32]);
// function_time.c
// Seconds and nanoseconds as the language writes them: as few digits as there are. Appends.
bool time_to_text(struct cel_value timestamp, struct buf *out);	// false, and nothing appended, outside of the years 1 to 9999
void duration_to_short_text(struct cel_value duration, struct buf *out);
// "+05:30", "05:30", "UTC": an offset that needs no file.
bool offset_from_text(struct view text, int32_t *ret_s);
cel_function cel_add_time;
cel_function cel_subtract_time;
cel_function cel_string_from_timestamp;
cel_function cel_timestamp_from_string;
cel_function cel_timestamp_from_int;
cel_function cel_duration_from_string;
cel_function cel_full_year;
cel_function cel_full_year_zone;
cel_function cel_month;
cel_function cel_month_zone;
cel_function cel_date;
cel_function cel_date_zone;
cel_function cel_day_of_month;
cel_function cel_day_of_month_zone;
cel_function cel_day_of_week;
cel_function cel_day_of_week_zone;
cel_function cel_day_of_year;
cel_function cel_day_of_year_zone;
cel_function cel_hours;
cel_function cel_hours_zone;
cel_function cel_minutes;
cel_function cel_minutes_zone;
cel_function cel_seconds;
cel_function cel_seconds_zone;
cel_function cel_milliseconds;
cel_function cel_milliseconds_zone;
cel_function cel_duration_hours;
cel_function cel_duration_minutes;
cel_function cel_duration_seconds;
cel_function cel_duration_milliseconds;
// function_format.c
cel_function cel_format;
// function_math.c
cel_function cel_greater;
cel_function cel_greatest;
cel_function cel_lesser;
cel_function cel_least;
cel_function cel_ceil;
cel_function cel_floor;
cel_function cel_round;
cel_function cel_trunc;
cel_function cel_sqrt;
cel_function cel_abs;
cel_function cel_sign;
cel_function cel_is_nan;
cel_function cel_is_inf;
cel_function cel_is_finite;
cel_function cel_bit_and;
cel_function cel_bit_or;
cel_function cel_bit_xor;
cel_function cel_bit_not;
cel_function cel_shift_left;
cel_function cel_shift_right;
// function_text.c, function_split.c; cel_matches in ops.c
// The bytes of the character that begins with that one.
size_t text_char_bytes(uint8_t first);
// The byte at which sub begins in text, at or behind `from`; SIZE_MAX when it does not.
size_t text_find(struct view text, struct view sub, size_t from);
cel_function cel_size_string;
cel_function cel_contains;
cel_function cel_ends_with;
cel_function cel_starts_with;
cel_function cel_matches;
cel_function cel_char_at;
cel_function cel_index_of;
cel_function cel_index_of_from;
cel_function cel_join_all;
cel_function cel_join_by;
cel_function cel_last_index_of;
cel_function cel_last_index_of_from;
cel_function cel_lower_ascii;
cel_function cel_quote;
cel_function cel_replace;
cel_function cel_replace_count;
cel_function cel_reverse;
cel_function cel_split;
cel_function cel_split_count;
cel_function cel_substring;
cel_function cel_substring_to;
cel_function cel_trim;
cel_function cel_upper_ascii;

#endif
