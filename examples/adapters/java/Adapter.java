import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** YOUR LIBRARY: everything in this file. The frame, Main.java, calls these methods by their names. */
final class Adapter {
  /** Its name and version. */
  static final Map<String, Object> IMPLEMENTATION = Map.of("name", "example node in Java", "version", "1");

  /**
   * What it has; see "Capabilities" in docs/conformance.md. Begin with none and add one at a time: each makes the comparison stricter.
   */
  static final Map<String, Object> CAPABILITIES =
      Map.of("durable", true, "showsLog", true, "batches", true, "noop", true, "answersStale", true);

  private Map<String, Object> request;
  private Node.Disk disk;
  private Node node;

  boolean isStarted() {
    return node != null;
  }

  /** Forgets everything, and starts a node on an empty disk: a follower in term 0. */
  void init(Map<String, Object> request) {
    this.request = request;
    disk = new Node.Disk();
    start();
  }

  private void start() {
    Map<String, Object> settings = Fields.object(request, "settings");
    List<Integer> voters = new ArrayList<>();
    for (Object voter : Fields.list(request, "voters")) voters.add(((Long) voter).intValue());
    node =
        new Node(
            Fields.integer(request, "id"),
            voters,
            disk,
            Fields.integer(settings, "maxEntriesPerMessage"),
            Fields.integer(settings, "maxMessageBytes"));
  }

  /** A crash, not a shutdown: whatever was not on the disk is gone. */
  void restart() {
    start();
  }

  void deliver(Map<String, Object> message) {
    node.receive(fromKit(message));
  }

  /** Lets a timer expire. None may ever expire by itself: if your library reads the clock, give it one that stands still. */
  void timeout(String timer) {
    switch (timer) {
      case "electionTimeout":
        node.electionTimeout();
        break;
      case "heartbeatInterval":
        node.heartbeat();
        break;
      default:
        throw new CannotDo("there is no timer " + timer + " here");
    }
  }

  /** A node that does not lead refuses, which is no error. */
  void propose(List<String> commands) {
    node.propose(commands);
  }

  Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("role", node.role.name().toLowerCase(Locale.ROOT));
    state.put("term", disk.currentTerm);
    state.put("votedFor", disk.votedFor);
    state.put("commitIndex", node.commitIndex);
    state.put("log", disk.log.stream().map(Message.Entry::term).toList());
    return state;
  }

  /** What has left the node since the last request. If your library works in the background, wait here until it has come to rest. */
  List<Map<String, Object>> takeSent() {
    List<Map<String, Object>> sent = node.outbox.stream().map(Adapter::toKit).toList();
    node.outbox.clear();
    return sent;
  }

  /** A message of the kit has all its fields. */
  private static Message fromKit(Map<String, Object> message) {
    int from = Fields.integer(message, "from");
    int to = Fields.integer(message, "to");
    long term = Fields.number(message, "term");
    String type = Fields.text(message, "type");
    switch (type) {
      case "RequestVote":
        return new Message.RequestVote(
            from, to, term, Fields.integer(message, "lastLogIndex"), Fields.number(message, "lastLogTerm"));
      case "RequestVoteResponse":
        return new Message.RequestVoteResponse(from, to, term, Fields.bool(message, "voteGranted"));
      case "AppendEntries":
        return new Message.AppendEntries(
            from,
            to,
            term,
            Fields.integer(message, "prevLogIndex"),
            Fields.number(message, "prevLogTerm"),
            Fields.objects(message, "entries").stream().map(Adapter::entryFromKit).toList(),
            Fields.integer(message, "leaderCommit"));
      case "AppendEntriesResponse":
        return new Message.AppendEntriesResponse(
            from,
            to,
            term,
            Fields.bool(message, "success"),
            Fields.integer(message, "prevLogIndex"),
            Fields.integer(message, "matchIndex"));
      default:
        throw new CannotDo("there is no " + type + " here");
    }
  }

  private static Message.Entry entryFromKit(Map<String, Object> entry) {
    boolean isNoop = Fields.text(entry, "kind").equals("noop");
    return new Message.Entry(Fields.number(entry, "term"), isNoop ? null : Fields.text(entry, "payload"));
  }

  /** What a library does not have, such as conflictTerm, is left out: it is not compared. */
  private static Map<String, Object> toKit(Message message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("type", message.getClass().getSimpleName());
    fields.put("from", message.from());
    fields.put("to", message.to());
    fields.put("term", message.term());
    if (message instanceof Message.RequestVote request) {
      fields.put("lastLogIndex", request.lastLogIndex());
      fields.put("lastLogTerm", request.lastLogTerm());
    } else if (message instanceof Message.RequestVoteResponse response) {
      fields.put("voteGranted", response.voteGranted());
    } else if (message instanceof Message.AppendEntries request) {
      fields.put("prevLogIndex", request.prevLogIndex());
      fields.put("prevLogTerm", request.prevLogTerm());
      fields.put("entries", request.entries().stream().map(Adapter::entryToKit).toList());
      fields.put("leaderCommit", request.leaderCommit());
    } else if (message instanceof Message.AppendEntriesResponse response) {
      fields.put("success", response.success());
      fields.put("prevLogIndex", response.prevLogIndex());
      fields.put("matchIndex", response.matchIndex());
    }
    return fields;
  }

  private static Map<String, Object> entryToKit(Message.Entry entry) {
    boolean isNoop = entry.command() == null;
    return Map.of(
        "term", entry.term(), "kind", isNoop ? "noop" : "command", "payload", isNoop ? "" : entry.command());
  }
}
