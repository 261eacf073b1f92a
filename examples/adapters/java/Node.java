import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The example node: Raft as Figure 2 of the paper has it, with a no-op at the start of each term (paper §8).
 *
 * <p>It does no I/O, has no clock and rolls no dice: whoever owns it hands in messages and timeouts, and takes what it has put into
 * {@code outbox}. Delete this file and Message.java once your own library is in its place.
 */
final class Node {
  /** A bug to see the kit at work: with PLANT_BUG=1 the node votes more than once in a term. */
  private static final boolean VOTES_TWICE = "1".equals(System.getenv("PLANT_BUG"));

  enum Role {
    FOLLOWER,
    CANDIDATE,
    LEADER
  }

  /** What a crash leaves: Figure 2, Persistent state on all servers. */
  static final class Disk {
    long currentTerm = 0;
    Integer votedFor = null;
    final List<Message.Entry> log = new ArrayList<>();
  }

  private final int id;
  private final List<Integer> peers = new ArrayList<>();
  private final int majority;
  private final Disk disk;
  private final int maxEntries;
  private final int maxBytes;
  private final Set<Integer> votes = new HashSet<>();
  private final Map<Integer, Integer> nextIndex = new HashMap<>();
  private final Map<Integer, Integer> matchIndex = new HashMap<>();

  Role role = Role.FOLLOWER;
  int commitIndex = 0;
  final List<Message> outbox = new ArrayList<>();

  Node(int id, List<Integer> voters, Disk disk, int maxEntries, int maxBytes) {
    this.id = id;
    for (int voter : voters) if (voter != id) peers.add(voter);
    this.majority = voters.size() / 2 + 1;
    this.disk = disk;
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  // What happens to it

  void receive(Message message) {
    // Figure 2, Rules for Servers, All Servers.
    if (message.term() > disk.currentTerm) enterTerm(message.term());
    if (message instanceof Message.RequestVote request) onRequestVote(request);
    else if (message instanceof Message.RequestVoteResponse response) onVote(response);
    else if (message instanceof Message.AppendEntries request) onAppendEntries(request);
    else if (message instanceof Message.AppendEntriesResponse response) onAppendResponse(response);
  }

  /** Figure 2, Followers and Candidates. */
  void electionTimeout() {
    if (role == Role.LEADER) return;
    enterTerm(disk.currentTerm + 1);
    role = Role.CANDIDATE;
    disk.votedFor = id;
    votes.clear();
    votes.add(id);
    for (int peer : peers) {
      outbox.add(new Message.RequestVote(id, peer, disk.currentTerm, lastIndex(), termAt(lastIndex())));
    }
    becomeLeaderIfElected();
  }

  void heartbeat() {
    if (role == Role.LEADER) appendToAll();
  }

  /** Whether it could: only a leader can. */
  boolean propose(List<String> commands) {
    if (role != Role.LEADER) return false;
    for (String command : commands) disk.log.add(new Message.Entry(disk.currentTerm, command));
    appendToAll();
    advanceCommitIndex();
    return true;
  }

  // Elections: paper §5.2, §5.4.1

  private void enterTerm(long term) {
    disk.currentTerm = term;
    disk.votedFor = null;
    role = Role.FOLLOWER;
  }

  private void onRequestVote(Message.RequestVote request) {
    long lastTerm = termAt(lastIndex());
    boolean isFree = disk.votedFor == null || disk.votedFor == request.from() || VOTES_TWICE;
    boolean isUpToDate =
        request.lastLogTerm() > lastTerm
            || (request.lastLogTerm() == lastTerm && request.lastLogIndex() >= lastIndex());
    boolean granted = request.term() == disk.currentTerm && isFree && isUpToDate;
    if (granted) disk.votedFor = request.from();
    outbox.add(new Message.RequestVoteResponse(id, request.from(), disk.currentTerm, granted));
  }

  private void onVote(Message.RequestVoteResponse response) {
    if (role != Role.CANDIDATE || response.term() < disk.currentTerm || !response.voteGranted()) return;
    votes.add(response.from());
    becomeLeaderIfElected();
  }

  private void becomeLeaderIfElected() {
    if (votes.size() < majority) return;
    role = Role.LEADER;
    for (int peer : peers) {
      nextIndex.put(peer, lastIndex() + 1);
      matchIndex.put(peer, 0);
    }
    disk.log.add(new Message.Entry(disk.currentTerm, null));
    appendToAll();
    advanceCommitIndex();
  }

  // Replication: paper §5.3, §5.4.2

  private void onAppendEntries(Message.AppendEntries request) {
    boolean isCurrent = request.term() == disk.currentTerm;
    if (isCurrent) role = Role.FOLLOWER;
    int prev = request.prevLogIndex();
    boolean success = isCurrent && prev <= lastIndex() && termAt(prev) == request.prevLogTerm();
    int matched = 0;
    if (success) {
      matched = prev;
      for (Message.Entry entry : request.entries()) {
        matched++;
        // Only a conflict removes entries: a delayed request must not.
        if (matched <= lastIndex() && termAt(matched) != entry.term()) {
          disk.log.subList(matched - 1, lastIndex()).clear();
        }
        if (matched > lastIndex()) disk.log.add(entry);
      }
      commitIndex = Math.max(commitIndex, Math.min(request.leaderCommit(), matched));
    }
    outbox.add(
        new Message.AppendEntriesResponse(id, request.from(), disk.currentTerm, success, prev, matched));
  }

  private void onAppendResponse(Message.AppendEntriesResponse response) {
    if (role != Role.LEADER || response.term() < disk.currentTerm) return;
    int peer = response.from();
    int matched = matchIndex.get(peer);
    int next = nextIndex.get(peer);
    if (!response.success()) {
      // One entry back; a late refusal, or one that comes twice, leads no further back than the first.
      nextIndex.put(peer, Math.max(matched + 1, Math.min(next, response.prevLogIndex())));
      appendTo(peer);
      return;
    }
    matched = Math.max(matched, response.matchIndex());
    matchIndex.put(peer, matched);
    nextIndex.put(peer, Math.max(next, matched + 1));
    advanceCommitIndex();
    if (nextIndex.get(peer) <= lastIndex()) appendTo(peer);
  }

  private void appendToAll() {
    for (int peer : peers) appendTo(peer);
  }

  private void appendTo(int peer) {
    int prev = nextIndex.get(peer) - 1;
    List<Message.Entry> entries = new ArrayList<>();
    int bytes = 0;
    for (Message.Entry entry : disk.log.subList(prev, lastIndex())) {
      if (entry.command() != null) bytes += entry.command().getBytes(StandardCharsets.UTF_8).length;
      if (entries.size() == maxEntries || (!entries.isEmpty() && bytes > maxBytes)) break;
      entries.add(entry);
    }
    outbox.add(
        new Message.AppendEntries(id, peer, disk.currentTerm, prev, termAt(prev), entries, commitIndex));
  }

  /** Replicas are counted for entries of the current term alone. Figure 2, Leaders; paper §5.4.2. */
  private void advanceCommitIndex() {
    List<Integer> held = new ArrayList<>(matchIndex.values());
    held.add(lastIndex());
    held.sort(Collections.reverseOrder());
    int index = held.get(majority - 1);
    if (index > commitIndex && termAt(index) == disk.currentTerm) commitIndex = index;
  }

  // The log: the first entry has index 1

  private int lastIndex() {
    return disk.log.size();
  }

  private long termAt(int index) {
    return index == 0 ? 0 : disk.log.get(index - 1).term();
  }
}
