# mptcp-tools
#
#   make            the tools in this directory, the manual in build/man
#   make check      all tests          make sanitize   the same under ASan and UBSan
#   make bench      speed and memory   make fuzz       bounded fuzzing (clang)
#   make install    below $(DESTDIR)$(PREFIX)

TOOLS = mptcp-extract mptcp-conns mptcp-subflows mptcp-reinject mptcp-map mptcp-owd \
	mptcp-events mptcp-plotdata
PAGES = $(TOOLS:=.1) mptcp-tsv.5

PREFIX = /usr/local
CC = cc
CFLAGS = -O2 -g
LIBS = -lpcap -lz -lnettle -lm

# where objects and tools go: another build stands beside this one
BUILD = build
BIN = .

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
COMPILE = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP
OBJECTS = $(patsubst common/%.c,$(BUILD)/%.o,$(wildcard common/*.c))

# tests/test_*.c are cmocka tests, fuzz_*.c fuzzers, all others programs that tests use
TEST_PROGRAMS = $(patsubst %.c,%,$(filter-out tests/test_% tests/fuzz_%,$(wildcard tests/*.c)))
UNIT_TESTS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/test_*.c))
FUZZERS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz_*.c))
FUZZ_SECONDS = 60

all: $(TOOLS:%=$(BIN)/%) $(PAGES:%=$(BUILD)/man/%)

$(BUILD)/%.o: common/%.c
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

$(BUILD)/libmptcp.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $(OBJECTS)

$(BIN)/mptcp-%: tools/mptcp-%.c $(BUILD)/libmptcp.a
	@mkdir -p $(@D)
	$(COMPILE) -MF $(BUILD)/$(@F).d -o $@ $< $(BUILD)/libmptcp.a $(LDFLAGS) $(LIBS)

$(BUILD)/man/%: man/%
	@mkdir -p $(@D)
	cp $< $@

# the list of columns comes from the table that writes and reads them
$(BUILD)/man/mptcp-tsv.5: man/mptcp-tsv.5.in man/columns.awk $(BIN)/mptcp-extract
	@mkdir -p $(@D)
	$(BIN)/mptcp-extract --list-columns | awk -f man/columns.awk - man/mptcp-tsv.5.in > $@.new
	mv $@.new $@

tests/%: tests/%.c
	$(COMPILE) -MF $(BUILD)/program-$*.d -o $@ $< $(LDFLAGS) -lpcap -lnettle -lm

$(BUILD)/test_%: tests/test_%.c $(BUILD)/libmptcp.a
	$(COMPILE) -Icommon -o $@ $< $(BUILD)/libmptcp.a $(LDFLAGS) -lcmocka $(LIBS)

# the tools themselves, to be called by the fuzzers
$(BUILD)/main-%.o: tools/mptcp-%.c
	@mkdir -p $(@D)
	$(COMPILE) -Wno-missing-prototypes -Dmain=$*_main -c -o $@ $<

MAINS = $(TOOLS:mptcp-%=$(BUILD)/main-%.o)

$(BUILD)/fuzz_%: tests/fuzz_%.c $(MAINS) $(BUILD)/libmptcp.a
	$(COMPILE) -Icommon -fsanitize=fuzzer -o $@ $< $(MAINS) $(BUILD)/libmptcp.a $(LDFLAGS) $(LIBS)

test-programs: $(TEST_PROGRAMS) $(UNIT_TESTS)

check: all test-programs
	BIN=$(abspath $(BIN)) BUILD=$(BUILD) CMOCKA_MESSAGE_OUTPUT=TAP \
		prove $(UNIT_TESTS) tests/*.t

SANITIZE = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
sanitize:
	$(MAKE) check BUILD=build/sanitize BIN=build/sanitize \
		CFLAGS="$(SANITIZE) -fsanitize=address,undefined"

bench: all test-programs
	tests/bench

# each fuzzer starts from what is in tests/corpus and leaves what it finds in build/fuzz
fuzz:
	$(MAKE) all fuzzers CC=clang BUILD=build/fuzz BIN=build/fuzz \
		CFLAGS="$(SANITIZE) -fsanitize=address,undefined,fuzzer-no-link"
	tests/fuzz build/fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZERS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5
	install $(TOOLS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(TOOLS:%=$(BUILD)/man/%.1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(BUILD)/man/mptcp-tsv.5 $(DESTDIR)$(PREFIX)/share/man/man5

clean:
	rm -rf build $(TOOLS) $(TEST_PROGRAMS)

-include $(wildcard $(BUILD)/*.d)

.PHONY: all check sanitize bench fuzz fuzzers test-programs install clean
.SECONDARY:
