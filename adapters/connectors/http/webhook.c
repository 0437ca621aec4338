// SPDX-License-Identifier: Apache-2.0
// The webhook: the agency's service posts one JSON record per request. 202 only when the record is durable in the spool, so that the service may forget it;
// 200 for the same record again; 422 with what is wrong as problem+json; 503 when the spool is full. Nothing that a record says is echoed.
#include "connectors/http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_MS 1000

struct webhook {
	struct enlace_port *port;
	struct MHD_Daemon *server;
	const char *path, *secret_header, *wrapped_in;
	char secret[1024];
	uint64_t requests;
};

struct request {
	char *body;
	size_t len;
	bool too_large;
};

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned int status, const char *type, const char *body)
{
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (response == NULL) {
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", type);
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE) {
		MHD_add_response_header(response, "Retry-After", "30");
	}
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
problem(struct MHD_Connection *connection, unsigned int status, const char *code, const char *field, const char *detail)
{
	json_t *body =
	    json_pack("{s:i, s:s, s:s, s:s}", "status", (int)status, "code", code, "field", field, "detail", detail);
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	enum MHD_Result result = answer(connection, status, "application/problem+json", text == NULL ? "{}" : text);

	free(text);
	json_decref(body);
	return result;
}

// Constant time, so that the secret cannot be guessed byte by byte.
static bool
is_secret(const struct webhook *w, struct MHD_Connection *connection)
{
	const char *given;
	size_t len = strlen(w->secret);
	unsigned char difference = 0;

	if (w->secret_header == NULL) {
		return true;
	}
	given = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, w->secret_header);
	if (given == NULL || strlen(given) != len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		difference |= (unsigned char)(given[i] ^ w->secret[i]);
	}
	return difference == 0;
}

static enum MHD_Result
take(struct webhook *w, struct MHD_Connection *connection, const char *json, size_t len)
{
	struct enlace_record record = {.json = {json, len}, .origin = "webhook", .line = (uint32_t)++w->requests};
	struct enlace_reason reason;

	switch (enlace_submit(w->port, &record, &reason)) {
	case ENLACE_SPOOLED:
		return enlace_flush(w->port)
		    ? answer(connection, MHD_HTTP_ACCEPTED, "application/json", "{\"status\":\"accepted\"}\n")
		    : problem(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "disk", "", "not kept; send it again");
	case ENLACE_SAME: // perhaps of one that came a moment ago
		return enlace_flush(w->port)
		    ? answer(connection, MHD_HTTP_OK, "application/json", "{\"status\":\"known\"}\n")
		    : problem(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "disk", "", "not kept; send it again");
	case ENLACE_REJECTED:
		return problem(connection, 422, reason.code, reason.column, reason.text);
	case ENLACE_FULL:
		return problem(
		    connection, MHD_HTTP_SERVICE_UNAVAILABLE, "spool_full", "", "not kept; send it again later");
	case ENLACE_FAILED:
		break;
	}
	return problem(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "disk", "", "not kept; send it again later");
}

// The record may stand inside an envelope of the service ("data").
static enum MHD_Result
take_body(struct webhook *w, struct MHD_Connection *connection, const struct request *r)
{
	struct enlace_text record = {r->body == NULL ? "" : r->body, r->len};

	if (w->wrapped_in != NULL && !http_unwrap(record.data, record.len, w->wrapped_in, &record)) {
		return problem(
		    connection, MHD_HTTP_BAD_REQUEST, "not_json", w->wrapped_in, "the body is not JSON with this key");
	}
	return take(w, connection, record.data, record.len);
}

static bool
is_json(struct MHD_Connection *connection)
{
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);

	return type != NULL && strncasecmp(type, "application/json", 16) == 0;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *data, size_t *data_len, void **state)
{
	struct webhook *w = cls;
	struct request *r = *state;

	(void)version;
	if (r == NULL) {
		*state = calloc(1, sizeof(struct request));
		return *state == NULL ? MHD_NO : MHD_YES;
	}
	if (*data_len > 0) {
		char *grown = r->len + *data_len > HTTP_BODY_MAX ? NULL : realloc(r->body, r->len + *data_len + 1);

		r->too_large = r->too_large || grown == NULL;
		if (grown != NULL) {
			memcpy(grown + r->len, data, *data_len);
			r->body = grown;
			r->len += *data_len;
		}
		*data_len = 0;
		return MHD_YES;
	}
	if (strcmp(url, w->path) != 0) {
		return problem(connection, MHD_HTTP_NOT_FOUND, "not_found", "", "no such path");
	}
	if (strcmp(method, MHD_HTTP_METHOD_POST) != 0) {
		return problem(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "method", "", "only POST");
	}
	if (!is_secret(w, connection)) {
		enlace_log(w->port, "warn", "webhook.refused", "code", "secret", NULL);
		return problem(connection, MHD_HTTP_FORBIDDEN, "secret", w->secret_header,
		    "the secret header is missing or wrong");
	}
	if (!is_json(connection)) {
		return problem(connection, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "media_type", "", "send application/json");
	}
	if (r->too_large) {
		return problem(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", "", "a record has at most 64 KiB");
	}
	return take_body(w, connection, r);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct request *r = *state;

	(void)cls;
	(void)connection;
	(void)code;
	if (r != NULL) {
		free(r->body);
		free(r);
	}
}

// NULL when it is no address with a port.
static struct addrinfo *
resolve(const char *address)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE},
			*info = NULL;
	const char *colon = address == NULL ? NULL : strrchr(address, ':');
	char host[64];

	if (colon != NULL && (size_t)(colon - address) < sizeof(host)) {
		snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
		(void)getaddrinfo(host, colon + 1, &hints, &info);
	}
	return info;
}

static struct MHD_Daemon *
listen_on(struct webhook *w, const struct addrinfo *info, char *error)
{
	struct MHD_Daemon *server = MHD_start_daemon(MHD_USE_EPOLL | (info->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0),
	    0, NULL, NULL, on_request, w, MHD_OPTION_SOCK_ADDR, info->ai_addr, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, 64u, MHD_OPTION_PER_IP_CONNECTION_LIMIT, 32u,
	    MHD_OPTION_CONNECTION_TIMEOUT, 15u, MHD_OPTION_END);

	if (server == NULL) {
		snprintf(error, 256, enlace_say("cannot listen on %.100s: the port is in use, or may not be used"),
		    enlace_option(w->port, "listen"));
	}
	return server;
}

static void
tell_address(const struct webhook *w)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->server, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage real;
	socklen_t len = sizeof(real);
	char host[48] = "?", service[8] = "0", address[64];

	if (info != NULL && getsockname(info->listen_fd, (struct sockaddr *)&real, &len) == 0) {
		(void)getnameinfo((struct sockaddr *)&real, len, host, sizeof(host), service, sizeof(service),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	}
	snprintf(address, sizeof(address), "%s:%s", host, service);
	enlace_log(w->port, "info", "webhook.listening", "address", address, "path", w->path, NULL);
}

// False with the error.
static bool
open_door(struct webhook *w, char *error)
{
	struct addrinfo *info = resolve(enlace_option(w->port, "listen"));
	bool ok = info != NULL;

	if (!ok) {
		snprintf(error, 256, enlace_say("the option `listen` is written as 127.0.0.1:8080"));
		return false;
	}
	if (!enlace_is_check(w->port)) {
		w->server = listen_on(w, info, error);
		ok = w->server != NULL;
	}
	freeaddrinfo(info);
	return ok;
}

struct webhook *
webhook_open(struct enlace_port *port, char *error)
{
	struct webhook *w = calloc(1, sizeof(*w));
	const char *secret = enlace_option_path(port, "secret_file");
	const union MHD_DaemonInfo *info;

	if (w == NULL) {
		snprintf(error, 256, enlace_say("out of memory"));
		return NULL;
	}
	w->port = port;
	w->path = enlace_option(port, "path") == NULL ? "/" : enlace_option(port, "path");
	w->secret_header = enlace_option(port, "secret_header");
	w->wrapped_in = enlace_option(port, "wrapped_in");
	if ((w->secret_header == NULL) != (secret == NULL)) {
		snprintf(error, 256, enlace_say("secret_header and secret_file belong together"));
		goto fail;
	}
	if ((secret != NULL && !http_read_secret(secret, w->secret, error)) || !open_door(w, error)) {
		goto fail;
	}
	if (w->server != NULL) {
		info = MHD_get_daemon_info(w->server, MHD_DAEMON_INFO_EPOLL_FD);
		if (info != NULL) {
			enlace_watch(port, info->epoll_fd);
		}
		tell_address(w);
	}
	return w;
fail:
	free(w);
	return NULL;
}

uint32_t
webhook_turn(struct webhook *w)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(w->server);
	// The epoll descriptor does not tell of what it has read and not yet handed on.
	return MHD_get_timeout(w->server, &wait_ms) == MHD_YES && wait_ms < TURN_MS ? (uint32_t)wait_ms : TURN_MS;
}

// Whether the address can be listened on, without listening on it: the adapter itself may be at it.
static void
try_address(const struct webhook *w, struct enlace_check *ret)
{
	struct addrinfo *info = resolve(enlace_option(w->port, "listen"));
	int yes = 1, fd = info == NULL ? -1 : socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool is_free = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(fd, info->ai_addr, info->ai_addrlen) == 0;
	const char *cause = is_free ? "the address can be listened on"
	    : errno == EADDRINUSE   ? "this adapter listens there, or another program does"
				    : "this user may not listen on the address";
	const char *remedy = is_free ? "" : "if this adapter does not run now, choose another port in `listen`";

	*ret = (struct enlace_check){.name = "webhook",
	    .state = is_free          ? ENLACE_CHECK_OK
		: errno == EADDRINUSE ? ENLACE_CHECK_WARNING
				      : ENLACE_CHECK_FAILED};
	snprintf(ret->cause, sizeof(ret->cause), "%s", enlace_say(cause));
	snprintf(ret->remedy, sizeof(ret->remedy), "%s", enlace_say(remedy));
	if (fd >= 0) {
		close(fd);
	}
	if (info != NULL) {
		freeaddrinfo(info);
	}
}

size_t
webhook_doctor(struct webhook *w, struct enlace_check *checks, size_t max)
{
	size_t count = 0;

	if (max < 2) {
		return 0;
	}
	try_address(w, &checks[count++]);
	if (w->secret_header == NULL) {
		struct enlace_check *c = &checks[count++];

		*c = (struct enlace_check){.name = "webhook", .state = ENLACE_CHECK_WARNING};
		snprintf(
		    c->cause, sizeof(c->cause), "%s", enlace_say("anybody who reaches the webhook may post records"));
		snprintf(c->remedy, sizeof(c->remedy), "%s",
		    enlace_say("name secret_header and secret_file, and give both to the service"));
	}
	return count;
}

void
webhook_close(struct webhook *w)
{
	if (w->server != NULL) {
		MHD_stop_daemon(w->server);
	}
	free(w);
}
