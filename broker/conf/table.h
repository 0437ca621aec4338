// SPDX-License-Identifier: Apache-2.0
// The rows of a code table, which stand in a CSV beside its YAML header.
#ifndef EN_CONF_TABLE_H
#define EN_CONF_TABLE_H

#include "conf/conf.h"

// Fills the rows of a table that conf_kind_parse has made (no other: the header's words on the CSV stand behind it),
// from the whole text of its CSV. Findings name table->csv_path. EN_ECONFIG when findings were added, EN_ENOMEM.
EN_MUST_CHECK enum en_err conf_table_read(
    struct conf_table *table, struct view csv, struct arena *arena, struct findings *findings);

#endif
