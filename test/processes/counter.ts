import { casOperation, getOperation } from '../../src/cli/client/operations.ts';
import { runSession, type SessionEnd } from '../../src/cli/client/session.ts';

/**
 * Counts up a key of its own, each step a cas from the number before. One that is applied twice or lost fails the next, and one
 * that is sent again without being known fails itself.
 */
export class Counter {
  readonly key: string;
  readonly #options;
  count = 0;
  /** Writes that were applied, and whose answer came with a later attempt. */
  replayed = 0;

  constructor(key: string, endpoints: readonly string[]) {
    this.key = key;
    const urls = endpoints.map((endpoint) => `http://${endpoint}`);
    this.#options = { endpoints: urls, isTargeted: false, timeoutMs: 30_000 };
  }

  /** Null, or how the step ended that did not succeed. */
  async step(): Promise<SessionEnd | null> {
    const from = this.count === 0 ? null : String(this.count);
    const write = { session: `counter-${this.key}`, sequence: this.count + 1, received: this.count };
    const end = await runSession(casOperation(this.key, from, String(this.count + 1)), this.#options, write);
    if (end.state !== 'succeeded') return end;
    this.count++;
    if (end.reply?.headers['idempotent-replayed'] === 'true') this.replayed++;
    return null;
  }

  async stored(): Promise<string | undefined> {
    return (await runSession(getOperation(this.key, 'linearizable'), this.#options)).reply?.body.toString();
  }
}
