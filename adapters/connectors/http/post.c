// SPDX-License-Identifier: Apache-2.0
// Deliveries by POST. The answer decides: 2xx is taken (with the record's own id, when reference_from names where it stands); 400, 409, 410, 413, 415 and
// 422 are about the record: unusable; everything else (a password that lapsed, a path that moved, 429, 5xx, no answer) is about the service and mended
// there: later (Retry-After is obeyed), so that one night's fault is not a dead letter for every child of that night. Redirects are not followed: a record goes where the settings say, and
// nowhere else. The body of an answer is never logged.
//
// So many are under way at once; what comes meanwhile waits here, as much as the subscription's window lets come. It must not be settled `later` for
// that: every `later` makes the next wait longer, and behind a night's outage a thousand cases would wait an hour each for a service that answers.
#include "connectors/http/http.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TRANSFERS_MAX 16
#define WAITING_MAX 1024 // a subscription's window at most
#define REFERENCE_BYTES 129

struct transfer {
	struct post *post;
	CURL *easy;
	uint64_t token;
	char *body, *answer;
	size_t answer_len;
	bool is_too_large; // the answer was: nothing of it is used
	char id[160];
	size_t body_len;
	struct curl_slist *headers;
	struct transfer *next;
};

struct post {
	struct enlace_port *port;
	const char *url, *reference_from, *ca_file;
	char header[1024];
	long timeout_ms, timer_ms;
	CURLM *multi;
	int epoll_fd;
	struct transfer *first; // under way
	size_t count;
	struct transfer *waiting, **waiting_tail;
	size_t waiting_count;
};

// libcurl tells which sockets it waits for; they hang in one epoll descriptor.
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
	struct post *p = context;
	struct epoll_event event = {
	    .events = ((what & CURL_POLL_IN) ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) ? EPOLLOUT : 0u), .data.fd = fd};

	(void)easy;
	(void)socket_context;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	} else if (epoll_ctl(p->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0) {
		(void)epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &event);
	}
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *context)
{
	(void)multi;
	((struct post *)context)->timer_ms = timeout_ms;
	return 0;
}

struct post *
post_open(struct enlace_port *port, char *error)
{
	struct post *p = calloc(1, sizeof(*p));
	const char *secret = enlace_option_path(port, "header_file");

	if (p == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		snprintf(error, 256, enlace_say("out of memory"));
		free(p);
		return NULL;
	}
	p->port = port;
	p->epoll_fd = -1;
	p->waiting_tail = &p->waiting;
	p->timer_ms = -1;
	p->url = enlace_option(port, "post_to");
	p->reference_from = enlace_option(port, "reference_from");
	p->ca_file = enlace_option_path(port, "ca_file");
	p->timeout_ms = (long)enlace_option_ms(port, "timeout", 10000);
	if (p->url == NULL || (strncmp(p->url, "http://", 7) != 0 && strncmp(p->url, "https://", 8) != 0)) {
		snprintf(error, 256, enlace_say("the option `post_to` names an http or https URL"));
	} else if (secret == NULL || http_read_secret(secret, p->header, error)) {
		p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
		p->multi = curl_multi_init();
		snprintf(error, 256, enlace_say("out of memory")); // unless both are there
	}
	if (p->multi == NULL || p->epoll_fd < 0) {
		post_close(p);
		return NULL;
	}
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(p->multi, CURLMOPT_SOCKETDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(p->multi, CURLMOPT_TIMERDATA, p);
	curl_multi_setopt(p->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)TRANSFERS_MAX);
	enlace_watch(port, p->epoll_fd);
	return p;
}

static void
transfer_free(struct transfer *t)
{
	struct transfer **at = &t->post->first;

	while (*at != NULL && *at != t) {
		at = &(*at)->next;
	}
	if (*at == t) {
		*at = t->next;
		t->post->count--;
	}
	if (t->easy != NULL) {
		curl_multi_remove_handle(t->post->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	free(t->body);
	free(t->answer);
	free(t);
}

static struct transfer *
take_waiting(struct post *p)
{
	struct transfer *t = p->waiting;

	if (t != NULL) {
		p->waiting = t->next;
		p->waiting_tail = p->waiting == NULL ? &p->waiting : p->waiting_tail;
		p->waiting_count--;
	}
	return t;
}

void
post_close(struct post *p)
{
	while (p->first != NULL) {
		transfer_free(p->first);
	}
	for (struct transfer *t = take_waiting(p); t != NULL; t = take_waiting(p)) {
		transfer_free(t);
	}
	if (p->multi != NULL) {
		curl_multi_cleanup(p->multi);
	}
	if (p->epoll_fd >= 0) {
		close(p->epoll_fd);
	}
	curl_global_cleanup();
	free(p);
}

static size_t
on_answer(char *data, size_t size, size_t count, void *context)
{
	struct transfer *t = context;
	size_t len = size * count;
	char *grown;

	if (t->answer_len + len > HTTP_ANSWER_MAX) {
		t->is_too_large =
		    true; // no service of this kind answers so much: its status is known, and the rest is not waited for
		return 0;
	}
	grown = realloc(t->answer, t->answer_len + len + 1);
	if (grown == NULL) {
		return 0;
	}
	memcpy(grown + t->answer_len, data, len);
	t->answer = grown;
	t->answer_len += len;
	return len;
}

static bool
add_headers(struct transfer *t, const struct enlace_delivery *d)
{
	char line[256];
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");

	snprintf(line, sizeof(line), "Idempotency-Key: %.128s", d->id);
	for (char *c = line; *c != '\0'; c++) { // an id is a sender's text: it ends no header
		*c = (unsigned char)*c < ' ' || *c == 0x7f ? '_' : *c;
	}
	list = list == NULL ? NULL : curl_slist_append(list, line);
	if (list != NULL && t->post->header[0] != '\0') {
		list = curl_slist_append(list, t->post->header);
	}
	t->headers = list;
	return list != NULL;
}

static bool
start(struct transfer *t)
{
	struct post *p = t->post;

	t->easy = curl_easy_init();
	if (t->easy == NULL) {
		return false;
	}
	curl_easy_setopt(t->easy, CURLOPT_URL, p->url);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body);
	curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, p->timeout_ms);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	if (p->ca_file != NULL) {
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, p->ca_file);
	}
	return curl_multi_add_handle(p->multi, t->easy) == CURLM_OK;
}

static void
start_waiting(struct post *p)
{
	while (p->count < TRANSFERS_MAX && p->waiting != NULL) {
		struct transfer *t = take_waiting(p);

		t->next = p->first;
		p->first = t;
		p->count++;
		if (!start(t)) {
			enlace_settle(p->port, t->token, ENLACE_LATER, NULL, "out_of_memory", 1000);
			transfer_free(t);
		}
	}
}

// Its own copy of what will be sent.
static bool
keep(struct transfer *t, const struct enlace_delivery *d)
{
	t->token = d->token;
	snprintf(t->id, sizeof(t->id), "%.128s", d->id);
	t->body = malloc(d->json.len + 1);
	if (t->body == NULL || !add_headers(t, d)) {
		return false;
	}
	memcpy(t->body, d->json.data, d->json.len);
	t->body_len = d->json.len;
	return true;
}

void
post_deliver(struct post *p, const struct enlace_delivery *d)
{
	struct transfer *t = p->waiting_count < WAITING_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (t == NULL) {
		enlace_settle(p->port, d->token, ENLACE_LATER, NULL, "busy", 500);
		return;
	}
	t->post = p;
	if (!keep(t, d)) {
		enlace_settle(p->port, d->token, ENLACE_LATER, NULL, "out_of_memory", 1000);
		transfer_free(t);
		return;
	}
	*p->waiting_tail = t;
	p->waiting_tail = &t->next;
	p->waiting_count++;
	start_waiting(p);
}

// The text or number at a dotted path of the answer; "" when there is none. Never a part of one.
static void
find_reference(const struct transfer *t, char ret[REFERENCE_BYTES])
{
	json_t *root = t->answer_len == 0 ? NULL : json_loadb(t->answer, t->answer_len, 0, NULL), *at = root;
	const char *path = t->post->reference_from;

	ret[0] = '\0';
	while (at != NULL && path != NULL && *path != '\0') {
		char key[128];
		size_t len = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) : json_object_get(at, key);
		path += len + (path[len] == '.');
	}
	if (path != NULL && json_is_string(at)) {
		if (snprintf(ret, REFERENCE_BYTES, "%s", json_string_value(at)) >= REFERENCE_BYTES) {
			ret[0] = '\0';
		}
	} else if (path != NULL && json_is_integer(at)) {
		snprintf(ret, REFERENCE_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(at));
	}
	json_decref(root);
}

static bool
is_about_the_record(long status)
{
	return status == 400 || status == 409 || status == 410 || status == 413 || status == 415 || status == 422;
}

static void
settle(struct transfer *t, CURLcode result)
{
	struct enlace_port *port = t->post->port;
	curl_off_t retry_after_s = 0;
	long status = 0;
	char code[32], reference[REFERENCE_BYTES];

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	snprintf(code, sizeof(code), "http_%ld", status);
	if (t->is_too_large) {
		enlace_log(port, "warn", "post.answer_too_large", "id", t->id, "code", code, NULL);
		t->answer_len = 0;
	}
	if (result != CURLE_OK && !t->is_too_large) {
		enlace_log(port, "warn", "post.failed", "id", t->id, "error", curl_easy_strerror(result), NULL);
		enlace_settle(port, t->token, ENLACE_LATER, NULL, "unreachable", 0);
	} else if (status >= 200 && status < 300) {
		find_reference(t, reference);
		if (t->post->reference_from != NULL && reference[0] == '\0') {
			enlace_log(
			    port, "warn", "post.no_reference", "id", t->id, "path", t->post->reference_from, NULL);
		}
		enlace_settle(port, t->token, ENLACE_TAKEN, reference[0] == '\0' ? NULL : reference, NULL, 0);
	} else if (!is_about_the_record(status)) {
		enlace_log(port, "warn", "post.later", "id", t->id, "code", code, NULL);
		enlace_settle(port, t->token, ENLACE_LATER, NULL, code,
		    retry_after_s > 86400 ? 86400000u : (uint32_t)retry_after_s * 1000u);
	} else {
		enlace_log(port, "warn", "post.unusable", "id", t->id, "code", code, NULL);
		enlace_settle(port, t->token, ENLACE_UNUSABLE, NULL, code, 0);
	}
	transfer_free(t);
}

uint32_t
post_turn(struct post *p)
{
	struct epoll_event events[TRANSFERS_MAX];
	int running, left, count;
	CURLMsg *message;

	count = epoll_wait(p->epoll_fd, events, TRANSFERS_MAX, 0);
	for (int i = 0; i < count; i++) {
		int what = ((events[i].events & EPOLLIN) ? CURL_CSELECT_IN : 0) |
		    ((events[i].events & EPOLLOUT) ? CURL_CSELECT_OUT : 0) |
		    ((events[i].events & (EPOLLERR | EPOLLHUP)) ? CURL_CSELECT_ERR : 0);

		curl_multi_socket_action(p->multi, events[i].data.fd, what, &running);
	}
	curl_multi_socket_action(p->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	while ((message = curl_multi_info_read(p->multi, &left)) != NULL) {
		struct transfer *t;

		if (message->msg == CURLMSG_DONE) {
			CURLcode result = message->data.result;

			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
			settle(t, result);
		}
	}
	start_waiting(p);
	// A delivery that came since this turn began is started by the next one: soon, while anything is under way.
	return p->count == 0 ? 50 : p->timer_ms >= 0 && p->timer_ms < 20 ? (uint32_t)p->timer_ms : 20;
}

size_t
post_doctor(struct post *p, struct enlace_check *checks, size_t max)
{
	CURL *easy = curl_easy_init();
	CURLcode result;

	if (max == 0 || easy == NULL) {
		curl_easy_cleanup(easy);
		return 0;
	}
	checks[0] = (struct enlace_check){.name = "service", .state = ENLACE_CHECK_OK};
	snprintf(checks[0].cause, sizeof(checks[0].cause), "%s", enlace_say("the service's port answers"));
	curl_easy_setopt(easy, CURLOPT_URL, p->url);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, p->timeout_ms);
	result = curl_easy_perform(easy);
	if (result != CURLE_OK) {
		checks[0].state = ENLACE_CHECK_FAILED;
		snprintf(checks[0].cause, sizeof(checks[0].cause), "post_to: %s", curl_easy_strerror(result));
		snprintf(checks[0].remedy, sizeof(checks[0].remedy), "%s",
		    enlace_say("check the URL and whether the service runs"));
	}
	curl_easy_cleanup(easy);
	return 1;
}
