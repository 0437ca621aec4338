// SPDX-License-Identifier: Apache-2.0
// Time zones, as far as rules need them: at which instant a day begins somewhere. Read from the system's TZif files (RFC 8536) when a rule
// set is loaded, so that nothing is read afterwards. UTC needs no file: it is known on a machine without tzdata too.
#ifndef EN_BASE_ZONE_H
#define EN_BASE_ZONE_H

#include "base/bytes.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone;

// name: an IANA name, as America/Mexico_City. EN_ENOTFOUND when the folder has no such zone or the name is none, EN_EFORMAT when its file is no
// TZif, EN_ENOMEM, EN_EIO.
EN_MUST_CHECK enum en_err zone_load(const char *folder, const char *name, struct zone **ret);
// The same from the bytes of a TZif file.
EN_MUST_CHECK enum en_err zone_parse(struct view tzif, struct zone **ret);
void zone_free(struct zone **zp);
// Seconds east of UTC at an instant.
int32_t zone_offset(const struct zone *z, int64_t utc_s);
// The same at a moment as its clocks show it (seconds since 1970 as if they showed UTC). Of an hour that comes twice, the first; false in one that
// the clocks skip.
bool zone_offset_by_clock(const struct zone *z, int64_t local_s, int32_t *ret);
// The first instant of a civil day (days since 1970-01-01), in wall milliseconds. Where a clock jumps over midnight, the day begins after the jump.
int64_t zone_day_begins_ms(const struct zone *z, int64_t days);

#endif
