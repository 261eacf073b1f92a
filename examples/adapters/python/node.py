"""The example node: Raft as Figure 2 of the paper has it, with a no-op at the start of each term (paper §8).

It does no I/O, has no clock and rolls no dice: whoever owns it hands in messages and timeouts, and takes what it has put into `outbox`.
Delete this file once your own library is in its place.
"""

import os
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Set, Union

# A bug to see the kit at work: with PLANT_BUG=1 the node votes more than once in a term.
VOTES_TWICE = os.environ.get("PLANT_BUG") == "1"


@dataclass
class Entry:
    term: int
    command: Optional[str]  # None: the no-op of a new leader.


@dataclass
class RequestVote:
    sender: int
    to: int
    term: int
    last_log_index: int
    last_log_term: int


@dataclass
class RequestVoteResponse:
    sender: int
    to: int
    term: int
    vote_granted: bool


@dataclass
class AppendEntries:
    sender: int
    to: int
    term: int
    prev_log_index: int
    prev_log_term: int
    entries: List[Entry]
    leader_commit: int


@dataclass
class AppendEntriesResponse:
    sender: int
    to: int
    term: int
    success: bool
    prev_log_index: int  # That of the request.
    match_index: int  # 0 if refused.


Message = Union[RequestVote, RequestVoteResponse, AppendEntries, AppendEntriesResponse]


@dataclass
class Disk:
    """What a crash leaves: Figure 2, Persistent state on all servers."""

    current_term: int = 0
    voted_for: Optional[int] = None
    log: List[Entry] = field(default_factory=list)


class Node:
    def __init__(self, id: int, voters: List[int], disk: Disk, max_entries: int, max_bytes: int):
        self.id = id
        self.peers = [voter for voter in voters if voter != id]
        self.majority = len(voters) // 2 + 1
        self.disk = disk
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self.role = "follower"
        self.commit_index = 0
        self.votes: Set[int] = set()
        self.next_index: Dict[int, int] = {}
        self.match_index: Dict[int, int] = {}
        self.outbox: List[Message] = []

    # What happens to it

    def receive(self, message: Message) -> None:
        # Figure 2, Rules for Servers, All Servers.
        if message.term > self.disk.current_term:
            self.enter_term(message.term)
        if isinstance(message, RequestVote):
            self.on_request_vote(message)
        elif isinstance(message, RequestVoteResponse):
            self.on_vote(message)
        elif isinstance(message, AppendEntries):
            self.on_append_entries(message)
        else:
            self.on_append_response(message)

    def election_timeout(self) -> None:
        """Figure 2, Followers and Candidates."""
        if self.role == "leader":
            return
        self.enter_term(self.disk.current_term + 1)
        self.role = "candidate"
        self.disk.voted_for = self.id
        self.votes = {self.id}
        for peer in self.peers:
            self.outbox.append(
                RequestVote(self.id, peer, self.disk.current_term, self.last_index, self.term_at(self.last_index))
            )
        self.become_leader_if_elected()

    def heartbeat(self) -> None:
        if self.role == "leader":
            self.append_to_all()

    def propose(self, commands: List[str]) -> bool:
        if self.role != "leader":
            return False
        self.disk.log += [Entry(self.disk.current_term, command) for command in commands]
        self.append_to_all()
        self.advance_commit_index()
        return True

    # Elections: paper §5.2, §5.4.1

    def enter_term(self, term: int) -> None:
        self.disk.current_term = term
        self.disk.voted_for = None
        self.role = "follower"

    def on_request_vote(self, request: RequestVote) -> None:
        disk = self.disk
        last = (self.term_at(self.last_index), self.last_index)
        is_free = disk.voted_for in (None, request.sender) or VOTES_TWICE
        is_up_to_date = (request.last_log_term, request.last_log_index) >= last
        granted = request.term == disk.current_term and is_free and is_up_to_date
        if granted:
            disk.voted_for = request.sender
        self.outbox.append(RequestVoteResponse(self.id, request.sender, disk.current_term, granted))

    def on_vote(self, response: RequestVoteResponse) -> None:
        if self.role != "candidate" or response.term < self.disk.current_term or not response.vote_granted:
            return
        self.votes.add(response.sender)
        self.become_leader_if_elected()

    def become_leader_if_elected(self) -> None:
        if len(self.votes) < self.majority:
            return
        self.role = "leader"
        self.next_index = {peer: self.last_index + 1 for peer in self.peers}
        self.match_index = {peer: 0 for peer in self.peers}
        self.disk.log.append(Entry(self.disk.current_term, None))
        self.append_to_all()
        self.advance_commit_index()

    # Replication: paper §5.3, §5.4.2

    def on_append_entries(self, request: AppendEntries) -> None:
        disk = self.disk
        is_current = request.term == disk.current_term
        if is_current:
            self.role = "follower"
        success = (
            is_current
            and request.prev_log_index <= self.last_index
            and self.term_at(request.prev_log_index) == request.prev_log_term
        )
        match_index = 0
        if success:
            for at, entry in enumerate(request.entries, start=request.prev_log_index + 1):
                # Only a conflict removes entries: a delayed request must not.
                if at <= self.last_index and self.term_at(at) != entry.term:
                    del disk.log[at - 1 :]
                if at > self.last_index:
                    disk.log.append(entry)
            match_index = request.prev_log_index + len(request.entries)
            self.commit_index = max(self.commit_index, min(request.leader_commit, match_index))
        self.outbox.append(
            AppendEntriesResponse(
                self.id, request.sender, disk.current_term, success, request.prev_log_index, match_index
            )
        )

    def on_append_response(self, response: AppendEntriesResponse) -> None:
        if self.role != "leader" or response.term < self.disk.current_term:
            return
        peer = response.sender
        if response.success:
            self.match_index[peer] = max(self.match_index[peer], response.match_index)
            self.next_index[peer] = max(self.next_index[peer], self.match_index[peer] + 1)
            self.advance_commit_index()
            if self.next_index[peer] <= self.last_index:
                self.append_to(peer)
        else:
            # One entry back; a late refusal, or one that comes twice, leads no further back than the first.
            back = min(self.next_index[peer], response.prev_log_index)
            self.next_index[peer] = max(self.match_index[peer] + 1, back)
            self.append_to(peer)

    def append_to_all(self) -> None:
        for peer in self.peers:
            self.append_to(peer)

    def append_to(self, peer: int) -> None:
        prev = self.next_index[peer] - 1
        entries: List[Entry] = []
        size = 0
        for entry in self.disk.log[prev : prev + self.max_entries]:
            size += len((entry.command or "").encode())
            if entries and size > self.max_bytes:
                break
            entries.append(entry)
        self.outbox.append(
            AppendEntries(
                self.id, peer, self.disk.current_term, prev, self.term_at(prev), entries, self.commit_index
            )
        )

    def advance_commit_index(self) -> None:
        """Figure 2, Leaders: replicas are counted for entries of the current term alone (paper §5.4.2)."""
        held = sorted([self.last_index, *self.match_index.values()], reverse=True)
        index = held[self.majority - 1]
        if index > self.commit_index and self.term_at(index) == self.disk.current_term:
            self.commit_index = index

    # The log: the first entry has index 1

    @property
    def last_index(self) -> int:
        return len(self.disk.log)

    def term_at(self, index: int) -> int:
        return self.disk.log[index - 1].term if index > 0 else 0
