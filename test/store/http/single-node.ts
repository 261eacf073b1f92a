import { systemClock } from '../../../src/adapters/system/clock.ts';
import type {
  ChangeOutcome,
  NodePosition,
  NodeStatus,
  Outcome,
  RaftNode,
  ReadOutcome,
  TransferOutcome,
} from '../../../src/node/node.ts';
import type { ChartStatus } from '../../../src/node/taken-transitions.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { MemberChange } from '../../../src/raft/members.ts';
import { type HttpApi, type HttpOptions, openHttp, type Served } from '../../../src/store/http/server.ts';
import { type KvResult, KvStateMachine } from '../../../src/store/kv/kv-state-machine.ts';
import { kvResultCodec } from '../../../src/store/kv/result-codec.ts';
import { Watches } from '../../../src/store/kv/watches.ts';
import {
  type SessionResult,
  SessionStateMachine,
} from '../../../src/store/sessions/session-state-machine.ts';

type Result = SessionResult<KvResult>;

/** A client API of node 1 that has no node yet, on a free port of this machine. */
export const open = (options: Partial<HttpOptions> = {}): Promise<HttpApi> =>
  openHttp({
    id: 1,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    startingWords: () => 'starting',
    ...options,
  });

/** The client API of `node`, on a free port of this machine. */
export const serve = async (
  node: SingleNode,
  { leaseReads, backups, clientEndpointOf, ...options }: Partial<HttpOptions & Served> = {},
): Promise<HttpApi> => {
  const api = await open({ id: node.id, ...options });
  api.serve({
    node,
    readValue: node.readValue,
    kv: node.kv,
    watches: node.watches,
    ...(leaseReads === undefined ? {} : { leaseReads }),
    ...(backups === undefined ? {} : { backups }),
    ...(clientEndpointOf === undefined ? {} : { clientEndpointOf }),
  });
  return api;
};

/** A node that is a cluster of its own: it applies what is submitted, or answers as a test tells it to. */
export class SingleNode implements RaftNode<Result> {
  readonly id: number;
  readonly kv = new KvStateMachine();
  readonly watches = new Watches(this.kv.store, systemClock);
  readonly #stateMachine = new SessionStateMachine<KvResult>(this.kv, kvResultCodec);
  readonly removed = new Promise<void>(() => {});
  readonly stopped: Promise<Error | null>;
  current: NodeStatus;
  /** How many commands were submitted. */
  submitted = 0;
  /** Answers everything with this, applying nothing. */
  refusal: Outcome<Result> | null = null;
  /** How many reads were asked for. */
  reads = 0;
  /** Answers each read with this. */
  readOutcome: ReadOutcome | null = null;
  /** What was asked of `transferLeadership`, and its answer. */
  transfers: (number | null)[] = [];
  transferOutcome: TransferOutcome | null = null;
  /** What was asked of `changeMembers`, and its answer. */
  changes: (readonly MemberChange[])[] = [];
  changeOutcome: ChangeOutcome = { type: 'changed', index: 1 };
  /** While true, outcomes wait for `release`. */
  isHolding = false;
  #held: (() => void)[] = [];
  #onHeld: () => void = () => {};
  #stop: (error: Error | null) => void = () => {};

  constructor(id = 1) {
    this.id = id;
    this.kv.onChange(() => this.watches.changed());
    this.current = {
      id,
      role: 'leader',
      standing: 'voter',
      peerEndpoint: `127.0.0.1:${7000 + id}`,
      configuration: {
        index: 0,
        isCommitted: true,
        voters: [id],
        outgoing: [],
        learners: [],
        members: { [id]: { peer: `127.0.0.1:${7000 + id}`, client: null, logId: null } },
      },
      term: 2,
      leader: id,
      commitIndex: 1,
      lastApplied: 1,
      replayed: 1,
      firstLogIndex: 1,
      lastLogIndex: 1,
      snapshot: null,
      peers: [],
      loopDelay: null,
    };
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  position(): NodePosition {
    return this.status();
  }

  status(): NodeStatus {
    return this.current;
  }

  charts(): readonly ChartStatus[] {
    return [{ actor: 'raft', value: this.current.role, last: null, moved: null, taken: [] }];
  }

  submit(command: Uint8Array, done: (outcome: Outcome<Result>) => void): void {
    this.submitted += 1;
    this.#settle(() => done(this.refusal ?? this.#apply(command)));
  }

  propose(command: Uint8Array): Promise<Outcome<Result>> {
    return new Promise((resolve) => this.submit(command, resolve));
  }

  /** What a read finds in the state machine. */
  readonly readValue = (key: string): Uint8Array | null => this.kv.get(key);

  read(done: (outcome: ReadOutcome) => void): void {
    this.reads += 1;
    this.#settle(() => {
      const { refusal } = this;
      const refused = refusal?.type === 'notLeader' || refusal?.type === 'overloaded' ? refusal : null;
      done(this.readOutcome ?? refused ?? { type: 'ready', index: this.current.lastApplied });
    });
  }

  readable(): Promise<ReadOutcome> {
    return new Promise((resolve) => this.read(resolve));
  }

  async takeSnapshot(): Promise<void> {}

  /** Answers as the test says, or that it is done. */
  changeMembers(changes: readonly MemberChange[]): Promise<ChangeOutcome> {
    this.changes.push(changes);
    return new Promise((resolve) => this.#settle(() => resolve(this.changeOutcome)));
  }

  /** Moves the leadership as asked, if the test says nothing else. */
  transferLeadership(target: number | null): Promise<TransferOutcome> {
    this.transfers.push(target);
    return new Promise((resolve) =>
      this.#settle(() => {
        const leader = target ?? this.id + 1;
        if (this.transferOutcome !== null) return resolve(this.transferOutcome);
        this.current = { ...this.current, role: 'follower', leader };
        resolve({ type: 'moved', leader });
      }),
    );
  }

  /** Resolves once `count` commands, reads and transfers wait. */
  held(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onHeld = () => {
        if (this.#held.length >= count) resolve();
      };
      this.#onHeld();
    });
  }

  /** Settles what waits, in order. */
  release(): void {
    this.isHolding = false;
    for (const settle of this.#held.splice(0)) settle();
  }

  onChange(): () => void {
    return () => {};
  }

  async stop(): Promise<void> {
    this.#stop(null);
  }

  #settle(settle: () => void): void {
    if (this.isHolding) {
      this.#held.push(settle);
      this.#onHeld();
    } else queueMicrotask(settle);
  }

  #apply(command: Uint8Array): Outcome<Result> {
    const index = this.current.lastLogIndex + 1;
    this.current = { ...this.current, lastLogIndex: index, commitIndex: index, lastApplied: index };
    const position = { index, term: this.current.term };
    return { type: 'applied', ...position, result: this.#stateMachine.apply(command, position) };
  }
}
