// SPDX-License-Identifier: Apache-2.0
// Words of the tests of deliveries: the clinic (peer 1) says alerts, the child agency (peer 2) reads and settles them.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CORE_CHILD_H
#define EN_TESTS_UNIT_CORE_CHILD_H

#include "support/engine.h"

#define CHILD_ALERTS "[{\"subscription\":\"child-alerts\"}]"
#define TAKEN "\"outcome\":\"TAKEN\""
#define LATER "\"outcome\":\"LATER\",\"code\":\"offline\""
#define UNUSABLE "\"outcome\":\"UNUSABLE\",\"code\":\"odd\""

static inline void
say(struct engine *e, const char *name, const char *case_id)
{
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.Alert", arena_printf(&e->arena, "id-%s", name), case_id, engine_alert(e, name)),
	    "RECORDED");
}

static inline double
child(struct engine *e, const char *outcome)
{
	return engine_metric(e,
	    arena_printf(
		&e->arena, "enlace_delivery_events_total{subscription=\"child-alerts\",outcome=\"%s\"}", outcome));
}

static inline void
pass_time(struct engine *e, uint64_t ms)
{
	for (uint64_t done = 0; done < ms; done += 1000) {
		engine_tick(e, 1000);
		engine_sync(e);
	}
}

// The same, with a reader that answers PING meanwhile.
static inline void
stay(struct engine *e, uint64_t ms)
{
	for (uint64_t done = 0; done < ms; done += 1000) {
		pass_time(e, 1000);
		engine_send(e, 2, "child", FRAME_PONG, "{}");
	}
}

#endif
