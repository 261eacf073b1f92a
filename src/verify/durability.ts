import { restoredLog } from '../node/restored-log.ts';
import type { Storage, Write } from '../ports/storage.ts';
import { storageWith } from '../ports/storage-with.ts';
import { append, emptyLog, type LogShape, runsBetween, termAt, truncateFrom } from '../raft/log-shape.ts';
import type { LogIndex, Term } from '../raft/types.ts';
import type { DurableView } from './properties/view.ts';

const noLimit = Number.POSITIVE_INFINITY;

/** What has been appended to one node's storage, and how much of it was acknowledged, write by write, without payloads. */
export class Durability {
  #durable: DurableView = { currentTerm: 0, votedFor: null, log: emptyLog };
  /** The state after each write that is not acknowledged yet. */
  #pending: DurableView[] = [];
  #acknowledged = 0;

  get durable(): DurableView {
    return this.#durable;
  }

  append({ hardState, firstIndex, entries }: Write): void {
    let { log } = this.#pending.at(-1) ?? this.#durable;
    if (entries.length > 0) {
      if (firstIndex <= log.lastIndex) log = truncateFrom(log, firstIndex, noLimit);
      log = append(log, entries, noLimit);
    }
    this.#pending.push({ currentTerm: hardState.currentTerm, votedFor: hardState.votedFor, log });
  }

  /** The log begins after entry `index` from now on; a snapshot that covers it is durable, so a crash does not undo it. */
  compact(index: LogIndex, term: Term): void {
    this.#durable = beginningAfter(this.#durable, index, term);
    this.#pending = this.#pending.map((state) => beginningAfter(state, index, term));
  }

  /** How many writes a sync that starts now covers. */
  get pending(): number {
    return this.#pending.length;
  }

  /** How many writes of the present run were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  acknowledge(writes: number): void {
    this.#acknowledged += writes;
    this.#durable = this.#pending[writes - 1] ?? this.#durable;
    this.#pending = this.#pending.slice(writes);
  }

  /**
   * Checks what a storage recovered. Null, or what is wrong with it: a crash may keep any prefix of the writes that were not
   * acknowledged, and must keep those that were.
   */
  recover(storage: Storage): string | null {
    const { hardState, baseIndex, baseTerm } = storage.recovered;
    const found = { ...hardState, log: restoredLog(storage, noLimit) };
    // It may have dropped less, since that is not made durable at once, or more, since a snapshot is durable before the log hears of it.
    this.compact(baseIndex, baseTerm);
    return this.recoverAs(found, storage.snapshots.latest?.term ?? 0);
  }

  /** The same, where the disk holds `found` and the latest snapshot is of `snapshotTerm`. */
  recoverAs(found: DurableView, snapshotTerm: Term): string | null {
    const states = [this.#durable, ...this.#pending].map((state) =>
      snapshotTerm > state.currentTerm ? { ...state, currentTerm: snapshotTerm, votedFor: null } : state,
    );
    const isKept = states.some((state) => isSame(state, found));
    const fault = isKept ? null : `it recovered ${describe(found)}`;
    this.#durable = found;
    this.#pending = [];
    this.#acknowledged = 0;
    return fault;
  }
}

/** For people: term, vote and the runs of a log. */
export const describe = ({ currentTerm, votedFor, log }: DurableView): string => {
  const vote = votedFor === null ? 'no vote' : `a vote for node${votedFor}`;
  const runs = log.runs.map(({ term, firstIndex }) => `term ${term} from ${firstIndex}`).join(', ');
  return `term ${currentTerm} with ${vote} and ${log.lastIndex} entries${runs === '' ? '' : ` (${runs})`}`;
};

const isSame = (a: DurableView, b: DurableView): boolean =>
  a.currentTerm === b.currentTerm && a.votedFor === b.votedFor && isSameLog(a.log, b.log);

/** As of where the later of them begins. */
const isSameLog = (one: LogShape, other: LogShape): boolean => {
  const a = logAfter(one, other.snapshotIndex, other.snapshotTerm);
  const b = logAfter(other, one.snapshotIndex, one.snapshotTerm);
  return (
    a.lastIndex === b.lastIndex &&
    a.runs.length === b.runs.length &&
    a.runs.every(
      ({ term, firstIndex }, at) => b.runs[at]!.term === term && b.runs[at]!.firstIndex === firstIndex,
    )
  );
};

const beginningAfter = (state: DurableView, index: LogIndex, term: Term): DurableView => ({
  ...state,
  log: logAfter(state.log, index, term),
});

/** What follows entry `index` stays if the log has it, with `term`. */
const logAfter = (log: LogShape, index: LogIndex, term: Term): LogShape => {
  if (index <= log.snapshotIndex) return log;
  const after = { ...emptyLog, snapshotIndex: index, snapshotTerm: term };
  if (termAt(log, index) !== term) return { ...after, lastIndex: index };
  const runs = runsBetween(log, index + 1, log.lastIndex);
  return { ...after, lastIndex: log.lastIndex, runs };
};

/** `storage`, with everything that passes through recorded in `durability`. `synced` is called before the sync's own callback. */
export const observedStorage = (storage: Storage, durability: Durability, synced: () => void): Storage =>
  storageWith(storage, {
    append: (write) => {
      durability.append(write);
      storage.append(write);
    },
    compact: (index, term) => {
      durability.compact(index, term);
      storage.compact(index, term);
    },
    sync: (done) => {
      const writes = durability.pending;
      storage.sync((failure) => {
        if (failure === null) {
          durability.acknowledge(writes);
          synced();
        }
        done(failure);
      });
    },
  });
