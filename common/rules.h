/*
 * The rules of RFC 8684 that a passive observer can check, and those broken.
 *
 * What is said to be broken (verdict BAD) is proved by what was captured,
 * whatever else was not. Where missing segments would explain it, the verdict
 * is UNKNOWN, and nothing is said at all once the capture is known to lack any.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct event_log;
struct mptcp_option;
struct said_key;
struct stream;
struct subflow;

enum rule {
	RULE_FLAG_B, RULE_ALGORITHM, RULE_VERSION, RULE_KEYS, RULE_FIRST_DSN,
	RULE_FLAG_C, RULE_SYN_OPTION, RULE_CAPABLE_AND_JOIN, RULE_CAPABLE_LATE,
	RULE_NO_CHECKSUM, RULE_CHECKSUM, RULE_TOKEN, RULE_JOIN_HMAC,
	RULE_EARLY_DATA, RULE_MAPPING, RULE_MAPPING_GAP, RULE_DSN, RULE_DATA_ACK,
	RULE_DATA_FIN_MOVED, RULE_AFTER_DATA_FIN, RULE_ADD_ADDR_HMAC,
	RULE_ADDRESS_ID, RULE_ECHO, RULE_FASTCLOSE_KEY, RULE_RESET,
	RULE_INFINITE, RULES
};

/* Its section of RFC 8684, and the rule in words. */
const char *rule_section(unsigned rule);
const char *rule_text(unsigned rule);

/*
 * The end `from` of the subflow broke it: to the log, once for each rule and
 * end of a subflow. `sure`: whatever was not captured.
 */
__attribute__((format(printf, 6, 7)))
void rule_broken(const struct event_log *l, enum rule rule, struct subflow *f,
		 unsigned from, bool sure, const char *fmt, ...);

/* What the segment in hand breaks by its options alone, and by where it has them. */
void rules_of_options(const struct event_log *l, struct subflow *f, unsigned from);

/* The same of a stream that is no subflow: an MP_CAPABLE that counts for nothing. */
void rules_of_stray(const struct event_log *l, struct stream *s, unsigned from);

/* It is said that `role` has this key: a wrong one, or at least not the one before. */
void rules_of_key(const struct event_log *l, struct subflow *f,
		  const struct said_key *said, unsigned role);

/* What a mapping of the segment in hand breaks; `agrees` as in conn.h. */
void rules_of_mapping(const struct event_log *l, struct subflow *f, unsigned from,
		      const struct mptcp_option *o, bool agrees);

/* What its data ACK breaks, and that data came before the fourth segment of a JOIN. */
void rules_of_ack(const struct event_log *l, struct subflow *f, unsigned from);
void rules_of_fourth(const struct event_log *l, struct subflow *f, unsigned from);

/* It echoes an address id that was not announced. */
void rules_of_echo(const struct event_log *l, struct subflow *f, unsigned from, unsigned id);

/* The stream is over: echoes on it of what nothing shows to have been announced. */
void rules_of_stray_echoes(const struct event_log *l, struct subflow *f);

#endif
