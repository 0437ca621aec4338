// SPDX-License-Identifier: Apache-2.0
// `enlace map THERE --round-trip BACK`: what of a record does not come back. Without a record, lines, steps and table rows say it
// (map/roundtrip.h). With one (--in), it goes there and back and what comes back is compared; the lines then say why. Two answers,
// one shape.
#ifndef EN_CLI_ROUND_TRIP_H
#define EN_CLI_ROUND_TRIP_H

#include "cli/rehearsing.h"
#include "map/roundtrip.h"

enum trip_state { TRIP_LOST, TRIP_CHANGED, TRIP_KEPT, TRIP_COUNT }; // in the order in which they are told

struct trip_field {
	const char *field; // native names
	enum trip_state state;
	const struct roundtrip_kept *kept; // NULL
	const struct roundtrip_loss *losses;
	size_t loss_count;
	const char *value, *again; // of the record, when asked for; NULL
};

struct trip {
	struct rehearsing *r;
	const struct mapping *there, *back;
	struct roundtrip report;
	struct trip_field *fields;
	size_t count, counts[TRIP_COUNT];
	bool values; // to be printed
};

// The rule set is open. 0 when every field comes back as it was, 1 when one does not, or another exit code having said why.
int round_trip(struct rehearsing *r, const struct mapping *there, const struct mapping *back);

// ---- round_trip_record.c
// Instead of all fields, those that the record holds, each as it comes back. 0, or the exit code having said why.
int round_trip_record(struct trip *t);
// ---- round_trip_print.c
EN_MUST_CHECK enum en_err round_trip_print(const struct trip *t);

#endif
