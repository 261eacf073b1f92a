"""Raft as Figure 2 of the paper has it (Ongaro and Ousterhout, extended version), one server, and nothing besides.

Names are the paper's, capitals included, so that each line can be held against the figure; what stands in double quotes is the
figure's own sentence. What the figure leaves open is settled in the simplest way: time passes when `timeout` is called, messages
collect in `outbox`, and a "disk" is what is left of a node that is gone.

A line that asks `self.bug(...)` is no part of Raft. It stands right behind what it breaks, and bugs.py says what it is.
"""

from dataclasses import dataclass, field
from typing import Dict, List, NamedTuple, Optional, Set

from bugs import BUGS

FOLLOWER, CANDIDATE, LEADER = "follower", "candidate", "leader"


class Entry(NamedTuple):
    term: int
    kind: str  # "command", or "noop" for the entry that opens a term (§8)
    payload: str


# The paper has remote procedure calls. Here requests and responses travel by themselves, may be late and may come twice, so a response
# to AppendEntries says what it answers (prevLogIndex) and how far the logs match (matchIndex). `sender` is the paper's candidateId or
# leaderId.


@dataclass(frozen=True)
class RequestVote:
    sender: int
    to: int
    term: int
    lastLogIndex: int
    lastLogTerm: int


@dataclass(frozen=True)
class RequestVoteResponse:
    sender: int
    to: int
    term: int
    voteGranted: bool


@dataclass(frozen=True)
class AppendEntries:
    sender: int
    to: int
    term: int
    prevLogIndex: int
    prevLogTerm: int
    entries: List[Entry]
    leaderCommit: int


@dataclass(frozen=True)
class AppendEntriesResponse:
    sender: int
    to: int
    term: int
    success: bool
    prevLogIndex: int
    matchIndex: int


@dataclass
class Disk:
    """ "Persistent state on all servers" """

    currentTerm: int = 0
    votedFor: Optional[int] = None
    log: List[Entry] = field(default_factory=list)
    wasLeader: bool = False  # only for the bug leads-after-restart


class Limits(NamedTuple):
    """What one AppendEntries may hold, and how many may be under way to one follower. Figure 2 has no such limits."""

    maxEntriesPerMessage: int
    maxMessageBytes: int
    maxMessagesInFlight: int


class Node:
    def __init__(self, id, voters, disk, limits, noop=False, pipeline=False, bugs=frozenset()):
        self.id: int = id
        self.voters: List[int] = voters
        self.peers: List[int] = [voter for voter in voters if voter != id]
        self.disk: Disk = disk
        self.limits: Limits = limits
        self.noop: bool = noop
        self.pipeline: bool = pipeline
        self.bugs = bugs

        self.outbox: list = []
        self.startedTimers: Set[str] = set()

        # "Persistent state on all servers"
        self.currentTerm: int = disk.currentTerm
        self.votedFor: Optional[int] = disk.votedFor
        self.log: List[Entry] = list(disk.log)  # log[0] is the entry with index 1

        # "Volatile state on all servers" (lastApplied is the state machine's affair, which is not here)
        self.commitIndex: int = 0
        if self.bug("commits-log-on-restart"): self.commitIndex = self.lastLogIndex

        # When servers start up, they begin as followers (§5.2).
        self.role: str = FOLLOWER
        self.votes: List[int] = []  # of a candidate: who has voted for it
        self.start_timer("electionTimeout")

        # "Volatile state on leaders"
        self.nextIndex: Dict[int, int] = {}
        self.matchIndex: Dict[int, int] = {peer: 0 for peer in self.peers}
        # With a pipeline: the followers that have accepted something, so that nextIndex may run ahead of their answers; and
        # without one: nobody.
        self.streaming: Set[int] = set()
        # By follower: the last index of each message with entries that is not answered yet.
        self.inFlight: Dict[int, List[int]] = {}
        if self.bug("leads-after-restart") and disk.wasLeader: self.become_leader()

    def bug(self, name: str) -> bool:
        assert name in BUGS, f"bugs.py has no {name}"
        return name in self.bugs

    # ------------------------------------------------------------------------------------------------------------------ inputs
    # Each ends with what Figure 2 asks of persistent state: "updated on stable storage before responding to RPCs". Who calls these
    # sends what is in the outbox only afterwards.

    def deliver(self, message) -> None:
        self.termBefore = self.currentTerm
        isRequest = isinstance(message, (RequestVote, AppendEntries))
        # "If RPC request or response contains term T > currentTerm: set currentTerm = T, convert to follower."
        isNewer = message.term > self.currentTerm
        if self.bug("ignores-newer-term-in-request") and isRequest: isNewer = False
        if self.bug("ignores-newer-term-in-response") and not isRequest: isNewer = False
        if isNewer:
            self.currentTerm = message.term
            if not self.bug("keeps-vote-in-new-term"): self.votedFor = None
            if not (self.bug("leads-on-in-newer-term") and self.role == LEADER): self.become_follower()

        if isinstance(message, RequestVote):
            self.on_request_vote(message)
        elif isinstance(message, RequestVoteResponse):
            self.on_request_vote_response(message)
        elif isinstance(message, AppendEntries):
            self.on_append_entries(message)
        else:
            self.on_append_entries_response(message)
        self.save()

    def timeout(self, timer: str) -> None:
        if timer == "electionTimeout" and self.role != LEADER:
            self.campaign()
        elif timer == "heartbeatInterval" and self.role == LEADER:
            self.send_heartbeats()
        else:
            raise ValueError(f"{timer} is not running in a {self.role}")
        self.save()

    def propose(self, commands: List[str]) -> None:
        """ "If command received from client: append entry to local log" and send it; §5.3. """
        if self.role != LEADER and not self.bug("accepts-commands-as-follower"): return
        self.log += [Entry(self.currentTerm, "command", command) for command in commands]
        if self.bug("commits-alone"): self.commitIndex = self.lastLogIndex
        if self.role == LEADER:
            for peer in self.peers: self.send_entries(peer)
            self.advance_commit()
        self.save()

    def save(self) -> None:
        disk = self.disk
        if not self.bug("forgets-term"): disk.currentTerm = self.currentTerm
        if not self.bug("forgets-vote"): disk.votedFor = self.votedFor
        if not self.bug("forgets-log"): disk.log = list(self.log)
        if self.bug("saves-committed-entries-only"): disk.log = self.log[: self.commitIndex]
        if self.bug("leads-after-restart"): disk.wasLeader = self.role == LEADER

    # --------------------------------------------------------------------------------------------------------------- elections

    def campaign(self) -> None:
        """ "On conversion to candidate, start election" """
        if self.bug("never-campaigns-again") and self.role == CANDIDATE: return
        self.role = CANDIDATE
        # "Increment currentTerm, vote for self, reset election timer, send RequestVote RPCs to all other servers"
        if not self.bug("campaigns-in-same-term"): self.currentTerm += 1
        if not self.bug("does-not-vote-for-itself"): self.votedFor = self.id
        self.votes = [self.id]
        self.start_timer("electionTimeout")
        lastLogTerm = self.term_at(self.lastLogIndex)
        if self.bug("overstates-its-log"): lastLogTerm = self.currentTerm
        asked = self.peers
        if self.bug("asks-one-peer"): asked = asked[:1]
        for peer in asked:
            self.send(RequestVote(self.id, peer, self.currentTerm, self.lastLogIndex, lastLogTerm))
        if self.has_won(): self.become_leader()

    def on_request_vote(self, request: RequestVote) -> None:
        # 1. "Reply false if term < currentTerm."
        if request.term < self.currentTerm and not self.bug("grants-old-term-vote"):
            return self.answer_vote(request, False)

        # 2. "If votedFor is null or candidateId, and candidate's log is at least as up-to-date as receiver's log, grant vote."
        isFree = self.votedFor in (None, request.sender)
        if self.bug("votes-twice"): isFree = True

        # "If the logs have last entries with different terms, then the log with the later term is more up-to-date. If the logs end
        # with the same term, then whichever log is longer is more up-to-date." (§5.4.1)
        theirs = (request.lastLogTerm, request.lastLogIndex)
        own = (self.term_at(self.lastLogIndex), self.lastLogIndex)
        isUpToDate = theirs >= own
        if self.bug("grants-by-length"): isUpToDate = theirs[1] >= own[1]
        if self.bug("grants-by-last-term"): isUpToDate = theirs[0] >= own[0]
        if self.bug("grants-without-looking"): isUpToDate = True
        if self.bug("denies-equal-log"): isUpToDate = theirs > own

        isGranted = isFree and isUpToDate
        if isGranted or (self.bug("records-denied-vote") and isFree): self.votedFor = request.sender
        # "If election timeout elapses without [...] granting vote to candidate: convert to candidate"
        if isGranted: self.start_timer("electionTimeout")
        self.answer_vote(request, isGranted)

    def answer_vote(self, request: RequestVote, isGranted: bool) -> None:
        if self.bug("no-answer-to-request-vote"): return
        self.send(RequestVoteResponse(self.id, request.sender, self.term_to_answer(), isGranted))

    def on_request_vote_response(self, response: RequestVoteResponse) -> None:
        # An answer of an earlier term, or to an election that is over, means nothing any more.
        if response.term < self.currentTerm and not self.bug("counts-old-votes"): return
        if self.role == FOLLOWER and not self.bug("counts-votes-as-follower"): return
        if self.role == LEADER: return
        if not response.voteGranted and not self.bug("counts-denied-votes"): return
        if response.sender not in self.votes or self.bug("counts-votes-twice"): self.votes.append(response.sender)
        # "If votes received from majority of servers: become leader"
        if self.has_won(): self.become_leader()

    def has_won(self) -> bool:
        if self.bug("wins-with-half"): return 2 * len(self.votes) >= len(self.voters)
        if self.bug("wins-with-one-vote"): return len(self.votes) >= 1
        if self.bug("wins-with-all-votes-only"): return len(self.votes) == len(self.voters)
        return 2 * len(self.votes) > len(self.voters)

    def become_follower(self) -> None:
        if self.role == FOLLOWER: return
        self.role = FOLLOWER
        self.start_timer("electionTimeout")
        if self.bug("clears-vote-on-step-down"): self.votedFor = None

    # ------------------------------------------------------------------------------------------------------- the follower's log

    def on_append_entries(self, request: AppendEntries) -> None:
        # 1. "Reply false if term < currentTerm."
        if request.term < self.currentTerm and not self.bug("accepts-old-term-append"):
            return self.reject_append(request)

        # There is one leader in a term (Election Safety), so this cannot be from another one.
        if self.role == LEADER and request.term == self.currentTerm: return
        if self.bug("candidate-rejects-append") and self.role == CANDIDATE: return self.reject_append(request)
        # "If AppendEntries RPC received from new leader: convert to follower"
        if not self.bug("stays-candidate-on-append"): self.become_follower()
        # "If election timeout elapses without receiving AppendEntries RPC from current leader [...]: convert to candidate"
        self.start_timer("electionTimeout")

        # 2. "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm."
        prevLogIndex = request.prevLogIndex
        doesMatch = prevLogIndex <= self.lastLogIndex and self.term_at(prevLogIndex) == request.prevLogTerm
        if self.bug("ignores-prev-log-index"): doesMatch = True
        if self.bug("ignores-prev-log-term"): doesMatch = prevLogIndex <= self.lastLogIndex
        if not doesMatch:
            if self.bug("drops-log-on-mismatch"): self.log = []
            return self.reject_append(request)

        if self.bug("no-answer-to-heartbeat") and not request.entries: return
        lastNewIndex = prevLogIndex + len(request.entries)
        if self.bug("rejects-known-entries") and request.entries and self.holds(request): return self.reject_append(request)
        if self.bug("truncates-matching-entries") and request.entries: self.log = self.log[:prevLogIndex]
        if self.bug("truncates-on-heartbeat") and not request.entries: self.log = self.log[:prevLogIndex]
        if self.bug("appends-at-end"): self.log += request.entries

        for index, entry in enumerate(request.entries, prevLogIndex + 1):
            # 3. "If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all that
            # follow it."
            if index <= self.lastLogIndex and self.term_at(index) != entry.term:
                if self.bug("never-truncates"): continue
                elif self.bug("keeps-tail-of-conflict"): self.log[index - 1] = entry
                elif not self.bug("appends-at-end"): self.log = self.log[: index - 1]
            # 4. "Append any new entries not already in the log."
            if index > self.lastLogIndex: self.log.append(entry)

        # 5. "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)." Taken by the word, a late
        # message could lower it; but it "increases monotonically".
        committed = min(request.leaderCommit, lastNewIndex)
        if self.bug("commits-beyond-match"): committed = min(request.leaderCommit, self.lastLogIndex)
        if self.bug("commits-beyond-log"): committed = request.leaderCommit
        if self.bug("follower-never-commits"): committed = 0
        if self.bug("commits-with-entries-only") and not request.entries: committed = 0
        if committed > self.commitIndex or self.bug("commit-goes-back"): self.commitIndex = committed

        matchIndex = lastNewIndex
        if self.bug("acknowledges-whole-log"): matchIndex = self.lastLogIndex
        if self.bug("acknowledges-too-little"): matchIndex = prevLogIndex
        self.answer_append(request, True, matchIndex)

    def holds(self, request: AppendEntries) -> bool:
        """Whether all entries of the request are in the log."""
        own = self.log[request.prevLogIndex : request.prevLogIndex + len(request.entries)]
        return [entry.term for entry in own] == [entry.term for entry in request.entries]

    def reject_append(self, request: AppendEntries) -> None:
        self.answer_append(request, False, 0)

    def answer_append(self, request: AppendEntries, isSuccess: bool, matchIndex: int) -> None:
        term = self.term_to_answer()
        self.send(AppendEntriesResponse(self.id, request.sender, term, isSuccess, request.prevLogIndex, matchIndex))

    # ----------------------------------------------------------------------------------------------------------------- leading

    def become_leader(self) -> None:
        self.role = LEADER
        self.start_timer("heartbeatInterval")
        if self.bug("drops-uncommitted-when-elected"): self.log = self.log[: self.commitIndex]
        # "Reinitialized after election": "initialized to leader last log index + 1", "initialized to 0"
        self.nextIndex = {peer: self.lastLogIndex + 1 for peer in self.peers}
        if not self.bug("keeps-match-of-earlier-term"): self.matchIndex = {peer: 0 for peer in self.peers}
        self.streaming = set()
        self.inFlight = {peer: [] for peer in self.peers}
        # "Upon election: send initial empty AppendEntries RPCs (heartbeat) to each server". With a no-op (§8) that is not empty.
        if self.noop: self.log.append(Entry(self.currentTerm, "noop", ""))
        if not self.bug("announces-no-leadership"):
            for peer in self.peers:
                if self.noop and self.may_send_entries(peer): self.send_entries(peer)
                else: self.send_append(peer, [])
        self.advance_commit()

    def send_heartbeats(self) -> None:
        """ "Repeat during idle periods to prevent election timeouts" """
        self.start_timer("heartbeatInterval")
        if self.bug("sends-no-heartbeats"): return
        for peer in self.peers:
            # Without a pipeline, what is not acknowledged is sent again; it may be lost. With one, a heartbeat has no entries, and shows
            # a loss by being rejected.
            isAgain = not self.pipeline and self.may_send_entries(peer)
            self.send_append(peer, self.batch_from(self.nextIndex[peer]) if isAgain else [])

    def send_entries(self, peer: int) -> None:
        """ "If last log index ≥ nextIndex for a follower: send AppendEntries RPC with log entries starting at nextIndex" """
        # One message at a time, until the follower has accepted one and there is a pipeline.
        while self.may_send_entries(peer) and len(self.inFlight[peer]) < self.window(peer):
            entries = self.batch_from(self.nextIndex[peer])
            self.send_append(peer, entries)

    def may_send_entries(self, peer: int) -> bool:
        if self.bug("never-replicates"): return False
        if self.bug("replicates-to-one-follower") and peer != self.peers[0]: return False
        return self.nextIndex[peer] <= self.lastLogIndex

    def window(self, peer: int) -> int:
        return self.limits.maxMessagesInFlight if peer in self.streaming else 1

    def batch_from(self, index: int) -> List[Entry]:
        """The entries from `index` on that fit into one message. Without a pipeline that is one."""
        if not self.pipeline: return self.log[index - 1 : index]
        batch: List[Entry] = []
        size = 0
        for entry in self.log[index - 1 : index - 1 + self.limits.maxEntriesPerMessage]:
            size += len(entry.payload.encode())
            if batch and size > self.limits.maxMessageBytes: break
            batch.append(entry)
        return batch

    def send_append(self, peer: int, entries: List[Entry]) -> None:
        prevLogIndex = self.nextIndex[peer] - 1
        prevLogTerm = self.term_at(prevLogIndex)
        if self.bug("sends-wrong-prev-log-term"): prevLogTerm = self.currentTerm
        sent = entries
        if self.bug("sends-entries-as-its-own"): sent = [entry._replace(term=self.currentTerm) for entry in entries]
        leaderCommit = self.commitIndex
        if self.bug("claims-commit-of-whole-log"): leaderCommit = self.lastLogIndex
        if self.bug("never-tells-commit"): leaderCommit = 0
        self.send(AppendEntries(self.id, peer, self.currentTerm, prevLogIndex, prevLogTerm, sent, leaderCommit))
        if not entries: return
        lastIndex = prevLogIndex + len(entries)
        if lastIndex not in self.inFlight[peer]: self.inFlight[peer].append(lastIndex)
        if peer in self.streaming: self.nextIndex[peer] = lastIndex + 1

    def on_append_entries_response(self, response: AppendEntriesResponse) -> None:
        if response.term < self.currentTerm and not self.bug("counts-old-acks"): return
        if self.role != LEADER: return
        if response.success:
            self.on_accepted(response.sender, response.matchIndex)
        else:
            self.on_rejected(response.sender, response.prevLogIndex)

    def on_accepted(self, peer: int, matchIndex: int) -> None:
        # "If successful: update nextIndex and matchIndex for follower." It may be late: matchIndex "increases monotonically".
        self.matchIndex[peer] = max(self.matchIndex[peer], matchIndex)
        if self.bug("ack-lowers-match"): self.matchIndex[peer] = matchIndex
        self.nextIndex[peer] = max(self.nextIndex[peer], self.matchIndex[peer] + 1)
        self.inFlight[peer] = [last for last in self.inFlight[peer] if last > self.matchIndex[peer]]
        if self.pipeline and peer not in self.streaming:
            self.streaming.add(peer)
            self.inFlight[peer] = []
        self.advance_commit()
        if not self.bug("sends-nothing-after-ack"): self.send_entries(peer)

    def on_rejected(self, peer: int, prevLogIndex: int) -> None:
        if self.bug("ignores-rejection"): return
        if self.bug("trusts-late-rejection"):
            self.nextIndex[peer] -= 1
        elif self.bug("rejection-lowers-match") and prevLogIndex <= self.matchIndex[peer]:
            self.matchIndex[peer] = prevLogIndex - 1
            self.nextIndex[peer] = prevLogIndex
        else:
            # Late: the follower has accepted as much since, or this was answered before.
            if prevLogIndex <= self.matchIndex[peer]: return
            if peer in self.streaming and prevLogIndex >= self.nextIndex[peer]: return
            if peer not in self.streaming and prevLogIndex != self.nextIndex[peer] - 1: return
            # "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry." In a pipeline that means the nextIndex
            # that the request had.
            self.nextIndex[peer] = prevLogIndex
        self.streaming.discard(peer)
        self.inFlight[peer] = []
        self.send_entries(peer)

    def advance_commit(self) -> None:
        """ "If there exists an N such that N > commitIndex, a majority of matchIndex[i] ≥ N, and log[N].term == currentTerm: set
        commitIndex = N." """
        for index in range(self.lastLogIndex, self.commitIndex, -1):
            replicas = 1 + sum(self.matchIndex[peer] >= index for peer in self.peers)
            isMajority = 2 * replicas > len(self.voters)
            if self.bug("commits-at-half"): isMajority = 2 * replicas >= len(self.voters)
            if self.bug("commits-highest-match"): isMajority = isMajority or replicas > 1
            if self.bug("does-not-count-itself") and self.peers: isMajority = 2 * (replicas - 1) > len(self.voters)
            isOwnTerm = self.term_at(index) == self.currentTerm
            if self.bug("commits-old-term"): isOwnTerm = True
            if isMajority and isOwnTerm:
                self.commitIndex = index
                if self.bug("commits-whole-log"): self.commitIndex = self.lastLogIndex
                return

    # ------------------------------------------------------------------------------------------------------------------- parts

    @property
    def lastLogIndex(self) -> int:
        return len(self.log)

    def term_at(self, index: int) -> int:
        """The term of the entry at `index`; 0 at 0, before the first."""
        assert index >= 0, f"no log has an index {index}"
        if index > self.lastLogIndex: return -1  # only a node with a bug asks
        return self.log[index - 1].term if index > 0 else 0

    def term_to_answer(self) -> int:
        return self.termBefore if self.bug("answers-with-old-term") else self.currentTerm

    def start_timer(self, name: str) -> None:
        """Starts this timer, or starts it anew. Whoever runs the node by a clock goes by `startedTimers`, and calls `timeout`."""
        self.startedTimers.add(name)

    def send(self, message) -> None:
        self.outbox.append(message)
