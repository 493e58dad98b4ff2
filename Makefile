# mptcp-tools
#
#   make            the tools, in this directory
#   make check      all tests          make sanitize   the same under ASan and UBSan
#   make bench      speed and memory   make fuzz       bounded fuzzing (clang)
#   make install    below $(DESTDIR)$(PREFIX)

TOOLS = mptcp-extract mptcp-conns

PREFIX = /usr/local
CC = cc
CFLAGS = -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
STD = -std=c11 -D_POSIX_C_SOURCE=200809L
LIBS = -lpcap -lz -lnettle
BUILD = build

COMMON = $(patsubst common/%.c,$(BUILD)/%.o,$(wildcard common/*.c))
TEST_PROGRAMS = $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/*.c))

all: $(TOOLS)

COMPILE = $(CC) $(STD) $(WARN) $(CPPFLAGS) $(CFLAGS) -MMD -MP

$(BUILD)/%.o: common/%.c | $(BUILD)
	$(COMPILE) -c -o $@ $<

$(BUILD)/libmptcp.a: $(COMMON)
	rm -f $@
	$(AR) rcs $@ $(COMMON)

mptcp-%: tools/mptcp-%.c $(BUILD)/libmptcp.a
	$(COMPILE) -MF $(BUILD)/$@.d -o $@ $< $(BUILD)/libmptcp.a $(LDFLAGS) $(LIBS)

$(BUILD):
	mkdir -p $@

clean:
	rm -rf $(BUILD) $(TOOLS)

-include $(wildcard $(BUILD)/*.d)

.PHONY: all clean
