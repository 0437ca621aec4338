// SPDX-License-Identifier: Apache-2.0
// Operators' requests (ctl.tbl.h) that read the state. What needs a record from the journal goes on in request_msg.c.
#include <inttypes.h>

#include "core/engine.h"
#include "core/request_json.h"

void
json_text(struct buf *b, const char *key, struct view value)
{
	buf_printf(b, ",\"%s\":\"", key);
	json_escape(b, value);
	buf_put_u8(b, '"');
}

void
json_number(struct buf *b, const char *key, int64_t value)
{
	buf_printf(b, ",\"%s\":%" PRId64, key, value);
}

static void
put_held_row(struct buf *b, const struct held *h, bool first)
{
	buf_printf(b, "%s{\"position\":%" PRIu64, first ? "" : ",", h->sequence);
	json_text(b, "state", view_text("held"));
	json_text(b, "agency", view_text(h->agency));
	json_text(b, "type", view_text(h->type));
	json_text(b, "id", view_text(h->id));
	json_text(b, "code", view_text(reason_code((enum reason)h->reason)));
	json_text(b, "field", view_text(h->field));
	json_text(b, "place", view_text(h->place));
	json_number(b, "since_ms", h->since_ms);
	buf_put_u8(b, '}');
}

static void
put_counts(struct buf *b, const struct subscription_state *s)
{
	json_number(b, "matched", (int64_t)s->matched);
	json_number(b, "taken", (int64_t)s->ended[OUTCOME_TAKEN]);
	json_number(b, "dead", (int64_t)s->ended[OUTCOME_DEAD]);
	json_number(b, "discarded", (int64_t)s->ended[OUTCOME_DISCARDED]);
	json_number(b, "expired", (int64_t)s->ended[OUTCOME_EXPIRED]);
	json_number(b, "withheld", (int64_t)s->ended[OUTCOME_WITHHELD]);
	json_number(b, "erased", 0); // nothing erases yet
	json_number(b, "pending", (int64_t)subscription_pending(s));
	json_number(b, "oldest_ms", subscription_oldest_ms(s));
	buf_put_u8(b, '}');
}

static bool
put_subscription_row(struct core *c, struct buf *b, const struct rules_subscription *rules, bool first)
{
	const struct subscription_state *s = state_subscription(&c->state, view_text(rules->name));

	if (s == NULL) {
		return false;
	}
	buf_printf(b,
	    "%s{\"subscription\":\"%s\",\"agency\":\"%s\",\"purpose\":\"%s\",\"as\":\"%s\",\"removed\":false,"
	    "\"attached\":%s",
	    first ? "" : ",", rules->name, rules->agency->name, rules->purpose, rules->as->name,
	    s->reader != NULL ? "true" : "false");
	put_counts(b, s);
	return true;
}

// What the rules name; and what they do not name any more while something is owed to it: it is there when the file
// comes back, and until then an operator has to see it.
static void
put_subscriptions(struct core *c, struct buf *b, const char *key)
{
	bool any = false;
	size_t at = 0;
	struct view name;
	void *value;

	buf_printf(b, ",\"%s\":[", key);
	for (uint32_t i = 0; i < rules_subscription_count(c->rules); i++) {
		any = put_subscription_row(c, b, rules_subscription_at(c->rules, i), !any) || any;
	}
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		const struct subscription_state *s = value;

		if (rules_subscription_by_name(c->rules, s->name) == NULL &&
		    (s->dead_count > 0 || subscription_pending(s) > 0)) {
			buf_printf(b,
			    "%s{\"subscription\":\"%s\",\"agency\":\"\",\"purpose\":\"\",\"as\":\"\",\"removed\":true,"
			    "\"attached\":false",
			    any ? "," : "", s->name);
			put_counts(b, s);
			any = true;
		}
	}
	buf_put_u8(b, ']');
}

// What waits too long by its own alarm stands first.
static void
put_overdue(struct core *c, struct buf *b)
{
	bool first = true;

	buf_put_str(b, ",\"overdue\":[");
	for (uint32_t i = 0; i < rules_subscription_count(c->rules); i++) {
		const struct rules_subscription *rules = rules_subscription_at(c->rules, i);
		const struct subscription_state *s = state_subscription(&c->state, view_text(rules->name));
		int64_t oldest = s == NULL ? 0 : subscription_oldest_ms(s);

		if (oldest != 0 && rules->oldest_waits_ms != 0 &&
		    c->now.wall_ms - oldest > (int64_t)rules->oldest_waits_ms) {
			buf_printf(b, "%s{\"subscription\":\"%s\"", first ? "" : ",", rules->name);
			json_number(b, "waiting", (int64_t)subscription_pending(s));
			json_number(b, "oldest_ms", oldest);
			buf_put_u8(b, '}');
			first = false;
		}
	}
	buf_put_u8(b, ']');
}

static void
put_held_list(struct core *c, struct buf *b, const char *key, const char *agency, uint64_t after, size_t limit)
{
	bool first = true;

	buf_printf(b, ",\"%s\":[", key);
	for (size_t i = 0; i < c->state.held.count && limit > 0; i++) {
		const struct held *h = c->state.held.items[i];

		if (h->sequence > after && (agency == NULL || strcmp(agency, h->agency) == 0)) {
			put_held_row(b, h, first);
			first = false;
			limit--;
		}
	}
	buf_put_u8(b, ']');
}

static void
put_dead_row(struct buf *b, const struct dead *d, struct view subscription, bool first)
{
	buf_printf(b, "%s{\"position\":%" PRIu64, first ? "" : ",", d->number / NUMBER_OUTPUTS);
	json_text(b, "state", view_text("dead"));
	json_text(b, "subscription", subscription);
	json_text(b, "code", view_text(reason_code((enum reason)d->reason)));
	json_text(b, "word", view_text(d->code));
	json_number(b, "attempts", d->attempt);
	json_number(b, "since_ms", d->since_ms);
	buf_put_u8(b, '}');
}

// The lowest position behind `after` that has a dead letter; 0: there is none. subscription: of this one only, NULL of any.
static uint64_t
next_dead_position(const struct core *c, const char *subscription, uint64_t after)
{
	uint64_t lowest = 0;
	size_t at = 0;
	struct view name;
	void *value;

	while (after < UINT64_MAX / NUMBER_OUTPUTS && strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		const struct subscription_state *s = value;
		size_t place = subscription_dead_from(s, (after + 1) * NUMBER_OUTPUTS);

		if (place < s->dead_count && (subscription == NULL || view_is(name, subscription))) {
			uint64_t position = s->dead[place].number / NUMBER_OUTPUTS;

			lowest = lowest == 0 || position < lowest ? position : lowest;
		}
	}
	return lowest;
}

// By position, as the rows are asked for with `after`: a page never ends within a position, or the next one would pass
// over the rest of it.
static void
put_dead_list(struct core *c, struct buf *b, const char *key, const char *subscription, uint64_t after, size_t limit)
{
	size_t count = 0;

	buf_printf(b, ",\"%s\":[", key);
	while (count < limit && (after = next_dead_position(c, subscription, after)) != 0) {
		size_t at = 0;
		struct view name;
		void *value;

		while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
			const struct subscription_state *s = value;

			for (size_t i = subscription_dead_from(s, after * NUMBER_OUTPUTS);
			     i < s->dead_count && s->dead[i].number / NUMBER_OUTPUTS == after &&
			     (subscription == NULL || view_is(name, subscription));
			     i++) {
				put_dead_row(b, &s->dead[i], name, count == 0);
				count++;
			}
		}
	}
	buf_put_u8(b, ']');
}

// In English: the client knows the reader's language, and finds the sentence in base/say.tbl.h.
static void
put_remedy(struct buf *b, const char *english)
{
	json_text(b, "remedy", view_text(english));
}

// Positions as "7" or "12-40".
static void
put_journal(struct core *c, struct buf *b)
{
	const struct core_journal *j = &c->journal;

	buf_printf(b, ",\"journal\":{\"damaged\":%" PRIu64 ",\"positions\":[", j->damage.records);
	for (size_t i = 0; i < j->damage.count; i++) {
		const struct damage_range *r = &j->damage.ranges[i];

		buf_printf(b, "%s\"%" PRIu64, i == 0 ? "" : ",", r->first);
		if (r->last > r->first) {
			buf_printf(b, "-%" PRIu64, r->last);
		}
		buf_put_u8(b, '"');
	}
	buf_put_str(b, j->damage.is_more ? ",\"...\"]" : "]");
	if (j->damage.records > 0) {
		put_remedy(
		    b, "look at the disk, and restore the journal from a copy in which these positions are whole");
	}
	json_number(b, "verified", (int64_t)j->verified);
	json_number(b, "of", (int64_t)j->at_start);
	json_number(b, "all_verified_ms", j->all_verified_ms);
	buf_put_u8(b, '}');
}

static void
do_status(struct core *c, struct buf *b)
{
	size_t at = 0;
	struct view name;
	void *value;
	bool first = true, is_damaged = c->journal.damage.records > 0;

	if (is_damaged) {
		put_journal(c, b); // somebody has to do something
	}
	put_overdue(c, b);
	put_held_list(c, b, "held", NULL, 0, 20);
	put_dead_list(c, b, "dead_letters", NULL, 0, 20);
	put_subscriptions(c, b, "subscriptions");
	buf_put_str(b, ",\"agencies\":[");
	while (strmap_next(&c->state.agencies, &at, &name, &value)) {
		const struct agency_counts *a = value;

		buf_printf(b, "%s{\"agency\":\"%.*s\"", first ? "" : ",", (int)name.len, (const char *)name.data);
		json_number(b, "received", (int64_t)a->received);
		json_number(b, "recorded", (int64_t)a->recorded);
		json_number(b, "held", (int64_t)a->held);
		json_number(b, "refused", (int64_t)a->refused);
		json_number(b, "last_recorded_ms", a->last_recorded_ms);
		buf_put_u8(b, '}');
		first = false;
	}
	buf_put_u8(b, ']');
	if (!is_damaged) {
		put_journal(c, b);
	}
	json_number(b, "sessions", (int64_t)c->session_count);
	json_number(b, "last_position", (int64_t)c->durable);
}

static void
do_health(struct core *c, struct buf *b)
{
	bool full = core_is_full(c);

	json_text(b, "status", view_text(c->is_draining ? "error" : full ? "degraded" : "ok"));
	buf_printf(b,
	    ",\"checks\":[{\"check\":\"journal\",\"ok\":true},{\"check\":\"space\",\"ok\":%s},{\"check\":\"draining\",\"ok\":%s}]",
	    full ? "false,\"code\":\"disk_full\"" : "true", c->is_draining ? "false" : "true");
}

static void
do_version(struct core *c, struct buf *b)
{
	struct buf hex = BUF_EMPTY;

	json_text(b, "version", view_text(c->options.version));
	hex_put(&hex, view_of(rules_digest(c->rules), 32));
	json_text(b, "rules", buf_view(&hex));
	buf_clear(&hex);
	hex_put(&hex, view_of(schema_digest(rules_schema(c->rules)), 32));
	json_text(b, "schemas", buf_view(&hex));
	buf_fini(&hex);
}

static void
do_digest(struct core *c, struct buf *b)
{
	struct buf hex = BUF_EMPTY;
	uint8_t digest[32];

	core_digest(c, digest);
	hex_put(&hex, view_of(digest, sizeof(digest)));
	json_text(b, "digest", buf_view(&hex));
	json_number(b, "sequence", (int64_t)c->state.sequence);
	buf_fini(&hex);
}

static bool
is_listed(const struct ctl_request *q)
{
	const struct ctl_arg *state = ctl_arg(q, "state");

	return state == NULL || strcmp(state->text, "held") == 0 || strcmp(state->text, "dead") == 0;
}

static void
do_list(struct core *c, const struct ctl_request *q, struct buf *b)
{
	const struct ctl_arg *state = ctl_arg(q, "state"), *agency = ctl_arg(q, "agency"),
			     *subscription = ctl_arg(q, "subscription");
	const struct ctl_arg *after = ctl_arg(q, "after"), *limit = ctl_arg(q, "limit");
	uint64_t from = after == NULL || after->number < 0 ? 0 : (uint64_t)after->number;
	size_t max = limit == NULL || limit->number <= 0 || limit->number > LIMIT_CTL_ROWS ? LIMIT_CTL_ROWS
											   : (size_t)limit->number;

	if (state != NULL && strcmp(state->text, "dead") == 0) {
		put_dead_list(c, b, "rows", subscription == NULL ? NULL : subscription->text, from, max);
	} else {
		put_held_list(c, b, "rows", agency == NULL ? NULL : agency->text, from, max);
	}
}

enum en_err
request_handle(struct core *c, const struct core_input *in)
{
	const struct ctl_request *q = in->ctl;
	struct buf b = BUF_EMPTY;
	enum en_err err;

	switch (q->verb) {
	case CTL_METRICS:
		core_metrics(c, c->now, &b);
		err = core_reply(c, in->request, buf_view(&b));
		buf_fini(&b);
		return err;
	case CTL_MSG_SHOW:
		return request_show(c, in);
	case CTL_MSG_RELEASE:
		return release_request(c, in);
	case CTL_MSG_LS:
		if (!is_listed(q)) {
			return request_error(c, in->request, q->id, "usage", "state is held or dead");
		}
		break;
	default:
		break;
	}
	ctl_reply_begin(&b, q->id);
	switch (q->verb) {
	case CTL_STATUS:
		do_status(c, &b);
		break;
	case CTL_HEALTH:
		do_health(c, &b);
		break;
	case CTL_VERSION:
		do_version(c, &b);
		break;
	case CTL_DIGEST:
		do_digest(c, &b);
		break;
	case CTL_SUB_LS:
		put_subscriptions(c, &b, "rows");
		break;
	case CTL_MSG_LS:
		do_list(c, q, &b);
		break;
	default:
		buf_clear(&b);
		ctl_reply_error(&b, q->id, "usage", "the broker's core does not answer this verb");
		err = core_reply(c, in->request, buf_view(&b));
		buf_fini(&b);
		return err;
	}
	buf_put_u8(&b, '}');
	err = b.err != EN_OK ? b.err : core_reply(c, in->request, buf_view(&b));
	buf_fini(&b);
	return err;
}
