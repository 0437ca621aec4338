// SPDX-License-Identifier: Apache-2.0
// The http connector: deliveries by POST to the agency's own service, and a webhook that the agency's service posts to.
//
// options, deliver:  post_to (URL), reference_from (dotted path to the record's own id in the JSON answer), timeout (default 10 s),
//                    header_file (secret file: one header line, as "Authorization: Bearer ..."), ca_file
// options, publish:  listen (address:port; port 0 takes a free one, told in the log), path (default "/"), secret_header (its name) and secret_file (its
//                    value): a request without it is refused, wrapped_in (the key of the JSON body that holds the record, as "data")
#include "connectors/http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct http {
	struct post *post;
	struct webhook *webhook;
};

bool
http_read_secret(const char *path, char ret[1024], char *error)
{
	struct stat info;
	FILE *file = fopen(path, "re");
	bool ok = false;

	if (file == NULL || fstat(fileno(file), &info) != 0) {
		snprintf(error, 256, enlace_say("the secret file %.180s cannot be read"), path);
	} else if ((info.st_mode & 077) != 0) {
		snprintf(error, 256, enlace_say("others can read the secret file %.180s: chmod 600"), path);
	} else if (fgets(ret, 1024, file) == NULL || ret[strcspn(ret, "\r\n")] == '\0') {
		snprintf(error, 256, enlace_say("the secret file %.180s must hold one line"), path);
	} else {
		ret[strcspn(ret, "\r\n")] = '\0';
		ok = true;
	}
	if (file != NULL) {
		fclose(file);
	}
	return ok;
}

static void *
http_open(struct enlace_port *port, bool is_publish, char *error)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		snprintf(error, 256, enlace_say("out of memory"));
		return NULL;
	}
	if (is_publish) {
		h->webhook = webhook_open(port, error);
	} else {
		h->post = post_open(port, error);
	}
	if (h->webhook == NULL && h->post == NULL) {
		free(h);
		return NULL;
	}
	return h;
}

static uint32_t
http_turn(void *state)
{
	struct http *h = state;

	return h->webhook != NULL ? webhook_turn(h->webhook) : post_turn(h->post);
}

static void
http_deliver(void *state, const struct enlace_delivery *delivery)
{
	post_deliver(((struct http *)state)->post, delivery);
}

static size_t
http_doctor(void *state, struct enlace_check *checks, size_t max)
{
	struct http *h = state;

	return h->webhook != NULL ? webhook_doctor(h->webhook, checks, max) : post_doctor(h->post, checks, max);
}

static void
http_close(void *state)
{
	struct http *h = state;

	if (h->webhook != NULL) {
		webhook_close(h->webhook);
	}
	if (h->post != NULL) {
		post_close(h->post);
	}
	free(h);
}

static const char *const http_options[] = {"post_to", "reference_from", "timeout", "header_file", "ca_file", "listen",
    "path", "secret_header", "secret_file", "wrapped_in", NULL};

extern const struct enlace_connector http_connector;

const struct enlace_connector http_connector = {
    .abi = ENLACE_ADAPTER_ABI,
    .name = "http",
    .options = http_options,
    .open = http_open,
    .turn = http_turn,
    .deliver = http_deliver,
    .doctor = http_doctor,
    .close = http_close,
};
