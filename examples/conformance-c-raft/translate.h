#ifndef TRANSLATE_H
#define TRANSLATE_H

#include <jansson.h>
#include <raft.h>

/*
 * A cluster of the library is bootstrapped: it begins in term 1, with an entry in the log that holds its configuration, and
 * that entry is committed. The paper's begins in term 0, with nothing. So each index and each term is one higher here, and
 * what is 0 there, "no entry", is that first entry.
 */
enum { FIRST = 1 };

/*
 * Translates a message that arrives at a server whose log ends like this: the library's TimeoutNow names the leader's last
 * entry, the paper's does not, and who is told to take over has all that the leader has. Returns NULL, or says what is wrong
 * with the message. The library frees its entries.
 */
const char *to_library(json_t *message, raft_index last_index, raft_term last_term, struct raft_message *to);

/* Translates a message that leaves. NULL: the protocol has none like it. */
json_t *to_paper(const struct raft_message *message, raft_id from);

#endif
