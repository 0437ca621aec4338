// SPDX-License-Identifier: Apache-2.0
// A YAML text as a tree of nodes with positions: the only file of enlace, with its .c, that knows libyaml.
//
// Less than YAML on purpose. Every scalar is text and stays what was written: NO, 01, 1e3 and null are words. There
// are no anchors, aliases, tags, directives, second documents, keys that are not text, or keys that stand twice in
// one map; each of these is a finding, and the rest of the file is still read, so that one run reports all of them.
// Size, depth and number of events are limited (limits.h, LIMIT_YAML_...).
#ifndef EN_CONF_YAML_H
#define EN_CONF_YAML_H

#include "base/finding.h"

enum yaml_kind {
	YAML_SCALAR,
	YAML_LIST,
	YAML_MAP,
	YAML_REFUSED,	// something was here that a finding has spoken of: readers pass it over in silence
};

struct yaml_node {
	enum yaml_kind kind;
	struct where where;		// of the value
	const char *text;		// YAML_SCALAR: UTF-8 without NUL, never NULL
	// YAML_SCALAR: so "" (an empty text) differs from nothing at all after the colon
	bool is_quoted;
	const char *key;		// in a map: the key, and its place
	struct where key_where;
	uint64_t key_hash;
	struct yaml_node *first, *next;	// the first child; the next of the same list or map
	size_t count;			// children
};

// Reads the whole text. file is borrowed by every node's place. The tree hangs in the arena. EN_ECONFIG when the text
// cannot be read at all (not UTF-8, too large or deep, broken syntax, empty); other findings leave a tree and EN_OK,
// so the caller also looks at findings->errors. EN_ENOMEM.
EN_MUST_CHECK enum en_err yaml_read(struct view text, const char *file, struct arena *arena, struct findings *findings,
    struct yaml_node **ret);

// The child of a map with that key, or NULL; NULL also when node is no map.
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

// Whether nothing was written: `key:` and the end of the line.
bool yaml_is_nothing(const struct yaml_node *node);

// Reports the first byte that is not UTF-8 with its line and column, as E0111. True when there is none.
bool yaml_check_utf8(struct view text, const char *file, struct findings *findings);

#endif
