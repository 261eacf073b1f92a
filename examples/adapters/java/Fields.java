import java.util.List;
import java.util.Map;

/** Fields of an object that {@link Json} has read, by their types. */
final class Fields {
  private Fields() {}

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  static Map<String, Object> object(Map<String, Object> fields, String name) {
    return object(value(fields, name));
  }

  static List<?> list(Map<String, Object> fields, String name) {
    return (List<?>) value(fields, name);
  }

  static List<Map<String, Object>> objects(Map<String, Object> fields, String name) {
    return list(fields, name).stream().map(Fields::object).toList();
  }

  static String text(Map<String, Object> fields, String name) {
    return (String) value(fields, name);
  }

  static boolean bool(Map<String, Object> fields, String name) {
    return (Boolean) value(fields, name);
  }

  static long number(Map<String, Object> fields, String name) {
    return (Long) value(fields, name);
  }

  static int integer(Map<String, Object> fields, String name) {
    return Math.toIntExact(number(fields, name));
  }

  private static Object value(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null) throw new CannotDo("there is no " + name + " in " + Json.write(fields));
    return value;
  }
}
