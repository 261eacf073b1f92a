import { assign } from 'xstate';
import { logWriterMachine } from '../../../machines/log-writer.machine.ts';
import { createMemoryDisk, openMemory } from '../../adapters/storage/memory.ts';
import type { Storage, Write } from '../../ports/storage.ts';
import { assert } from '../../raft/assert.ts';
import type { LogIndex, Term } from '../../raft/types.ts';
import { drivenLogId } from './driven-storage.ts';

/** The log writer without group commit: a sync covers one write, as on a `StepwiseDisk`. */
export const stepwiseLogWriter: typeof logWriterMachine = logWriterMachine.provide({
  actions: { coverAppended: assign(({ context }) => ({ covered: context.covered + 1 })) },
});

interface StepwiseDiskParts {
  readonly appended: (write: Write) => void;
  /** The oldest write has become durable; the node does not know yet. */
  readonly synced: () => void;
}

/**
 * A disk in memory on which every sync makes the oldest write durable and no other, so that what a power loss leaves can be
 * chosen write by write. For a node with `stepwiseLogWriter`, which asks for a sync of each write.
 */
export class StepwiseDisk {
  readonly #parts: StepwiseDiskParts;
  readonly #disk = createMemoryDisk(drivenLogId);
  #kept: Storage = openMemory(this.#disk);
  #pending: Write[] = [];
  /** What the log was told to drop after a write that is not durable: the last of it counts. */
  readonly #compactions = new Map<Write, { readonly index: LogIndex; readonly term: Term }>();

  constructor(parts: StepwiseDiskParts) {
    this.#parts = parts;
  }

  /** Writes that are not durable. */
  get pending(): number {
    return this.#pending.length;
  }

  /** What is durable, and what the node sees once it writes. */
  open(): Storage {
    const disk = this.#disk;
    const seen = openMemory({
      ...disk,
      entries: [...disk.entries],
      // A snapshot is durable when it is there.
      get snapshot() {
        return disk.snapshot;
      },
      set snapshot(snapshot) {
        disk.snapshot = snapshot;
      },
    });
    this.#kept = openMemory(disk);
    this.#pending = [];
    this.#compactions.clear();
    return {
      ...seen,
      compact: (index, term) => {
        seen.compact(index, term);
        const last = this.#pending.at(-1);
        if (last === undefined) this.#kept.compact(index, term);
        else this.#compactions.set(last, { index, term });
      },
      append: (write) => {
        seen.append(write);
        this.#pending.push(write);
        this.#parts.appended(write);
      },
      sync: (done) => {
        this.#keep((failure) => {
          this.#parts.synced();
          done(failure);
        });
      },
    };
  }

  /** Loses power: of the writes that were not durable, the first `writes` are kept. Resolves when the disk can be opened again. */
  async losePower(writes: number): Promise<void> {
    for (let kept = 0; kept < writes; kept++) {
      await new Promise<void>((resolve) => this.#keep(() => resolve()));
    }
  }

  #keep(done: Parameters<Storage['sync']>[0]): void {
    const write = this.#pending.shift();
    assert(write !== undefined, 'a write waits for the disk', this.#pending.length, 1);
    this.#kept.append(write);
    const compaction = this.#compactions.get(write);
    if (compaction !== undefined) this.#kept.compact(compaction.index, compaction.term);
    this.#compactions.delete(write);
    this.#kept.sync(done);
  }
}
