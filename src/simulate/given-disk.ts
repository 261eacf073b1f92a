import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage, Write } from '../ports/storage.ts';
import { firstConfiguration } from '../raft/configuration.ts';
import { encodeConfiguration } from '../raft/configuration-payload.ts';
import type { Entry, HardState, LogIndex, NodeId, Term } from '../raft/types.ts';
import { encodePut } from '../store/kv/commands.ts';
import { Durability } from '../verify/durability.ts';

/** What a disk holds before its node starts for the first time. */
export interface GivenDisk extends HardState {
  /** The term of each entry that was ever in the log, from index 1 on. */
  readonly terms: readonly Term[];
  /** The last entry that a snapshot stands for, so that the log begins after it; 0: there is none. */
  readonly snapshotIndex: LogIndex;
}

/** (index, term) names an entry, so it decides the payload as well. Raft paper §5.3, Log Matching. */
const entryOf = (term: Term, at: number): Entry => ({
  term,
  kind: 'command',
  payload: encodePut(`e${at + 1}`, new TextEncoder().encode(`${term}`)),
});

const writeOf = ({ currentTerm, votedFor, terms }: GivenDisk): Write => ({
  hardState: { currentTerm, votedFor },
  firstIndex: terms.length === 0 ? 0 : 1,
  entries: terms.map(entryOf),
});

/** Writes it. `stateMachine` is an empty one, and `promised` is called each time that the writing waits for a promise. */
export const writeGivenDisk = async (
  storage: Storage,
  given: GivenDisk,
  voters: readonly NodeId[],
  stateMachine: StateMachine<unknown>,
  promised: () => void,
): Promise<void> => {
  const { terms, snapshotIndex: index } = given;
  storage.append(writeOf(given));
  await synced(storage, promised);
  if (index > 0) {
    const term = terms[index - 1]!;
    for (const [at, entryTerm] of terms.slice(0, index).entries()) {
      stateMachine.apply(entryOf(entryTerm, at).payload, { index: at + 1, term: entryTerm });
    }
    const configuration = encodeConfiguration(firstConfiguration(voters));
    promised();
    await storage.snapshots.save({ index, term, configuration }, stateMachine.snapshot!());
    storage.compact(index, term);
    await synced(storage, promised);
  }
  promised();
  await new Promise<void>((resolve) => storage.close(resolve));
};

/** The record of what the disk has acknowledged. */
export const durabilityOf = (given: GivenDisk): Durability => {
  const durability = new Durability();
  const { terms, snapshotIndex } = given;
  durability.append(writeOf(given));
  durability.acknowledge(1);
  if (snapshotIndex > 0) durability.compact(snapshotIndex, terms[snapshotIndex - 1]!);
  return durability;
};

const synced = (storage: Storage, promised: () => void): Promise<void> => {
  promised();
  return new Promise((resolve, reject) => {
    storage.sync((failure) => {
      promised();
      if (failure === null) resolve();
      else reject(failure);
    });
  });
};
