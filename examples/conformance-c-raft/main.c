/*
 * Runs one server of the C raft library under raftchart's conformance kit: requests on standard input, answers on standard
 * output, one JSON object a line.
 */
#define _POSIX_C_SOURCE 200809L
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

enum { protocol_version = 1 };

/* What is false here: README.md. */
static const char *const capabilities[] = {"preVote",           "leaderLease",  "leaseUntilTimeout",
                                           "quorumCheck",       "batches",      "retriesAtHeartbeat",
                                           "answersStale",      "durable",      "showsLog",
                                           "leadsAloneAtOnce",  NULL};

static json_t *capabilities_declared(void)
{
    json_t *declared = json_object();
    for (size_t i = 0; capabilities[i] != NULL; i++) {
        json_object_set_new(declared, capabilities[i], json_true());
    }
    return declared;
}

static const char *text(json_t *request, const char *field)
{
    const char *value = json_string_value(json_object_get(request, field));
    return value == NULL ? "" : value;
}

/* Carries out one request. Returns NULL, or says what went wrong. */
static const char *carry_out(struct node *node, json_t *request)
{
    const char *what = text(request, "do");
    if (strcmp(what, "init") == 0) {
        if (json_integer_value(json_object_get(request, "version")) != protocol_version) {
            return "this adapter speaks version 1 of the protocol";
        }
        return node_init(node, (raft_id)json_integer_value(json_object_get(request, "id")),
                         json_object_get(request, "voters"));
    }
    if (!node->runs) {
        return "no node: init comes first";
    }
    if (strcmp(what, "deliver") == 0) {
        return node_deliver(node, json_object_get(request, "message"));
    }
    if (strcmp(what, "timeout") == 0) {
        return node_timeout(node, text(request, "timer"));
    }
    if (strcmp(what, "propose") == 0) {
        return node_propose(node, json_object_get(request, "commands"));
    }
    if (strcmp(what, "transfer") == 0) {
        return node_transfer(node, (raft_id)json_integer_value(json_object_get(request, "target")));
    }
    if (strcmp(what, "restart") == 0) {
        return node_restart(node);
    }
    return strcmp(what, "state") == 0 ? NULL : "a request that this adapter does not know";
}

static json_t *answer(struct node *node, const char *line)
{
    json_error_t syntax;
    json_t *request = json_loads(line, 0, &syntax);
    const char *error = request == NULL ? syntax.text : carry_out(node, request);
    json_t *answer;

    if (error != NULL) {
        answer = json_pack("{s:b, s:s}", "ok", 0, "error", error);
    } else {
        answer = json_pack("{s:b, s:o, s:o}", "ok", 1, "state", node_state(node), "sent", node_take_sent(node));
    }
    if (error == NULL && strcmp(text(request, "do"), "init") == 0) {
        json_object_set_new(answer, "implementation", json_pack("{s:s, s:s}", "name", "C raft", "version", RAFT_VERSION));
        json_object_set_new(answer, "capabilities", capabilities_declared());
    }
    json_decref(request);
    return answer;
}

int main(void)
{
    static struct node node;
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0) {
        json_t *answered = answer(&node, line);
        json_dumpf(answered, stdout, JSON_COMPACT);
        putchar('\n');
        fflush(stdout);
        json_decref(answered);
    }
    free(line);
    return 0;
}
