import { createHash } from 'node:crypto';
import type { RaftNode, ReadOutcome } from '../../node/node.ts';
import type { Clock } from '../../ports/clock.ts';
import { assert } from '../../raft/assert.ts';
import type { LogIndex } from '../../raft/types.ts';
import { encodeStamped } from '../kv/commands.ts';
import type { KvResult, KvStateMachine } from '../kv/kv-state-machine.ts';
import type { SortedPairs } from '../kv/past-view.ts';
import type { Done, KvRefusalReason, KvRequest } from '../kv/requests.ts';
import type { KeyValue, Revision } from '../kv/revisioned-store.ts';
import { oldMembersWords } from '../old-members.ts';
import type { SessionResult } from '../sessions/session-state-machine.ts';
import type { SubmitOutcome, Submitter } from '../sessions/submitter.ts';
import { askWithinCall } from './call-span.ts';
import { EtcdError, etcdErrors } from './etcd-error.ts';
import type { Header } from './wire-types.ts';

/** The node that is served, and how its store is asked. */
export interface EtcdStoreParts {
  readonly node: RaftNode<SessionResult<KvResult>>;
  /** Its state machine. */
  readonly kv: KvStateMachine;
  /** Takes commands whether the node leads or not. */
  readonly submitter: Submitter<KvResult>;
  readonly clusterId: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** What a request did. */
export interface Fulfilled<Each extends Done> {
  readonly done: Each;
  /** Of the store after it. */
  readonly revision: Revision;
}

/** How long a request waits for its outcome: as in etcd, which waits for 5 s and two elections. */
const requestTimeoutMs = 7000;
/** A command of etcd's is no larger by default (`--max-request-bytes`). */
const maxCommandBytes = 1.5 * 1024 * 1024;
/** Before a read is asked for again that no leader has confirmed. */
const readAgainMs = 50;

/** A command with which revisions begin. */
interface Beginning {
  /** Its failure, or null. It never rejects: nobody may be waiting for it any more. */
  readonly command: Promise<Error | null>;
  /** The deadline of the caller that it was submitted for. */
  readonly untilMs: number;
}

const isTimeOut = (error: Error): boolean =>
  error instanceof EtcdError && error.details === etcdErrors.timedOut().details;

/** The store with revisions as etcd's clients ask for it, on whichever node: writes go to the leader and reads are confirmed by it. Throws `EtcdError`s. */
export class EtcdStore {
  readonly #parts: EtcdStoreParts;
  readonly #clusterId: string;
  #isStopped = false;
  #beginning: Beginning | null = null;

  constructor(parts: EtcdStoreParts) {
    this.#parts = parts;
    this.#clusterId = createHash('sha256').update(parts.clusterId).digest().readBigUInt64BE().toString();
    void parts.node.stopped.then(() => {
      this.#isStopped = true;
    });
  }

  get node(): EtcdStoreParts['node'] {
    return this.#parts.node;
  }

  get kv(): KvStateMachine {
    return this.#parts.kv;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether this node has started and knows who leads. */
  get hasLeader(): boolean {
    return !this.#isStopped && this.node.position().leader !== null;
  }

  /** Of an answer. `revision`: that of the store as it is, unless another is given. */
  header(revision: Revision = this.kv.store.revision): Header {
    return {
      cluster_id: this.#clusterId,
      member_id: this.node.id,
      revision,
      raft_term: this.node.position().term,
    };
  }

  /** Has `request` done, in the log. Throws what the store refuses it for. */
  async submit<Each extends Done>(
    request: KvRequest,
    deadlineMs = this.#newDeadlineMs(),
  ): Promise<Fulfilled<Each>> {
    if (request.type !== 'passTime') await this.begin(deadlineMs);
    const { clock, wallClock } = this.#parts;
    const command = encodeStamped(wallClock(), request);
    if (command.length > maxCommandBytes) throw etcdErrors.requestTooLarge();
    if (deadlineMs <= clock.now()) throw etcdErrors.timedOut();
    const outcome = await this.#outcomeOf(command, deadlineMs);
    switch (outcome.type) {
      case 'timedOut':
      case 'unknownOutcome':
        throw this.#isStopped ? etcdErrors.stopped() : etcdErrors.timedOut();
      case 'overloaded':
        throw etcdErrors.tooManyRequests();
      case 'closed':
        throw etcdErrors.stopped();
      case 'applied': {
        if (outcome.result.type !== 'requested')
          throw new Error(`a request gave the result ${outcome.result.type}`);
        const { result } = outcome.result;
        await this.#untilAppliedHere(outcome.index, deadlineMs);
        if (result.type === 'refused') throw refusals[result.reason]();
        return { done: result.done as Each, revision: result.revision };
      }
    }
  }

  /** While this node leads, a command goes into the log as it is: a client of etcd's gives none that is to be known again. Once it is certain that nothing happened, another node is asked. */
  async #outcomeOf(command: Uint8Array, deadlineMs: number): Promise<SubmitOutcome<KvResult>> {
    const { node, submitter, clock } = this.#parts;
    if (node.position().role === 'leader') {
      const outcome = await this.#inTime(
        askWithinCall(() => node.propose(command)),
        deadlineMs,
      );
      if (outcome === null) return { type: 'unknownOutcome' };
      if (outcome.type === 'applied') {
        const { result } = outcome;
        assert(result.type === 'applied', 'a command without a key is applied', result.type, 'applied');
        return { ...outcome, result: result.result };
      }
      if (outcome.type === 'unknownOutcome' || outcome.type === 'overloaded') return outcome;
    }
    const timeoutMs = deadlineMs - clock.now();
    if (timeoutMs <= 0) return { type: 'timedOut' };
    return askWithinCall(() => submitter.submit(command, { timeoutMs }));
  }

  /** Null: not before the deadline. */
  #inTime<Result>(result: Promise<Result>, deadlineMs: number): Promise<Result | null> {
    const { clock } = this.#parts;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => resolve(null), deadlineMs - clock.now());
      result.then(resolve, reject).finally(() => clock.clearTimeout(timer));
    });
  }

  /** Resolves once the store may be read here: everything that was done before this call is applied, unless a stale answer will do (`isSerializable`). */
  async readable(isSerializable = false): Promise<void> {
    if (this.#isStopped) throw etcdErrors.stopped();
    const deadlineMs = this.#newDeadlineMs();
    if (!isSerializable) await this.#confirm(deadlineMs);
    await this.begin(deadlineMs);
  }

  /** The pairs as of `revision`; 0: as of now. Throws if they are kept no more, or have not come yet. */
  pairsAt(revision: Revision): SortedPairs<KeyValue> {
    const { store } = this.kv;
    if (revision === 0) return store.map;
    const found = store.at(revision);
    if (found.type === 'found') return found.map;
    throw found.type === 'compacted' ? etcdErrors.compacted() : etcdErrors.futureRevision();
  }

  /** Revisions rise from the first stamped command on. Resolves once there is one: many may wait for the same command, each until its own deadline. */
  async begin(deadlineMs = this.#newDeadlineMs()): Promise<void> {
    while (!this.kv.store.isBegun) {
      const tooEarly = oldMembersWords(this.node.status());
      if (tooEarly !== null) throw new EtcdError('failedPrecondition', tooEarly);
      const nowMs = this.clock.now();
      if (deadlineMs <= nowMs) throw etcdErrors.timedOut();
      if (this.#beginning === null || this.#beginning.untilMs <= nowMs)
        this.#beginning = this.#startToBegin(deadlineMs);
      const { command, untilMs } = this.#beginning;
      // Whoever has more time than the caller that began asks again then.
      const failure = await this.#inTime(command, Math.min(deadlineMs, untilMs));
      if (failure !== null && !isTimeOut(failure)) throw failure;
    }
  }

  #startToBegin(untilMs: number): Beginning {
    const command = this.submit({ type: 'passTime' }, untilMs).then(
      () => null,
      (error: Error) => error,
    );
    const beginning = { command, untilMs };
    void command.then(() => {
      if (this.#beginning === beginning) this.#beginning = null;
    });
    return beginning;
  }

  /** Whoever is answered finds what was done on this node, too, as with etcd. A read makes the leader tell at once what is committed. */
  async #untilAppliedHere(index: LogIndex, deadlineMs: number): Promise<void> {
    // What was done stays done, even if nobody confirms it any more.
    if (this.node.position().lastApplied < index) await this.#confirm(deadlineMs).catch(() => {});
  }

  /** Of a request that begins now: one for all that it waits for. */
  #newDeadlineMs(): number {
    return this.clock.now() + requestTimeoutMs;
  }

  async #confirm(deadlineMs: number): Promise<void> {
    const { node, clock } = this.#parts;
    for (;;) {
      const outcome = await new Promise<ReadOutcome>((resolve) => askWithinCall(() => node.read(resolve)));
      if (outcome.type === 'ready') return;
      if (outcome.type === 'overloaded') throw etcdErrors.tooManyRequests();
      if (this.#isStopped) throw etcdErrors.stopped();
      if (clock.now() >= deadlineMs) throw etcdErrors.timedOut();
      await new Promise<void>((resolve) => clock.setTimeout(resolve, readAgainMs));
    }
  }
}

const refusals: Readonly<Record<KvRefusalReason, () => EtcdError>> = {
  compacted: etcdErrors.compacted,
  futureRevision: etcdErrors.futureRevision,
  keyNotFound: etcdErrors.keyNotFound,
  leaseNotFound: etcdErrors.leaseNotFound,
  leaseExists: etcdErrors.leaseExists,
  duplicateKey: etcdErrors.duplicateKey,
  tooLarge: etcdErrors.tooLarge,
};
