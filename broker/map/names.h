// SPDX-License-Identifier: Apache-2.0
// A whole name in one box, taken apart. A particle (de, de la, del, y, ...) belongs to the name behind it, so DE LA CRUZ
// is one surname. What cannot be told apart for certain is not guessed. Pure.
#ifndef EN_MAP_NAMES_H
#define EN_MAP_NAMES_H

#include "base/arena.h"

enum name_part { NAME_GIVEN, NAME_SURNAME_1, NAME_SURNAME_2, NAME_SURNAMES };
enum name_order {
	NAME_GIVEN_FIRST,	// ANA MARIA LOPEZ DE LA CRUZ: the last two names are the surnames; of two, the second
	NAME_SURNAMES_FIRST,	// LOPEZ DE LA CRUZ ANA MARIA: the first two; three names at least
	NAME_SURNAMES_COMMA,	// LOPEZ DE LA CRUZ, ANA MARIA
	NAME_LAST_WORD,		// Ann Mary Smith: the last name is the only surname
};

#define NAME_WORDS 32	// of one name; longer ones are not taken apart

// False when the name does not have the order. A part that the name does not have (a second surname) is an empty view;
// others borrow from the text.
bool name_take(struct view text, enum name_order order, enum name_part part, struct view *ret);

#endif
