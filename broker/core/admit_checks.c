// SPDX-License-Identifier: Apache-2.0
// The envelope of an event, attribute by attribute: section 8 of PROTOCOL.md is this file. One walk over the attributes;
// of a name that stands twice the last one counts, as in every protobuf map.
#include "core/engine.h"

typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry entry;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value;

// How long it is; 0 when it is no name of an attribute.
static size_t
name_length(const char *name)
{
	size_t len = 0;

	while ((name[len] >= 'a' && name[len] <= 'z') || (name[len] >= '0' && name[len] <= '9')) {
		len++;
	}
	return len <= LIMIT_ATTRIBUTE_NAME_BYTES && name[len] == '\0' ? len : 0;
}

static bool
is_id(const char *text)
{
	return text != NULL && text[0] != '\0' && strnlen(text, LIMIT_ID_BYTES + 1) <= LIMIT_ID_BYTES;
}

// Text of a string, URI or URI reference; NULL for the other types.
static const char *
text_of(const value *v)
{
	switch (v->attr_case) {
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING:
		return v->ce_string;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI:
		return v->ce_uri;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI_REF:
		return v->ce_uri_ref;
	default:
		return NULL;
	}
}

static bool
fits(const value *v)
{
	const char *text = text_of(v);

	if (v->attr_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR__NOT_SET) {
		return false;
	}
	if (v->attr_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BYTES) {
		return v->ce_bytes.len <= LIMIT_ATTRIBUTE_BYTES;
	}
	return text == NULL || strnlen(text, LIMIT_ATTRIBUTE_BYTES + 1) <= LIMIT_ATTRIBUTE_BYTES;
}

// Whether the attribute is what its name asks for; what the engine needs of it goes into *ret. The names that mean
// something here have lengths that tell them apart.
static bool
take(const Io__Cloudevents__V1__CloudEvent *e, const entry *a, size_t len, uint8_t form, struct envelope *ret)
{
	struct view name = view_of(a->key, len);
	const char *text = text_of(a->value);

	switch (len) {
	case sizeof("time") - 1:
		return !view_is(name, "time") || event_attribute_time(e, "time", &ret->time_ms);
	case sizeof("subject") - 1:
		return !view_is(name, "subject") || is_id(text);
	case sizeof("expirytime") - 1:
		return !view_is(name, "expirytime") || event_attribute_time(e, "expirytime", &ret->expiry_ms);
	case sizeof("partitionkey") - 1:
		if (view_is(name, "partitionkey")) {
			ret->partition_key = text;
			return is_id(text);
		}
		return true;
	case sizeof("datacontenttype") - 1:
		return !view_is(name, "datacontenttype") ||
		    (text != NULL &&
			strcmp(text, form == FRAME_FORM_JSON ? "application/json" : "application/protobuf") == 0);
	default:
		return true;
	}
}

// Whose name is said when it is none itself.
static const char *
tellable(const char *name)
{
	return name_length(name) > 0 ? name : "attributes";
}

static bool
check_required(const Io__Cloudevents__V1__CloudEvent *e, const char **ret_field)
{
	const struct {
		const char *name;
		bool is_good;
	} rows[] = {{"id", is_id(e->id)}, {"source", is_id(e->source)}, {"type", is_id(e->type)},
	    {"specversion", e->spec_version != NULL && strcmp(e->spec_version, "1.0") == 0}};

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		*ret_field = rows[i].name;
		if (!rows[i].is_good) {
			return false;
		}
	}
	return true;
}

enum reason
check_envelope(const Io__Cloudevents__V1__CloudEvent *e, uint8_t form, int64_t wall_ms, struct envelope *ret,
    const char **ret_field)
{
	*ret = (struct envelope){.partition_key = NULL};
	if (!check_required(e, ret_field)) {
		return REASON_ENVELOPE_INVALID;
	}
	*ret_field = "attributes";
	if (e->n_attributes > LIMIT_ATTRIBUTES) {
		return REASON_ENVELOPE_INVALID;
	}
	for (size_t i = 0; i < e->n_attributes; i++) {
		const entry *a = e->attributes[i];
		size_t len = name_length(a->key);

		if (len == 0 || a->value == NULL || !fits(a->value) || !take(e, a, len, form, ret)) {
			*ret_field = tellable(a->key);
			return REASON_ENVELOPE_INVALID;
		}
	}
	*ret_field = "partitionkey";
	if (ret->partition_key == NULL) {
		return REASON_ENVELOPE_INVALID;
	}
	*ret_field = "expirytime";
	if (ret->expiry_ms != 0 && ret->expiry_ms <= wall_ms) {
		return REASON_EXPIRED;
	}
	*ret_field = "";
	return REASON_NONE;
}
