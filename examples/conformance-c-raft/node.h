#ifndef NODE_H
#define NODE_H

#include <jansson.h>
#include <raft.h>
#include <stdbool.h>

#include "disk.h"

/* A write or a message whose callback the library still waits for. */
struct completion
{
    raft_io_append_cb appended;
    struct raft_io_append *append;
    raft_io_send_cb sent;
    struct raft_io_send *send;
    struct completion *next;
};

/* One server, with all that its library believes to be the world: a clock that stands still, a disk and a network. */
struct node
{
    struct raft raft;
    struct raft_io io;
    struct raft_fsm fsm;
    raft_id id;
    raft_time now;
    struct disk disk;
    struct raft_transfer transfer;
    raft_io_tick_cb tick;
    raft_io_recv_cb receive;
    struct completion *first; /* What is under way, oldest first. */
    struct completion **last;
    json_t *sent;         /* Messages of the paper since they were last taken. */
    const char *untold;   /* A message that the protocol has no name for; NULL: none. */
    bool runs;
};

/* Each of these returns NULL, or says what went wrong. They return when the node is at rest. */
const char *node_init(struct node *node, raft_id id, json_t *voters);
const char *node_restart(struct node *node);
const char *node_deliver(struct node *node, json_t *message);
const char *node_timeout(struct node *node, const char *timer);
const char *node_propose(struct node *node, json_t *commands);
const char *node_transfer(struct node *node, raft_id target); /* 0: whichever */

/* Where it stands, in the paper's terms. A new reference. */
json_t *node_state(struct node *node);

/* What it has sent since this was last asked. A new reference. */
json_t *node_take_sent(struct node *node);

#endif
