// SPDX-License-Identifier: Apache-2.0
// One function per type of row, and the walk over an object's keys.
#include "conf/bind.h"

#include <assert.h>

#include "base/limits.h"
#include "conf/path.h"
#include "conf/quantity.h"

#define MOST_KEYS 96 // in one object's table; asserted where it is used
#define MOST_LISTED 32 // of them in a hint

const char *
bind_copy(struct binder *b, const char *text)
{
	const char *copy = arena_text(b->arena, view_text(text));

	if (copy == NULL) {
		b->err = EN_ENOMEM;
		return "";
	}
	return copy;
}

struct where
bind_where(struct binder *b, struct where where)
{
	where.file = b->file;
	return where;
}

void *
bind_array(struct binder *b, size_t count, size_t size)
{
	void *items = count == 0 ? NULL : arena_zalloc(b->arena, count * size);

	if (items == NULL && count > 0) {
		b->err = EN_ENOMEM;
	}
	return items;
}

static const char *
name_of(const struct binder *b, const struct yaml_node *node)
{
	return node->key == NULL ? findings_say(b->findings, "an item") : node->key;
}

void
bind_wrong_form(struct binder *b, const struct yaml_node *node, const char *help)
{
	if (node->kind != YAML_REFUSED) {
		findings_add(b->findings, E0106, node->where, help, yaml_is_nothing(node) ? "%s has no value" : "%s",
		    name_of(b, node));
	}
}

static struct conf_text
text_of(struct binder *b, const struct yaml_node *node)
{
	return (struct conf_text){.text = bind_copy(b, node->text), .where = bind_where(b, node->where)};
}

struct conf_text
bind_text(struct binder *b, const struct yaml_node *node, const char *help)
{
	if (node->kind != YAML_SCALAR || node->text[0] == '\0') {
		bind_wrong_form(b, node, help);
		return (struct conf_text){0};
	}
	return text_of(b, node);
}

struct conf_text
bind_key(struct binder *b, const struct yaml_node *node)
{
	return (struct conf_text){.text = bind_copy(b, node->key), .where = bind_where(b, node->key_where)};
}

void
bind_check_days(struct binder *b, const struct conf_text *first, const struct conf_text *last)
{
	int64_t from, to;

	if (first->text != NULL && last->text != NULL && quantity_day(first->text, &from) &&
	    quantity_day(last->text, &to) && to < from) {
		findings_add(b->findings, E0112, last->where, "a day after first_day", "last_day is before first_day");
	}
}

void
bind_put_words(struct buf *to, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		buf_printf(to, "%s%s", i == 0 ? "" : ", ", words[i]);
	}
}

bool
bind_check_word(struct binder *b, const struct yaml_node *node, const char *const *words)
{
	size_t count = 0;

	for (; words[count] != NULL; count++) {
		if (strcmp(words[count], node->text) == 0) {
			return true;
		}
	}
	const char *hint = nearest_name(node->text, words, count);
	struct buf all = BUF_EMPTY;

	bind_put_words(&all, words);
	findings_add(b->findings, E0106, node->where, hint != NULL ? hint : buf_cstr(&all), "%s is one of: %s",
	    name_of(b, node), buf_cstr(&all));
	buf_fini(&all);
	return false;
}

static bool
is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/");

	return len > 0 && len <= LIMIT_ID_BYTES && text[len] == '\0';
}

static void
read_text(struct binder *b, const struct yaml_node *node, const struct bind_field *field, struct conf_text *dst)
{
	int64_t day;
	struct conf_text text = {0};

	if (node->kind != YAML_SCALAR || yaml_is_nothing(node) ||
	    (node->text[0] == '\0' && field->type != BIND_ANY_TEXT)) {
		bind_wrong_form(b, node, field->help);
		return;
	}
	if (field->type == BIND_WORD && !bind_check_word(b, node, field->words)) {
		return;
	}
	if ((field->type == BIND_NAME && !is_name(node->text)) ||
	    (field->type == BIND_DAY && !quantity_day(node->text, &day))) {
		bind_wrong_form(b, node, field->help);
		return;
	}
	text = text_of(b, node);
	if (field->type == BIND_PATH) {
		text.text = conf_resolve(b->arena, b->folder, node->text);
		if (text.text == NULL) {
			b->err = EN_ENOMEM;
			return;
		}
	}
	*dst = text;
}

// One text alone stands for a list of one; words may be NULL. A list that is written must not be empty: `[]` says
// neither "none" nor "all" clearly enough for rules on who may know what, except where a field may_be_empty.
static struct conf_list
read_list(struct binder *b, const struct yaml_node *node, const char *const *words, const char *help)
{
	struct conf_list list = {0};
	const struct yaml_node *first = node->kind == YAML_SCALAR ? node : node->first;
	size_t count = node->kind == YAML_SCALAR ? 1 : node->count;

	if (node->kind == YAML_MAP || node->kind == YAML_REFUSED || count == 0 || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, help);
		return list;
	}
	list.items = bind_array(b, count, sizeof(*list.items));
	for (const struct yaml_node *item = first; item != NULL && list.items != NULL; item = item->next) {
		if (item->kind != YAML_SCALAR || yaml_is_nothing(item)) {
			bind_wrong_form(b, item, help);
		} else if (words == NULL || bind_check_word(b, item, words)) {
			list.items[list.count++] = text_of(b, item);
		}
		if (node->kind == YAML_SCALAR) {
			break; // its next is not of this list
		}
	}
	return list;
}

struct conf_list
bind_list(struct binder *b, const struct yaml_node *node, const char *help)
{
	return read_list(b, node, NULL, help);
}

// A choice of two words that says whether something is so: the second word is true.
static void
read_choice(struct binder *b, const struct yaml_node *node, const struct bind_field *field, bool *dst)
{
	if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, field->help);
	} else if (bind_check_word(b, node, field->words)) {
		*dst = strcmp(node->text, field->words[1]) == 0;
	}
}

static void
read_bool(struct binder *b, const struct yaml_node *node, bool *dst)
{
	static const char *const words[] = {"true", "false", NULL};

	if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, "true or false");
	} else if (bind_check_word(b, node, words)) {
		*dst = strcmp(node->text, "true") == 0;
	}
}

// What a key is for does not yet say that a number stands there.
static void
wrong_amount(struct binder *b, const struct yaml_node *node, const struct bind_field *field)
{
	if (yaml_is_nothing(node) || node->kind == YAML_REFUSED) {
		bind_wrong_form(b, node, field->help);
		return;
	}
	findings_add(b->findings, E0106, node->where, field->help,
	    field->type == BIND_NUMBER     ? "%s is a whole number"
		: field->type == BIND_SIZE ? "%s is a size, as 64 KiB"
					   : "%s is a length of time, as 30 s",
	    name_of(b, node));
}

// A number of any unit within the field's range.
static bool
read_amount(struct binder *b, const struct yaml_node *node, const struct bind_field *field, uint64_t *ret)
{
	bool is_number = field->type == BIND_NUMBER, is_size = field->type == BIND_SIZE;
	uint64_t value;

	if (node->kind != YAML_SCALAR ||
	    !(is_number       ? quantity_number(node->text, &value)
		    : is_size ? quantity_size(node->text, &value)
			      : quantity_duration(node->text, &value))) {
		wrong_amount(b, node, field);
		return false;
	}
	if (value < field->min && field->max == 0) {
		findings_add(b->findings, E0112, node->where, field->help,
		    is_number     ? "%s: at least %llu"
			: is_size ? "%s: at least %llu bytes"
				  : "%s: at least %llu ms",
		    name_of(b, node), (unsigned long long)field->min);
		return false;
	}
	if (value < field->min || (field->max != 0 && value > field->max)) {
		findings_add(b->findings, E0112, node->where, field->help,
		    is_number     ? "%s: from %llu to %llu"
			: is_size ? "%s: from %llu to %llu bytes"
				  : "%s: from %llu to %llu ms",
		    name_of(b, node), (unsigned long long)field->min, (unsigned long long)field->max);
		return false;
	}
	*ret = value;
	return true;
}

static void
read_duration(struct binder *b, const struct yaml_node *node, const struct bind_field *field, struct conf_duration *dst)
{
	if (read_amount(b, node, field, &dst->ms)) {
		dst->where = bind_where(b, node->where);
	}
}

static void
read_durations(struct binder *b, const struct yaml_node *node, const struct bind_field *field,
    struct conf_duration **dst, size_t *count)
{
	const struct yaml_node *item = node->kind == YAML_LIST ? node->first : node;
	size_t most = node->kind == YAML_LIST ? node->count : 1;

	if (most == 0) {
		bind_wrong_form(b, node, field->help);
		return;
	}
	*dst = bind_array(b, most, sizeof(**dst));
	for (; *dst != NULL && *count < most; item = item->next) {
		read_duration(b, item, field, &(*dst)[(*count)++]);
	}
}

static void
read_objects(struct binder *b, const struct yaml_node *node, const struct bind_field *field, char *dst)
{
	size_t *count = (size_t *)(void *)(dst + field->count_offset);

	if (node->kind != YAML_LIST || node->count == 0) {
		bind_wrong_form(b, node, field->help);
		return;
	}
	char *items = bind_array(b, node->count, field->object->size);

	if (items == NULL) {
		return;
	}
	memcpy(dst + field->offset, &items, sizeof(items));
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (item->kind != YAML_MAP) {
			bind_wrong_form(b, item, field->help);
			continue;
		}
		bind_object(b, item, field->object, items + (*count)++ * field->object->size);
	}
}

// dst is the struct's start. The offsets of the tables carry the types' alignment with them.
static void
read_field(struct binder *b, const struct yaml_node *node, const struct bind_field *field, void *dst)
{
	void *at = (char *)dst + field->offset;

	switch (field->type) {
	case BIND_TEXT:
	case BIND_NAME:
	case BIND_WORD:
	case BIND_DAY:
	case BIND_PATH:
	case BIND_ANY_TEXT:
		read_text(b, node, field, at);
		break;
	case BIND_LIST:
	case BIND_WORDS:
		if (field->may_be_empty && node->kind == YAML_LIST && node->count == 0) {
			break;
		}
		*(struct conf_list *)at = read_list(b, node, field->words, field->help);
		break;
	case BIND_BOOL:
		read_bool(b, node, at);
		break;
	case BIND_CHOICE:
		read_choice(b, node, field, at);
		break;
	case BIND_NUMBER:
	case BIND_SIZE:
	case BIND_MILLISECONDS:
		(void)read_amount(b, node, field, at); // keeps the default when it tells a finding
		break;
	case BIND_DURATION:
		read_duration(b, node, field, at);
		break;
	case BIND_DURATIONS:
		read_durations(b, node, field, at, (size_t *)(void *)((char *)dst + field->count_offset));
		break;
	case BIND_OBJECT:
		if (node->kind == YAML_MAP) {
			bind_object(b, node, field->object, at);
		} else {
			bind_wrong_form(b, node, field->help);
		}
		break;
	case BIND_OBJECTS:
		read_objects(b, node, field, dst);
		break;
	case BIND_CUSTOM:
		field->read(b, node, at);
		break;
	}
}

static void
set_default(const struct bind_field *field, void *dst)
{
	void *at = (char *)dst + field->offset;

	switch (field->type) {
	case BIND_NUMBER:
	case BIND_SIZE:
	case BIND_MILLISECONDS:
		*(uint64_t *)at = field->number;
		break;
	case BIND_DURATION:
		((struct conf_duration *)at)->ms = field->number;
		break;
	case BIND_TEXT:
	case BIND_NAME:
	case BIND_WORD:
	case BIND_ANY_TEXT:
		((struct conf_text *)at)->text = field->text;
		break;
	case BIND_OBJECT:
		for (size_t i = 0; i < field->object->field_count; i++) {
			set_default(&field->object->fields[i], at);
		}
		break;
	default:
		break; // absent is zero
	}
}

static const struct bind_field *
find_field(const struct bind_object *object, const char *key)
{
	for (size_t i = 0; i < object->field_count; i++) {
		if (strcmp(object->fields[i].key, key) == 0) {
			return &object->fields[i];
		}
	}
	return NULL;
}

static void
unknown_key(struct binder *b, const struct yaml_node *node, const struct bind_object *object)
{
	const char *keys[MOST_KEYS + 1] = {NULL};
	struct buf all = BUF_EMPTY, known = BUF_EMPTY;

	assert(object->field_count <= MOST_KEYS);
	for (size_t i = 0; i < object->field_count; i++) {
		keys[i] = object->fields[i].key;
	}
	bind_put_words(&all, keys);
	const char *nearest = nearest_name(node->key, keys, object->field_count);

	buf_printf(&known, findings_say(b->findings, "known here: %s"), buf_cstr(&all));
	const char *hint = strchr(node->key, ' ') != NULL
	    ? "a colon and a blank follow every key; a text that holds a comma or a colon stands in quotes"
	    : nearest != NULL                    ? nearest
	    : object->field_count <= MOST_LISTED ? buf_cstr(&known)
						 : NULL;

	findings_add(b->findings, E0103, node->key_where, hint, "%s", node->key);
	buf_fini(&known);
	buf_fini(&all);
}

void
bind_object(struct binder *b, const struct yaml_node *map, const struct bind_object *object, void *dst)
{
	if (object->where_offset != BIND_NO_WHERE) {
		*(struct where *)(void *)((char *)dst + object->where_offset) = bind_where(b, map->where);
	}
	for (size_t i = 0; i < object->field_count; i++) {
		set_default(&object->fields[i], dst);
	}
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		const struct bind_field *field = find_field(object, node->key);

		if (field == NULL) {
			unknown_key(b, node, object);
		} else {
			read_field(b, node, field, dst);
		}
	}
	for (size_t i = 0; i < object->field_count; i++) {
		const struct bind_field *field = &object->fields[i];

		if (field->is_required && yaml_get(map, field->key) == NULL) {
			findings_add(b->findings, E0105, map->where, field->help, "%s", field->key);
		}
	}
	if (object->check != NULL) {
		object->check(b, map, dst);
	}
}
