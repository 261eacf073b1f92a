/** A mistake on the command line: one line that names what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
