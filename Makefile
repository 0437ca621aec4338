# SPDX-License-Identifier: Apache-2.0
# enlace: one readable, non-recursive Makefile. `make help` lists what it can do.
#
#   V=1                       print whole commands
#   CC=clang                  another compiler
#   SAN=address,undefined     sanitizers, in a build folder of their own
#   B=folder                  where to build (default: build/<variant>)

SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @$(if $(filter 1,$(V)),:,printf '  %-8s %s\n' '$(1)' '$(2)')

ifeq ($(origin CC),default)
CC := gcc
endif
SAN ?=
comma := ,
variant := $(notdir $(CC))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
B ?= build/$(variant)
GEN := build/gen
SCHEMAS := build/schemas

# ---- what must be installed -------------------------------------------------------------------------------------------
# Everything comes from Debian 12. `make deps` installs what is missing and is a no-op when nothing is.
PACKAGES := gcc libc6-dev make pkg-config python3 ca-certificates curl procps \
	libzmq3-dev libczmq-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev \
	libyaml-dev liblmdb-dev libsodium-dev libmicrohttpd-dev libcurl4-gnutls-dev libjansson-dev tzdata libcmocka-dev
TEST_PACKAGES := clang clang-format python3-zmq python3-protobuf python3-jsonschema python3-yaml libclang-rt-14-dev

# ---- flags ------------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Wformat=2 -Werror
HARDEN := -fstack-protector-strong -fno-strict-aliasing -fPIE
OPT := -O2 -g
ifeq ($(SAN),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
OPT := -O1 -g -fno-omit-frame-pointer
SANFLAGS := -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
CPPFLAGS := -D_GNU_SOURCE -Ibroker -I$(GEN) -Iadapters/sdk/include -Iadapters -Itests
CFLAGS := -std=c11 $(OPT) $(WARN) $(HARDEN) $(SANFLAGS) -pthread
LDFLAGS := -pie -pthread $(SANFLAGS) -Wl,-z,relro,-z,now -Wl,--as-needed
GENFLAGS := -std=c11 $(OPT) $(HARDEN) $(SANFLAGS) -w

# ---- layers, highest first: an archive may only use those after it ------------------------------------------------------
LAYERS := http core ctl net journal trial rules map expr conf schema wire base
archives = $(foreach l,$(1),$(B)/lib$(l).a)
LIBS := -lczmq -lzmq -lprotobuf-c -lyaml -llmdb -lsodium -lmicrohttpd -lcurl -ljansson -lm

sources = $(sort $(wildcard broker/$(1)/*.c))
objects = $(patsubst %.c,$(B)/%.o,$(call sources,$(1)))

# ---- generated: protobuf-c for our own control messages and descriptor.proto; descriptor sets for everything else ------
CONTROL_PROTOS := enlace/v1/control.proto io/cloudevents/v1/cloudevents.proto \
	google/protobuf/any.proto google/protobuf/timestamp.proto google/protobuf/descriptor.proto
GEN_C := $(patsubst %.proto,$(GEN)/%.pb-c.c,$(CONTROL_PROTOS))
GEN_H := $(GEN_C:.c=.h)
GEN_O := $(patsubst $(GEN)/%.c,$(B)/gen/%.o,$(GEN_C))

AGENCY_SCHEMAS := $(patsubst schemas/%/v1,%,$(filter-out schemas/enlace/v1,$(wildcard schemas/*/v1)))
DESCRIPTOR_SETS := $(SCHEMAS)/enlace.binpb $(patsubst %,$(SCHEMAS)/%.binpb,$(AGENCY_SCHEMAS))

PROGRAMS := $(B)/bin/enlaced $(B)/bin/enlace $(B)/bin/enlace-adapter

.PHONY: all
all: $(PROGRAMS) schemas config-schemas  ## build the broker, the command line, the adapter and the schemas

.PHONY: help
help:  ## list the targets
	@printf 'targets:\n'; grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: deps test-deps
deps:  ## install what building needs (apt, as root or with sudo)
	@tests/support/install.sh $(PACKAGES)
test-deps: deps
	@tests/support/install.sh $(TEST_PACKAGES)

# One protoc run for each; order-only on the folder.
$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h &: schemas/%.proto
	$(call say,PROTOC-C,$<)
	$(Q)mkdir -p $(GEN) && protoc-c -Ischemas --c_out=$(GEN) $*.proto
$(GEN)/google/protobuf/%.pb-c.c $(GEN)/google/protobuf/%.pb-c.h &:
	$(call say,PROTOC-C,google/protobuf/$*.proto)
	$(Q)mkdir -p $(GEN) && protoc-c --c_out=$(GEN) google/protobuf/$*.proto
# For those who look at headers alone.
.PHONY: generated-headers
generated-headers: $(GEN_H)
$(B)/gen/%.o: $(GEN)/%.c | $(GEN_H)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(GENFLAGS) -c -o $@ $<

.PHONY: schemas
schemas: $(DESCRIPTOR_SETS)  ## compile schemas/ to descriptor sets under build/schemas
$(SCHEMAS)/%.binpb: $(shell find schemas -name '*.proto')
	$(call say,PROTOC,$@)
	@mkdir -p $(@D)
	$(Q)protoc -Ischemas --include_imports --descriptor_set_out=$@ $(sort $(wildcard schemas/$*/v1/*.proto))

# What unit tests need besides: tests/unit/FOLDER/*.proto, one set a folder. They may import schemas/.
TEST_SETS := $(patsubst tests/unit/%/,$(SCHEMAS)/test/%.binpb,$(sort $(dir $(wildcard tests/unit/*/*.proto))))
$(SCHEMAS)/test/%.binpb: $(shell find schemas tests/unit -name '*.proto')
	$(call say,PROTOC,$@)
	@mkdir -p $(@D)
	$(Q)protoc -Ischemas -Itests/unit/$* --include_imports --descriptor_set_out=$@ $(sort $(wildcard tests/unit/$*/*.proto))
# One pair of versions for each rule of compatibility, buf's and our own: every version is schema.proto to protoc.
COMPAT_SETS := $(patsubst tests/conformance/buf/%.proto,$(SCHEMAS)/compat/%.binpb,$(wildcard tests/conformance/buf/*/*.proto)) \
	$(patsubst tests/unit/schema/compat/%.proto,$(SCHEMAS)/compat/%.binpb,$(wildcard tests/unit/schema/compat/*/*.proto))
define compat_set
	@mkdir -p $(@D)
	$(Q)protoc -Ischema.proto=$< -Ischemas -I/usr/include --include_imports --include_source_info --descriptor_set_out=$@ schema.proto
endef
$(SCHEMAS)/compat/%.binpb: tests/conformance/buf/%.proto
	$(compat_set)
$(SCHEMAS)/compat/%.binpb: tests/unit/schema/compat/%.proto
	$(compat_set)
.PHONY: test-schemas
test-schemas: schemas $(TEST_SETS) $(COMPAT_SETS)

$(B)/%.o: %.c | $(GEN_H)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define layer_rule
$(B)/lib$(1).a: $(call objects,$(1)) $(if $(filter wire,$(1)),$(GEN_O))
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && ar crsD $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

# The generated descriptor.proto code lives in libwire.a with the rest of the generated code; schema comes before wire.
define link
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(1) $(LIBS)
endef

DAEMON_O := $(call objects,daemon)
$(B)/bin/enlaced: $(DAEMON_O) $(call archives,$(LAYERS))
	$(call link,$^)

# The pages of `enlace explain-code` go into the program: every line of them a line of a C string.
PAGES := $(sort $(wildcard broker/cli/pages/*.md))
$(GEN)/pages.c: $(PAGES) broker/cli/pages
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q){ printf '#include "cli/pages.h"\nconst struct page pages[] = {\n'; \
		for page in $(PAGES); do printf '{"%s",\n' $$(basename $$page .md); sed 's/["\\]/\\&/g; s/.*/"&\\n"/' $$page; printf '},\n'; done; \
		printf '{0, 0}};\n'; } > $@

CLI_O := $(call objects,cli) $(B)/gen/pages.o
$(B)/bin/enlace: $(CLI_O) $(call archives,ctl net trial rules map expr conf schema wire base)
	$(call link,$^)

# JSON Schemas of the configuration files, for editors; config/ refers to them. Made by the program, of the tables that it binds with.
CONFIG_SCHEMAS := build/config-schemas
.PHONY: config-schemas
config-schemas: $(CONFIG_SCHEMAS)/.made  ## write the JSON Schemas of the configuration files under build/config-schemas
$(CONFIG_SCHEMAS)/.made: $(B)/bin/enlace
	$(call say,SCHEMA,$(@D))
	$(Q)LC_ALL=C $< config-schema --out $(@D) && touch $@

SDK_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard adapters/sdk/*.c)))
$(B)/libenlace.a: $(SDK_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar crsD $@ $^
CONNECTORS_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard adapters/connectors/*/*.c)))
$(B)/libconnectors.a: $(CONNECTORS_O)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar crsD $@ $^
ADAPTER_O := $(patsubst %.c,$(B)/%.o,$(wildcard adapters/connectors/*.c))
$(B)/bin/enlace-adapter: $(ADAPTER_O) $(B)/libconnectors.a $(B)/libenlace.a $(call archives,net conf schema wire base)
	$(call link,$^)

# ---- tests ------------------------------------------------------------------------------------------------------------
$(B)/tests/%.o: CPPFLAGS += -Itests
SUPPORT_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/support/*.c)))
UNIT_C := $(sort $(wildcard tests/unit/*/test_*.c))
UNIT := $(patsubst tests/%.c,$(B)/tests/%,$(UNIT_C))
$(UNIT): $(B)/tests/%: $(B)/tests/%.o $(SUPPORT_O) $(B)/libconnectors.a $(B)/libenlace.a $(call archives,$(LAYERS))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lcmocka

# Tests of memory that runs out stand between the code and the allocator.
$(filter %/test_memory,$(UNIT)): LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=free

# The test of the file connector counts what it asks of the disk.
$(filter %/connectors/test_file,$(UNIT)): LDFLAGS += -Wl,--wrap=scandir,--wrap=lstat,--wrap=access

# Tests of the command line run it.
$(filter $(B)/tests/unit/cli/%,$(UNIT)): | $(B)/bin/enlace

# Seeds of the fuzzers, replayed by a plain main: what was found once stays a test.
FUZZ_REPLAY := $(patsubst tests/fuzz/fuzz_%.c,$(B)/tests/replay_%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
$(B)/tests/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(B)/libconnectors.a $(call archives,$(LAYERS))
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

# What `make conformance` drives is built with the tests, so that it never falls behind what it drives.
TESTEES := $(B)/tests/conformance/protobuf_testee $(B)/tests/conformance/cel_testee

# `make unit/base` runs one folder's tests, `make unit` all of them.
.PHONY: unit $(addprefix unit/,$(sort $(notdir $(wildcard tests/unit/*))))
unit: $(UNIT) $(TESTEES) test-schemas  ## build and run the unit tests
	@tests/support/run.sh $(UNIT)
define unit_rule
unit/$(1): $(filter $(B)/tests/unit/$(1)/%,$(UNIT)) test-schemas
	@tests/support/run.sh $$(filter $(B)/tests/unit/$(1)/%,$$^)
endef
$(foreach d,$(sort $(notdir $(wildcard tests/unit/*))),$(eval $(call unit_rule,$(d))))

# Everything, in the order in which a failure says most. The last line is the tally.
.PHONY: test
test: test-deps  ## install what is missing, build with warnings as errors, run every test
	@+$(MAKE) --no-print-directory B=$(B) CC=$(CC) SAN=$(SAN) all $(if $(SAN),,compile-clang)
	@+$(MAKE) --no-print-directory B=$(B) CC=$(CC) SAN=$(SAN) run-tests

.PHONY: run-tests
run-tests: $(UNIT) $(TESTEES) $(FUZZ_REPLAY) $(PROGRAMS) test-schemas
	@tally=$$(mktemp); trap 'rm -f $$tally' EXIT; export TEST_TALLY=$$tally ENLACE_BIN=$(abspath $(B))/bin; failed=0; \
	$(if $(SAN),,tests/support/run.sh tests/lint/lint.py || failed=1;) \
	tests/support/run.sh $(UNIT) $(FUZZ_REPLAY) || failed=1; \
	TEST_TIMEOUT=300 tests/support/run.sh $(sort $(wildcard tests/e2e/test_*.py)) || failed=1; \
	awk '{p += $$1; f += $$2} END {print p + 0 " passed, " f + 0 " failed"}' $$tally; exit $$failed

# The whole tree with the other compiler, warnings as errors; nothing of it is run.
.PHONY: compile-clang
compile-clang:
	@+$(MAKE) --no-print-directory CC=clang B=build/clang all

.PHONY: demo
demo: deps  ## play the scenario of the README with real processes, and print what happened
	@+$(MAKE) --no-print-directory all
	@ENLACE_BIN=$(abspath $(B))/bin /usr/bin/python3 tests/e2e/demo.py

.PHONY: run
run: deps  ## start the broker on the shipped config/
	@+$(MAKE) --no-print-directory all
	@ENLACE_BIN=$(abspath $(B))/bin /usr/bin/python3 tests/e2e/run.py

# ---- fuzzing: `make fuzz FUZZ=frame TIME=60`; `make test` replays the seeds -----------------------------------------------------
# Those called diff_X ask other libraries for a second opinion (C++ protobuf; upb where it can be fetched), and are no part of `make test`.
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
DIFF_NAMES := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/diff_*.c)))
FUZZ ?= $(FUZZ_NAMES) $(DIFF_NAMES)
TIME ?= 60
UPB := build/upb
CXX_OF_FUZZ := clang++

.PHONY: fuzz
fuzz: test-deps test-schemas  ## run the fuzzers (FUZZ=name, TIME=seconds each)
	@tests/support/install.sh g++
	@test -e $(UPB)/php-upb.c || /usr/bin/python3 tests/fuzz/upb.py $(CONFORMANCE)/protobuf $(UPB) || echo "without upb: it could not be fetched"
	@+$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined B=build/fuzz fuzz-programs
	@for f in $(FUZZ); do echo "fuzz $$f"; mkdir -p build/fuzz/corpus/$$f; \
		case $$f in diff_*) more="-detect_leaks=0 -rss_limit_mb=1500";; *) more=;; esac; \
		build/fuzz/fuzz_$$f -max_total_time=$(TIME) -timeout=5 -rss_limit_mb=512 -print_final_stats=1 $$more \
		build/fuzz/corpus/$$f tests/fuzz/seeds/$$f 2>&1 | grep -E 'ERROR|SUMMARY|disagree|stat::number_of_executed|crash-|Done' || exit 1; done
.PHONY: fuzz-programs
fuzz-programs: $(patsubst %,$(B)/fuzz_%,$(FUZZ_NAMES) $(DIFF_NAMES)) schemas
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/libconnectors.a $(call archives,$(LAYERS))
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

ORACLE_O := $(addprefix $(B)/tests/fuzz/,oracle_protobuf.o oracle_upb.o)
ifneq ($(wildcard $(UPB)/php-upb.c),)
UPB_C := php-upb third_party/utf8_range/naive third_party/utf8_range/$(if $(filter aarch64,$(shell uname -m)),range2-neon,range2-sse)
ORACLE_O += $(patsubst %,$(B)/upb/%.o,$(UPB_C))
$(B)/tests/fuzz/diff_%.o $(ORACLE_O): CPPFLAGS += -DWITH_UPB -isystem $(UPB)
# As its releases are built: an assertion about what strtod takes of a number ends the program at 0x1, which its next step refuses.
$(B)/tests/fuzz/oracle_upb.o $(patsubst %,$(B)/upb/%.o,$(UPB_C)): CPPFLAGS += -DNDEBUG
endif
$(B)/tests/fuzz/oracle_protobuf.o: tests/fuzz/oracle_protobuf.cc tests/fuzz/oracle.h
	$(call say,C++,$<)
	@mkdir -p $(@D)
	$(Q)$(CXX_OF_FUZZ) -std=c++17 $(OPT) $(SANFLAGS) $(CPPFLAGS) -Wall -Wextra -Werror -c -o $@ $<
$(B)/upb/%.o: $(UPB)/%.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -O1 -g -march=native -funsigned-char -w -c -o $@ $<
$(B)/fuzz_diff_%: $(B)/tests/fuzz/diff_%.o $(ORACLE_O) $(call archives,schema wire base)
	$(call say,LD,$@)
	$(Q)$(CXX_OF_FUZZ) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lprotobuf

# ---- conformance: public suites, fetched when asked for and never committed; each script records its counts in build/conformance.json --------
CONFORMANCE := build/conformance
PROTOBUF_TESTEE := $(B)/tests/conformance/protobuf_testee

CEL_TESTEE := $(B)/tests/conformance/cel_testee
CEL_SPEC := @bufbuild/cel-spec@0.6.1 @bufbuild/cel@0.6.1 @bufbuild/protobuf@2.17.0

.PHONY: conformance conformance-protobuf conformance-buf conformance-cel
conformance: conformance-protobuf conformance-buf conformance-cel  ## run the public conformance suites (needs the network the first time)
conformance-protobuf: test-deps
	@tests/support/install.sh g++
	@+$(MAKE) --no-print-directory $(CONFORMANCE)/protobuf/conformance_test_runner $(PROTOBUF_TESTEE)
	@/usr/bin/python3 tests/conformance/protobuf.py $(CONFORMANCE)/protobuf $(PROTOBUF_TESTEE)
$(CONFORMANCE)/protobuf/conformance_test_runner: tests/conformance/protobuf_runner.py
	$(call say,MAKE,$@)
	$(Q)mkdir -p $(@D) && /usr/bin/python3 $< $(@D)
conformance-buf: test-deps  ## compare `enlace schema check` with buf
	@command -v npm >/dev/null || tests/support/install.sh nodejs npm
	@+$(MAKE) --no-print-directory all test-schemas
	@/usr/bin/python3 tests/conformance/buf.py $(CONFORMANCE)/buf $(abspath $(B))/bin/enlace
$(PROTOBUF_TESTEE): $(B)/tests/conformance/protobuf_testee.o $(call archives,schema wire base)
	$(call link,$^)

# The public suite of CEL, as a package of npm carries it: tests and the descriptors of their messages, written out by a script of Node.
conformance-cel: test-deps  ## run the public suite of CEL
	@command -v npm >/dev/null || tests/support/install.sh nodejs npm
	@+$(MAKE) --no-print-directory $(CONFORMANCE)/cel/tests.json $(CEL_TESTEE)
	@/usr/bin/python3 tests/conformance/cel.py $(CONFORMANCE)/cel $(CEL_TESTEE)
# Random expressions (COUNT of them, from SEED), evaluated by another implementation too.
COUNT ?= 20000
SEED ?= 1
.PHONY: differential-cel
differential-cel: test-deps  ## compare results of random expressions with @bufbuild/cel (COUNT=, SEED=)
	@command -v npm >/dev/null || tests/support/install.sh nodejs npm
	@+$(MAKE) --no-print-directory $(CONFORMANCE)/cel/tests.json $(CEL_TESTEE)
	@node tests/conformance/cel_differential.cjs $(CONFORMANCE)/cel $(CEL_TESTEE) $(COUNT) $(SEED)
$(CONFORMANCE)/cel/tests.json: tests/conformance/cel_export.cjs
	$(call say,NPM,$@)
	$(Q)mkdir -p $(@D) && cd $(@D) && echo "{}" >package.json && npm install --silent --no-audit --no-fund --prefix . $(CEL_SPEC) >npm.log
	$(Q)node $< $(@D)
$(CEL_TESTEE): $(patsubst %,$(B)/tests/conformance/%.o,cel_testee cel_testee_value) $(B)/tests/support/expr_text.o $(call archives,expr schema wire base)
	$(call link,$^)

# ---- bench ------------------------------------------------------------------------------------------------------------------------
# The translation job by hand, on protobuf-c and on C++ protobuf, stands beside ours in the same program.
BENCH_PACKAGES := g++ valgrind
BENCH_GEN := $(GEN)/bench/referral
BENCH_O := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard tests/bench/*.c))) \
	$(B)/tests/bench/by_hand.cc.o $(B)/gen/bench/referral.pb-c.o $(B)/gen/bench/referral.pb.o
$(BENCH_GEN).pb-c.c $(BENCH_GEN).pb-c.h $(BENCH_GEN).pb.cc $(BENCH_GEN).pb.h $(SCHEMAS)/bench.binpb &: tests/bench/translate/referral.proto
	$(call say,PROTOC,$<)
	$(Q)mkdir -p $(GEN)/bench $(SCHEMAS) && cd $(<D) && \
		protoc-c --c_out=$(abspath $(GEN))/bench referral.proto && \
		protoc --cpp_out=$(abspath $(GEN))/bench --descriptor_set_out=$(abspath $(SCHEMAS))/bench.binpb referral.proto
$(B)/gen/bench/referral.pb.o: $(BENCH_GEN).pb.cc
	@mkdir -p $(@D)
	$(Q)g++ -std=c++17 $(OPT) $(SANFLAGS) -w -I$(GEN) -c -o $@ $<
$(B)/tests/bench/%.cc.o: tests/bench/%.cc $(BENCH_GEN).pb.h
	$(call say,C++,$<)
	@mkdir -p $(@D)
	$(Q)g++ -std=c++17 $(OPT) $(SANFLAGS) -Wall -Wextra -Werror -Itests -I$(GEN) -c -o $@ $<
$(B)/tests/bench/by_hand.o: $(BENCH_GEN).pb-c.h
$(B)/bench: $(BENCH_O) $(call archives,$(LAYERS))
	$(call say,LD,$@)
	$(Q)g++ $(LDFLAGS) -o $@ $^ $(LIBS) -lprotobuf

# Expressions stand beside another implementation, which npm brings.
CEL_NODE := build/bench/node
CEL_REFERENCE := @bufbuild/cel@0.6.1 @bufbuild/protobuf@2.17.0
$(CEL_NODE)/package.json:
	$(call say,NPM,$@)
	@command -v npm >/dev/null || tests/support/install.sh nodejs npm
	$(Q)mkdir -p $(@D) && cd $(@D) && echo "{}" >package.json && npm install --silent --no-audit --no-fund --prefix . $(CEL_REFERENCE) >npm.log

.PHONY: bench
bench: deps  ## compare with references, side by side (BENCH=translate, cel, load, append, publish or latency for one group)
	@tests/support/install.sh $(BENCH_PACKAGES)
	@$(if $(filter-out cel,$(BENCH)),:,+$(MAKE) --no-print-directory $(CEL_NODE)/package.json)
	@+$(MAKE) --no-print-directory all $(B)/bench
	@ENLACED=$(abspath $(B))/bin/enlaced BENCH=$(BENCH) $(B)/bench

.PHONY: clean
clean:  ## remove build/
	$(Q)rm -rf build

-include $(shell test -d $(B) && find $(B) -name '*.d')
