import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An adapter for {@code raftchart conformance}: a template.
 *
 * <p>It reads a JSON object a line from standard input and answers each with one on standard output. What there is to replace is in
 * Adapter.java, marked with YOUR LIBRARY; this file stays as it is. The protocol: docs/conformance.md.
 */
final class Main {
  private static final int PROTOCOL_VERSION = 1;

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Adapter adapter = new Adapter();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      out.print(Json.write(answer(adapter, line)) + "\n");
      out.flush();
    }
  }

  /** Carries out one request. A node that throws has failed: that is an answer too, and a finding. */
  private static Map<String, Object> answer(Adapter adapter, String line) {
    try {
      Map<String, Object> request = Fields.object(Json.parse(line));
      String what = Fields.text(request, "do");
      carryOut(adapter, what, request);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("ok", true);
      answer.put("state", adapter.state());
      answer.put("sent", adapter.takeSent());
      if (what.equals("init")) {
        answer.put("implementation", Adapter.IMPLEMENTATION);
        answer.put("capabilities", Adapter.CAPABILITIES);
      }
      return answer;
    } catch (CannotDo error) {
      return Map.of("ok", false, "error", error.getMessage());
    } catch (RuntimeException error) {
      error.printStackTrace();
      return Map.of("ok", false, "error", error.toString());
    }
  }

  private static void carryOut(Adapter adapter, String what, Map<String, Object> request) {
    if (what.equals("init")) {
      int version = Fields.integer(request, "version");
      if (version != PROTOCOL_VERSION) {
        throw new CannotDo("protocol version " + version + ": this adapter speaks " + PROTOCOL_VERSION);
      }
      adapter.init(request);
      return;
    }
    if (!adapter.isStarted()) throw new CannotDo("there is no node yet: init comes first");
    switch (what) {
      case "deliver":
        adapter.deliver(Fields.object(request, "message"));
        break;
      case "timeout":
        adapter.timeout(Fields.text(request, "timer"));
        break;
      case "propose":
        List<String> commands = Fields.list(request, "commands").stream().map(String.class::cast).toList();
        adapter.propose(commands);
        break;
      case "restart":
        adapter.restart();
        break;
      case "state":
        break;
      default:
        throw new CannotDo("there is no " + what + " here");
    }
  }
}
