# mptcp-tools
#
#   make            the tools in this directory, the manual in build/man
#   make check      all tests          make sanitize   the same under ASan and UBSan
#   make bench      speed and memory   make fuzz       bounded fuzzing (clang)
#   make install    below $(DESTDIR)$(PREFIX), and make uninstall
#   make dist       build/mptcp-tools-VERSION.tar.gz
#   make deb        a Debian package of that, in build/deb

TOOLS = mptcp-extract mptcp-conns mptcp-subflows mptcp-reinject mptcp-map mptcp-owd \
	mptcp-events mptcp-plotdata mptcp-plot

PAGES = $(TOOLS:=.1) mptcp-tsv.5 mptcp-tools.7
VERSION := $(shell awk -F '"' 'NF == 3 { print $$2 }' common/version.h)

PREFIX = /usr/local
BINDIR = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
DOC = $(SHARE)/doc/mptcp-tools
BASH_COMPLETIONS = $(SHARE)/bash-completion/completions
ZSH_COMPLETIONS = $(SHARE)/zsh/site-functions
CC = cc
CFLAGS = -O3 -g
LIBS = -lpcap -lz -lnettle -lm

# where objects and tools go: another build stands beside this one
BUILD = build
BIN = .

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
# gcc makes the tools a tenth faster where it sees each of them as a whole; `make LTO=` builds
# in a fourth of the time. Only gcc knows the place of its lto-wrapper: what others need besides
# is not asked for. The objects have code of their own as well, which tests are linked with.
LTO := $(if $(filter /%,$(shell $(CC) -print-prog-name=lto-wrapper)), \
	-flto -flto-partition=none -ffat-lto-objects)
COMPILE = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP
OBJECTS = $(patsubst common/%.c,$(BUILD)/%.o,$(wildcard common/*.c))

# tests/test_*.c are cmocka tests, fuzz_*.c fuzzers, all others programs that tests use:
# from PROGRAMS, where tests are or, found before that, where the tools are
PROGRAMS = tests
TEST_PROGRAMS = $(patsubst tests/%.c,$(PROGRAMS)/%,$(filter-out tests/test_% tests/fuzz_%,$(wildcard tests/*.c)))
UNIT_TESTS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/test_*.c))
FUZZERS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz_*.c))
FUZZ_SECONDS = 60
# of which sizes make bench makes captures of each shape
PACKETS = 1000000 10000000
JOBS = $(shell getconf _NPROCESSORS_ONLN)

all: $(TOOLS:%=$(BIN)/%) $(PAGES:%=$(BUILD)/man/%) $(BUILD)/completion.bash $(BUILD)/completion.zsh

$(BUILD)/%.o: common/%.c
	@mkdir -p $(@D)
	$(COMPILE) $(LTO) -c -o $@ $<

$(BUILD)/libmptcp.a: $(OBJECTS)
	rm -f $@
	$(AR) rcs $@ $(OBJECTS)

$(BIN)/mptcp-%: tools/mptcp-%.c $(BUILD)/libmptcp.a
	@mkdir -p $(@D)
	$(COMPILE) $(LTO) -MF $(BUILD)/$(@F).d -o $@ $< $(BUILD)/libmptcp.a $(LDFLAGS) $(LIBS)

# one file: the shell script with its awk program and version in it
PLOT = tools/plot.awk tools/plot-words.awk tools/plot-draw.awk tools/plot-page.awk
$(BIN)/mptcp-plot: tools/mptcp-plot $(PLOT) common/version.h
	@mkdir -p $(@D)
	sed -e 's/@VERSION@/$(VERSION)/' -e '/^@PROGRAM@$$/{' $(PLOT:%=-e 'r %') \
		-e 'd' -e '}' tools/mptcp-plot > $@.new
	chmod +x $@.new
	mv $@.new $@

$(BUILD)/man/%: man/%
	@mkdir -p $(@D)
	cp $< $@

# the list of columns comes from the table that writes and reads them
$(BUILD)/man/mptcp-tsv.5: man/mptcp-tsv.5.in man/columns.awk $(BIN)/mptcp-extract
	@mkdir -p $(@D)
	$(BIN)/mptcp-extract --list-columns | awk -f man/columns.awk - man/mptcp-tsv.5.in > $@.new
	mv $@.new $@

# the list of tools comes from their pages
$(BUILD)/man/mptcp-tools.7: man/mptcp-tools.7.in man/tools.awk $(TOOLS:%=man/%.1) Makefile
	@mkdir -p $(@D)
	awk -f man/tools.awk $(TOOLS:%=man/%.1) man/mptcp-tools.7.in > $@

$(BUILD)/completion.%: tools/completion.% Makefile
	@mkdir -p $(@D)
	sed 's/@TOOLS@/$(TOOLS)/' $< > $@

$(PROGRAMS)/%: tests/%.c
	@mkdir -p $(BUILD)
	$(COMPILE) -MF $(BUILD)/program-$*.d -o $@ $< $(LDFLAGS) -lpcap -lnettle -lm

$(BUILD)/test_%: tests/test_%.c $(BUILD)/libmptcp.a
	$(COMPILE) -fno-lto -Icommon -o $@ $< $(BUILD)/libmptcp.a $(LDFLAGS) -lcmocka $(LIBS)

# the tools themselves, to be called by the fuzzers
$(BUILD)/main-%.o: tools/mptcp-%.c
	@mkdir -p $(@D)
	$(COMPILE) -Wno-missing-prototypes -Dmain=$*_main -c -o $@ $<

MAINS = $(patsubst mptcp-%,$(BUILD)/main-%.o,$(filter-out mptcp-plot,$(TOOLS)))

$(BUILD)/fuzz_%: tests/fuzz_%.c $(MAINS) $(BUILD)/libmptcp.a
	$(COMPILE) -Icommon -fsanitize=fuzzer -o $@ $< $(MAINS) $(BUILD)/libmptcp.a $(LDFLAGS) $(LIBS)

programs: $(TEST_PROGRAMS)
test-programs: programs $(UNIT_TESTS)

check: all test-programs
	BIN=$(abspath $(BIN)) BUILD=$(BUILD) CMOCKA_MESSAGE_OUTPUT=TAP \
		prove --comments -j $(JOBS) $(UNIT_TESTS) tests/*.t

SANITIZE = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
sanitize:
	$(MAKE) check BUILD=build/sanitize BIN=build/sanitize PROGRAMS=build/sanitize \
		LTO= CFLAGS="$(SANITIZE) -fsanitize=address,undefined"

bench: all test-programs
	tests/bench
	tests/shapes -s $(PACKETS)

# each fuzzer starts from what is in tests/corpus and leaves what it finds in build/fuzz
fuzz: programs
	$(MAKE) all fuzzers CC=clang BUILD=build/fuzz BIN=build/fuzz \
		CFLAGS="$(SANITIZE) -fsanitize=address,undefined,fuzzer-no-link"
	tests/fuzz build/fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZERS)

install: all
	install -d "$(BINDIR)" "$(SHARE)/man/man1" "$(SHARE)/man/man5" "$(SHARE)/man/man7" \
		"$(BASH_COMPLETIONS)" "$(ZSH_COMPLETIONS)" "$(DOC)/examples"
	install $(TOOLS:%=$(BIN)/%) "$(BINDIR)"
	for page in $(PAGES); do install -m 644 $(BUILD)/man/$$page \
		"$(SHARE)/man/man$${page##*.}" || exit; done
	install -m 644 $(BUILD)/completion.bash "$(BASH_COMPLETIONS)/mptcp-tools"
	for tool in $(TOOLS); do ln -sf mptcp-tools "$(BASH_COMPLETIONS)/$$tool" || exit; done
	install -m 644 $(BUILD)/completion.zsh "$(ZSH_COMPLETIONS)/_mptcp-tools"
	install -m 644 LICENSE NEWS README.md "$(DOC)"
	cp -R examples/. "$(DOC)/examples"
	chmod -R u=rwX,go=rX "$(DOC)/examples"

uninstall:
	for tool in $(TOOLS); do rm -f "$(BINDIR)/$$tool" || exit; done
	for page in $(PAGES); do rm -f "$(SHARE)/man/man$${page##*.}/$$page" || exit; done
	for name in mptcp-tools $(TOOLS); do rm -f "$(BASH_COMPLETIONS)/$$name" || exit; done
	rm -f "$(ZSH_COMPLETIONS)/_mptcp-tools"
	rm -rf "$(DOC)"

dist:
	@tools/dist mptcp-tools-$(VERSION) $(BUILD) build $(TOOLS) $(TEST_PROGRAMS)

deb: dist
	@tools/deb $(BUILD)/mptcp-tools-$(VERSION).tar.gz

clean:
	rm -rf build $(TOOLS) $(TEST_PROGRAMS)

-include $(wildcard $(BUILD)/*.d)

.PHONY: all check sanitize bench fuzz fuzzers programs test-programs install uninstall dist deb clean
.SECONDARY:
