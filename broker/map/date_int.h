// SPDX-License-Identifier: Apache-2.0
// What date_format.c (formats) and date.c (texts) share.
#ifndef EN_MAP_DATE_INT_H
#define EN_MAP_DATE_INT_H

#include "map/date.h"

#define DATE_ZONE_PROBLEM "no such zone"
#define DATE_ZONE_HINT "[UTC], an offset such as [-06:00], or a place such as [America/Tijuana]"

// Of a part that is a number, at most.
size_t date_digits(const struct date_piece *piece);
// Z or +hh:mm or -hh:mm; returns how many characters, 0 when it is no zone.
size_t date_read_zone(const uint8_t *p, size_t left, int32_t *ret_minutes);

#endif
