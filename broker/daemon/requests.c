// SPDX-License-Identifier: Apache-2.0
// Operators' requests and HTTP's questions on their way to the core and back. Who may ask what is decided by the rule set (rules_may OPERATE), here,
// once, for every way in; HTTP may only ask what changes nothing and shows no message.
#include "daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"

#define ASK_DEADLINE_MS 2000

enum en_err
requests_init(struct requests *r)
{
	pthread_condattr_t attributes;

	if (pthread_mutex_init(&r->lock, NULL) != 0) {
		return EN_EINTERNAL;
	}
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (pthread_cond_init(&r->answered, &attributes) != 0) {
		pthread_condattr_destroy(&attributes);
		return EN_EINTERNAL;
	}
	pthread_condattr_destroy(&attributes);
	r->next_number = 1;
	r->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return r->wake_fd < 0 ? EN_EIO : EN_OK;
}

void
requests_fini(struct requests *r)
{
	if (r->wake_fd < 0) {
		return;
	}
	close(r->wake_fd);
	r->wake_fd = -1;
	pthread_cond_destroy(&r->answered);
	pthread_mutex_destroy(&r->lock);
}

// Under the lock.
static struct open_request *
open_slot(struct requests *r)
{
	for (size_t i = 0; i < DAEMON_OPEN_REQUESTS; i++) {
		if (r->open[i].number == 0) {
			r->open[i] = (struct open_request){.number = r->next_number++};
			return &r->open[i];
		}
	}
	return NULL;
}

static void
send_reply(struct daemon *d, uint64_t peer, struct view json)
{
	struct buf frame = BUF_EMPTY;

	if (frame_encode_text(FRAME_REPLY, json, &frame) == EN_OK) {
		// An operator who went away misses the answer and asks again.
		(void)!net_server_send(d->net, peer, buf_view(&frame));
	}
	if (d->requests.replied_count < DAEMON_ANSWERS_PER_TURN) {
		d->requests.replied[d->requests.replied_count++] = peer;
	}
	buf_fini(&frame);
}

// Under the lock: HTTP's thread takes its question back when it is too late.
static void
answer_question(struct daemon *d, struct http_question *q, struct view json)
{
	buf_put_view(q->out, json);
	if (q->verb == CTL_METRICS) {
		daemon_metrics(d, q->out);
	}
	q->is_done = true;
	pthread_cond_broadcast(&d->requests.answered);
}

void
requests_reply(struct daemon *d, uint64_t number, struct view json)
{
	struct requests *r = &d->requests;
	uint64_t peer = 0;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < DAEMON_OPEN_REQUESTS; i++) {
		if (r->open[i].number == number) {
			r->open[i].number = 0;
			peer = r->open[i].peer;
			if (r->open[i].question != NULL) {
				answer_question(d, r->open[i].question, json);
			}
		}
	}
	pthread_mutex_unlock(&r->lock);
	if (peer != 0) {
		send_reply(d, peer, json);
	}
}

void
requests_forget(struct daemon *d)
{
	struct requests *r = &d->requests;

	for (size_t i = 0; i < r->replied_count; i++) {
		bool waits = false;

		for (size_t o = 0; o < DAEMON_OPEN_REQUESTS; o++) {
			waits = waits || (r->open[o].number != 0 && r->open[o].peer == r->replied[i]);
		}
		if (!waits) {
			net_server_forget(d->net, r->replied[i]); // who asks again gets a new number
		}
	}
	r->replied_count = 0;
}

static enum en_err
pass_on(struct daemon *d, struct open_request *slot, const struct ctl_request *request,
    const struct rules_agency *agency, struct moment now)
{
	struct core_input in = {
	    .kind = INPUT_REQUEST, .request = slot->number, .ctl = request, .operator_agency = agency};

	return daemon_step(d, &in, now);
}

// By the keys of now: a request before this one may have been a reload, and then the subject in the frame is another's.
static const struct rules_agency *
agency_of(const struct daemon *d, uint64_t peer, struct moment now)
{
	const struct core_key *key;
	uint32_t subject;

	if (!net_server_subject(d->net, peer, &subject) || subject >= d->keys.count) {
		return NULL;
	}
	key = &d->keys.core[subject];
	if (key->valid_to_ms != 0 && key->valid_to_ms <= now.wall_ms) {
		return NULL;
	}
	return rules_agency_by_name(d->rules, key->agency);
}

static void
refuse(struct daemon *d, uint64_t peer, const char *id, enum reason reason, const char *text)
{
	struct buf reply = BUF_EMPTY;

	ctl_reply_error(&reply, id, reason_code(reason), text == NULL ? reason_text(reason, d->lang) : text);
	send_reply(d, peer, buf_view(&reply));
	buf_fini(&reply);
}

static enum en_err
reload_and_reply(struct daemon *d, const struct net_frame *frame, const char *id, struct moment now)
{
	struct buf reply = BUF_EMPTY;
	enum en_err err = daemon_reload(d, id, &reply, now);

	if (err == EN_OK) {
		send_reply(d, frame->peer, buf_view(&reply));
	}
	buf_fini(&reply);
	return err;
}

enum en_err
requests_frame(struct daemon *d, const struct net_frame *frame, struct moment now)
{
	const struct rules_agency *agency = agency_of(d, frame->peer, now);
	struct ctl_request request;
	struct open_request *slot;
	struct frame f;
	enum reason reason = REASON_NONE;
	char field[128] = "", text[200] = "";

	arena_reset(&d->scratch);
	if (frame_decode(frame->bytes, &d->scratch, &f, &reason, field) != EN_OK || f.kind != FRAME_REQUEST) {
		refuse(d, frame->peer, "", reason == REASON_NONE ? REASON_UNKNOWN_KIND : reason, NULL);
		return EN_OK;
	}
	if (ctl_request_parse(f.body, &d->scratch, &request, text) != EN_OK) {
		refuse(d, frame->peer, "", REASON_MALFORMED, text);
		return EN_OK;
	}
	if (agency == NULL || rules_may(d->rules, agency, VERB_OPERATE, ctl_row(request.verb)->verb, NULL) != EN_OK) {
		log_event(LOG_WARN, "audit.operator_refused", LOG_TEXT("agency", agency == NULL ? NULL : agency->name),
		    LOG_TEXT("verb", ctl_row(request.verb)->verb));
		refuse(d, frame->peer, request.id, REASON_NOT_PERMITTED, NULL);
		return EN_OK;
	}
	if (ctl_row(request.verb)->changes) {
		log_event(LOG_INFO, "audit.operator", LOG_TEXT("agency", agency->name),
		    LOG_TEXT("verb", ctl_row(request.verb)->verb));
	}
	if (request.verb == CTL_RELOAD) {
		return reload_and_reply(d, frame, request.id, now);
	}
	// HTTP's thread looks through the slots for a question that it takes back.
	pthread_mutex_lock(&d->requests.lock);
	slot = open_slot(&d->requests);
	if (slot != NULL) {
		slot->peer = frame->peer;
	}
	pthread_mutex_unlock(&d->requests.lock);
	if (slot == NULL) {
		refuse(d, frame->peer, request.id, REASON_BUSY, NULL);
		return EN_OK;
	}
	return pass_on(d, slot, &request, agency, now);
}

enum en_err
requests_http(struct daemon *d, struct moment now)
{
	struct requests *r = &d->requests;
	enum en_err err = EN_OK;
	uint64_t drained;

	(void)!read(r->wake_fd, &drained, sizeof(drained));
	while (err == EN_OK) {
		struct ctl_request request = {.id = ""};
		struct open_request *slot;
		struct http_question *q;

		pthread_mutex_lock(&r->lock);
		q = r->first;
		slot = q == NULL ? NULL : open_slot(r);
		if (slot != NULL) {
			slot->question = q;
			request.verb = q->verb;
			r->first = q->next;
			if (r->first == NULL) {
				r->last = NULL;
			}
		}
		pthread_mutex_unlock(&r->lock);
		if (slot == NULL) {
			break; // nothing asked, or every slot taken: the next turn
		}
		err = pass_on(d, slot, &request, NULL, now);
	}
	return err;
}

// Takes a question back that was not answered in time, wherever it is. Under the lock.
static void
withdraw(struct daemon *d, struct http_question *q)
{
	struct requests *r = &d->requests;

	for (struct http_question **at = &r->first, *before = NULL; *at != NULL; before = *at, at = &(*at)->next) {
		if (*at == q) {
			*at = q->next;
			if (r->last == q) {
				r->last = before;
			}
			return;
		}
	}
}

enum en_err
requests_ask(void *context, enum ctl_verb verb, struct buf *out)
{
	struct daemon *d = context;
	struct requests *r = &d->requests;
	struct http_question q = {.verb = verb, .out = out};
	struct timespec deadline;
	uint64_t one = 1;
	enum en_err err = EN_OK;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += ASK_DEADLINE_MS / 1000;
	pthread_mutex_lock(&r->lock);
	if (r->last == NULL) {
		r->first = &q;
	} else {
		r->last->next = &q;
	}
	r->last = &q;
	(void)!write(r->wake_fd, &one, sizeof(one));
	while (!q.is_done) {
		if (pthread_cond_timedwait(&r->answered, &r->lock, &deadline) == ETIMEDOUT && !q.is_done) {
			err = EN_ETIMEOUT;
			break;
		}
	}
	if (err != EN_OK) {
		withdraw(d, &q);
		for (size_t i = 0; i < DAEMON_OPEN_REQUESTS; i++) {
			if (r->open[i].question == &q) {
				r->open[i].question = NULL;
			}
		}
	}
	pthread_mutex_unlock(&r->lock);
	return err;
}

void
requests_abandon(struct requests *r)
{
	static const char gone[] = "{\"ok\":false,\"status\":\"error\",\"code\":\"draining\"}";

	if (r->wake_fd < 0) {
		return;
	}
	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < DAEMON_OPEN_REQUESTS; i++) {
		if (r->open[i].number != 0 && r->open[i].question != NULL) {
			buf_put_str(r->open[i].question->out, gone);
			r->open[i].question->is_done = true;
			r->open[i].number = 0;
		}
	}
	for (; r->first != NULL; r->first = r->first->next) {
		buf_put_str(r->first->out, gone);
		r->first->is_done = true;
	}
	r->last = NULL;
	pthread_cond_broadcast(&r->answered);
	pthread_mutex_unlock(&r->lock);
}
