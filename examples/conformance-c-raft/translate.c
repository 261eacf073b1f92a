#include "translate.h"

#include <stdbool.h>
#include <string.h>

#include "disk.h"

static unsigned long long number(json_t *message, const char *field)
{
    return (unsigned long long)json_integer_value(json_object_get(message, field));
}

static bool flag(json_t *message, const char *field)
{
    return json_is_true(json_object_get(message, field));
}

static bool is_type(json_t *message, const char *type)
{
    const char *its = json_string_value(json_object_get(message, "type"));
    return its != NULL && strcmp(its, type) == 0;
}

static const char *entries_to_library(json_t *list, struct raft_append_entries *to)
{
    size_t n = json_array_size(list), i;
    struct raft_entry entries[n + 1];
    json_t *each;

    json_array_foreach(list, i, each) {
        const char *kind = json_string_value(json_object_get(each, "kind"));
        json_t *payload = json_object_get(each, "payload");
        if (kind == NULL || (strcmp(kind, "command") != 0 && strcmp(kind, "noop") != 0)) {
            return "an entry of a kind that this adapter does not know";
        }
        entries[i] = (struct raft_entry){
            .term = number(each, "term") + FIRST,
            .type = strcmp(kind, "noop") == 0 ? RAFT_BARRIER : RAFT_COMMAND,
            .buf = {.base = (void *)json_string_value(payload), .len = json_string_length(payload)},
        };
    }
    to->n_entries = (unsigned)n;
    to->entries = copy_entries(entries, n);
    return to->entries == NULL ? "out of memory" : NULL;
}

/* The last index of the follower that refused, as far as the refusal tells. */
static raft_index last_index_told(json_t *refusal)
{
    unsigned long long conflict_index = number(refusal, "conflictIndex");
    bool is_shorter = number(refusal, "conflictTerm") == 0 && conflict_index > 0;
    return is_shorter ? conflict_index - 1 : number(refusal, "prevLogIndex");
}

const char *to_library(json_t *message, raft_index last_index, raft_term last_term, struct raft_message *to)
{
    memset(to, 0, sizeof *to);
    to->server_id = number(message, "from");
    if (is_type(message, "RequestVote") || is_type(message, "PreVote")) {
        to->type = RAFT_IO_REQUEST_VOTE;
        to->request_vote = (struct raft_request_vote){
            .term = number(message, "term") + FIRST,
            .candidate_id = to->server_id,
            .last_log_index = number(message, "lastLogIndex") + FIRST,
            .last_log_term = number(message, "lastLogTerm") + FIRST,
            .disrupt_leader = flag(message, "leadershipTransfer"),
            .pre_vote = is_type(message, "PreVote"),
        };
    } else if (is_type(message, "RequestVoteResponse") || is_type(message, "PreVoteResponse")) {
        to->type = RAFT_IO_REQUEST_VOTE_RESULT;
        to->request_vote_result = (struct raft_request_vote_result){
            .term = number(message, "term") + FIRST,
            .vote_granted = flag(message, "voteGranted"),
            .pre_vote = TO_RAFT_TRIBOOL(is_type(message, "PreVoteResponse")),
        };
    } else if (is_type(message, "AppendEntries")) {
        to->type = RAFT_IO_APPEND_ENTRIES;
        to->append_entries = (struct raft_append_entries){
            .term = number(message, "term") + FIRST,
            .prev_log_index = number(message, "prevLogIndex") + FIRST,
            .prev_log_term = number(message, "prevLogTerm") + FIRST,
            .leader_commit = number(message, "leaderCommit") + FIRST,
        };
        return entries_to_library(json_object_get(message, "entries"), &to->append_entries);
    } else if (is_type(message, "AppendEntriesResponse")) {
        bool success = flag(message, "success");
        to->type = RAFT_IO_APPEND_ENTRIES_RESULT;
        to->append_entries_result = (struct raft_append_entries_result){
            .term = number(message, "term") + FIRST,
            .rejected = success ? 0 : number(message, "prevLogIndex") + FIRST,
            .last_log_index = (success ? number(message, "matchIndex") : last_index_told(message)) + FIRST,
        };
    } else if (is_type(message, "TimeoutNow")) {
        to->type = RAFT_IO_TIMEOUT_NOW;
        to->timeout_now = (struct raft_timeout_now){
            .term = number(message, "term") + FIRST,
            .last_log_index = last_index,
            .last_log_term = last_term,
        };
    } else {
        return "a message of a type that this adapter does not know";
    }
    return NULL;
}

static json_t *entries_to_paper(const struct raft_append_entries *append)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < append->n_entries; i++) {
        const struct raft_entry *entry = &append->entries[i];
        bool is_command = entry->type == RAFT_COMMAND;
        json_array_append_new(list, json_pack("{s:I, s:s, s:s%}",                             //
                                              "term", (json_int_t)(entry->term - FIRST),      //
                                              "kind", is_command ? "command" : "noop",        //
                                              "payload", is_command ? entry->buf.base : "",   //
                                              is_command ? entry->buf.len : 0));
    }
    return list;
}

/* What all messages have. */
static json_t *message_to_paper(const char *type, raft_id from, raft_id to, raft_term term)
{
    return json_pack("{s:s, s:I, s:I, s:I}", "type", type, "from", (json_int_t)from, "to", (json_int_t)to, "term",
                     (json_int_t)(term - FIRST));
}

static void set_number(json_t *message, const char *field, unsigned long long value)
{
    json_object_set_new(message, field, json_integer((json_int_t)value));
}

json_t *to_paper(const struct raft_message *message, raft_id from)
{
    raft_id to = message->server_id;
    json_t *translated;

    switch (message->type) {
        case RAFT_IO_REQUEST_VOTE: {
            const struct raft_request_vote *vote = &message->request_vote;
            translated = message_to_paper(vote->pre_vote ? "PreVote" : "RequestVote", from, to, vote->term);
            set_number(translated, "lastLogIndex", vote->last_log_index - FIRST);
            set_number(translated, "lastLogTerm", vote->last_log_term - FIRST);
            if (vote->disrupt_leader) {
                json_object_set_new(translated, "leadershipTransfer", json_true());
            }
            return translated;
        }
        case RAFT_IO_REQUEST_VOTE_RESULT: {
            const struct raft_request_vote_result *vote = &message->request_vote_result;
            bool is_pre_vote = vote->pre_vote == raft_tribool_true;
            translated = message_to_paper(is_pre_vote ? "PreVoteResponse" : "RequestVoteResponse", from, to, vote->term);
            json_object_set_new(translated, "voteGranted", json_boolean(vote->vote_granted));
            return translated;
        }
        case RAFT_IO_APPEND_ENTRIES: {
            const struct raft_append_entries *append = &message->append_entries;
            translated = message_to_paper("AppendEntries", from, to, append->term);
            set_number(translated, "prevLogIndex", append->prev_log_index - FIRST);
            set_number(translated, "prevLogTerm", append->prev_log_term - FIRST);
            set_number(translated, "leaderCommit", append->leader_commit - FIRST);
            json_object_set_new(translated, "entries", entries_to_paper(append));
            return translated;
        }
        case RAFT_IO_APPEND_ENTRIES_RESULT: {
            const struct raft_append_entries_result *result = &message->append_entries_result;
            bool success = result->rejected == 0;
            translated = message_to_paper("AppendEntriesResponse", from, to, result->term);
            json_object_set_new(translated, "success", json_boolean(success));
            if (success) {
                set_number(translated, "matchIndex", result->last_log_index - FIRST);
            } else {
                set_number(translated, "prevLogIndex", result->rejected - FIRST);
            }
            return translated;
        }
        case RAFT_IO_TIMEOUT_NOW:
            return message_to_paper("TimeoutNow", from, to, message->timeout_now.term);
        default:
            return NULL;
    }
}
