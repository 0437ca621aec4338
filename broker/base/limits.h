// SPDX-License-Identifier: Apache-2.0
// Every limit of enlace, with its number and where it comes from (design 2.9: every limit has a number here, a
// way to override it, and a test at the limit and one past it). The ones that an operator may lower or raise are
// defaults of `limits:` in enlace.yaml; the others protect the code itself.
#ifndef EN_BASE_LIMITS_H
#define EN_BASE_LIMITS_H

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)
#define GIB(n) ((size_t)(n) << 30)

// ENLACE/1 (design 9, security R28)
#define LIMIT_FRAME_BYTES MIB(1)
#define LIMIT_FRAME_FIELDS 200000	// of a frame's messages, those inside it included; a record counts as one
#define LIMIT_EVENT_BYTES KIB(256)
#define LIMIT_EVENTS_PER_PUBLISH 1024
#define LIMIT_DELIVERIES_PER_FRAME 1024
#define LIMIT_SETTLES_PER_FRAME 4096
#define LIMIT_SUBSCRIPTIONS_PER_HELLO 64
#define LIMIT_CLIENT_NAME_BYTES 64
#define LIMIT_ID_BYTES 128		// CloudEvents id, source, subject, type, partitionkey, each
#define LIMIT_ATTRIBUTES 32
#define LIMIT_ATTRIBUTE_BYTES 1024
#define LIMIT_REFERENCE_BYTES 128	// recipient_reference
#define LIMIT_CONTROL_DEPTH 16		// nesting of a control message in JSON, its records apart

// Payloads (design 7, 9; security R41-R44)
#define LIMIT_PAYLOAD_DEPTH 16		// at admission
#define LIMIT_CODEC_DEPTH 100		// of the codec itself
#define LIMIT_PAYLOAD_FIELDS 16384	// occurrences of fields in one payload
#define LIMIT_PAYLOAD_CELLS (1 << 20)	// fields of the types of all messages in one payload, present or not: what its index takes in memory
#define LIMIT_OUTPUTS_PER_INPUT 64
#define LIMIT_DESCRIPTOR_SET_BYTES MIB(4)
#define LIMIT_DESCRIPTOR_NESTING 16	// messages within messages, in a descriptor
#define LIMIT_NUMBER_BYTES 127		// of a number's text

// Configuration (security R47)
#define LIMIT_YAML_BYTES KIB(256)
#define LIMIT_YAML_DEPTH 32
#define LIMIT_YAML_EVENTS 10000
#define LIMIT_TABLE_BYTES MIB(64)
#define LIMIT_TABLE_ROWS 1000000
#define LIMIT_TABLE_COLUMNS 64
#define LIMIT_CONFIG_FOLDERS 8		// folders within folders
#define LIMIT_FINDINGS 200
#define LIMIT_CONFIG_FILES 10000

// Sessions (security R26, R28, R49)
#define LIMIT_SESSIONS 1000
#define LIMIT_SESSIONS_PER_AGENCY 10
#define LIMIT_PUBLISH_WINDOW_EVENTS 4096	// published and not yet answered, per session
#define LIMIT_WINDOW_EVENTS 1024		// deliveries in flight per subscription, at most
#define DEFAULT_WINDOW_EVENTS 64
#define DEFAULT_WINDOW_BYTES MIB(1)
#define LIMIT_WINDOW_BYTES MIB(16)
#define LIMIT_PARKED 1000		// retries and what they block, per subscription
#define LIMIT_HELD 100000
#define LIMIT_HELD_SHARE 4			// one agency holds no more than this part of it
#define LIMIT_TAKEOVERS_PER_MINUTE 3
#define LIMIT_QUESTIONS_PER_SECOND 16	// STATUS and SCHEMA of one session: an answer is a thousand times as long as its question

// Memory and disk
#define LIMIT_HOT_BYTES MIB(32)		// newest records kept in memory for those who are attached
#define LIMIT_DEDUP_PER_SOURCE 100000	// design 6
#define LIMIT_JOURNAL_MAP_BYTES GIB(64)
#define LIMIT_JOURNAL_STEP_BYTES MIB(64)
#define DEFAULT_JOURNAL_QUOTA_BYTES GIB(8)
#define LIMIT_JOURNAL_RESERVE_BYTES MIB(64)	// for settles and trims, when publishers already hear busy
#define LIMIT_TURN_BYTES KIB(128)		// of frames taken up at once: the disk writes one such lot while the next is read
#define LIMIT_BATCH_EVENTS 4096			// records in one transaction
#define LIMIT_BATCH_BYTES MIB(8)
#define LIMIT_COMMIT_RECORDS 256		// worth a sync of their own, while others are still encrypted
#define LIMIT_COMMIT_SOON_MS 5			// what became of deliveries waits for a commit that others need, at most
#define LIMIT_CHECKPOINT_RECORDS 10000
#define LIMIT_VERIFY_AT_START 10000
#define LIMIT_SCRUB_RECORDS 4096		// of the older ones, verified at a time
#define LIMIT_SCRUB_EVERY_MS 100
#define LIMIT_DAMAGE_RANGES 64		// of damaged records that are remembered; neighbours are one

// Time
#define DEFAULT_HEARTBEAT_MS 5000
#define LIMIT_SILENT_HEARTBEATS 3
#define LIMIT_HANDSHAKE_MS 3000
#define LIMIT_DRAIN_MS 5000
#define LIMIT_RECONNECT_FIRST_MS 250
#define LIMIT_RECONNECT_LAST_MS 30000

// Edges
#define LIMIT_HTTP_BODY_BYTES KIB(64)
#define LIMIT_CTL_ROWS 1000
#define LIMIT_DESCRIPTORS 8192
#define LIMIT_DESCRIPTORS_PERCENT 80	// of the process's limit: from there on agencies wait outside; the rest is for operators and the journal
#define DEFAULT_SPOOL_BYTES GIB(1)

// Logs and findings
#define LIMIT_LOG_REPEATS 20U		// lines of one event in one second; further ones are counted
#define LIMIT_LOG_FIELD_BYTES 1024U	// of one field's text; the rest is cut
#define LIMIT_EXCERPT_BYTES 160		// of the line shown with a finding
#define LIMIT_EXCERPT_FILE_BYTES MIB(1)	// a larger file is not read again for an excerpt
#define LIMIT_NAME_CHARS 64		// names longer than this are not compared when the nearest one is looked for

// Mappings
#define LIMIT_MAP_FRAMES 8		// items of items: one_event_per and each inside each other
#define LIMIT_TABLE_LEVELS 16		// rows from the one that is looked up to the one above it that is wanted, both counted
#define LIMIT_ELEMENT 64		// the largest n of name[n] in a target
#define LIMIT_MATCH_COST (1 << 20)	// of one `matches` or `extract` in one text: steps of its pattern, four at a time
#define LIMIT_PAD 64			// characters of first_characters, last_characters, pad_left

// Expressions (CEL): of one text, at load
#define LIMIT_EXPR_BYTES KIB(16)
#define LIMIT_EXPR_NODES 4096		// parts, those that macros make included
#define LIMIT_EXPR_READS 1024		// fields that one expression reads
#define LIMIT_EXPR_DEPTH 100		// the specification asks for 32
#define LIMIT_EXPR_COST 1000000		// steps of one run, as estimated at load: what loops repeat counts as often as they may turn

// Expressions: one run of one program; regular expressions
#define LIMIT_EXPR_RUN_COST 1000000		// instructions of loops, items and characters looked at: 2 to 30 ms, whatever they are
#define LIMIT_EXPR_RUN_BYTES MIB(4)		// of what it makes
#define LIMIT_EXPR_RUN_MESSAGES 1024	// made or unpacked
#define LIMIT_REGEX_BYTES 1024		// of a pattern's text
#define LIMIT_REGEX_DEPTH 100		// of groups in groups
#define LIMIT_REGEX_NODES 2000		// instructions of its program, repetitions written out
#define LIMIT_REGEX_RANGES 16384	// of characters, in all its classes: \pL has some 600

// Rules
#define LIMIT_ZONE_BYTES KIB(64)	// of a time zone's file; the largest has some 4 KiB

// Journal
#define LIMIT_JOURNAL_READS 64		// reads asked for and not yet answered
#define LIMIT_READ_RECORDS 4096		// of one answer
#define LIMIT_JOURNAL_GAP (1 << 20)	// records that may be missing in a row; more is a lie about a sequence
#define LIMIT_TRIM_BLOCKS 256		// removed in one transaction
#define LIMIT_ROW_KEY_BYTES 480		// LMDB's 511 less the table and some air

// Engine
#define LIMIT_FRAME_BYTES_LEAST KIB(64)	// that a client may ask for in HELLO (ENL-009)
#define LIMIT_ATTRIBUTE_NAME_BYTES 20	// CloudEvents
#define LIMIT_SETTLE_CODE_BYTES 64
#define LIMIT_READER_BYTES KIB(512)	// of records read ahead for one subscription that is behind
#define LIMIT_FAULTS_PER_STEP 1024	// FAULTs to senders, before the deliveries that end badly wait for the next step
#define LIMIT_CORE_READS 32		// reads of the journal under way at once
#define LIMIT_OUTPUT_FACTOR 4		// outputs of one input together, as a multiple of LIMIT_EVENT_BYTES

#endif
