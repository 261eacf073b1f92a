import { nodeFiles } from '../../adapters/storage/files.ts';
import { rehearseWal } from '../../adapters/storage/wal/rehearse-wal.ts';
import { dataOf } from '../../node/paced.ts';
import type { SnapshotPieces } from '../../ports/state-machine.ts';
import type { Storage } from '../../ports/storage.ts';
import type { LogIndex, Term } from '../../raft/types.ts';
import { KvStateMachine } from '../../store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../store/kv/result-codec.ts';
import { SessionStateMachine } from '../../store/sessions/session-state-machine.ts';
import { UsageError } from '../usage-error.ts';

/** A replicated state, and where it stood. */
export interface State {
  readonly clusterId: string;
  readonly index: LogIndex;
  readonly term: Term;
  readonly data: SnapshotPieces;
}

/** Payload bytes read from the log at a time. */
const readBytes = 1024 * 1024;

/** The state of a data directory's whole log, of which nobody knows here how far it was committed. Throws `UsageError` and `StorageRefused`. */
export const stateOfDirectory = async (directory: string): Promise<State> => {
  const { identity, storage } = await rehearseWal(directory);
  let release: (() => void) | null = null;
  try {
    release = await nodeFiles.lock(directory);
    if (release === null) throw new UsageError(`a node is running on ${directory}: stop it first`);
    const stateMachine = new SessionStateMachine(new KvStateMachine(), kvResultCodec);
    const position = await applyAll(storage, stateMachine, directory);
    if (position.index === 0)
      throw new UsageError(`${directory} holds no entries: there is nothing to restore`);
    return { clusterId: identity.clusterId, ...position, data: stateMachine.snapshot!() };
  } finally {
    release?.();
    await new Promise<void>((resolve) => storage.close(resolve));
  }
};

const applyAll = async (
  storage: Storage,
  stateMachine: Pick<SessionStateMachine<{ readonly type: string }>, 'apply' | 'restore'>,
  directory: string,
): Promise<{ readonly index: LogIndex; readonly term: Term }> => {
  const reader = storage.snapshots.read();
  let { index, term } = reader?.info ?? { index: 0, term: 0 };
  if (reader !== null) {
    await stateMachine.restore!(inTurns(dataOf(reader, () => {})));
    reader.release();
  }
  const { lastIndex } = storage.recovered;
  while (index < lastIndex) {
    for (const entry of storage.read(index + 1, lastIndex, readBytes)) {
      index += 1;
      term = entry.term;
      if (entry.kind !== 'command') continue;
      const result = stateMachine.apply(entry.payload, { index, term });
      const isCommand =
        result.type !== 'malformedEnvelope' &&
        !(result.type === 'applied' && result.result.type === 'malformed');
      if (!isCommand) {
        throw new UsageError(
          `${directory}: entry ${index} is no command of raft-node: a program of another kind wrote this log`,
        );
      }
    }
  }
  return { index, term };
};

async function* inTurns(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
