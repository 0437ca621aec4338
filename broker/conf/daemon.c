// SPDX-License-Identifier: Apache-2.0
// enlace.yaml. What is secret is named by a file, never written here.
#include "conf/conf.h"

#include <sys/un.h>

#include "base/limits.h"
#include "conf/kinds.h"
#include "conf/path.h"

#define IPC "ipc://"
#define TCP "tcp://"

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

// ipc://run/ops becomes ipc://FOLDER/run/ops. A socket's path has a length that the system sets, and a longer one
// would be cut in silence.
static void
resolve_operators(struct binder *b, struct conf_text *endpoint)
{
	if (endpoint->text == NULL) {
		return;
	}
	if (!begins_with(endpoint->text, IPC) || endpoint->text[strlen(IPC)] == '\0') {
		findings_add(
		    b->findings, E0106, endpoint->where, "ipc://run/operators", "operators is an ipc:// endpoint");
		return;
	}
	const char *path = conf_resolve(b->arena, b->folder, endpoint->text + strlen(IPC));
	char *whole = path == NULL ? NULL : arena_printf(b->arena, IPC "%s", path);

	if (whole == NULL) {
		b->err = EN_ENOMEM;
	} else if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		findings_add(b->findings, E0112, endpoint->where, "use a shorter path",
		    "operators: %zu characters, at most %zu", strlen(path),
		    sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1);
	} else {
		endpoint->text = whole;
	}
}

static void
check_daemon(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct conf_daemon *daemon = dst;

	if (daemon->listen.text != NULL && !begins_with(daemon->listen.text, TCP)) {
		findings_add(
		    b->findings, E0106, daemon->listen.where, "tcp://127.0.0.1:5570", "listen is a tcp:// endpoint");
	}
	resolve_operators(b, &daemon->operators);
	if (daemon->rules.text == NULL) {
		daemon->rules.text = b->folder;
	}
	// An event travels in a frame with others' room around it; one that no frame can carry could never arrive.
	if (daemon->event_bytes > daemon->frame_bytes / 2) {
		const struct yaml_node *limits = yaml_get(map, "limits");

		findings_add(b->findings, E0112, limits == NULL ? map->where : limits->where,
		    "raise frame or lower event", "event is more than half of frame");
	}
}

// clang-format off
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};
static const char *const language_words[] = {"en", "es", NULL};

static const struct bind_field limit_fields[] = {
	{.key = "journal_quota", .type = BIND_SIZE, .min = MIB(1), .max = LIMIT_JOURNAL_MAP_BYTES,
	    .number = DEFAULT_JOURNAL_QUOTA_BYTES, BIND_AT(conf_daemon, journal_quota_bytes),
	    .help = "disk that the journal may use, as 8 GiB"},
	{.key = "frame", .type = BIND_SIZE, .min = KIB(64), .max = MIB(16), .number = LIMIT_FRAME_BYTES,
	    BIND_AT(conf_daemon, frame_bytes), .help = "the largest frame, as 1 MiB"},
	{.key = "event", .type = BIND_SIZE, .min = KIB(1), .max = MIB(8), .number = LIMIT_EVENT_BYTES,
	    BIND_AT(conf_daemon, event_bytes), .help = "the largest event, as 256 KiB"},
	{.key = "window_events", .type = BIND_NUMBER, .min = 1, .max = LIMIT_WINDOW_EVENTS,
	    .number = LIMIT_WINDOW_EVENTS, BIND_AT(conf_daemon, window_events),
	    .help = "deliveries under way per subscription, at most"},
	{.key = "window_bytes", .type = BIND_SIZE, .min = KIB(64), .max = LIMIT_WINDOW_BYTES,
	    .number = LIMIT_WINDOW_BYTES, BIND_AT(conf_daemon, window_bytes), .help = "the same in bytes, as 16 MiB"},
	{.key = "parked", .type = BIND_NUMBER, .min = 1, .max = 100000, .number = LIMIT_PARKED,
	    BIND_AT(conf_daemon, parked), .help = "retries and what waits behind them, per subscription"},
	{.key = "held", .type = BIND_NUMBER, .min = 1, .max = 1000000, .number = LIMIT_HELD,
	    BIND_AT(conf_daemon, held), .help = "held events, in all"},
	{.key = "dedup_per_source", .type = BIND_NUMBER, .min = 1, .max = 1000000, .number = LIMIT_DEDUP_PER_SOURCE,
	    BIND_AT(conf_daemon, dedup_per_source), .help = "ids remembered per source, to know duplicates by"},
	{.key = "heartbeat", .type = BIND_MILLISECONDS, .min = 100, .max = 600000, .number = DEFAULT_HEARTBEAT_MS,
	    BIND_AT(conf_daemon, heartbeat_ms), .help = "how often the broker asks whether a client is there, as 5 s"},
	{.key = "sessions", .type = BIND_NUMBER, .min = 1, .max = 10000, .number = LIMIT_SESSIONS,
	    BIND_AT(conf_daemon, sessions), .help = "sessions, in all"},
	{.key = "sessions_per_agency", .type = BIND_NUMBER, .min = 1, .max = 1000, .number = LIMIT_SESSIONS_PER_AGENCY,
	    BIND_AT(conf_daemon, sessions_per_agency), .help = "sessions of one agency"},
	{.key = "hot", .type = BIND_SIZE, .min = MIB(1), .max = GIB(4), .number = LIMIT_HOT_BYTES,
	    BIND_AT(conf_daemon, hot_bytes), .help = "newest records kept in memory for those who are attached, as 32 MiB"},
	{.key = "publish_window", .type = BIND_NUMBER, .min = 1, .max = 65536, .number = LIMIT_PUBLISH_WINDOW_EVENTS,
	    BIND_AT(conf_daemon, publish_window), .help = "events published and not yet answered, per session"},
};
static const struct bind_object limits_object = {
	.name = "limits", .fields = limit_fields, .field_count = EN_COUNT_OF(limit_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field fields[] = {
	{.key = "listen", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_daemon, listen),
	    .help = "where agencies connect: tcp://127.0.0.1:5570"},
	{.key = "operators", .type = BIND_TEXT, BIND_AT(conf_daemon, operators),
	    .help = "where operators connect: ipc://run/operators; without it nobody can"},
	{.key = "http", .type = BIND_TEXT, BIND_AT(conf_daemon, http),
	    .help = "where health and metrics are served: 127.0.0.1:8570; without it nowhere"},
	{.key = "key", .type = BIND_PATH, .is_required = true, BIND_AT(conf_daemon, key),
	    .help = "the file of the broker's secret key; only its user may read it"},
	{.key = "keys", .type = BIND_PATH, .is_required = true, BIND_AT(conf_daemon, keys),
	    .help = "the folder of the agencies' public keys"},
	{.key = "rules", .type = BIND_PATH, BIND_AT(conf_daemon, rules),
	    .help = "the folder of the rule set; that of this file when absent"},
	{.key = "schemas", .type = BIND_PATH, .is_required = true, BIND_AT(conf_daemon, schemas),
	    .help = "the folder of the descriptor sets (*.binpb)"},
	{.key = "journal", .type = BIND_PATH, .is_required = true, BIND_AT(conf_daemon, journal),
	    .help = "the folder of the journal"},
	{.key = "id_secret", .type = BIND_PATH, .is_required = true, BIND_AT(conf_daemon, id_secret),
	    .help = "the file of the secret for keyed ids; made at the first start"},
	{.key = "user", .type = BIND_NAME, BIND_AT(conf_daemon, user),
	    .help = "the user to become when started as root"},
	{.key = "log_level", .type = BIND_WORD, BIND_AT(conf_daemon, log_level), .words = level_words, .text = "info",
	    .help = "debug, info, warn or error"},
	{.key = "language", .type = BIND_WORD, BIND_AT(conf_daemon, language), .words = language_words,
	    .help = "en or es; that of LANG when absent"},
	{.key = "limits", .type = BIND_OBJECT, .object = &limits_object,
	    .help = "limits to lower or raise, as {journal_quota: 20 GiB}"},
};
// clang-format on

const struct bind_object conf_daemon_object = {
    .name = "daemon",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_daemon),
    .where_offset = BIND_NO_WHERE,
    .check = check_daemon,
};

enum en_err
conf_daemon_load(const char *path, struct arena *arena, struct findings *findings, struct conf_daemon **ret)
{
	void *daemon = NULL;
	enum en_err err = conf_object_load(&conf_daemon_object, path, arena, findings, &daemon);

	if (err == EN_OK) {
		*ret = daemon;
	}
	return err;
}
