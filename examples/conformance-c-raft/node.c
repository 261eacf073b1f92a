#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "translate.h"

/* By the library's clock. It moves only when a timer has to expire; no number of heartbeats in one test comes near an
 * election timeout. */
enum { heartbeat_ms = 1, election_ms = 1000 * 1000 };

static struct node *owner(struct raft_io *io) { return io->impl; }

/* Callbacks must not come before the call that asked for them has returned; so they wait here until it has. */
static int complete_later(struct node *node, struct completion completion)
{
    struct completion *waits = malloc(sizeof *waits);
    if (waits == NULL) {
        return RAFT_NOMEM;
    }
    *waits = completion;
    waits->next = NULL;
    *node->last = waits;
    node->last = &waits->next;
    return 0;
}

/* Calls back until nothing is under way. A callback may write and send more, which queues up behind. */
static void settle(struct node *node)
{
    while (node->first != NULL) {
        struct completion *done = node->first;
        node->first = done->next;
        if (node->first == NULL) {
            node->last = &node->first;
        }
        if (done->append != NULL) {
            done->appended(done->append, 0);
        } else if (done->sent != NULL) { /* Nobody waits for a TimeoutNow. */
            done->sent(done->send, 0);
        }
        free(done);
    }
}

static int io_init(struct raft_io *io, raft_id id, const char *address)
{
    (void)io, (void)id, (void)address;
    return 0;
}

static void io_close(struct raft_io *io, raft_io_close_cb closed) { closed(io); }

static int io_load(struct raft_io *io, raft_term *term, raft_id *voted_for, struct raft_snapshot **snapshot,
                   raft_index *start_index, struct raft_entry *entries[], size_t *n_entries)
{
    const struct disk *disk = &owner(io)->disk;
    *term = disk->term;
    *voted_for = disk->voted_for;
    *snapshot = NULL;
    *start_index = 1;
    *n_entries = disk->n_entries;
    *entries = copy_entries(disk->entries, disk->n_entries);
    return *entries == NULL ? RAFT_NOMEM : 0;
}

static int io_start(struct raft_io *io, unsigned msecs, raft_io_tick_cb tick, raft_io_recv_cb receive)
{
    (void)msecs;
    owner(io)->tick = tick;
    owner(io)->receive = receive;
    return 0;
}

static int io_bootstrap(struct raft_io *io, const struct raft_configuration *configuration)
{
    return disk_bootstrap(&owner(io)->disk, configuration);
}

static int io_set_term(struct raft_io *io, raft_term term)
{
    owner(io)->disk.term = term;
    owner(io)->disk.voted_for = 0; /* What the library's own raft_uv does: the vote belongs to the term. */
    return 0;
}

static int io_set_vote(struct raft_io *io, raft_id server_id)
{
    owner(io)->disk.voted_for = server_id;
    return 0;
}

static int io_send(struct raft_io *io, struct raft_io_send *request, const struct raft_message *message, raft_io_send_cb sent)
{
    struct node *node = owner(io);
    json_t *translated = to_paper(message, node->id);
    if (translated == NULL) {
        node->untold = "the node sent a message that the protocol has none for";
    } else {
        json_array_append_new(node->sent, translated);
    }
    return complete_later(node, (struct completion){.send = request, .sent = sent});
}

static int io_append(struct raft_io *io, struct raft_io_append *request, const struct raft_entry entries[], unsigned n,
                     raft_io_append_cb appended)
{
    struct node *node = owner(io);
    int rv = disk_append(&node->disk, entries, n);
    return rv != 0 ? rv : complete_later(node, (struct completion){.append = request, .appended = appended});
}

static int io_truncate(struct raft_io *io, raft_index index)
{
    disk_truncate(&owner(io)->disk, index);
    return 0;
}

static raft_time io_time(struct raft_io *io) { return owner(io)->now; }

/* The shortest of the timeouts that may be drawn. */
static int io_random(struct raft_io *io, int min, int max)
{
    (void)io, (void)max;
    return min;
}

static int fsm_apply(struct raft_fsm *fsm, const struct raft_buffer *command, void **result)
{
    (void)fsm, (void)command;
    *result = NULL;
    return 0;
}

/* Why the library has stopped, if it has: it then takes no more messages. */
static const char *end(struct node *node)
{
    settle(node);
    if (node->untold != NULL) {
        return node->untold;
    }
    if (raft_state(&node->raft) == RAFT_UNAVAILABLE) {
        return "the library has shut itself down (RAFT_UNAVAILABLE)";
    }
    return NULL;
}

static const char *start(struct node *node, const struct raft_configuration *first)
{
    int rv;

    node->io = (struct raft_io){
        .version = 1, /* No snapshot is ever taken: the threshold is out of reach. */
        .impl = node,
        .init = io_init,
        .close = io_close,
        .load = io_load,
        .start = io_start,
        .bootstrap = io_bootstrap,
        .set_term = io_set_term,
        .set_vote = io_set_vote,
        .send = io_send,
        .append = io_append,
        .truncate = io_truncate,
        .time = io_time,
        .random = io_random,
    };
    node->fsm = (struct raft_fsm){.version = 1, .apply = fsm_apply};
    node->first = NULL;
    node->last = &node->first;
    rv = raft_init(&node->raft, &node->io, &node->fsm, node->id, "1");
    if (rv != 0) {
        return raft_strerror(rv);
    }
    node->runs = true;
    raft_set_election_timeout(&node->raft, election_ms);
    raft_set_heartbeat_timeout(&node->raft, heartbeat_ms);
    raft_set_pre_vote(&node->raft, true);
    rv = first == NULL ? 0 : raft_bootstrap(&node->raft, first);
    if (rv == 0) {
        rv = raft_start(&node->raft);
    }
    return rv != 0 ? raft_strerror(rv) : end(node);
}

/* Frees the library's memory, which writes nothing: for the disk it is a crash. */
static void crash(struct node *node)
{
    if (node->runs) {
        settle(node);
        raft_close(&node->raft, NULL);
        node->runs = false;
    }
}

const char *node_init(struct node *node, raft_id id, json_t *voters)
{
    struct raft_configuration configuration;
    const char *error;
    json_t *each;
    size_t i;

    crash(node);
    disk_clear(&node->disk);
    json_decref(node->sent);
    memset(node, 0, sizeof *node);
    node->id = id;
    node->now = election_ms;
    node->sent = json_array();
    raft_configuration_init(&configuration);
    json_array_foreach(voters, i, each) {
        char address[32];
        snprintf(address, sizeof address, "%lld", json_integer_value(each));
        raft_configuration_add(&configuration, (raft_id)json_integer_value(each), address, RAFT_VOTER);
    }
    error = start(node, &configuration);
    raft_configuration_close(&configuration);
    return error;
}

const char *node_restart(struct node *node)
{
    crash(node);
    return start(node, NULL);
}

const char *node_deliver(struct node *node, json_t *message)
{
    struct raft_message translated;
    char address[32];
    const struct disk *disk = &node->disk;
    const char *error = to_library(message, disk->n_entries, disk->entries[disk->n_entries - 1].term, &translated);
    if (error != NULL) {
        return error;
    }
    snprintf(address, sizeof address, "%llu", translated.server_id);
    translated.server_address = address;
    node->receive(&node->io, &translated);
    return end(node);
}

const char *node_timeout(struct node *node, const char *timer)
{
    if (strcmp(timer, "electionTimeout") == 0 || strcmp(timer, "quorumCheck") == 0) {
        node->now += election_ms;
    } else if (strcmp(timer, "heartbeatInterval") == 0) {
        node->now += heartbeat_ms;
    } else {
        return "no timer of this name here";
    }
    node->tick(&node->io);
    return end(node);
}

static void applied(struct raft_apply *request, int status, void *result)
{
    (void)status, (void)result;
    free(request);
}

const char *node_propose(struct node *node, json_t *commands)
{
    size_t n = json_array_size(commands), i;
    struct raft_buffer buffers[n + 1];
    struct raft_apply *request;
    json_t *each;
    int rv;

    json_array_foreach(commands, i, each) {
        buffers[i].len = json_string_length(each);
        buffers[i].base = raft_malloc(buffers[i].len + 1);
        memcpy(buffers[i].base, json_string_value(each), buffers[i].len);
    }
    request = calloc(1, sizeof *request);
    rv = raft_apply(&node->raft, request, buffers, (unsigned)n, applied);
    if (rv != 0) {
        for (i = 0; i < n; i++) {
            raft_free(buffers[i].base);
        }
        free(request);
    }
    /* Who does not lead refuses, which is an answer like any other. */
    return rv != 0 && rv != RAFT_NOTLEADER ? raft_strerror(rv) : end(node);
}

const char *node_transfer(struct node *node, raft_id target)
{
    /* While the library holds on to one request it refuses others, and does not touch them. */
    int rv = raft_transfer(&node->raft, &node->transfer, target, NULL);
    bool refused = rv == RAFT_NOTLEADER || rv == RAFT_BADID || rv == RAFT_NOTFOUND;
    return rv != 0 && !refused ? raft_strerror(rv) : end(node);
}

static const char *role(struct raft *raft)
{
    switch (raft_state(raft)) {
        case RAFT_CANDIDATE:
            return raft->candidate_state.in_pre_vote ? "preCandidate" : "candidate";
        case RAFT_LEADER:
            return "leader";
        default:
            return "follower";
    }
}

json_t *node_state(struct node *node)
{
    struct raft *raft = &node->raft;
    json_t *log = json_array();
    for (size_t i = FIRST; i < node->disk.n_entries; i++) {
        json_array_append_new(log, json_integer((json_int_t)(node->disk.entries[i].term - FIRST)));
    }
    return json_pack("{s:s, s:I, s:o, s:I, s:o}",                                                                 //
                     "role", role(raft),                                                                          //
                     "term", (json_int_t)(raft->current_term - FIRST),                                            //
                     "votedFor", raft->voted_for == 0 ? json_null() : json_integer((json_int_t)raft->voted_for),  //
                     "commitIndex", (json_int_t)(raft->commit_index - FIRST),                                     //
                     "log", log);
}

json_t *node_take_sent(struct node *node)
{
    json_t *sent = node->sent;
    node->sent = json_array();
    return sent;
}
