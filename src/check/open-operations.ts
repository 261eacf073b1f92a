import { type Outcome, type ProcessId, UnreadableHistory } from './operation.ts';

interface Invoked {
  readonly process: ProcessId;
  readonly f: string;
  readonly invokedAt: number;
}

/** What is open while events are paired: a process has one operation at a time. */
export class OpenOperations<Open extends Invoked> {
  readonly #open = new Map<ProcessId, Open>();

  refuseSecond(process: ProcessId, f: string, position: number): void {
    const before = this.#open.get(process);
    if (before === undefined) return;
    const problem = `process ${process} invokes ${f} while its ${before.f} of line ${before.invokedAt} is open`;
    throw new UnreadableHistory(position, problem);
  }

  add(operation: Open): void {
    this.#open.set(operation.process, operation);
  }

  /** The operation that ends here; after any completion, an `info` too, the process may go on. */
  complete(process: ProcessId, outcome: Outcome, position: number): Open {
    const operation = this.#open.get(process);
    if (operation === undefined) {
      throw new UnreadableHistory(position, `${outcome} by process ${process}, which has nothing open`);
    }
    this.#open.delete(process);
    return operation;
  }
}
