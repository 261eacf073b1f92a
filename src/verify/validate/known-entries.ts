import type { TermRun } from '../../raft/log-shape.ts';
import { type Entry, type EntryKind, emptyPayload, type LogIndex, type Term } from '../../raft/types.ts';
import { NotAllowed } from './rejection.ts';

/** Every entry that a trace has shown. Index and term name one: Log Matching, Raft paper §5.3. */
export class KnownEntries {
  readonly #entries = new Map<string, Entry>();

  /** Undefined: the trace has not shown it. */
  kindAt(index: LogIndex, term: Term): EntryKind | undefined {
    return this.#entries.get(`${index}/${term}`)?.kind;
  }

  /** The entries from `firstIndex` to `lastIndex`, whose terms `runs` tell; one that was not shown counts as a command. */
  between(runs: readonly TermRun[], firstIndex: LogIndex, lastIndex: LogIndex): readonly Entry[] {
    const entries: Entry[] = [];
    for (let index = firstIndex; index <= lastIndex; index++) {
      const term = runs.findLast((run) => run.firstIndex <= index)?.term ?? 0;
      entries.push(this.#entries.get(`${index}/${term}`) ?? { term, kind: 'command', payload: emptyPayload });
    }
    return entries;
  }

  /** Entries from `firstIndex` on. Throws `NotAllowed` if one of them was another one before. */
  learn(firstIndex: LogIndex, entries: readonly Entry[]): void {
    for (const [at, entry] of entries.entries()) {
      const index = firstIndex + at;
      const name = `${index}/${entry.term}`;
      const known = this.#entries.get(name);
      if (known === undefined) this.#entries.set(name, entry);
      else if (!isSame(known, entry)) {
        throw new NotAllowed([
          `entry ${index} of term ${entry.term} is ${described(entry)} here, and was ${described(known)} before`,
        ]);
      }
    }
  }
}

const isSame = (a: Entry, b: Entry): boolean =>
  a.kind === b.kind && a.term === b.term && Buffer.compare(a.payload, b.payload) === 0;

const described = ({ kind, payload }: Entry): string =>
  kind === 'noop' ? 'a no-op' : `a ${kind} of ${payload.length} bytes`;
