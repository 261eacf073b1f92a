/**
 * What somebody writes who implements every port: all of it can be named by importing from the package alone. It is compiled, and not run.
 */
import {
  type Clock,
  type Connection,
  type ConnectionHandlers,
  createDatagramTransport,
  createNode,
  type DatagramTransport,
  type Disk,
  EntriesCompacted,
  type Entry,
  type EntryVisitor,
  type Founder,
  type HardState,
  type KnownDisk,
  type KvResult,
  KvStateMachine,
  kvResultCodec,
  type Log,
  type LogIndex,
  type NodeId,
  type NodeParts,
  type Outcome,
  type RaftNode,
  type Random,
  type ReadOutcome,
  type ReceivedSnapshot,
  type Recovered,
  type Run,
  type SnapshotChunk,
  type SnapshotInfo,
  type SnapshotPieces,
  type SnapshotPosition,
  type SnapshotReader,
  SnapshotRefused,
  type SnapshotStore,
  type StateMachine,
  type Storage,
  StorageFailed,
  type Term,
  type Transport,
  type Write,
} from 'raftchart';
import {
  createSubmitter,
  type ResultCodec,
  type SessionResult,
  SessionStateMachine,
  type SubmitOutcome,
  type Submitter,
} from 'raftchart/sessions';

class OwnClock implements Clock {
  now(): number {
    return Date.now();
  }
  setTimeout(fn: () => void, delayMs: number): unknown {
    return setTimeout(fn, delayMs);
  }
  clearTimeout(id: unknown): void {
    clearTimeout(id as NodeJS.Timeout);
  }
  defer(fn: () => void): void {
    setImmediate(fn);
  }
}

class OwnRandom implements Random {
  #state = 1;
  uint32(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state;
  }
}

type Fields = Readonly<Record<string, unknown>>;

class OwnLog implements Log {
  readonly lines: string[] = [];
  readonly debug = (_fields: Fields, _message: string): void => {};
  readonly info = (fields: Fields, message: string): void => this.#write('info', fields, message);
  readonly warn = (fields: Fields, message: string): void => this.#write('warn', fields, message);
  readonly error = (fields: Fields, message: string): void => this.#write('error', fields, message);
  #write(level: string, fields: Fields, message: string): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  }
}

class OwnDisk implements Disk {
  readonly logId: string = '0'.repeat(32);
  start = 1;
  readonly runs: readonly Run[] = [{ start: 1, tag: '00000000' }];
  readonly firstMembers: readonly Founder[] | null = null;
  readonly #known = new Map<NodeId, KnownDisk>();
  advanceStart(done: (failure: Error | null) => void): void {
    this.start++;
    setImmediate(done, null);
  }
  knownOf(peer: NodeId): KnownDisk | null {
    return this.#known.get(peer) ?? null;
  }
  remember(peer: NodeId, known: KnownDisk, done: (failure: Error | null) => void): void {
    this.#known.set(peer, known);
    setImmediate(done, null);
  }
}

class OwnReader implements SnapshotReader {
  readonly info: SnapshotInfo;
  constructor(info: SnapshotInfo) {
    this.info = info;
  }
  chunkAt(offset: number): SnapshotChunk {
    if (offset > 0) throw new SnapshotRefused('damaged', 'it is empty');
    return { offset, bytes: new Uint8Array(0), checksum: 0 };
  }
  release(): void {}
}

class OwnSnapshots implements SnapshotStore {
  latest: SnapshotInfo | null = null;
  receiving: ReceivedSnapshot | null = null;
  read(): SnapshotReader | null {
    return this.latest === null ? null : new OwnReader(this.latest);
  }
  async save(position: SnapshotPosition, _data: Uint8Array | SnapshotPieces): Promise<SnapshotInfo> {
    this.latest = { ...position, sizeBytes: 0, checksum: 0 };
    return this.latest;
  }
  async receive(info: SnapshotInfo, chunk: SnapshotChunk): Promise<void> {
    this.receiving = { info, receivedBytes: chunk.offset + chunk.bytes.length };
  }
  async install(info: SnapshotInfo): Promise<SnapshotInfo> {
    this.latest = info;
    return info;
  }
}

class OwnStorage implements Storage {
  readonly recovered: Recovered = {
    hardState: { currentTerm: 0, votedFor: null },
    baseIndex: 0,
    baseTerm: 0,
    lastIndex: 0,
  };
  readonly disk: Disk = new OwnDisk();
  readonly snapshots: SnapshotStore = new OwnSnapshots();
  hardState: HardState = this.recovered.hardState;
  #entries: Entry[] = [];
  #baseIndex: LogIndex = 0;
  visitEntries(visit: EntryVisitor): void {
    this.#entries.forEach(({ term, kind, payload }, at) => {
      visit(this.#baseIndex + at + 1, term, payload.length, kind === 'configuration');
    });
  }
  append({ hardState, firstIndex, entries }: Write): void {
    this.hardState = hardState;
    if (entries.length > 0) this.#entries.splice(firstIndex - this.#baseIndex - 1, Infinity, ...entries);
  }
  sync(done: (failure: StorageFailed | null) => void): void {
    setImmediate(() => done(this.#entries.length > 1e9 ? new StorageFailed('the memory is full') : null));
  }
  compact(index: LogIndex, _term: Term): void {
    this.#entries.splice(0, index - this.#baseIndex);
    this.#baseIndex = index;
  }
  read(firstIndex: LogIndex, lastIndex: LogIndex, _maxBytes: number): readonly Entry[] {
    if (firstIndex <= this.#baseIndex) throw new EntriesCompacted(firstIndex, this.#baseIndex);
    return this.#entries.slice(firstIndex - this.#baseIndex - 1, lastIndex - this.#baseIndex);
  }
  close(done: () => void): void {
    setImmediate(done);
  }
}

class OwnConnection implements Connection {
  readonly remote: string = 'nowhere';
  readonly #handlers: ConnectionHandlers;
  constructor(handlers: ConnectionHandlers) {
    this.#handlers = handlers;
  }
  send(_frame: Uint8Array): boolean {
    return false;
  }
  close(): void {
    setImmediate(() => this.#handlers.closed('nobody is there'));
  }
}

class OwnTransport implements Transport {
  accept: ((connection: Connection) => ConnectionHandlers) | null = null;
  listen(accept: (connection: Connection) => ConnectionHandlers): void {
    this.accept = accept;
  }
  dial(_peer: NodeId, handlers: ConnectionHandlers, _address?: string | null): Connection {
    const connection = new OwnConnection(handlers);
    connection.close();
    return connection;
  }
  close(done: () => void): void {
    setImmediate(done);
  }
}

class OwnStateMachine implements StateMachine<string> {
  apply(command: Uint8Array, position: { readonly index: LogIndex; readonly term: Term }): string {
    return `${position.index}: ${command.length}`;
  }
  snapshot(): Uint8Array | SnapshotPieces {
    return new Uint8Array(0);
  }
  async restore(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const _ of pieces);
  }
}

const ownParts: Pick<NodeParts<string>, 'clock' | 'random' | 'log'> = {
  clock: new OwnClock(),
  random: new OwnRandom(),
  log: new OwnLog(),
};

const ownCodec: ResultCodec<string> = {
  encode: (result: string): Uint8Array => new TextEncoder().encode(result),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
};

export const ownNode = (id: NodeId): RaftNode<SessionResult<string>> =>
  createNode({
    ...ownParts,
    id,
    peers: [],
    storage: new OwnStorage(),
    transport: new OwnTransport(),
    stateMachine: new SessionStateMachine(new OwnStateMachine(), ownCodec),
  });

/** Every outcome is known by name: TypeScript would say if one were missing. */
export const told = (outcome: Outcome<string> | ReadOutcome | SubmitOutcome<string>): string => {
  switch (outcome.type) {
    case 'applied':
      return outcome.result;
    case 'ready':
      return `as of ${outcome.index}`;
    case 'notLeader':
      return `ask ${outcome.leader ?? 'somebody else'}`;
    case 'closed':
    case 'overloaded':
    case 'overwritten':
    case 'timedOut':
    case 'unknownOutcome':
      return outcome.type;
  }
};

/** A key-value store over a carrier of one's own. */
export const kvNode = (
  id: NodeId,
  peers: readonly NodeId[],
  send: (kind: 'raft' | 'command', to: NodeId, bytes: Uint8Array) => void,
): { readonly transport: DatagramTransport; readonly submitter: Submitter<KvResult> } => {
  const { clock, random } = ownParts;
  const transport = createDatagramTransport({
    clock,
    random,
    maxDatagramBytes: 1200,
    send: (to: NodeId, bytes: Uint8Array): void => send('raft', to, bytes),
  });
  const node: RaftNode<SessionResult<KvResult>> = createNode({
    id,
    peers,
    storage: new OwnStorage(),
    transport,
    stateMachine: new SessionStateMachine(new KvStateMachine(), kvResultCodec),
  });
  const submitter = createSubmitter({
    node,
    results: kvResultCodec,
    send: (to: NodeId, message: Uint8Array): void => send('command', to, message),
  });
  return { transport, submitter };
};
