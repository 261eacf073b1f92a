"""
The protocol's messages as PySyncObj's, and back.

The library's log begins with an entry of its own, number 1 of term 0, the same on every node: the paper's index 0. So its indexes are one higher.
"""

from pysyncobj import pickle

NOOP = b"\x01"  # pysyncobj.syncobj._COMMAND_TYPE: what a command begins with
REGULAR = b"\x00"


def to_index(index):
    return index + 1


def from_index(index):
    return index - 1


def to_library(message, method):
    """None: the library's nodes have no such message. `method` is the number that the library gives to the replicated method."""
    kind = message["type"]
    if kind == "RequestVote":
        return {
            "type": "request_vote",
            "term": message["term"],
            "last_log_index": to_index(message["lastLogIndex"]),
            "last_log_term": message["lastLogTerm"],
        }
    if kind == "RequestVoteResponse":
        # Who refuses says nothing.
        return {"type": "response_vote", "term": message["term"]} if message["voteGranted"] else None
    if kind == "AppendEntries":
        first = message["prevLogIndex"] + 1
        return {
            "type": "append_entries",
            "term": message["term"],
            "commit_index": to_index(message["leaderCommit"]),
            "entries": [
                (to_command(entry, method), to_index(index), entry["term"])
                for index, entry in enumerate(message["entries"], first)
            ],
            "prevLogIdx": to_index(message["prevLogIndex"]),
            "prevLogTerm": message["prevLogTerm"],
        }
    if kind == "AppendEntriesResponse":
        success = message["success"]
        # A rejection names what the leader is to send next.
        following = message["matchIndex"] + 1 if success else message["conflictIndex"]
        return {"type": "next_node_idx", "next_node_idx": to_index(following), "reset": not success, "success": success}
    raise ValueError(f"there is no {kind} here")


def from_library(message, sender, receiver, term):
    """None: not a message of Raft. `term` is the sender's, for the messages that have none."""
    kind = message["type"]
    envelope = {"from": sender, "to": receiver, "term": message.get("term", term)}
    if kind == "request_vote":
        return {
            "type": "RequestVote",
            **envelope,
            "lastLogIndex": from_index(message["last_log_index"]),
            "lastLogTerm": message["last_log_term"],
        }
    if kind == "response_vote":
        return {"type": "RequestVoteResponse", **envelope, "voteGranted": True}
    if kind == "append_entries":
        return {
            "type": "AppendEntries",
            **envelope,
            "prevLogIndex": from_index(message["prevLogIdx"]),
            "prevLogTerm": message["prevLogTerm"],
            "entries": [from_entry(entry) for entry in message["entries"]],
            "leaderCommit": from_index(message["commit_index"]),
        }
    if kind == "next_node_idx":
        success = message["success"]
        match = {"matchIndex": from_index(message["next_node_idx"] - 1)} if success else {}
        return {"type": "AppendEntriesResponse", **envelope, "success": success, **match}
    if kind == "apply_command":
        # A follower passes a client's command on to its leader.
        return None
    raise ValueError(f"there is no {kind} here")


def to_command(entry, method):
    return NOOP if entry["kind"] == "noop" else REGULAR + pickle.dumps((method, (entry["payload"],)))


def from_entry(entry):
    command, _, term = entry
    if command == NOOP:
        return {"term": term, "kind": "noop", "payload": ""}
    _, (text,) = pickle.loads(command[1:])
    return {"term": term, "kind": "command", "payload": text}
