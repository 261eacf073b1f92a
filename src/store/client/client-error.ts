/** Why a request of a `StoreClient` has no result. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /**
   * For programs. From the client itself: `timed_out` (nothing was done), `unknown_outcome` (the write may have been done, or may yet be, once), `unreachable`, `aborted`, `closed`, `bad_answer` and
   * `key_exists` (docs/client.md). From a node: the `error` of its answer, such as `unauthorized` (docs/http-api-v2.md), or `refused` if it has none.
   */
  readonly code: string;
  /** The HTTP status of the node's answer; null: there was none. */
  readonly status: number | null;

  constructor(code: string, message: string, status: number | null = null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The signal of a request came before it was sent, or before it could have done anything. */
export const aborted = (): ClientError =>
  new ClientError('aborted', 'the request was given up, and nothing was done');

/** A request of a client that is closed. */
export const closed = (): ClientError =>
  new ClientError('closed', 'the client is closed, and nothing was done');
