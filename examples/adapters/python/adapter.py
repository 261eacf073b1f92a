"""An adapter for `raftchart conformance`: a template.

Reads a JSON object a line from standard input and answers each with one on standard output. What there is to replace is marked with
YOUR LIBRARY. The protocol: docs/conformance.md.
"""

import json
import sys
from typing import Any, Dict, List, Optional

from node import (
    AppendEntries,
    AppendEntriesResponse,
    Disk,
    Entry,
    Message,
    Node,
    RequestVote,
    RequestVoteResponse,
)

PROTOCOL_VERSION = 1

# YOUR LIBRARY: its name and version, and what it has; see "Capabilities" in docs/conformance.md. Begin with {} and add one at a time: each
# makes the comparison stricter.
IMPLEMENTATION = {"name": "example node in Python", "version": "1"}
CAPABILITIES = {"durable": True, "showsLog": True, "batches": True, "noop": True, "answersStale": True}


class CannotDo(Exception):
    """The adapter does not know how to do what it was asked."""


class Adapter:
    """One node, and the disk that a restart leaves."""

    # YOUR LIBRARY: everything in this class. Keep the names of its methods; the loop below calls them.

    def __init__(self) -> None:
        self.request: Dict[str, Any] = {}
        self.disk = Disk()
        self.node: Optional[Node] = None

    def init(self, request: Dict[str, Any]) -> None:
        """Forgets everything, and starts a node on an empty disk: a follower in term 0."""
        self.request = request
        self.disk = Disk()
        self.start()

    def start(self) -> None:
        settings = self.request["settings"]
        self.node = Node(
            self.request["id"],
            self.request["voters"],
            self.disk,
            settings["maxEntriesPerMessage"],
            settings["maxMessageBytes"],
        )

    def restart(self) -> None:
        """A crash, not a shutdown: whatever was not on the disk is gone."""
        self.start()

    def deliver(self, message: Message) -> None:
        self.node.receive(message)

    def timeout(self, timer: str) -> None:
        """Lets a timer expire. None may ever expire by itself: if your library reads the clock, give it one that stands still."""
        if timer == "electionTimeout":
            self.node.election_timeout()
        elif timer == "heartbeatInterval":
            self.node.heartbeat()
        else:
            raise CannotDo(f"there is no timer {timer} here")

    def propose(self, commands: List[str]) -> None:
        """A node that does not lead refuses, which is no error."""
        self.node.propose(commands)

    def state(self) -> Dict[str, Any]:
        return {
            "role": self.node.role,
            "term": self.disk.current_term,
            "votedFor": self.disk.voted_for,
            "commitIndex": self.node.commit_index,
            "log": [entry.term for entry in self.disk.log],
        }

    def take_sent(self) -> List[Message]:
        """What has left the node since the last request. If your library works in the background, wait here until it has come to rest."""
        sent, self.node.outbox = self.node.outbox, []
        return sent


# Translation. YOUR LIBRARY: its messages instead of those of the example node.


def from_kit(message: Dict[str, Any]) -> Message:
    envelope = (message["from"], message["to"], message["term"])
    if message["type"] == "RequestVote":
        return RequestVote(*envelope, message["lastLogIndex"], message["lastLogTerm"])
    if message["type"] == "RequestVoteResponse":
        return RequestVoteResponse(*envelope, message["voteGranted"])
    if message["type"] == "AppendEntries":
        entries = [
            Entry(entry["term"], None if entry["kind"] == "noop" else entry["payload"])
            for entry in message["entries"]
        ]
        return AppendEntries(
            *envelope, message["prevLogIndex"], message["prevLogTerm"], entries, message["leaderCommit"]
        )
    if message["type"] == "AppendEntriesResponse":
        return AppendEntriesResponse(
            *envelope, message["success"], message["prevLogIndex"], message["matchIndex"]
        )
    raise CannotDo(f"there is no {message['type']} here")


def to_kit(message: Message) -> Dict[str, Any]:
    envelope = {
        "type": type(message).__name__,
        "from": message.sender,
        "to": message.to,
        "term": message.term,
    }
    if isinstance(message, RequestVote):
        fields = {"lastLogIndex": message.last_log_index, "lastLogTerm": message.last_log_term}
    elif isinstance(message, RequestVoteResponse):
        fields = {"voteGranted": message.vote_granted}
    elif isinstance(message, AppendEntries):
        fields = {
            "prevLogIndex": message.prev_log_index,
            "prevLogTerm": message.prev_log_term,
            "entries": [
                {
                    "term": entry.term,
                    "kind": "noop" if entry.command is None else "command",
                    "payload": entry.command or "",
                }
                for entry in message.entries
            ],
            "leaderCommit": message.leader_commit,
        }
    else:
        # What a library does not have, such as conflictTerm, is left out: it is not compared.
        fields = {
            "success": message.success,
            "prevLogIndex": message.prev_log_index,
            "matchIndex": message.match_index,
        }
    return {**envelope, **fields}


# The frame: it stays as it is.


def answer(adapter: Adapter, line: bytes) -> Dict[str, Any]:
    try:
        request = json.loads(line)
        do = request["do"]
        if do == "init":
            if request["version"] != PROTOCOL_VERSION:
                raise CannotDo(f"protocol version {request['version']}: this adapter speaks {PROTOCOL_VERSION}")
            adapter.init(request)
        elif adapter.node is None:
            raise CannotDo("there is no node yet: init comes first")
        elif do == "deliver":
            adapter.deliver(from_kit(request["message"]))
        elif do == "timeout":
            adapter.timeout(request["timer"])
        elif do == "propose":
            adapter.propose(request["commands"])
        elif do == "restart":
            adapter.restart()
        elif do != "state":
            raise CannotDo(f"there is no {do} here")
        result = {"ok": True, "state": adapter.state(), "sent": [to_kit(each) for each in adapter.take_sent()]}
        if do == "init":
            result.update(implementation=IMPLEMENTATION, capabilities=CAPABILITIES)
        return result
    except CannotDo as error:
        return {"ok": False, "error": str(error)}
    except Exception as error:  # The node failed: that is an answer too, and a finding.
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}


def main() -> None:
    adapter = Adapter()
    for line in sys.stdin.buffer:
        print(json.dumps(answer(adapter, line)), flush=True)


if __name__ == "__main__":
    main()
