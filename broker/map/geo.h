// SPDX-License-Identifier: Apache-2.0
// Points on the map, in forms that do not agree on which number comes first. The digits stay what they were: only their
// order and what stands between them changes. Pure.
#ifndef EN_MAP_GEO_H
#define EN_MAP_GEO_H

#include "base/arena.h"

enum geo_form {
	GEO_WKT,	// POINT (LON LAT), POLYGON ((LON LAT, LON LAT, ...))
	GEO_KOBO,	// LAT LON [ALTITUDE [ACCURACY]]; several with ";" between them
	GEO_CAP,	// LAT,LON; several with a blank between them
	GEO_LATITUDE,	// only to write: of one point
	GEO_LONGITUDE,
};

#define GEO_POINTS 256	// of one text

// False when the text does not have the form, has numbers that are no place on earth, or cannot be written so. *ret is a
// new text in the arena; data NULL when memory ran out.
bool geo_convert(struct view text, enum geo_form from, enum geo_form to, struct arena *arena, struct view *ret);

#endif
