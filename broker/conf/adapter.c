// SPDX-License-Identifier: Apache-2.0
// adapter.yaml. What a connector's options mean only the connector knows: here they are names and texts.
#include "conf/adapter.h"

#include "base/limits.h"
#include "conf/kinds.h"

// The texts of a list, one in a line: connectors ask for one text and split it themselves where they expect several.
static const char *
join_lines(struct binder *b, const struct conf_list *list)
{
	struct buf text = BUF_EMPTY;

	for (size_t i = 0; i < list->count; i++) {
		buf_printf(&text, "%s%s", i == 0 ? "" : "\n", list->items[i].text);
	}
	const char *copy = bind_copy(b, buf_cstr(&text));

	if (text.err != EN_OK) {
		b->err = text.err;
	}
	buf_fini(&text);
	return copy;
}

static void
read_options(struct binder *b, const struct yaml_node *node, void *dst)
{
	static const char help[] = "name: text, or name: [text, text]";
	struct conf_port *port = dst;

	if (node->kind != YAML_MAP) {
		bind_wrong_form(b, node, help);
		return;
	}
	port->options = bind_array(b, node->count, sizeof(*port->options));
	for (const struct yaml_node *line = node->first; line != NULL && port->options != NULL; line = line->next) {
		struct conf_list texts = bind_list(b, line, help);

		if (texts.count > 0) {
			port->options[port->option_count++] = (struct conf_option){
			    .name = bind_key(b, line),
			    .value = {.text = join_lines(b, &texts), .where = bind_where(b, line->where)},
			};
		}
	}
}

// clang-format off
static const char *const full_words[] = {"refuse", "stop", NULL};
static const char *const changed_words[] = {"new_revision", "refuse", NULL};
static const char *const same_words[] = {"skip", "send", NULL};
static const char *const missing_words[] = {"refuse", "empty", NULL};
static const char *const unknown_words[] = {"refuse", "ignore", NULL};
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};

static const struct bind_field broker_fields[] = {
	{.key = "endpoint", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_adapter, endpoint),
	    .help = "where the broker listens: tcp://broker.example:5570"},
	{.key = "key", .type = BIND_PATH, .is_required = true, BIND_AT(conf_adapter, broker_key),
	    .help = "the file of the broker's public key, which its operator gives you"},
};
static const struct bind_object broker_object = {
	.name = "broker", .fields = broker_fields, .field_count = EN_COUNT_OF(broker_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field spool_fields[] = {
	{.key = "folder", .type = BIND_PATH, BIND_AT(conf_adapter, spool_folder),
	    .help = "where events wait on disk until the broker has them; spool when absent"},
	{.key = "limit", .type = BIND_SIZE, .min = KIB(64), .max = GIB(1024), .number = DEFAULT_SPOOL_BYTES,
	    BIND_AT(conf_adapter, spool_limit_bytes), .help = "how much disk they may take, as 1 GiB"},
	{.key = "when_full", .type = BIND_CHOICE, BIND_AT(conf_adapter, spool_full_stops), .words = full_words,
	    .help = "refuse: records are asked for again later; stop: the process ends with 75 when the broker took nothing for 10 s"},
	{.key = "keep_sent", .type = BIND_MILLISECONDS, .min = 3600000, .number = UINT64_C(400) * 24 * 3600 * 1000,
	    BIND_AT(conf_adapter, keep_sent_ms), .help = "how long a row that was sent is remembered, as 400 days"},
};
static const struct bind_object spool_object = {
	.name = "spool", .fields = spool_fields, .field_count = EN_COUNT_OF(spool_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field alarm_fields[] = {
	{.key = "nothing_came", .type = BIND_DURATION, .min = 1000, BIND_AT(conf_adapter, nothing_came),
	    .help = "the own system gave no record for this long, as 1 day"},
};
static const struct bind_object alarm_object = {
	.name = "alarm_if", .fields = alarm_fields, .field_count = EN_COUNT_OF(alarm_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field column_fields[] = {
	{.key = "missing", .type = BIND_CHOICE, BIND_AT(conf_port, columns_missing_empty), .words = missing_words,
	    .help = "a column of the schema is not in the record: refuse the record, or take it as empty"},
	{.key = "unknown", .type = BIND_CHOICE, BIND_AT(conf_port, columns_unknown_ignore), .words = unknown_words,
	    .help = "a column of the record is not in the schema: refuse the record, or ignore the column"},
};
static const struct bind_object columns_object = {
	.name = "columns", .fields = column_fields, .field_count = EN_COUNT_OF(column_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field publish_fields[] = {
	{.key = "connector", .type = BIND_NAME, .is_required = true, BIND_AT(conf_port, connector),
	    .help = "how the own system is read: file or http"},
	{.key = "type", .type = BIND_NAME, .is_required = true, BIND_AT(conf_port, type),
	    .help = "the message type of its records, as inm.v1.Acta"},
	{.key = "source", .type = BIND_NAME, .is_required = true, BIND_AT(conf_port, source),
	    .help = "what the events say they come from, as urn:enlace:inm:actas"},
	{.key = "case", .type = BIND_LIST, .is_required = true, BIND_AT(conf_port, case_columns),
	    .help = "columns that tell which case a record belongs to; a case keeps its order"},
	{.key = "key", .type = BIND_LIST, .is_required = true, BIND_AT(conf_port, key_columns),
	    .help = "columns that a record is known by"},
	{.key = "changed_row", .type = BIND_CHOICE, BIND_AT(conf_port, changed_row_refuse), .words = changed_words,
	    .help = "a known record with other content: new_revision or refuse"},
	{.key = "same_row", .type = BIND_CHOICE, BIND_AT(conf_port, same_row_send), .words = same_words,
	    .help = "a known record with the same content: skip or send"},
	{.key = "columns", .type = BIND_OBJECT, .object = &columns_object,
	    .help = "{missing: refuse, unknown: refuse}"},
	{.key = "rejects", .type = BIND_PATH, BIND_AT(conf_port, rejects),
	    .help = "the folder for records that cannot be sent, with their reasons"},
	{.key = "options", .type = BIND_CUSTOM, .read = read_options, .form = BIND_FORM_LISTS, .may_be_empty = true,
	    .help = "what this connector needs to know: name: text or list"},
};
static const struct bind_object publish_object = {
	.name = "publish", .fields = publish_fields, .field_count = EN_COUNT_OF(publish_fields),
	.size = sizeof(struct conf_port), .where_offset = offsetof(struct conf_port, where),
};

static const struct bind_field deliver_fields[] = {
	{.key = "subscription", .type = BIND_NAME, .is_required = true, BIND_AT(conf_port, subscription),
	    .help = "the name of the agency's subscription at the broker"},
	{.key = "connector", .type = BIND_NAME, .is_required = true, BIND_AT(conf_port, connector),
	    .help = "how the own system is written to: file or http"},
	{.key = "window_events", .type = BIND_NUMBER, .min = 1, .max = LIMIT_WINDOW_EVENTS,
	    .number = DEFAULT_WINDOW_EVENTS, BIND_AT(conf_port, window_events),
	    .help = "how many deliveries may be under way at once"},
	{.key = "options", .type = BIND_CUSTOM, .read = read_options, .form = BIND_FORM_LISTS, .may_be_empty = true,
	    .help = "what this connector needs to know: name: text or list"},
};
static const struct bind_object deliver_object = {
	.name = "deliver", .fields = deliver_fields, .field_count = EN_COUNT_OF(deliver_fields),
	.size = sizeof(struct conf_port), .where_offset = offsetof(struct conf_port, where),
};

static const struct bind_field fields[] = {
	{.key = "adapter", .type = BIND_NAME, .is_required = true, BIND_AT(conf_adapter, name),
	    .help = "the name of this client: one spool, one session"},
	{.key = "agency", .type = BIND_NAME, .is_required = true, BIND_AT(conf_adapter, agency),
	    .help = "the agency's short name at the broker"},
	{.key = "broker", .type = BIND_OBJECT, .is_required = true, .object = &broker_object,
	    .help = "{endpoint: \"tcp://...\", key: keys/broker.cert}"},
	{.key = "key", .type = BIND_PATH, .is_required = true, BIND_AT(conf_adapter, key),
	    .help = "the file of the own secret key; only its user may read it"},
	{.key = "schema", .type = BIND_PATH, .is_required = true, BIND_AT(conf_adapter, schema),
	    .help = "the descriptor set of the agency's messages (*.binpb)"},
	{.key = "spool", .type = BIND_OBJECT, .object = &spool_object,
	    .help = "{folder: spool, limit: 1 GiB, when_full: refuse}"},
	{.key = "alarm_if", .type = BIND_OBJECT, .object = &alarm_object, .help = "{nothing_came: 1 day}"},
	{.key = "log_level", .type = BIND_WORD, BIND_AT(conf_adapter, log_level), .words = level_words, .text = "info",
	    .help = "debug, info, warn or error"},
	{.key = "publish", .type = BIND_OBJECTS, BIND_AT(conf_adapter, publish),
	    BIND_COUNT_AT(conf_adapter, publish_count),
	    .object = &publish_object, .help = "a list of what is read and sent: - {connector: file, type: ..., ...}"},
	{.key = "deliver", .type = BIND_OBJECTS, BIND_AT(conf_adapter, deliver),
	    BIND_COUNT_AT(conf_adapter, deliver_count),
	    .object = &deliver_object, .help = "a list of what is received: - {subscription: ..., connector: file}"},
};
// clang-format on

static void
check_adapter(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct conf_adapter *adapter = dst;

	adapter->folder = b->folder;
	if (adapter->spool_folder.text == NULL) {
		adapter->spool_folder.text = conf_resolve(b->arena, b->folder, "spool");
		if (adapter->spool_folder.text == NULL) {
			b->err = EN_ENOMEM;
		}
	}
	if (adapter->name.text != NULL && strlen(adapter->name.text) > LIMIT_CLIENT_NAME_BYTES) {
		findings_add(b->findings, E0112, adapter->name.where, "a shorter name",
		    "adapter: at most %d characters", LIMIT_CLIENT_NAME_BYTES);
	}
	if (yaml_get(map, "publish") == NULL && yaml_get(map, "deliver") == NULL) {
		findings_add(
		    b->findings, E0105, map->where, "publish: a list, or deliver: a list", "publish or deliver");
	}
}

const struct bind_object conf_adapter_object = {
    .name = "adapter",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_adapter),
    .where_offset = BIND_NO_WHERE,
    .check = check_adapter,
};

enum en_err
conf_adapter_load(const char *path, struct arena *arena, struct findings *findings, struct conf_adapter **ret)
{
	void *adapter = NULL;
	enum en_err err = conf_object_load(&conf_adapter_object, path, arena, findings, &adapter);

	if (err == EN_OK) {
		*ret = adapter;
	}
	return err;
}
