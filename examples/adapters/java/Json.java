import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON, as much of it as the protocol needs, since the JDK has none: delete this file where Jackson or Gson may be used. An object is a
 * Map, an array a List, a number a Long; the rest is String, Boolean and null.
 */
final class Json {
  private final String text;
  private int at = 0;

  private Json(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    Json parser = new Json(text);
    Object value = parser.value();
    parser.skipSpace();
    if (parser.at < text.length()) throw parser.unexpected();
    return value;
  }

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof String text) {
      writeText(text, out);
    } else if (value instanceof List<?> items) {
      String separator = "[";
      for (Object item : items) {
        out.append(separator);
        write(item, out);
        separator = ",";
      }
      out.append(items.isEmpty() ? "[]" : "]");
    } else if (value instanceof Map<?, ?> fields) {
      String separator = "{";
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        out.append(separator);
        writeText((String) field.getKey(), out);
        out.append(':');
        write(field.getValue(), out);
        separator = ",";
      }
      out.append(fields.isEmpty() ? "{}" : "}");
    } else {
      out.append(value);
    }
  }

  private static void writeText(String text, StringBuilder out) {
    out.append('"');
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < ' ') out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    out.append('"');
  }

  private Object value() {
    skipSpace();
    if (takes('{')) return object();
    if (takes('[')) return list();
    if (takes('"')) return text();
    int from = at;
    while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-')) at++;
    String word = text.substring(from, at);
    switch (word) {
      case "null":
        return null;
      case "true":
        return true;
      case "false":
        return false;
      default:
        // The protocol has no other numbers than terms, indexes and counts.
        try {
          return Long.parseLong(word);
        } catch (NumberFormatException error) {
          at = from;
          throw unexpected();
        }
    }
  }

  private Map<String, Object> object() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (takes('}')) return fields;
    do {
      take('"');
      String name = text();
      take(':');
      fields.put(name, value());
    } while (takes(','));
    take('}');
    return fields;
  }

  private List<Object> list() {
    List<Object> items = new ArrayList<>();
    if (takes(']')) return items;
    do {
      items.add(value());
    } while (takes(','));
    take(']');
    return items;
  }

  /** What comes up to the closing quotation mark. */
  private String text() {
    StringBuilder out = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) out.append(c == '\\' ? escaped() : c);
    return out.toString();
  }

  private char escaped() {
    char c = next();
    switch (c) {
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        if (at + 4 > text.length()) throw unexpected();
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      default:
        return c;
    }
  }

  private char next() {
    if (at == text.length()) throw unexpected();
    return text.charAt(at++);
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
  }

  /** Takes this character, if it comes next. */
  private boolean takes(char wanted) {
    skipSpace();
    if (at == text.length() || text.charAt(at) != wanted) return false;
    at++;
    return true;
  }

  private void take(char wanted) {
    if (!takes(wanted)) throw unexpected();
  }

  private IllegalArgumentException unexpected() {
    String what = at == text.length() ? "the line ends too early" : "unexpected '" + text.charAt(at) + "'";
    return new IllegalArgumentException(what + " at character " + (at + 1));
  }
}
