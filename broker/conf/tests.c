// SPDX-License-Identifier: Apache-2.0
// How a file of tests is written.
#include "conf/tests.h"

#include "conf/kinds.h"

// ---- trees and pairs -----------------------------------------------------------------------------------------------------

// A record keeps the shape in which it was written; its words are given their kinds by the schema, later.
static struct yaml_node *
copy_tree(struct binder *b, const struct yaml_node *node)
{
	struct yaml_node *copy = bind_array(b, 1, sizeof(*copy)), **end;

	if (copy == NULL) {
		return NULL;
	}
	*copy = *node;
	copy->where = bind_where(b, node->where);
	copy->key_where = bind_where(b, node->key_where);
	copy->text = node->text == NULL ? NULL : bind_copy(b, node->text);
	copy->key = node->key == NULL ? NULL : bind_copy(b, node->key);
	copy->next = NULL;
	end = &copy->first;
	for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
		*end = copy_tree(b, child);
		if (*end == NULL) {
			return NULL;
		}
		end = &(*end)->next;
	}
	*end = NULL;
	return copy;
}

static void
read_tree(struct binder *b, const struct yaml_node *node, void *dst)
{
	const struct yaml_node **tree = dst;

	if (node->kind != YAML_MAP) {
		bind_wrong_form(b, node, "{FIELD: value, OTHER: value}");
		return;
	}
	*tree = copy_tree(b, node);
}

static void
read_records(struct binder *b, const struct yaml_node *node, void *dst)
{
	read_tree(b, node, dst);
	for (const struct yaml_node *record = node->first; record != NULL && node->kind == YAML_MAP;
	     record = record->next) {
		if (record->kind != YAML_MAP) {
			bind_wrong_form(b, record, "name: {FIELD: value, OTHER: value}");
		}
	}
}

// "" in quotes is a value; so is a list of values.
static struct conf_list
read_values(struct binder *b, const struct yaml_node *node)
{
	struct conf_list list = {.count = 0};

	if (node->kind != YAML_SCALAR) {
		return bind_list(b, node, "a value, or a list of values");
	}
	if (yaml_is_nothing(node)) {
		bind_wrong_form(b, node, "a value, or a list of values");
		return list;
	}
	list.items = bind_array(b, 1, sizeof(*list.items));
	if (list.items != NULL) {
		list.items[list.count++] =
		    (struct conf_text){.text = bind_copy(b, node->text), .where = bind_where(b, node->where)};
	}
	return list;
}

static void
read_pairs(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_wants *pairs = dst;

	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, "{path: value, other: [one, two]}");
		return;
	}
	pairs->items = bind_array(b, node->count, sizeof(*pairs->items));
	for (const struct yaml_node *line = node->first; line != NULL && pairs->items != NULL; line = line->next) {
		pairs->items[pairs->count++] =
		    (struct conf_want){.key = bind_key(b, line), .values = read_values(b, line)};
	}
}

// A list of paths, or paths with the label that hides each.
static void
read_withheld(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_wants *pairs = dst;

	if (node->kind == YAML_MAP) {
		read_pairs(b, node, dst);
		return;
	}
	struct conf_list paths = bind_list(b, node, "[path, other] or {path: label}");

	pairs->items = paths.count == 0 ? NULL : bind_array(b, paths.count, sizeof(*pairs->items));
	for (size_t i = 0; pairs->items != NULL && i < paths.count; i++) {
		pairs->items[pairs->count++].key = paths.items[i];
	}
}

// ---- expectations ------------------------------------------------------------------------------------------------------------

// Only the first would be asked for.
static void
check_single(struct binder *b, const struct conf_wants *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (pairs->items[i].values.count > 1) {
			findings_add(b->findings, E0106, pairs->items[i].values.items[1].where, NULL,
			    "%s has one value here", pairs->items[i].key.text);
		}
	}
}

static void
check_expect(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct conf_expect *expect = dst;
	const struct yaml_node *error = yaml_get(map, "error"), *at = yaml_get(map, "at");

	expect->says_recipients = yaml_get(map, "recipients") != NULL;
	if (map->count == 0) {
		bind_wrong_form(b, map, "contains, equals, absent, withheld, error, recipients or missed");
	}
	if (at != NULL && error == NULL) {
		findings_add(b->findings, E0115, at->key_where, "{error: table_miss, at: SEXO}", "at without error");
	}
	if (error != NULL &&
	    expect->contains.count + expect->equals.count + expect->absent.count + expect->withheld.count > 0) {
		findings_add(b->findings, E0115, error->key_where, NULL, "error, and fields of an output");
	}
	check_single(b, &expect->withheld);
	check_single(b, &expect->missed);
	if (yaml_get(map, "equals") != NULL && yaml_get(map, "contains") != NULL) {
		findings_add(b->findings, E0115, yaml_get(map, "contains")->key_where, NULL, "equals and contains");
	}
}

// clang-format off
static const struct bind_field expect_fields[] = {
	{.key = "contains", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_expect, contains),
	    .help = "{target.path: value}: fields that must be so; others do not matter"},
	{.key = "equals", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_expect, equals),
	    .help = "{target.path: value}: all fields of the output; there must be no others"},
	{.key = "absent", .type = BIND_LIST, BIND_AT(conf_expect, absent),
	    .help = "target paths of which nothing may be there"},
	{.key = "withheld", .type = BIND_CUSTOM, .read = read_withheld, .form = BIND_FORM_LIST_OR_LISTS, BIND_AT(conf_expect, withheld),
	    .help = "target paths that are hidden by the agreement or the person: [path] or {path: label}"},
	{.key = "error", .type = BIND_NAME, BIND_AT(conf_expect, error),
	    .help = "the reason code for which nothing comes out, as table_miss, no_recipient or consent"},
	{.key = "at", .type = BIND_TEXT, BIND_AT(conf_expect, at),
	    .help = "with error: the field that it names, as SEXO"},
	{.key = "recipients", .type = BIND_LIST, .may_be_empty = true, BIND_AT(conf_expect, recipients),
	    .help = "the subscriptions that receive something; no others may"},
	{.key = "missed", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_expect, missed),
	    .help = "{agency: reason code}: who was meant and gets nothing"},
};
static const struct bind_object expect_object = {
	.name = "expect", .fields = expect_fields, .field_count = EN_COUNT_OF(expect_fields),
	.size = sizeof(struct conf_expect), .where_offset = offsetof(struct conf_expect, where),
	.check = check_expect,
};
// clang-format on

static const char *const nothing_words[] = {"nothing", NULL};

// The error is the whole input's: there is nothing else to expect then.
static void
tell_error_among(struct binder *b, const struct yaml_node *item, size_t count)
{
	const struct yaml_node *error = yaml_get(item, "error");

	if (error != NULL && count > 1) {
		findings_add(b->findings, E0115, error->key_where, NULL, "error, and other outputs");
	}
}

static void
read_expect(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_case *test = dst;
	size_t count = node->kind == YAML_LIST ? node->count : 1;
	const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;

	if (node->kind == YAML_SCALAR && !yaml_is_nothing(node)) {
		test->expects_nothing = bind_check_word(b, node, nothing_words);
		return;
	}
	if (node->kind == YAML_SCALAR || node->kind == YAML_REFUSED || count == 0) {
		bind_wrong_form(b, node, "{contains: {path: value}}, a list of such, or nothing");
		return;
	}
	test->expects = bind_array(b, count, sizeof(*test->expects));
	for (size_t i = 0; i < count && test->expects != NULL; i++, item = item->next) {
		if (item->kind == YAML_MAP) {
			bind_object(b, item, &expect_object, &test->expects[test->expect_count++]);
			tell_error_among(b, item, count);
		} else {
			bind_wrong_form(b, item, "{contains: {path: value}}");
		}
	}
}

static void
check_each(struct binder *b, const struct yaml_node *map, void *dst)
{
	const struct conf_each *each = dst;

	check_single(b, &each->refused);
	if (each->values.count + each->refused.count == 0) {
		findings_add(b->findings, E0105, map->where, "values: {MUJER: FEMALE}", "values or refused");
	}
	if (each->values.count > 0 && yaml_get(map, "gives") == NULL) {
		findings_add(b->findings, E0105, map->where, "gives: person.sex", "gives");
	}
}

// clang-format off
static const struct bind_field each_fields[] = {
	{.key = "field", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_each, field),
	    .help = "the field of the record that takes each value in turn"},
	{.key = "gives", .type = BIND_TEXT, BIND_AT(conf_each, gives),
	    .help = "the field of the output that is looked at"},
	{.key = "values", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_each, values),
	    .help = "{value in the record: value in the output}"},
	{.key = "refused", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_each, refused),
	    .help = "{value in the record: reason code for which nothing comes out}"},
};
static const struct bind_object each_object = {
	.name = "each", .fields = each_fields, .field_count = EN_COUNT_OF(each_fields),
	.size = sizeof(struct conf_each), .where_offset = offsetof(struct conf_each, where), .check = check_each,
};
// clang-format on

static void
read_each(struct binder *b, const struct yaml_node *node, void *dst)
{
	if (node->kind == YAML_MAP) {
		bind_object(b, node, &each_object, dst);
	} else {
		bind_wrong_form(b, node, "{field: SEXO, gives: person.sex, values: {MUJER: FEMALE}}");
	}
}

// ---- cases -------------------------------------------------------------------------------------------------------------------------

static void
check_case(struct binder *b, const struct yaml_node *map, void *dst)
{
	static const char *const sources[] = {"record", "input", "file"};
	// A file is taken as it is.
	static const char *const of_words[] = {"changed", "without", "each"};
	const struct yaml_node *found = NULL, *recipient = yaml_get(map, "recipient"), *each = yaml_get(map, "each");

	(void)dst;
	for (size_t i = 0; i < EN_COUNT_OF(sources); i++) {
		const struct yaml_node *node = yaml_get(map, sources[i]);

		if (node != NULL && found != NULL) {
			findings_add(b->findings, E0115, node->key_where, NULL, "%s and %s", found->key, node->key);
		}
		found = node != NULL ? node : found;
	}
	for (size_t i = 0; yaml_get(map, "file") != NULL && i < EN_COUNT_OF(of_words); i++) {
		const struct yaml_node *node = yaml_get(map, of_words[i]);

		if (node != NULL) {
			findings_add(
			    b->findings, E0115, node->key_where, "write the record here", "file and %s", node->key);
		}
	}
	if (found == NULL) {
		findings_add(b->findings, E0105, map->where, "record: NAME, input: {FIELD: value} or file: PATH",
		    "record, input or file");
	}
	if (each == NULL && yaml_get(map, "expect") == NULL) {
		findings_add(b->findings, E0105, map->where, "expect: {contains: {path: value}}", "expect, or each");
	}
	if (each != NULL && yaml_get(map, "expect") != NULL) {
		findings_add(b->findings, E0115, each->key_where, "each says what is expected", "expect and each");
	}
	if (recipient != NULL && yaml_get(map, "mapping") != NULL) {
		findings_add(b->findings, E0115, recipient->key_where,
		    "a mapping alone has no recipient; name an agreement", "mapping and recipient");
	}
}

// clang-format off
static const struct bind_field case_fields[] = {
	{.key = "name", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_case, name),
	    .help = "what this case shows, in a sentence"},
	{.key = "mapping", .type = BIND_NAME, BIND_AT(conf_case, mapping),
	    .help = "the mapping to run alone; without one the record goes the whole way"},
	{.key = "type", .type = BIND_NAME, BIND_AT(conf_case, type),
	    .help = "the message type of the record, as inm.v1.Acta; a mapping knows its own"},
	{.key = "sender", .type = BIND_NAME, BIND_AT(conf_case, sender), .help = "the agency that sends the record"},
	{.key = "clock", .type = BIND_TEXT, BIND_AT(conf_case, clock),
	    .help = "when the broker records it, as 2026-11-23T15:45:00Z"},
	{.key = "agreement", .type = BIND_NAME, BIND_AT(conf_case, agreement),
	    .help = "with mapping: run it through what this agreement grants; without, everything is granted"},
	{.key = "recipient", .type = BIND_NAME, BIND_AT(conf_case, recipient),
	    .help = "the subscription whose deliveries are looked at; without, it is the canonical events"},
	{.key = "record", .type = BIND_NAME, BIND_AT(conf_case, record), .help = "a name of records"},
	{.key = "input", .type = BIND_CUSTOM, .read = read_tree, .form = BIND_FORM_TREE, BIND_AT(conf_case, input),
	    .help = "the record itself: {FIELD: value}"},
	{.key = "file", .type = BIND_PATH, BIND_AT(conf_case, file),
	    .help = "a file with the record: .json, .txtpb, or the payload itself"},
	{.key = "changed", .type = BIND_CUSTOM, .read = read_tree, .form = BIND_FORM_TREE, BIND_AT(conf_case, changed),
	    .help = "fields of the record that are otherwise in this case"},
	{.key = "without", .type = BIND_LIST, BIND_AT(conf_case, without),
	    .help = "fields of the record that are absent in this case"},
	{.key = "case_consent", .type = BIND_CUSTOM, .read = read_tree, .form = BIND_FORM_TREE, BIND_AT(conf_case, case_consent),
	    .help = "the newest enlace.v1.Consent of the person's case, as a ConsentUpdate brought it"},
	{.key = "each", .type = BIND_CUSTOM, .read = read_each, .form = BIND_FORM_MAP, .object = &each_object, BIND_AT(conf_case, each),
	    .help = "a case for each value of one field: {field: SEXO, gives: person.sex, values: {MUJER: FEMALE}}"},
	{.key = "expect", .type = BIND_CUSTOM, .read = read_expect, .form = BIND_FORM_MAP_OR_MAPS, .words = nothing_words, .object = &expect_object,
	    .help = "what must come of it: a map, a list with one for each output, or nothing"},
};
static const struct bind_object case_object = {
	.name = "case", .fields = case_fields, .field_count = EN_COUNT_OF(case_fields),
	.size = sizeof(struct conf_case), .where_offset = offsetof(struct conf_case, where), .check = check_case,
};

static const struct bind_field known_fields[] = {
	{.key = "reference", .type = BIND_TEXT, BIND_AT(conf_known, reference),
	    .help = "the number under which the sender of a status knows the referral"},
	{.key = "referral_id", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_known, referral_id),
	    .help = "its id on the bus"},
	{.key = "from", .type = BIND_NAME, .is_required = true, BIND_AT(conf_known, from),
	    .help = "the agency that sent the referral"},
	{.key = "source_case", .type = BIND_ANY_TEXT, BIND_AT(conf_known, source_case),
	    .help = "that agency's own number of the case"},
	{.key = "source_service", .type = BIND_ANY_TEXT, BIND_AT(conf_known, source_service),
	    .help = "that agency's own word for the service"},
};
static const struct bind_object known_object = {
	.name = "known", .fields = known_fields, .field_count = EN_COUNT_OF(known_fields),
	.size = sizeof(struct conf_known), .where_offset = offsetof(struct conf_known, where),
};

static const struct bind_field matrix_fields[] = {
	{.key = "name", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_matrix, name),
	    .help = "what the matrix is about"},
	{.key = "file", .type = BIND_PATH, .is_required = true, BIND_AT(conf_matrix, file),
	    .help = "the CSV: the first row is field and the agencies, then a row for each field; F C P -"},
	{.key = "message", .type = BIND_NAME, .is_required = true, BIND_AT(conf_matrix, message),
	    .help = "the message whose fields these are: Referral, ReferralStatus, Alert, ConsentUpdate"},
	{.key = "from", .type = BIND_NAME, BIND_AT(conf_matrix, from),
	    .help = "the agency that sends it; without one, anybody"},
	{.key = "purpose", .type = BIND_NAME, BIND_AT(conf_matrix, purpose),
	    .help = "for columns that name no purpose (agency/purpose); without one, any"},
	{.key = "signed_by", .type = BIND_TEXT, BIND_AT(conf_matrix, signed_by),
	    .help = "who has agreed to this matrix, and when"},
};
static const struct bind_object matrix_object = {
	.name = "matrix", .fields = matrix_fields, .field_count = EN_COUNT_OF(matrix_fields),
	.size = sizeof(struct conf_matrix), .where_offset = offsetof(struct conf_matrix, where),
};

static const struct bind_field round_trip_fields[] = {
	{.key = "name", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_round_trip, name),
	    .help = "what comes back, in a sentence"},
	{.key = "there", .type = BIND_NAME, .is_required = true, BIND_AT(conf_round_trip, there),
	    .help = "the mapping that a record goes by"},
	{.key = "back", .type = BIND_NAME, .is_required = true, BIND_AT(conf_round_trip, back),
	    .help = "the mapping that what comes of it returns by"},
	{.key = "loses", .type = BIND_CUSTOM, .read = read_pairs, .form = BIND_FORM_LISTS, BIND_AT(conf_round_trip, loses),
	    .help = "{field: code of a loss}: what is known to be lost, as `enlace map --round-trip` tells it; nothing when absent"},
};
static const struct bind_object round_trip_object = {
	.name = "round trip", .fields = round_trip_fields, .field_count = EN_COUNT_OF(round_trip_fields),
	.size = sizeof(struct conf_round_trip), .where_offset = offsetof(struct conf_round_trip, where),
};

static const struct bind_field fields[] = {
	{.key = "tests", .type = BIND_NAME, .is_required = true, BIND_AT(conf_tests, name),
	    .help = "the name of these tests"},
	{.key = "mapping", .type = BIND_NAME, BIND_AT(conf_tests, mapping),
	    .help = "the mapping of cases that name none; leave it out where cases go the whole way"},
	{.key = "type", .type = BIND_NAME, BIND_AT(conf_tests, type), .help = "the type of cases that name none"},
	{.key = "sender", .type = BIND_NAME, BIND_AT(conf_tests, sender), .help = "the sender of cases that name none"},
	{.key = "clock", .type = BIND_TEXT, BIND_AT(conf_tests, clock), .help = "the clock of cases that name none"},
	{.key = "records", .type = BIND_CUSTOM, .read = read_records, .form = BIND_FORM_TREES, BIND_AT(conf_tests, records),
	    .help = "records with names, for cases to begin with: {name: {FIELD: value}}"},
	{.key = "known", .type = BIND_OBJECTS, .object = &known_object, BIND_AT(conf_tests, known),
	    BIND_COUNT_AT(conf_tests, known_count), .help = "referrals that the broker remembers"},
	{.key = "cases", .type = BIND_OBJECTS, .object = &case_object, BIND_AT(conf_tests, cases),
	    BIND_COUNT_AT(conf_tests, case_count), .help = "a list: - {name: ..., record: ..., expect: {...}}"},
	{.key = "matrices", .type = BIND_OBJECTS, .object = &matrix_object, BIND_AT(conf_tests, matrices),
	    BIND_COUNT_AT(conf_tests, matrix_count), .help = "a list: - {name: ..., file: NAME.csv, message: Referral}"},
	{.key = "round_trips", .type = BIND_OBJECTS, .object = &round_trip_object, BIND_AT(conf_tests, round_trips),
	    BIND_COUNT_AT(conf_tests, round_trip_count), .help = "a list: - {name: ..., there: MAPPING, back: MAPPING, loses: {...}}"},
};
// clang-format on

const struct bind_object conf_tests_object = {
    .name = "tests",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_tests),
    .where_offset = BIND_NO_WHERE,
};
