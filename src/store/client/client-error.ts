/** Why a request of a `StoreClient` has no result. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /**
   * For programs. From the client itself: `timed_out` (nothing was done), `unknown_outcome` (the write may have been done, or may yet be, once), `unreachable`, `closed`, `aborted`. From a node:
   * the `error` of its answer, such as `unauthorized` (docs/http-api.md).
   */
  readonly code: string;
  /** Of the node's answer; null: there was none. */
  readonly status: number | null;

  constructor(code: string, message: string, status: number | null = null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
