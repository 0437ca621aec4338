// SPDX-License-Identifier: Apache-2.0
// adapter.yaml: what one adapter process of one agency does. Written by the agency's own people and bound with the same
// tables as the broker's files (bind.h): an unknown key is an error with the nearest name, all errors come in one run.
//
// Every path is relative to the folder of the file, wherever the program is started: broker.key, key, schema,
// spool.folder and rejects are resolved here; a connector resolves those among its own options (enlace_option_path).
// Careful choices are the defaults: what is not said refuses, skips and keeps.
//
//   adapter: inm-actas            # this client's name: one spool, one session
//   agency: inm
//   broker: {endpoint: "tcp://127.0.0.1:5570", key: keys/broker.cert}
//   key: keys/inm.cert_secret
//   schema: schemas/inm.binpb
//   spool: {folder: spool, limit: 1 GiB, when_full: refuse}
//   alarm_if: {nothing_came: 1 day}
//   publish:
//     - connector: file
//       type: inm.v1.Acta
//       source: urn:enlace:inm:actas
//       case: [FOLIO_ACTA]           # the columns that make the partition key
//       key: [FOLIO_ACTA]            # the columns by which a row is known
//       changed_row: new_revision    # new_revision | refuse
//       same_row: skip               # skip | send
//       columns: {missing: refuse, unknown: refuse}
//       rejects: rejects
//       options: {in: inbox, pattern: "*.csv"}
//   deliver:
//     - subscription: inm-status
//       connector: file
//       options: {out: estados, format: csv}
#ifndef EN_CONF_ADAPTER_H
#define EN_CONF_ADAPTER_H

#include "conf/conf.h"
#include "conf/path.h"

struct conf_option {	// of a connector, passed on as text; a list is joined by '\n'
	struct conf_text name, value;
};

struct conf_port {
	struct where where;
	struct conf_text connector;
	struct conf_text type, source;		// publish
	struct conf_list case_columns, key_columns;
	bool changed_row_refuse, same_row_send;
	bool columns_missing_empty, columns_unknown_ignore;
	struct conf_text rejects;		// folder, resolved
	struct conf_text subscription;		// deliver
	uint64_t window_events;
	struct conf_option *options;
	size_t option_count;
};

struct conf_adapter {
	struct conf_text name, agency;
	struct conf_text endpoint, broker_key;	// broker_key: public certificate, resolved
	struct conf_text key;			// own secret key file, resolved
	struct conf_text schema;		// descriptor set, resolved
	struct conf_text spool_folder;		// resolved; default: spool
	uint64_t spool_limit_bytes;
	bool spool_full_stops;			// when_full: stop: the process ends with 75 instead of refusing records
	uint64_t keep_sent_ms;			// how long the ledger remembers a row; default 400 days
	struct conf_duration nothing_came;
	struct conf_text log_level;
	struct conf_port *publish, *deliver;
	size_t publish_count, deliver_count;
	const char *folder;			// of the file
};

// EN_ECONFIG with findings. Everything lives in the arena.
EN_MUST_CHECK enum en_err conf_adapter_load(
    const char *path, struct arena *arena, struct findings *findings, struct conf_adapter **ret);

#endif
