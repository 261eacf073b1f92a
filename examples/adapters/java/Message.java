import java.util.List;

/** The messages of the example node. */
sealed interface Message {
  int from();

  int to();

  long term();

  record RequestVote(int from, int to, long term, int lastLogIndex, long lastLogTerm) implements Message {}

  record RequestVoteResponse(int from, int to, long term, boolean voteGranted) implements Message {}

  record AppendEntries(
      int from, int to, long term, int prevLogIndex, long prevLogTerm, List<Entry> entries, int leaderCommit)
      implements Message {}

  /** {@code prevLogIndex} is that of the request, {@code matchIndex} 0 if it is refused. */
  record AppendEntriesResponse(int from, int to, long term, boolean success, int prevLogIndex, int matchIndex)
      implements Message {}

  /** {@code command} is null for the no-op of a new leader. */
  record Entry(long term, String command) {}
}
