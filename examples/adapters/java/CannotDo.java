/** The adapter does not know how to do what it was asked. */
final class CannotDo extends RuntimeException {
  CannotDo(String message) {
    super(message);
  }
}
