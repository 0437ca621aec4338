// SPDX-License-Identifier: Apache-2.0
// CloudEvents attributes: found by a walk over the map's entries, which are few (LIMIT_ATTRIBUTES).
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "wire/frame_int.h"

typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue attribute_value;
typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry attribute_entry;

static const attribute_value *
find(const Io__Cloudevents__V1__CloudEvent *event, const char *name)
{
	// A map: the last entry of a key counts.
	for (size_t i = event->n_attributes; i > 0; i--) {
		const attribute_entry *entry = event->attributes[i - 1];

		if (entry->key != NULL && strcmp(entry->key, name) == 0) {
			return entry->value;
		}
	}
	return NULL;
}

const char *
event_attribute(const Io__Cloudevents__V1__CloudEvent *event, const char *name)
{
	const attribute_value *value = find(event, name);

	if (value == NULL) {
		return NULL;
	}
	switch (value->attr_case) {
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING:
		return value->ce_string;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI:
		return value->ce_uri;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI_REF:
		return value->ce_uri_ref;
	default:
		return NULL;
	}
}

bool
wire_timestamp_wall(const Google__Protobuf__Timestamp *timestamp, int64_t *ret_wall_ms)
{
	if (timestamp->seconds < CIVIL_FIRST_SECOND || timestamp->seconds > CIVIL_LAST_SECOND || timestamp->nanos < 0 ||
	    timestamp->nanos > 999999999) {
		return false;
	}
	*ret_wall_ms = timestamp->seconds * 1000 + timestamp->nanos / 1000000;
	return true;
}

Google__Protobuf__Timestamp *
wire_timestamp(struct arena *arena, int64_t wall_ms)
{
	Google__Protobuf__Timestamp *timestamp = arena_alloc(arena, sizeof(*timestamp));
	int64_t rest = wall_ms % 1000;

	if (timestamp != NULL) {
		google__protobuf__timestamp__init(timestamp);
		rest = rest < 0 ? rest + 1000 : rest;
		timestamp->seconds = (wall_ms - rest) / 1000;
		timestamp->nanos = (int32_t)rest * 1000000;
	}
	return timestamp;
}

bool
event_attribute_time(const Io__Cloudevents__V1__CloudEvent *event, const char *name, int64_t *ret_wall_ms)
{
	const attribute_value *value = find(event, name);

	if (value == NULL) {
		return false;
	}
	if (value->attr_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP) {
		return wire_timestamp_wall(value->ce_timestamp, ret_wall_ms);
	}
	return value->attr_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING &&
	    wall_parse(value->ce_string, ret_wall_ms) == 0;
}

#define BUILT_ATTRIBUTES 5 // of event_parts, beside the extra ones

struct builder {
	struct arena *arena;
	Io__Cloudevents__V1__CloudEvent *event;
	bool failed;
};

static attribute_value *
add(struct builder *b, const char *name)
{
	struct {
		attribute_entry entry;
		attribute_value value;
	} *both = arena_alloc(b->arena, sizeof(*both));

	if (both == NULL) {
		b->failed = true;
		return NULL;
	}
	io__cloudevents__v1__cloud_event__attributes_entry__init(&both->entry);
	io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(&both->value);
	both->entry.key = (char *)(uintptr_t)name;
	both->entry.value = &both->value;
	b->event->attributes[b->event->n_attributes++] = &both->entry;
	return &both->value;
}

static void
add_text(struct builder *b, const char *name, const char *text)
{
	attribute_value *value = text == NULL ? NULL : add(b, name);

	if (value != NULL) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
		value->ce_string = (char *)(uintptr_t)text;
	}
}

static void
add_time(struct builder *b, const char *name, int64_t wall_ms)
{
	attribute_value *value = wall_ms == 0 ? NULL : add(b, name);

	if (value != NULL) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
		value->ce_timestamp = wire_timestamp(b->arena, wall_ms);
		b->failed = b->failed || value->ce_timestamp == NULL;
	}
}

enum en_err
event_build(const struct event_parts *parts, struct arena *arena, Io__Cloudevents__V1__CloudEvent **ret)
{
	struct builder b = {.arena = arena, .event = arena_alloc(arena, sizeof(*b.event))};
	size_t extra = 0;

	if (b.event == NULL) {
		return EN_ENOMEM;
	}
	io__cloudevents__v1__cloud_event__init(b.event);
	b.event->attributes =
	    arena_alloc(arena, (BUILT_ATTRIBUTES + EN_COUNT_OF(parts->extra)) * sizeof(*b.event->attributes));
	if (b.event->attributes == NULL) {
		return EN_ENOMEM;
	}
	b.event->id = (char *)(uintptr_t)parts->id;
	b.event->source = (char *)(uintptr_t)parts->source;
	b.event->spec_version = (char *)(uintptr_t) "1.0";
	b.event->type = (char *)(uintptr_t)parts->type;
	add_text(&b, "partitionkey", parts->partitionkey);
	add_text(&b, "subject", parts->subject);
	add_text(&b, "datacontenttype", parts->payload_is_json ? "application/json" : "application/protobuf");
	add_time(&b, "time", parts->time_ms);
	add_time(&b, "expirytime", parts->expiry_ms);
	for (; extra < EN_COUNT_OF(parts->extra) && parts->extra[extra].name != NULL; extra++) {
		add_text(&b, parts->extra[extra].name, parts->extra[extra].value);
	}
	if (parts->payload_is_json) {
		// Text must end with a NUL for protobuf-c; a payload need not.
		b.event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA;
		b.event->text_data = arena_text(arena, parts->payload);
		b.failed = b.failed || b.event->text_data == NULL;
	} else {
		b.event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
		b.event->binary_data.data = (uint8_t *)(uintptr_t)parts->payload.data;
		b.event->binary_data.len = parts->payload.len;
	}
	if (b.failed) {
		return EN_ENOMEM;
	}
	*ret = b.event;
	return EN_OK;
}
