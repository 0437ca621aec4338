// SPDX-License-Identifier: Apache-2.0
// The walk over the tables. Objects are definitions, referred to by name, because a value may hold values.
#include "conf/json_schema.h"

#include <assert.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/say.h"
#include "conf/quantity.h"

#define MOST_OBJECTS 32 // that one kind of file is made of

struct writer {
	struct buf *b;
	enum en_lang lang;
	const struct bind_object
	    *objects[MOST_OBJECTS]; // in the order of their discovery; the first is the file itself
	size_t count;
};

// Any scalar, and what text is allowed to be.
#define SCALAR "{\"type\":[\"string\",\"number\",\"boolean\"]}"
#define REF(name) "{\"$ref\":\"#/$defs/" name "\"}"

static void
put_text(struct writer *w, const char *text)
{
	buf_put_u8(w->b, '"');
	json_escape(w->b, view_text(text));
	buf_put_u8(w->b, '"');
}

// The number of an object's definition; it is written when its turn comes.
static size_t
number_of(struct writer *w, const struct bind_object *object)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->objects[i] == object) {
			return i;
		}
	}
	assert(w->count < MOST_OBJECTS);
	w->objects[w->count] = object;
	return w->count++;
}

// Two objects of one file may have the same name: the later one gets a number behind it.
static void
put_name(struct writer *w, size_t number)
{
	size_t same = 0;

	for (size_t i = 0; i < number; i++) {
		same += strcmp(w->objects[i]->name, w->objects[number]->name) == 0;
	}
	buf_put_str(w->b, w->objects[number]->name);
	if (same > 0) {
		buf_printf(w->b, "_%zu", same + 1);
	}
}

static void
put_reference(struct writer *w, const struct bind_object *object)
{
	buf_put_str(w->b, "{\"$ref\":\"#/$defs/");
	put_name(w, number_of(w, object));
	buf_put_str(w->b, "\"}");
}

static void
put_words(struct writer *w, const char *const *words)
{
	buf_put_str(w->b, "{\"enum\":[");
	for (size_t i = 0; words[i] != NULL; i++) {
		buf_put_str(w->b, i == 0 ? "" : ",");
		put_text(w, words[i]);
	}
	buf_put_str(w->b, "]}");
}

static void
put_texts(struct writer *w, const struct bind_field *field)
{
	if (field->words == NULL) {
		buf_put_str(w->b, REF("text"));
	} else {
		put_words(w, field->words);
	}
}

static void
put_item(struct writer *w, const struct bind_field *field)
{
	if (field->words == NULL) {
		buf_put_str(w->b, SCALAR);
	} else {
		put_words(w, field->words);
	}
}

static void
put_list(struct writer *w, const struct bind_field *field)
{
	buf_put_str(w->b, "{\"anyOf\":[");
	put_item(w, field);
	buf_printf(w->b, ",{\"type\":\"array\",\"minItems\":%d,\"items\":", field->may_be_empty ? 0 : 1);
	put_item(w, field);
	buf_put_str(w->b, "}]}");
}

// Editors read a number that stands alone as an integer: it is an amount only where it needs no unit.
static void
put_amount(struct writer *w, const char *(*unit)(size_t i))
{
	bool needs_unit = true;

	for (size_t i = 0; unit(i) != NULL; i++) {
		needs_unit = needs_unit && unit(i)[0] != '\0';
	}
	buf_put_str(w->b, needs_unit ? "{\"type\":\"string\"" : "{\"type\":[\"string\",\"integer\"],\"minimum\":0");
	buf_put_str(w->b, ",\"pattern\":\"^[0-9]+ *(");
	for (size_t i = 0; unit(i) != NULL; i++) {
		buf_printf(w->b, "%s%s", i == 0 ? "" : "|", unit(i));
	}
	buf_put_str(w->b, ")$\"}");
}

static void
put_number(struct writer *w, const struct bind_field *field)
{
	buf_printf(w->b, "{\"type\":[\"string\",\"integer\"],\"pattern\":\"^[0-9]+$\",\"minimum\":%llu",
	    (unsigned long long)field->min);
	if (field->max != 0) {
		buf_printf(w->b, ",\"maximum\":%llu", (unsigned long long)field->max);
	}
	buf_put_u8(w->b, '}');
}

// {name: what is written between}
static void
begin_map(struct writer *w, const struct bind_field *field)
{
	buf_printf(
	    w->b, "{\"type\":\"object\",\"minProperties\":%d,\"additionalProperties\":", field->may_be_empty ? 0 : 1);
}

static void
put_lists(struct writer *w, const struct bind_field *field)
{
	begin_map(w, field);
	buf_put_str(w->b, REF("list") "}");
}

static void
put_value(struct writer *w, const struct bind_field *field)
{
	buf_put_str(w->b, "{\"anyOf\":[");
	put_texts(w, field);
	buf_put_u8(w->b, ',');
	put_reference(w, field->object);
	buf_put_str(w->b, "]}");
}

static void
put_maps(struct writer *w, const struct bind_object *object)
{
	buf_put_str(w->b, "{\"type\":\"array\",\"minItems\":1,\"items\":");
	put_reference(w, object);
	buf_put_u8(w->b, '}');
}

static void
put_map_or_maps(struct writer *w, const struct bind_field *field)
{
	buf_put_str(w->b, "{\"anyOf\":[");
	put_texts(w, field);
	buf_put_u8(w->b, ',');
	put_reference(w, field->object);
	buf_put_u8(w->b, ',');
	put_maps(w, field->object);
	buf_put_str(w->b, "]}");
}

static void
put_form(struct writer *w, const struct bind_field *field)
{
	switch (field->form) {
	case BIND_FORM_NONE:
		assert(field->form != BIND_FORM_NONE); // a custom field says its form
		break;
	case BIND_FORM_CONDITION:
		buf_put_str(w->b, REF("condition"));
		break;
	case BIND_FORM_TEXTS:
		begin_map(w, field);
		put_texts(w, field);
		buf_put_u8(w->b, '}');
		break;
	case BIND_FORM_LISTS:
		put_lists(w, field);
		break;
	case BIND_FORM_LIST_OR_LISTS:
		buf_put_str(w->b, "{\"anyOf\":[" REF("list") ",");
		put_lists(w, field);
		buf_put_str(w->b, "]}");
		break;
	case BIND_FORM_VALUE:
		put_value(w, field);
		break;
	case BIND_FORM_LINES:
		begin_map(w, field);
		put_value(w, field);
		buf_put_u8(w->b, '}');
		break;
	case BIND_FORM_MAP:
		put_reference(w, field->object);
		break;
	case BIND_FORM_MAPS:
		put_maps(w, field->object);
		break;
	case BIND_FORM_MAP_OR_MAPS:
		put_map_or_maps(w, field);
		break;
	case BIND_FORM_TREE:
		buf_put_str(w->b, "{\"type\":\"object\"}");
		break;
	case BIND_FORM_TREES:
		buf_put_str(w->b, "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"object\"}}");
		break;
	}
}

static void
put_type(struct writer *w, const struct bind_field *field)
{
	switch (field->type) {
	case BIND_TEXT:
	case BIND_PATH:
		buf_put_str(w->b, REF("text"));
		break;
	case BIND_ANY_TEXT:
		buf_put_str(w->b, SCALAR);
		break;
	case BIND_NAME:
		buf_put_str(w->b, REF("name"));
		break;
	case BIND_DAY:
		buf_put_str(w->b, "{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"}");
		break;
	case BIND_WORD:
	case BIND_CHOICE:
		put_words(w, field->words);
		break;
	case BIND_LIST:
	case BIND_WORDS:
		put_list(w, field);
		break;
	case BIND_BOOL:
		buf_put_str(w->b, "{\"enum\":[true,false,\"true\",\"false\"]}");
		break;
	case BIND_NUMBER:
		put_number(w, field);
		break;
	case BIND_SIZE:
		put_amount(w, quantity_size_unit);
		break;
	case BIND_DURATION:
	case BIND_MILLISECONDS:
		put_amount(w, quantity_time_unit);
		break;
	case BIND_DURATIONS:
		buf_put_str(w->b, "{\"anyOf\":[");
		put_amount(w, quantity_time_unit);
		buf_put_str(w->b, ",{\"type\":\"array\",\"minItems\":1,\"items\":");
		put_amount(w, quantity_time_unit);
		buf_put_str(w->b, "}]}");
		break;
	case BIND_OBJECT:
		put_reference(w, field->object);
		break;
	case BIND_OBJECTS:
		put_maps(w, field->object);
		break;
	case BIND_CUSTOM:
		put_form(w, field);
		break;
	}
}

static void
put_field(struct writer *w, const struct bind_field *field)
{
	put_text(w, field->key);
	buf_put_str(w->b, ":{\"description\":");
	put_text(w, en_say(w->lang, field->help));
	if (field->text != NULL) {
		buf_put_str(w->b, ",\"default\":");
		put_text(w, field->text);
	}
	buf_put_str(w->b, ",\"allOf\":[");
	put_type(w, field);
	buf_put_str(w->b, "]}");
}

// One of these keys, and no second one.
static void
put_one_of(struct writer *w, const char *const *keys)
{
	buf_put_str(w->b, ",\"oneOf\":[");
	for (size_t i = 0; keys[i] != NULL; i++) {
		buf_put_str(w->b, i == 0 ? "{\"required\":[" : ",{\"required\":[");
		put_text(w, keys[i]);
		buf_put_str(w->b, "]}");
	}
	buf_put_u8(w->b, ']');
}

// The members of an object's schema, without the braces around them.
static void
put_object(struct writer *w, const struct bind_object *object)
{
	const char *before = "";

	buf_put_str(w->b, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	for (size_t i = 0; i < object->field_count; i++) {
		buf_put_str(w->b, i == 0 ? "\n" : ",\n");
		put_field(w, &object->fields[i]);
	}
	buf_put_str(w->b, "},\"required\":[");
	for (size_t i = 0; i < object->field_count; i++) {
		if (object->fields[i].is_required) {
			buf_put_str(w->b, before);
			put_text(w, object->fields[i].key);
			before = ",";
		}
	}
	buf_put_u8(w->b, ']');
	if (object->one_of != NULL) {
		put_one_of(w, object->one_of);
	}
}

// What every kind refers to.
static void
put_shared(struct writer *w)
{
	buf_put_str(w->b, "\"text\":{\"type\":[\"string\",\"number\",\"boolean\"],\"minLength\":1},\n");
	buf_printf(w->b,
	    "\"name\":{\"type\":[\"string\",\"number\",\"boolean\"],\"pattern\":\"^[A-Za-z0-9._:/-]+$\","
	    "\"minLength\":1,\"maxLength\":%d},\n",
	    LIMIT_ID_BYTES);
	buf_put_str(
	    w->b, "\"list\":{\"anyOf\":[" SCALAR ",{\"type\":\"array\",\"minItems\":1,\"items\":" SCALAR "}]},\n");
	// An expression stands alone; otherwise each key is a field.
	buf_put_str(w->b, "\"condition\":{\"anyOf\":[{\"type\":\"object\",\"required\":[\"cel\"],");
	buf_put_str(w->b, "\"additionalProperties\":false,\"properties\":{\"cel\":" REF("text") "}},");
	buf_put_str(w->b, "{\"type\":\"object\",\"minProperties\":1,\"properties\":{\"cel\":false},");
	buf_put_str(w->b, "\"additionalProperties\":{\"anyOf\":[" REF("list") ",");
	buf_put_str(
	    w->b, "{\"type\":\"object\",\"minProperties\":1,\"maxProperties\":1,\"additionalProperties\":false,");
	buf_put_str(w->b, "\"properties\":{\"not\":" REF("list") ",\"present\":{\"enum\":[true,false,");
	buf_put_str(w->b, "\"true\",\"false\"]}}}]}}]}");
}

void
conf_json_schema(const struct bind_object *object, enum en_lang lang, struct buf *b)
{
	struct writer w = {.b = b, .lang = lang, .objects = {object}, .count = 1};

	buf_printf(b,
	    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"urn:enlace:config:%s\",\"title\":",
	    object->name);
	put_text(&w, object->name);
	buf_put_u8(b, ',');
	put_object(&w, object);
	buf_put_str(b, ",\n\"$defs\":{\n");
	put_shared(&w);
	// Writing one may discover others.
	for (size_t i = 1; i < w.count; i++) {
		buf_put_str(b, ",\n\"");
		put_name(&w, i);
		buf_put_str(b, "\":{");
		put_object(&w, w.objects[i]);
		buf_put_u8(b, '}');
	}
	buf_put_str(b, "}}\n");
}
