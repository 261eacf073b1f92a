"""The bugs that node.py can be given. Each has been in a real implementation, or follows from a slip that is easily made.

This is the only list of them: `adapter.py --list-bugs` prints it, and test/conformance/figure-2-bugs.ts runs it.
"""

from typing import Dict, NamedTuple

SAFETY = "safety"  # two leaders in a term, or a committed entry that is lost or differs between servers
DURABILITY = "durability"  # a restart loses what the node has promised
LIVENESS = "liveness"  # no leader, or no progress, where there should be
FORM = "form"  # a message or a state that Figure 2 does not have, harmless at best


class Bug(NamedTuple):
    breaks: str
    what: str
    paper: str
    # Modes in which the bug cannot exist, each with the reason: "plain", "noop", "pipeline" or "noop,pipeline".
    impossible: Dict[str, str] = {}


BUGS: Dict[str, Bug] = {
    # Persistent state
    "forgets-term": Bug(DURABILITY, "currentTerm is not on disk", "Figure 2, State"),
    "forgets-vote": Bug(DURABILITY, "votedFor is not on disk", "Figure 2, State"),
    "forgets-log": Bug(DURABILITY, "the log is not on disk", "Figure 2, State"),
    "saves-committed-entries-only": Bug(
        DURABILITY, "entries go to disk only once they are committed", "Figure 2, State"
    ),
    "commits-log-on-restart": Bug(
        SAFETY, "takes all that it finds on disk for committed", "Figure 2, State: commitIndex begins at 0"
    ),
    "leads-after-restart": Bug(
        SAFETY, "is still the leader after a restart", "§5.2: when servers start up, they begin as followers"
    ),
    # Terms
    "ignores-newer-term-in-request": Bug(SAFETY, "a request of a newer term does not raise currentTerm", "Figure 2, All Servers"),
    "ignores-newer-term-in-response": Bug(LIVENESS, "a response of a newer term does not raise currentTerm", "Figure 2, All Servers"),
    "keeps-vote-in-new-term": Bug(LIVENESS, "votedFor is not cleared when the term rises", "Figure 2, State: votedFor is of currentTerm"),
    "leads-on-in-newer-term": Bug(SAFETY, "a leader that learns of a newer term enters it as its leader", "Figure 2, All Servers"),
    "answers-with-old-term": Bug(FORM, "a response carries the term from before the request", "Figure 2, All Servers; results: term"),
    "clears-vote-on-step-down": Bug(
        SAFETY, "a candidate that becomes a follower forgets its vote of this term", "§5.2: at most one vote in a term"
    ),
    # RequestVote, the voter
    "grants-old-term-vote": Bug(SAFETY, "grants its vote to a candidate of an older term", "Figure 2, RequestVote 1"),
    "votes-twice": Bug(SAFETY, "grants its vote though it voted for another in this term", "Figure 2, RequestVote 2"),
    "grants-by-length": Bug(SAFETY, "compares logs by their length alone", "§5.4.1"),
    "grants-by-last-term": Bug(SAFETY, "compares logs by the term of their last entry alone", "§5.4.1"),
    "grants-without-looking": Bug(SAFETY, "grants its vote whatever the candidate's log is", "§5.4.1"),
    "denies-equal-log": Bug(LIVENESS, "denies its vote to a candidate whose log is just as up to date", "§5.4.1"),
    "records-denied-vote": Bug(LIVENESS, "sets votedFor before it looks at the candidate's log", "Figure 2, RequestVote 2"),
    "no-answer-to-request-vote": Bug(LIVENESS, "never answers a RequestVote", "Figure 2, RequestVote"),
    # Elections, the candidate
    "campaigns-in-same-term": Bug(SAFETY, "a candidate does not increment currentTerm", "Figure 2, Candidates"),
    "does-not-vote-for-itself": Bug(SAFETY, "a candidate counts its own vote but does not record it", "Figure 2, Candidates"),
    "asks-one-peer": Bug(LIVENESS, "a candidate asks one of its peers for a vote, not all", "Figure 2, Candidates"),
    "overstates-its-log": Bug(SAFETY, "a RequestVote gives currentTerm as lastLogTerm", "Figure 2, RequestVote: lastLogTerm"),
    "never-campaigns-again": Bug(LIVENESS, "a candidate whose election times out does nothing", "Figure 2, Candidates"),
    "counts-votes-twice": Bug(SAFETY, "one voter's vote counts twice if its response comes twice", "§5.2: a majority of the servers"),
    "counts-denied-votes": Bug(SAFETY, "a denied vote counts like a granted one", "Figure 2, Candidates"),
    "counts-old-votes": Bug(SAFETY, "a vote of an older term counts", "§5.2: a majority for the same term"),
    "counts-votes-as-follower": Bug(
        SAFETY,
        "a candidate that has become a follower goes on counting votes",
        "Figure 2, Candidates",
        dict.fromkeys(
            ("plain", "noop", "pipeline", "noop,pipeline"),
            "the leader that made it a follower has the votes of a majority, so those that still come never make another",
        ),
    ),
    "wins-with-half": Bug(SAFETY, "half of the votes elect", "Figure 2, Candidates: a majority"),
    "wins-with-one-vote": Bug(SAFETY, "its own vote elects it", "Figure 2, Candidates: a majority"),
    "wins-with-all-votes-only": Bug(LIVENESS, "only the votes of all servers elect", "Figure 2, Candidates: a majority"),
    "stays-candidate-on-append": Bug(LIVENESS, "a candidate stays one though its term has a leader", "Figure 2, Candidates"),
    "candidate-rejects-append": Bug(LIVENESS, "a candidate rejects the AppendEntries of its term's leader", "Figure 2, Candidates"),
    # AppendEntries, the follower
    "accepts-old-term-append": Bug(SAFETY, "takes an AppendEntries of an older term", "Figure 2, AppendEntries 1"),
    "ignores-prev-log-index": Bug(SAFETY, "takes entries whatever comes before them", "Figure 2, AppendEntries 2"),
    "ignores-prev-log-term": Bug(
        SAFETY, "looks only whether there is an entry at prevLogIndex, not of which term", "Figure 2, AppendEntries 2"
    ),
    "drops-log-on-mismatch": Bug(
        SAFETY, "throws its log away if it does not match at prevLogIndex, committed entries included", "Figure 2, AppendEntries 3"
    ),
    "truncates-matching-entries": Bug(
        SAFETY, "deletes all that follows prevLogIndex before it appends, so a late message deletes entries", "Figure 2, AppendEntries 3"
    ),
    "truncates-on-heartbeat": Bug(SAFETY, "a heartbeat deletes all that follows its prevLogIndex", "Figure 2, AppendEntries 3"),
    "never-truncates": Bug(SAFETY, "keeps its own entry where the leader's differs", "Figure 2, AppendEntries 3"),
    "keeps-tail-of-conflict": Bug(
        SAFETY, "replaces an entry that conflicts and keeps those that follow it", "Figure 2, AppendEntries 3"
    ),
    "appends-at-end": Bug(SAFETY, "appends entries at the end of its log, wherever they belong", "Figure 2, AppendEntries 4"),
    "rejects-known-entries": Bug(LIVENESS, "rejects entries that it has already", "Figure 2, AppendEntries 4"),
    "commits-beyond-match": Bug(
        SAFETY, "commits up to leaderCommit in its own log, whether that part matches the leader's or not", "Figure 2, AppendEntries 5"
    ),
    "commits-beyond-log": Bug(SAFETY, "takes leaderCommit over as it is", "Figure 2, AppendEntries 5"),
    "commit-goes-back": Bug(SAFETY, "a late AppendEntries lowers commitIndex", "Figure 2, State: increases monotonically"),
    "follower-never-commits": Bug(LIVENESS, "a follower does not look at leaderCommit", "Figure 2, AppendEntries 5"),
    "commits-with-entries-only": Bug(LIVENESS, "a follower does not look at the leaderCommit of a heartbeat", "Figure 2, AppendEntries 5"),
    "acknowledges-whole-log": Bug(
        SAFETY, "acknowledges its whole log, not what is known to match the leader's", "Figure 2, Leaders: matchIndex"
    ),
    "acknowledges-too-little": Bug(LIVENESS, "acknowledges prevLogIndex, not the entries behind it", "Figure 2, Leaders: matchIndex"),
    "no-answer-to-heartbeat": Bug(LIVENESS, "does not answer an AppendEntries without entries", "Figure 2, AppendEntries"),
    "accepts-commands-as-follower": Bug(SAFETY, "a node that does not lead appends a client's command", "§5.3, §8"),
    # Replication, the leader
    "drops-uncommitted-when-elected": Bug(
        SAFETY, "a new leader deletes what it does not know to be committed", "Figure 3, Leader Append-Only"
    ),
    "announces-no-leadership": Bug(LIVENESS, "a new leader sends nothing", "Figure 2, Leaders"),
    "sends-no-heartbeats": Bug(LIVENESS, "the heartbeat timer has no effect", "Figure 2, Leaders"),
    "never-replicates": Bug(LIVENESS, "the leader sends heartbeats but no entries", "Figure 2, Leaders"),
    "replicates-to-one-follower": Bug(LIVENESS, "the leader sends entries to one of its followers alone", "Figure 2, Leaders"),
    "sends-wrong-prev-log-term": Bug(SAFETY, "an AppendEntries gives currentTerm as prevLogTerm", "Figure 2, AppendEntries: prevLogTerm"),
    "sends-entries-as-its-own": Bug(
        SAFETY, "entries of earlier terms are sent as entries of currentTerm", "§5.4.2: entries retain their original term numbers"
    ),
    "claims-commit-of-whole-log": Bug(SAFETY, "sends its last index as leaderCommit", "Figure 2, AppendEntries: leaderCommit"),
    "never-tells-commit": Bug(LIVENESS, "sends 0 as leaderCommit", "Figure 2, AppendEntries: leaderCommit"),
    "sends-nothing-after-ack": Bug(LIVENESS, "an acknowledgement does not make the leader send what comes next", "Figure 2, Leaders"),
    "ignores-rejection": Bug(LIVENESS, "a rejection does not make the leader go back", "Figure 2, Leaders: decrement nextIndex"),
    "trusts-late-rejection": Bug(
        LIVENESS, "every rejection decrements nextIndex, whatever it answers, in the end to 0", "Figure 2, Leaders: decrement nextIndex"
    ),
    "rejection-lowers-match": Bug(
        LIVENESS, "a late rejection takes back what the follower has acknowledged, and it is sent again", "Figure 2, State: matchIndex increases monotonically"
    ),
    "ack-lowers-match": Bug(
        LIVENESS, "a late acknowledgement takes back a later one", "Figure 2, State: matchIndex increases monotonically"
    ),
    # Commitment, the leader
    "counts-old-acks": Bug(SAFETY, "an acknowledgement of an older term counts", "§5.1; §5.3"),
    "keeps-match-of-earlier-term": Bug(
        SAFETY, "matchIndex is not reset when the node is elected again", "Figure 2, State: reinitialized after election"
    ),
    "commits-alone": Bug(SAFETY, "a command is committed as soon as it is in the leader's log", "Figure 2, Leaders: a majority"),
    "commits-at-half": Bug(SAFETY, "half of the servers commit", "Figure 2, Leaders: a majority"),
    "commits-highest-match": Bug(SAFETY, "commits what any one follower has acknowledged", "Figure 2, Leaders: a majority"),
    "commits-whole-log": Bug(
        SAFETY, "once a majority has acknowledged anything, commits up to its last index", "Figure 2, Leaders: matchIndex[i] ≥ N"
    ),
    "commits-old-term": Bug(SAFETY, "commits an entry of an earlier term by counting replicas", "§5.4.2, Figure 8"),
    "does-not-count-itself": Bug(LIVENESS, "a majority of the followers has to acknowledge, not of the servers", "Figure 2, Leaders"),
}
