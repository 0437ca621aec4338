// SPDX-License-Identifier: Apache-2.0
// What the files of the http connector share: POSTs out (post.c), a webhook in (webhook.c). One thread, the library's: libcurl's multi interface and
// libmicrohttpd's external polling hang in epoll descriptors that the library watches.
#ifndef ENLACE_HTTP_HTTP_H
#define ENLACE_HTTP_HTTP_H

#include <enlace/adapter.h>

#define HTTP_BODY_MAX ((size_t)64 << 10)
#define HTTP_ANSWER_MAX ((size_t)256 << 10)

struct post;	// out
struct webhook;	// in

struct post *post_open(struct enlace_port *port, char *error);
void post_close(struct post *p);
void post_deliver(struct post *p, const struct enlace_delivery *delivery);
// Moves transfers on; returns the milliseconds to the next turn.
uint32_t post_turn(struct post *p);
size_t post_doctor(struct post *p, struct enlace_check *checks, size_t max);

struct webhook *webhook_open(struct enlace_port *port, char *error);
void webhook_close(struct webhook *w);
uint32_t webhook_turn(struct webhook *w);
size_t webhook_doctor(struct webhook *w, struct enlace_check *checks, size_t max);

// The first line of a file that only this user may read, without its line end, into ret. False with an explanation in error.
bool http_read_secret(const char *path, char ret[1024], char *error);

// ---- envelope.c. The value of the key in a JSON object, as the bytes that stand there; borrowed from body. False when the body is no JSON object with
// this key once. Whether the value itself is JSON is for its reader to say.
bool http_unwrap(const char *body, size_t len, const char *key, struct enlace_text *ret);

#endif
