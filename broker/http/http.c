// SPDX-License-Identifier: Apache-2.0
#include "http/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

#define HTTP_CONNECTIONS 32
#define HTTP_TIMEOUT_S 10

struct http {
	struct MHD_Daemon *server;
	http_dispatch_fn dispatch;
	void *context;
	char address[80];
};

struct http_page {
	const char *path;
	enum ctl_verb verb;
	const char *content_type;
	// Whether a reply that is not "ok" makes the page 503; /metrics and /version are told as they are.
	bool is_probe;
};

static const struct http_page pages[] = {
    {"/livez", CTL_VERSION, "application/json", true},
    {"/readyz", CTL_HEALTH, "application/json", true},
    {"/healthz", CTL_HEALTH, "application/json", true},
    {"/metrics", CTL_METRICS, "text/plain; version=0.0.4; charset=utf-8", false},
    {"/version", CTL_VERSION, "application/json", false},
};

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned int status, const char *content_type, struct view body)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_buffer(
	    body.len, (void *)(uintptr_t)(body.len == 0 ? (const void *)"" : body.data), MHD_RESPMEM_MUST_COPY);
	if (response == NULL) {
		return MHD_NO;
	}
	MHD_add_response_header(response, "Content-Type", content_type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_problem(struct MHD_Connection *connection, unsigned int status, const char *title)
{
	char body[160];
	int len = snprintf(body, sizeof(body), "{\"status\":%u,\"title\":\"%s\"}\n", status, title);

	return answer(connection, status, "application/problem+json", view_of(body, (size_t)len));
}

// A probe is told by its status; the health reply carries "status":"ok", "degraded" or "error".
static unsigned int
probe_status(struct view body)
{
	static const char bad[] = "\"status\":\"error\"";

	return memmem(body.data, body.len, bad, sizeof(bad) - 1) == NULL ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static enum MHD_Result
answer_page(struct http *h, struct MHD_Connection *connection, const struct http_page *page)
{
	struct buf body = BUF_EMPTY;
	enum MHD_Result result;
	enum en_err err;

	err = h->dispatch(h->context, page->verb, &body);
	if (err != EN_OK || body.err != EN_OK) {
		result = answer_problem(
		    connection, MHD_HTTP_SERVICE_UNAVAILABLE, en_err_text(err != EN_OK ? err : body.err, EN_LANG_EN));
	} else {
		unsigned int status = page->is_probe ? probe_status(buf_view(&body)) : MHD_HTTP_OK;

		result = answer(connection, status, page->content_type, buf_view(&body));
	}
	buf_fini(&body);
	return result;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload_data, size_t *upload_data_size, void **state)
{
	(void)version;
	(void)upload_data;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		return answer_problem(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
	}
	if (*state == NULL) {
		*state = cls; // any non-null: the second call for this request answers
		return MHD_YES;
	}
	if (*upload_data_size != 0) {
		return MHD_NO; // a GET with a body: not from a probe
	}
	for (size_t i = 0; i < EN_COUNT_OF(pages); i++) {
		if (strcmp(url, pages[i].path) == 0) {
			return answer_page(cls, connection, &pages[i]);
		}
	}
	return answer_problem(connection, MHD_HTTP_NOT_FOUND, "no such page");
}

static enum en_err
resolve(const char *address, struct addrinfo **ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	const char *colon = strrchr(address, ':');
	char host[64];
	size_t len;

	if (colon == NULL || colon == address || (size_t)(colon - address) >= sizeof(host)) {
		return EN_EUSAGE;
	}
	len = (size_t)(colon - address);
	memcpy(host, address, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	return getaddrinfo(host, colon + 1, &hints, ret) == 0 ? EN_OK : EN_EUSAGE;
}

static void
name_address(struct http *h)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->server, MHD_DAEMON_INFO_LISTEN_FD);
	struct sockaddr_storage real;
	socklen_t len = sizeof(real);
	char host[48] = "?", port[8] = "0";

	if (info != NULL && getsockname(info->listen_fd, (struct sockaddr *)&real, &len) == 0) {
		(void)getnameinfo((struct sockaddr *)&real, len, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	}
	snprintf(h->address, sizeof(h->address), strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

enum en_err
http_open(const char *address, http_dispatch_fn dispatch, void *context, struct http **ret)
{
	struct addrinfo *info = NULL;
	struct http *h;
	enum en_err err;
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;

	assert(dispatch != NULL);
	h = calloc(1, sizeof(*h));
	if (h == NULL) {
		return EN_ENOMEM;
	}
	h->dispatch = dispatch;
	h->context = context;
	err = resolve(address, &info);
	if (err != EN_OK) {
		goto out;
	}
	if (info->ai_family == AF_INET6) {
		flags |= MHD_USE_IPv6;
	}
	errno = 0;
	h->server = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, info->ai_addr,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned int)HTTP_TIMEOUT_S, MHD_OPTION_END);
	if (h->server == NULL) {
		err = errno == EADDRINUSE ? EN_EBUSY : errno == EACCES || errno == EADDRNOTAVAIL ? EN_EDENIED : EN_EIO;
		goto out;
	}
	name_address(h);
	*ret = h;
	h = NULL;
out:
	if (info != NULL) {
		freeaddrinfo(info);
	}
	http_close(&h);
	return err;
}

void
http_close(struct http **hp)
{
	struct http *h = *hp;

	*hp = NULL;
	if (h == NULL) {
		return;
	}
	if (h->server != NULL) {
		MHD_stop_daemon(h->server);
	}
	free(h);
}

const char *
http_address(const struct http *h)
{
	return h->address;
}
