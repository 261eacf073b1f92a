import { describe, expect, it } from 'vitest';
import {
  createStepper,
  type RaftSnapshot,
  type Step,
  type TimerEvent,
  type TimerName,
  timerNameOf,
} from '../../src/node/step.ts';
import { defaultSettings } from '../../src/raft/context.ts';
import type { Effect, Persist } from '../../src/raft/effects.ts';
import type { RaftEvent } from '../../src/raft/inputs.ts';
import { append, emptyLog } from '../../src/raft/log-shape.ts';
import type { Message } from '../../src/raft/messages.ts';
import type { Entry, HardState, LogIndex, NodeId, Term } from '../../src/raft/types.ts';
import { roleOf } from '../machines/raft/chart-node.ts';
import { Dice } from '../machines/raft/random-inputs.ts';
import { votersOf } from './contexts.ts';

const stepsPerRun = 20_000;
const stepper = createStepper();
const settings = {
  ...defaultSettings,
  maxEntriesPerMessage: 3,
  maxMessageBytes: 8,
  maxMessagesInFlight: 3,
};

/** How often a timer that was drawn really expires: time is no more than that here. */
const haste: Readonly<Record<TimerName, number>> = {
  electionTimeout: 0.3,
  leaderLease: 0.5,
  heartbeatInterval: 0.6,
  quorumCheck: 0.15,
  transferTimeout: 0.5,
  catchUpRound: 0.5,
  catchUpTimeout: 0.5,
};

/** What waits for the disk: writes, and the messages behind them. */
type Queued = { readonly write: Persist } | { readonly message: Message };

const written = (entries: readonly Entry[], { firstIndex, entries: added }: Persist): readonly Entry[] =>
  added.length === 0 ? entries : [...entries.slice(0, firstIndex - 1), ...added];

/** Charts, stepped purely, with disks that take their time and a network that does what it likes; all from one seed. */
class RandomCluster {
  readonly #dice: Dice;
  readonly #nodes: Node[];
  readonly #bag: Message[] = [];
  readonly #history = new History();
  #payloads = 0;
  crashes = 0;

  constructor(size: number, seed: number) {
    this.#dice = new Dice(seed);
    this.#nodes = votersOf(size).map((id) => new Node(id, votersOf(size), seed * 100 + id));
    for (const node of this.#nodes) node.start(0);
  }

  get commits(): number {
    return this.#history.committed.length;
  }

  get terms(): number {
    return this.#history.leaders.size;
  }

  /** One thing happens, and then everything must still hold. */
  step(): void {
    const dice = this.#dice;
    const node = dice.pick(this.#nodes);
    const kind = dice.below(100);
    if (kind < 65) this.#deliver();
    else if (kind < 83) this.#flush(node, dice.between(1, 4));
    else if (kind < 92) this.#expire(node);
    else if (kind < 95) this.#propose(node);
    else if (kind < 98) this.#applied(node);
    else if (dice.chance(0.3)) this.#crash(node);
    this.#history.check(this.#nodes);
  }

  #deliver(): void {
    const dice = this.#dice;
    if (this.#bag.length === 0) return;
    // Rather an old one: else the newest are chosen and the rest is as good as lost.
    const at = Math.min(dice.below(this.#bag.length), dice.below(this.#bag.length));
    const message = this.#bag[at]!;
    const isCrowded = this.#bag.length > 15 * this.#nodes.length;
    if (isCrowded || !dice.chance(0.15)) this.#bag.splice(at, 1);
    if (isCrowded || dice.chance(0.08)) return;
    const node = this.#nodes[message.to - 1]!;
    this.#take(node, { type: 'Received', message });
  }

  #expire(node: Node): void {
    const type = [...node.armed][this.#dice.below(node.armed.size)]!;
    if (!this.#dice.chance(haste[timerNameOf(type)])) return;
    node.armed.delete(type);
    this.#take(node, { type: type as TimerEvent['type'] });
  }

  #propose(node: Node): void {
    const count = this.#dice.between(1, 3);
    const proposals = Array.from({ length: count }, () => {
      this.#payloads++;
      return { id: this.#payloads, payload: new Uint8Array(this.#payloads % 6) };
    });
    this.#take(node, { type: 'Proposed', proposals });
  }

  #applied(node: Node): void {
    const { lastApplied, commitIndex } = node.snapshot.context;
    if (lastApplied < commitIndex) this.#take(node, { type: 'Applied', index: commitIndex });
  }

  /** The disk gets on with some of what waits for it. */
  #flush(node: Node, count: number): void {
    for (let at = 0; at < count && node.queue.length > 0; at++) {
      const next = node.queue.shift()!;
      if ('message' in next) {
        this.#bag.push(next.message);
        continue;
      }
      node.makeDurable(next.write);
      const { currentTerm, lastIndex } = next.write;
      this.#take(node, { type: 'Persisted', term: currentTerm, lastIndex });
    }
    while (node.queue[0] !== undefined && 'message' in node.queue[0]) {
      this.#bag.push(node.queue[0].message);
      node.queue.shift();
    }
  }

  /** Some of the writes that waited have reached the disk, in order; nothing else has survived. */
  #crash(node: Node): void {
    this.crashes++;
    const writes = node.queue.flatMap((next) => ('write' in next ? [next.write] : []));
    for (const write of writes.slice(0, this.#dice.between(0, writes.length))) node.makeDurable(write);
    node.start(this.crashes);
  }

  /** Steps a node and does what it asks; now and then it crashes in the middle of that. */
  #take(node: Node, event: RaftEvent | TimerEvent): void {
    const effects = node.step(event);
    this.#history.noteCommits(node, this.#nodes);
    const isCrash = effects.length > 0 && this.#dice.chance(0.003);
    const done = isCrash ? effects.slice(0, this.#dice.below(effects.length)) : effects;
    for (const effect of done) this.#run(node, effect);
    if (isCrash) this.#crash(node);
  }

  #run(node: Node, effect: Effect): void {
    if (effect.type === 'persist') {
      node.log = written(node.log, effect.params);
      node.queue.push({ write: effect.params });
    } else if (effect.type === 'send') {
      const { message } = effect.params;
      if (node.queue.length > 0) node.queue.push({ message });
      else this.#bag.push(message);
    } else if (effect.type === 'replicate') {
      const { to, term, prevLogIndex, prevLogTerm, lastIndex, leaderCommit, round } = effect.params;
      const entries = node.log.slice(prevLogIndex, lastIndex);
      const envelope = { from: node.id, to, term };
      this.#bag.push({
        type: 'AppendEntries',
        ...envelope,
        prevLogIndex,
        prevLogTerm,
        entries,
        leaderCommit,
        round,
      });
    } else if (effect.type === 'apply') {
      const { lastIndex } = effect.params;
      this.#history.apply(node, lastIndex);
    }
  }
}

class Node {
  readonly id: NodeId;
  readonly voters: readonly NodeId[];
  readonly #seed: number;
  snapshot!: RaftSnapshot;
  readonly armed = new Set<string>();
  /** As the chart believes it to be: with the writes that still wait. */
  log: readonly Entry[] = [];
  durableLog: readonly Entry[] = [];
  /** The log as of the last check, which is made when it has changed. */
  checkedLog: readonly Entry[] = [];
  #durableState: HardState = { currentTerm: 0, votedFor: null };
  queue: Queued[] = [];

  constructor(id: NodeId, voters: readonly NodeId[], seed: number) {
    this.id = id;
    this.voters = voters;
    this.#seed = seed;
  }

  start(incarnation: number): void {
    this.queue = [];
    this.log = this.durableLog;
    this.armed.clear();
    const log = append(emptyLog, this.durableLog, settings.maxMessageBytes);
    const hardState = this.#durableState;
    const { id, voters } = this;
    this.#follow(stepper.initial({ id, voters, settings, hardState, log, seed: this.#seed + incarnation }));
  }

  step(event: RaftEvent | TimerEvent): readonly Effect[] {
    return this.#follow(stepper.step(this.snapshot, event));
  }

  makeDurable(write: Persist): void {
    this.durableLog = written(this.durableLog, write);
    this.#durableState = { currentTerm: write.currentTerm, votedFor: write.votedFor };
  }

  #follow({ snapshot, effects, timers }: Step): readonly Effect[] {
    this.snapshot = snapshot;
    for (const { change, id } of timers) {
      if (change === 'start') this.armed.add(id);
      else this.armed.delete(id);
    }
    return effects;
  }
}

/** What has ever been true, to hold the present against. An entry is itself wherever it was sent: `===` compares. */
class History {
  readonly leaders = new Map<Term, NodeId>();
  /** At `index - 1`: the entry, and the term of the leader that committed it first. */
  readonly committed: { readonly entry: Entry; readonly term: Term }[] = [];

  check(nodes: readonly Node[]): void {
    for (const node of nodes) {
      this.#electionSafety(node);
      this.#leaderCompleteness(node);
      if (node.log === node.checkedLog) continue;
      for (const other of nodes) if (other !== node) logMatching(node, other);
      node.checkedLog = node.log;
    }
  }

  /** "At most one leader can be elected in a given term." */
  #electionSafety({ id, snapshot }: Node): void {
    if (roleOf(snapshot) !== 'leader') return;
    const { currentTerm } = snapshot.context;
    const first = this.leaders.get(currentTerm) ?? id;
    this.leaders.set(currentTerm, first);
    must(first === id, `Election Safety: ${first} and ${id} both lead term ${currentTerm}`);
  }

  /** Notes what a leader commits; and a majority of disks must hold it then. */
  noteCommits(node: Node, nodes: readonly Node[]): void {
    const { commitIndex, currentTerm } = node.snapshot.context;
    for (let index = this.committed.length + 1; index <= commitIndex; index++) {
      must(roleOf(node.snapshot) === 'leader', `node ${node.id} commits ${index} before any leader`);
      const entry = node.log[index - 1]!;
      this.committed.push({ entry, term: currentTerm });
      const holders = nodes.filter(({ durableLog }) => durableLog[index - 1] === entry);
      must(
        holders.length * 2 > nodes.length,
        `${index} is committed on ${holders.length} of ${nodes.length} disks`,
      );
    }
  }

  /** "If a log entry is committed in a given term, it will be present in the logs of the leaders of all higher terms." */
  #leaderCompleteness({ id, snapshot, log }: Node): void {
    if (roleOf(snapshot) !== 'leader') return;
    const { currentTerm } = snapshot.context;
    this.committed.forEach(({ entry, term }, at) => {
      const holds = term > currentTerm || log[at] === entry;
      must(holds, `Leader Completeness: ${id} leads term ${currentTerm} without committed entry ${at + 1}`);
    });
  }

  /** "If a server has applied a log entry at a given index, no other server will ever apply a different one." */
  apply({ id, log, snapshot }: Node, lastIndex: LogIndex): void {
    const { commitIndex, lastApplied } = snapshot.context;
    must(lastIndex <= commitIndex, `node ${id} applies ${lastIndex}, committed is ${commitIndex}`);
    for (let index = lastApplied + 1; index <= lastIndex; index++) {
      const known = this.committed[index - 1];
      const holds = known === undefined || known.entry === log[index - 1];
      must(holds, `State Machine Safety: node ${id} applies another entry ${index}`);
    }
  }
}

/** "If two logs contain an entry with the same index and term, then the logs are identical up through that index." */
const logMatching = (one: Node, other: Node): void => {
  let isSame = true;
  for (let at = Math.min(one.log.length, other.log.length) - 1, mustMatch = false; at >= 0 && isSame; at--) {
    mustMatch ||= one.log[at]!.term === other.log[at]!.term;
    isSame = !mustMatch || one.log[at] === other.log[at];
  }
  must(isSame, `Log Matching: nodes ${one.id} and ${other.id}`);
};

const must = (holds: boolean, violation: string): void => {
  if (!holds) throw new Error(violation);
};

describe('random cluster: messages reordered, repeated and lost, nodes crashing', () => {
  const sizes = [2, 3, 3, 3, 4, 5, 5, 7];
  const runs = [0, 1].flatMap((round) => sizes.map((size, at) => ({ size, seed: 10 * round + at + 1 })));

  it.each(runs)(
    `keeps the safety properties of Figure 3 at each of ${stepsPerRun} steps: $size nodes, seed $seed`,
    ({ size, seed }) => {
      const cluster = new RandomCluster(size, seed);
      for (let at = 1; at <= stepsPerRun; at++) {
        try {
          cluster.step();
        } catch (error) {
          throw new Error(`${size} nodes, seed ${seed}, step ${at}: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
      // Else nothing happened that could have gone wrong.
      expect(cluster.commits).toBeGreaterThan(20);
      expect(cluster.terms).toBeGreaterThan(5);
      expect(cluster.crashes).toBeGreaterThan(50);
    },
  );
});
