// SPDX-License-Identifier: Apache-2.0
// Every function and operator of CEL that enlace knows, one row for each typed overload: what the checker accepts and what the evaluator
// calls. Included several times: no guard.
//
// Columns: overload, name as in the AST, GLOBAL or MEMBER, signature, C function, cost.
// A member's target is its first argument. A and B stand for any type, the same in all places of a row. A C function finds exactly the kinds
// of values that the row names (function.h). Those of operators that are instructions of their own are NULL. The cost is what a call takes
// from the run's budget besides what it asks for by the size of its arguments.
//
// _&&_ _||_ _?_:_ are rows for the checker's sake: their evaluation is not strict, and is no call.

// ---- logic, equality, order ------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(LOGICAL_AND, "_&&_", GLOBAL, "bool,bool->bool", NULL, 0)
CEL_FUNCTION(LOGICAL_OR, "_||_", GLOBAL, "bool,bool->bool", NULL, 0)
CEL_FUNCTION(CONDITIONAL, "_?_:_", GLOBAL, "bool,A,A->A", NULL, 0)
CEL_FUNCTION(LOGICAL_NOT, "!_", GLOBAL, "bool->bool", NULL, 0)
CEL_FUNCTION(NOT_STRICTLY_FALSE, "@not_strictly_false", GLOBAL, "bool->bool", NULL, 0)
CEL_FUNCTION(EQUAL, "_==_", GLOBAL, "A,A->bool", NULL, 1)
CEL_FUNCTION(NOT_EQUAL, "_!=_", GLOBAL, "A,A->bool", NULL, 1)
#define CEL_ORDER(id, name) \
	CEL_FUNCTION(id##_BOOL, name, GLOBAL, "bool,bool->bool", NULL, 1) \
	CEL_FUNCTION(id##_INT, name, GLOBAL, "int,int->bool", NULL, 1) \
	CEL_FUNCTION(id##_INT_UINT, name, GLOBAL, "int,uint->bool", NULL, 1) \
	CEL_FUNCTION(id##_INT_DOUBLE, name, GLOBAL, "int,double->bool", NULL, 1) \
	CEL_FUNCTION(id##_UINT, name, GLOBAL, "uint,uint->bool", NULL, 1) \
	CEL_FUNCTION(id##_UINT_INT, name, GLOBAL, "uint,int->bool", NULL, 1) \
	CEL_FUNCTION(id##_UINT_DOUBLE, name, GLOBAL, "uint,double->bool", NULL, 1) \
	CEL_FUNCTION(id##_DOUBLE, name, GLOBAL, "double,double->bool", NULL, 1) \
	CEL_FUNCTION(id##_DOUBLE_INT, name, GLOBAL, "double,int->bool", NULL, 1) \
	CEL_FUNCTION(id##_DOUBLE_UINT, name, GLOBAL, "double,uint->bool", NULL, 1) \
	CEL_FUNCTION(id##_STRING, name, GLOBAL, "string,string->bool", NULL, 1) \
	CEL_FUNCTION(id##_BYTES, name, GLOBAL, "bytes,bytes->bool", NULL, 1) \
	CEL_FUNCTION(id##_TIMESTAMP, name, GLOBAL, "timestamp,timestamp->bool", NULL, 1) \
	CEL_FUNCTION(id##_DURATION, name, GLOBAL, "duration,duration->bool", NULL, 1)
CEL_ORDER(LESS, "_<_")
CEL_ORDER(LESS_EQUAL, "_<=_")
CEL_ORDER(GREATER, "_>_")
CEL_ORDER(GREATER_EQUAL, "_>=_")
#undef CEL_ORDER

// ---- arithmetic ------------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(NEGATE_INT, "-_", GLOBAL, "int->int", cel_negate_int, 1)
CEL_FUNCTION(NEGATE_DOUBLE, "-_", GLOBAL, "double->double", cel_negate_double, 1)
CEL_FUNCTION(ADD_INT, "_+_", GLOBAL, "int,int->int", cel_add_int, 1)
CEL_FUNCTION(ADD_UINT, "_+_", GLOBAL, "uint,uint->uint", cel_add_uint, 1)
CEL_FUNCTION(ADD_DOUBLE, "_+_", GLOBAL, "double,double->double", cel_add_double, 1)
CEL_FUNCTION(ADD_STRING, "_+_", GLOBAL, "string,string->string", cel_add_text, 1)
CEL_FUNCTION(ADD_BYTES, "_+_", GLOBAL, "bytes,bytes->bytes", cel_add_text, 1)
CEL_FUNCTION(ADD_LIST, "_+_", GLOBAL, "list<A>,list<A>->list<A>", cel_add_list, 1)
CEL_FUNCTION(ADD_TIMESTAMP_DURATION, "_+_", GLOBAL, "timestamp,duration->timestamp", cel_add_time, 1)
CEL_FUNCTION(ADD_DURATION_TIMESTAMP, "_+_", GLOBAL, "duration,timestamp->timestamp", cel_add_time, 1)
CEL_FUNCTION(ADD_DURATION, "_+_", GLOBAL, "duration,duration->duration", cel_add_time, 1)
CEL_FUNCTION(SUBTRACT_INT, "_-_", GLOBAL, "int,int->int", cel_subtract_int, 1)
CEL_FUNCTION(SUBTRACT_UINT, "_-_", GLOBAL, "uint,uint->uint", cel_subtract_uint, 1)
CEL_FUNCTION(SUBTRACT_DOUBLE, "_-_", GLOBAL, "double,double->double", cel_subtract_double, 1)
CEL_FUNCTION(SUBTRACT_TIMESTAMP, "_-_", GLOBAL, "timestamp,timestamp->duration", cel_subtract_time, 1)
CEL_FUNCTION(SUBTRACT_TIMESTAMP_DURATION, "_-_", GLOBAL, "timestamp,duration->timestamp", cel_subtract_time, 1)
CEL_FUNCTION(SUBTRACT_DURATION, "_-_", GLOBAL, "duration,duration->duration", cel_subtract_time, 1)
CEL_FUNCTION(MULTIPLY_INT, "_*_", GLOBAL, "int,int->int", cel_multiply_int, 1)
CEL_FUNCTION(MULTIPLY_UINT, "_*_", GLOBAL, "uint,uint->uint", cel_multiply_uint, 1)
CEL_FUNCTION(MULTIPLY_DOUBLE, "_*_", GLOBAL, "double,double->double", cel_multiply_double, 1)
CEL_FUNCTION(DIVIDE_INT, "_/_", GLOBAL, "int,int->int", cel_divide_int, 1)
CEL_FUNCTION(DIVIDE_UINT, "_/_", GLOBAL, "uint,uint->uint", cel_divide_uint, 1)
CEL_FUNCTION(DIVIDE_DOUBLE, "_/_", GLOBAL, "double,double->double", cel_divide_double, 1)
CEL_FUNCTION(MODULO_INT, "_%_", GLOBAL, "int,int->int", cel_modulo_int, 1)
CEL_FUNCTION(MODULO_UINT, "_%_", GLOBAL, "uint,uint->uint", cel_modulo_uint, 1)

// ---- containers ------------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(IN_LIST, "@in", GLOBAL, "A,list<A>->bool", NULL, 1)
CEL_FUNCTION(IN_MAP, "@in", GLOBAL, "A,map<A,B>->bool", NULL, 1)
CEL_FUNCTION(INDEX_LIST, "_[_]", GLOBAL, "list<A>,int->A", NULL, 1)
CEL_FUNCTION(INDEX_MAP, "_[_]", GLOBAL, "map<A,B>,A->B", NULL, 1)
CEL_FUNCTION(SIZE_STRING, "size", GLOBAL, "string->int", cel_size_string, 1)
CEL_FUNCTION(SIZE_BYTES, "size", GLOBAL, "bytes->int", cel_size, 1)
CEL_FUNCTION(SIZE_LIST, "size", GLOBAL, "list<A>->int", cel_size, 1)
CEL_FUNCTION(SIZE_MAP, "size", GLOBAL, "map<A,B>->int", cel_size, 1)
CEL_FUNCTION(STRING_SIZE, "size", MEMBER, "string->int", cel_size_string, 1)
CEL_FUNCTION(BYTES_SIZE, "size", MEMBER, "bytes->int", cel_size, 1)
CEL_FUNCTION(LIST_SIZE, "size", MEMBER, "list<A>->int", cel_size, 1)
CEL_FUNCTION(MAP_SIZE, "size", MEMBER, "map<A,B>->int", cel_size, 1)
CEL_FUNCTION(MAP_INSERT, "cel.@mapInsert", GLOBAL, "map<A,B>,A,B->map<A,B>", cel_map_insert, 1)
CEL_FUNCTION(MAP_INSERT_MAP, "cel.@mapInsert", GLOBAL, "map<A,B>,map<A,B>->map<A,B>", cel_map_insert_map, 1)

// ---- conversions -----------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(TYPE, "type", GLOBAL, "A->type<A>", NULL, 1)
CEL_FUNCTION(DYN, "dyn", GLOBAL, "A->dyn", NULL, 0)
CEL_FUNCTION(BOOL_BOOL, "bool", GLOBAL, "bool->bool", cel_identity, 1)
CEL_FUNCTION(BOOL_STRING, "bool", GLOBAL, "string->bool", cel_bool_from_string, 1)
CEL_FUNCTION(BYTES_BYTES, "bytes", GLOBAL, "bytes->bytes", cel_identity, 1)
CEL_FUNCTION(BYTES_STRING, "bytes", GLOBAL, "string->bytes", cel_bytes_from_string, 1)
CEL_FUNCTION(INT_INT, "int", GLOBAL, "int->int", cel_identity, 1)
CEL_FUNCTION(INT_UINT, "int", GLOBAL, "uint->int", cel_int_from_uint, 1)
CEL_FUNCTION(INT_DOUBLE, "int", GLOBAL, "double->int", cel_int_from_double, 1)
CEL_FUNCTION(INT_STRING, "int", GLOBAL, "string->int", cel_int_from_string, 1)
CEL_FUNCTION(INT_TIMESTAMP, "int", GLOBAL, "timestamp->int", cel_int_from_timestamp, 1)
CEL_FUNCTION(UINT_UINT, "uint", GLOBAL, "uint->uint", cel_identity, 1)
CEL_FUNCTION(UINT_INT, "uint", GLOBAL, "int->uint", cel_uint_from_int, 1)
CEL_FUNCTION(UINT_DOUBLE, "uint", GLOBAL, "double->uint", cel_uint_from_double, 1)
CEL_FUNCTION(UINT_STRING, "uint", GLOBAL, "string->uint", cel_uint_from_string, 1)
CEL_FUNCTION(DOUBLE_DOUBLE, "double", GLOBAL, "double->double", cel_identity, 1)
CEL_FUNCTION(DOUBLE_INT, "double", GLOBAL, "int->double", cel_double_from_int, 1)
CEL_FUNCTION(DOUBLE_UINT, "double", GLOBAL, "uint->double", cel_double_from_uint, 1)
CEL_FUNCTION(DOUBLE_STRING, "double", GLOBAL, "string->double", cel_double_from_string, 1)
CEL_FUNCTION(STRING_STRING, "string", GLOBAL, "string->string", cel_identity, 1)
CEL_FUNCTION(STRING_BOOL, "string", GLOBAL, "bool->string", cel_string_from_bool, 1)
CEL_FUNCTION(STRING_INT, "string", GLOBAL, "int->string", cel_string_from_int, 1)
CEL_FUNCTION(STRING_UINT, "string", GLOBAL, "uint->string", cel_string_from_uint, 1)
CEL_FUNCTION(STRING_DOUBLE, "string", GLOBAL, "double->string", cel_string_from_double, 16)
CEL_FUNCTION(STRING_BYTES, "string", GLOBAL, "bytes->string", cel_string_from_bytes, 1)
CEL_FUNCTION(STRING_TIMESTAMP, "string", GLOBAL, "timestamp->string", cel_string_from_timestamp, 1)
CEL_FUNCTION(STRING_DURATION, "string", GLOBAL, "duration->string", cel_string_from_duration, 1)
CEL_FUNCTION(TIMESTAMP_TIMESTAMP, "timestamp", GLOBAL, "timestamp->timestamp", cel_identity, 1)
CEL_FUNCTION(TIMESTAMP_STRING, "timestamp", GLOBAL, "string->timestamp", cel_timestamp_from_string, 1)
CEL_FUNCTION(TIMESTAMP_INT, "timestamp", GLOBAL, "int->timestamp", cel_timestamp_from_int, 1)
CEL_FUNCTION(DURATION_DURATION, "duration", GLOBAL, "duration->duration", cel_identity, 1)
CEL_FUNCTION(DURATION_STRING, "duration", GLOBAL, "string->duration", cel_duration_from_string, 1)

// ---- text ------------------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(CONTAINS, "contains", MEMBER, "string,string->bool", cel_contains, 1)
CEL_FUNCTION(ENDS_WITH, "endsWith", MEMBER, "string,string->bool", cel_ends_with, 1)
CEL_FUNCTION(STARTS_WITH, "startsWith", MEMBER, "string,string->bool", cel_starts_with, 1)
CEL_FUNCTION(STRING_MATCHES, "matches", MEMBER, "string,string->bool", cel_matches, 8)
CEL_FUNCTION(MATCHES, "matches", GLOBAL, "string,string->bool", cel_matches, 8)

// ---- time: in UTC, or in the zone that the second argument names -----------------------------------------------------------------------
#define CEL_GETTER(id, name, function) \
	CEL_FUNCTION(id, name, MEMBER, "timestamp->int", function, 1) \
	CEL_FUNCTION(id##_ZONE, name, MEMBER, "timestamp,string->int", function##_zone, 2)
CEL_GETTER(FULL_YEAR, "getFullYear", cel_full_year)
CEL_GETTER(MONTH, "getMonth", cel_month)
CEL_GETTER(DATE, "getDate", cel_date)
CEL_GETTER(DAY_OF_MONTH, "getDayOfMonth", cel_day_of_month)
CEL_GETTER(DAY_OF_WEEK, "getDayOfWeek", cel_day_of_week)
CEL_GETTER(DAY_OF_YEAR, "getDayOfYear", cel_day_of_year)
CEL_GETTER(HOURS, "getHours", cel_hours)
CEL_GETTER(MINUTES, "getMinutes", cel_minutes)
CEL_GETTER(SECONDS, "getSeconds", cel_seconds)
CEL_GETTER(MILLISECONDS, "getMilliseconds", cel_milliseconds)
#undef CEL_GETTER
CEL_FUNCTION(DURATION_HOURS, "getHours", MEMBER, "duration->int", cel_duration_hours, 1)
CEL_FUNCTION(DURATION_MINUTES, "getMinutes", MEMBER, "duration->int", cel_duration_minutes, 1)
CEL_FUNCTION(DURATION_SECONDS, "getSeconds", MEMBER, "duration->int", cel_duration_seconds, 1)
CEL_FUNCTION(DURATION_MILLISECONDS, "getMilliseconds", MEMBER, "duration->int", cel_duration_milliseconds, 1)

// ---- the extension for strings ---------------------------------------------------------------------------------------------------------
CEL_FUNCTION(CHAR_AT, "charAt", MEMBER, "string,int->string", cel_char_at, 1)
CEL_FUNCTION(FORMAT, "format", MEMBER, "string,list<dyn>->string", cel_format, 4)
CEL_FUNCTION(INDEX_OF, "indexOf", MEMBER, "string,string->int", cel_index_of, 1)
CEL_FUNCTION(INDEX_OF_FROM, "indexOf", MEMBER, "string,string,int->int", cel_index_of_from, 1)
CEL_FUNCTION(JOIN, "join", MEMBER, "list<string>->string", cel_join_all, 1)
CEL_FUNCTION(JOIN_BY, "join", MEMBER, "list<string>,string->string", cel_join_by, 1)
CEL_FUNCTION(LAST_INDEX_OF, "lastIndexOf", MEMBER, "string,string->int", cel_last_index_of, 1)
CEL_FUNCTION(LAST_INDEX_OF_FROM, "lastIndexOf", MEMBER, "string,string,int->int", cel_last_index_of_from, 1)
CEL_FUNCTION(LOWER_ASCII, "lowerAscii", MEMBER, "string->string", cel_lower_ascii, 1)
CEL_FUNCTION(QUOTE, "strings.quote", GLOBAL, "string->string", cel_quote, 1)
CEL_FUNCTION(REPLACE, "replace", MEMBER, "string,string,string->string", cel_replace, 2)
CEL_FUNCTION(REPLACE_COUNT, "replace", MEMBER, "string,string,string,int->string", cel_replace_count, 2)
CEL_FUNCTION(REVERSE, "reverse", MEMBER, "string->string", cel_reverse, 1)
CEL_FUNCTION(SPLIT, "split", MEMBER, "string,string->list<string>", cel_split, 2)
CEL_FUNCTION(SPLIT_COUNT, "split", MEMBER, "string,string,int->list<string>", cel_split_count, 2)
CEL_FUNCTION(SUBSTRING, "substring", MEMBER, "string,int->string", cel_substring, 1)
CEL_FUNCTION(SUBSTRING_TO, "substring", MEMBER, "string,int,int->string", cel_substring_to, 1)
CEL_FUNCTION(TRIM, "trim", MEMBER, "string->string", cel_trim, 1)
CEL_FUNCTION(UPPER_ASCII, "upperAscii", MEMBER, "string->string", cel_upper_ascii, 1)

// ---- the extension for numbers: math.greatest and math.least are macros that become these ----------------------------------------------
#define CEL_EXTREME(id, name, one, two, list) \
	CEL_FUNCTION(id##_INT, name, GLOBAL, "int->int", one, 1) \
	CEL_FUNCTION(id##_UINT, name, GLOBAL, "uint->uint", one, 1) \
	CEL_FUNCTION(id##_DOUBLE, name, GLOBAL, "double->double", one, 1) \
	CEL_FUNCTION(id##_INT_INT, name, GLOBAL, "int,int->int", two, 1) \
	CEL_FUNCTION(id##_INT_UINT, name, GLOBAL, "int,uint->dyn", two, 1) \
	CEL_FUNCTION(id##_INT_DOUBLE, name, GLOBAL, "int,double->dyn", two, 1) \
	CEL_FUNCTION(id##_UINT_UINT, name, GLOBAL, "uint,uint->uint", two, 1) \
	CEL_FUNCTION(id##_UINT_INT, name, GLOBAL, "uint,int->dyn", two, 1) \
	CEL_FUNCTION(id##_UINT_DOUBLE, name, GLOBAL, "uint,double->dyn", two, 1) \
	CEL_FUNCTION(id##_DOUBLE_DOUBLE, name, GLOBAL, "double,double->double", two, 1) \
	CEL_FUNCTION(id##_DOUBLE_INT, name, GLOBAL, "double,int->dyn", two, 1) \
	CEL_FUNCTION(id##_DOUBLE_UINT, name, GLOBAL, "double,uint->dyn", two, 1) \
	CEL_FUNCTION(id##_LIST_INT, name, GLOBAL, "list<int>->int", list, 1) \
	CEL_FUNCTION(id##_LIST_UINT, name, GLOBAL, "list<uint>->uint", list, 1) \
	CEL_FUNCTION(id##_LIST_DOUBLE, name, GLOBAL, "list<double>->double", list, 1)
CEL_EXTREME(MAX, "math.@max", cel_identity, cel_greater, cel_greatest)
CEL_EXTREME(MIN, "math.@min", cel_identity, cel_lesser, cel_least)
#undef CEL_EXTREME
CEL_FUNCTION(CEIL, "math.ceil", GLOBAL, "double->double", cel_ceil, 1)
CEL_FUNCTION(FLOOR, "math.floor", GLOBAL, "double->double", cel_floor, 1)
CEL_FUNCTION(ROUND, "math.round", GLOBAL, "double->double", cel_round, 1)
CEL_FUNCTION(TRUNC, "math.trunc", GLOBAL, "double->double", cel_trunc, 1)
CEL_FUNCTION(SQRT_DOUBLE, "math.sqrt", GLOBAL, "double->double", cel_sqrt, 1)
CEL_FUNCTION(SQRT_INT, "math.sqrt", GLOBAL, "int->double", cel_sqrt, 1)
CEL_FUNCTION(SQRT_UINT, "math.sqrt", GLOBAL, "uint->double", cel_sqrt, 1)
CEL_FUNCTION(ABS_INT, "math.abs", GLOBAL, "int->int", cel_abs, 1)
CEL_FUNCTION(ABS_UINT, "math.abs", GLOBAL, "uint->uint", cel_abs, 1)
CEL_FUNCTION(ABS_DOUBLE, "math.abs", GLOBAL, "double->double", cel_abs, 1)
CEL_FUNCTION(SIGN_INT, "math.sign", GLOBAL, "int->int", cel_sign, 1)
CEL_FUNCTION(SIGN_UINT, "math.sign", GLOBAL, "uint->uint", cel_sign, 1)
CEL_FUNCTION(SIGN_DOUBLE, "math.sign", GLOBAL, "double->double", cel_sign, 1)
CEL_FUNCTION(IS_NAN, "math.isNaN", GLOBAL, "double->bool", cel_is_nan, 1)
CEL_FUNCTION(IS_INF, "math.isInf", GLOBAL, "double->bool", cel_is_inf, 1)
CEL_FUNCTION(IS_FINITE, "math.isFinite", GLOBAL, "double->bool", cel_is_finite, 1)
CEL_FUNCTION(BIT_AND_INT, "math.bitAnd", GLOBAL, "int,int->int", cel_bit_and, 1)
CEL_FUNCTION(BIT_AND_UINT, "math.bitAnd", GLOBAL, "uint,uint->uint", cel_bit_and, 1)
CEL_FUNCTION(BIT_OR_INT, "math.bitOr", GLOBAL, "int,int->int", cel_bit_or, 1)
CEL_FUNCTION(BIT_OR_UINT, "math.bitOr", GLOBAL, "uint,uint->uint", cel_bit_or, 1)
CEL_FUNCTION(BIT_XOR_INT, "math.bitXor", GLOBAL, "int,int->int", cel_bit_xor, 1)
CEL_FUNCTION(BIT_XOR_UINT, "math.bitXor", GLOBAL, "uint,uint->uint", cel_bit_xor, 1)
CEL_FUNCTION(BIT_NOT_INT, "math.bitNot", GLOBAL, "int->int", cel_bit_not, 1)
CEL_FUNCTION(BIT_NOT_UINT, "math.bitNot", GLOBAL, "uint->uint", cel_bit_not, 1)
CEL_FUNCTION(SHIFT_LEFT_INT, "math.bitShiftLeft", GLOBAL, "int,int->int", cel_shift_left, 1)
CEL_FUNCTION(SHIFT_LEFT_UINT, "math.bitShiftLeft", GLOBAL, "uint,int->uint", cel_shift_left, 1)
CEL_FUNCTION(SHIFT_RIGHT_INT, "math.bitShiftRight", GLOBAL, "int,int->int", cel_shift_right, 1)
CEL_FUNCTION(SHIFT_RIGHT_UINT, "math.bitShiftRight", GLOBAL, "uint,int->uint", cel_shift_right, 1)

// ---- optional values -------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(OPTIONAL_OF, "optional.of", GLOBAL, "A->optional_type<A>", cel_optional_of, 1)
CEL_FUNCTION(OPTIONAL_OF_NON_ZERO, "optional.ofNonZeroValue", GLOBAL, "A->optional_type<A>", cel_optional_of_non_zero, 1)
CEL_FUNCTION(OPTIONAL_NONE, "optional.none", GLOBAL, "->optional_type<A>", cel_optional_none, 1)
CEL_FUNCTION(OPTIONAL_HAS_VALUE, "hasValue", MEMBER, "optional_type<A>->bool", cel_optional_has_value, 1)
CEL_FUNCTION(OPTIONAL_VALUE, "value", MEMBER, "optional_type<A>->A", cel_optional_value, 1)
CEL_FUNCTION(OPTIONAL_OR, "or", MEMBER, "optional_type<A>,optional_type<A>->optional_type<A>", NULL, 1)
CEL_FUNCTION(OPTIONAL_OR_VALUE, "orValue", MEMBER, "optional_type<A>,A->A", NULL, 1)
CEL_FUNCTION(INDEX_OPTIONAL_LIST, "_[_]", GLOBAL, "optional_type<list<A>>,int->optional_type<A>", NULL, 1)
CEL_FUNCTION(INDEX_OPTIONAL_MAP, "_[_]", GLOBAL, "optional_type<map<A,B>>,A->optional_type<B>", NULL, 1)
CEL_FUNCTION(OPT_INDEX_LIST, "_[?_]", GLOBAL, "list<A>,int->optional_type<A>", NULL, 1)
CEL_FUNCTION(OPT_INDEX_MAP, "_[?_]", GLOBAL, "map<A,B>,A->optional_type<B>", NULL, 1)
CEL_FUNCTION(OPT_INDEX_OPTIONAL_LIST, "_[?_]", GLOBAL, "optional_type<list<A>>,int->optional_type<A>", NULL, 1)
CEL_FUNCTION(OPT_INDEX_OPTIONAL_MAP, "_[?_]", GLOBAL, "optional_type<map<A,B>>,A->optional_type<B>", NULL, 1)

// ---- base64 ----------------------------------------------------------------------------------------------------------------------------
CEL_FUNCTION(BASE64_ENCODE, "base64.encode", GLOBAL, "bytes->string", cel_base64_encode, 2)
CEL_FUNCTION(BASE64_DECODE, "base64.decode", GLOBAL, "string->bytes", cel_base64_decode, 2)
