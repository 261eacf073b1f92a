import { describe, expect, it } from 'vitest';
import { type MachineNode, type NodeInput, NodeMachine, type Output } from '../../src/node/machine-node.ts';
import { createStepper, type TimerEvent, type TimerName, timerNameOf } from '../../src/node/step.ts';
import {
  type Disk,
  emptyDisk,
  entryAt,
  inputOfDisk,
  recovered,
  withDurable,
} from '../../src/node/stored-log.ts';
import { writesOf } from '../../src/node/write-order.ts';
import { currentConfiguration, membersOf } from '../../src/raft/configuration.ts';
import { defaultSettings, type Settings } from '../../src/raft/context.ts';
import { termAt } from '../../src/raft/log-shape.ts';
import type { MemberChange } from '../../src/raft/members.ts';
import type { Message } from '../../src/raft/messages.ts';
import { hasQuorum } from '../../src/raft/quorum.ts';
import type { LogIndex, NodeId, Term } from '../../src/raft/types.ts';
import { roleOf } from '../machines/raft/chart-node.ts';
import { Dice } from '../machines/raft/random-inputs.ts';
import { votersOf } from './contexts.ts';

const stepsPerRun = 15_000;
const settings: Settings = {
  ...defaultSettings,
  maxEntriesPerMessage: 3,
  maxMessageBytes: 8,
  maxMessagesInFlight: 3,
  trailingEntries: 2,
  trailingBytes: 1024,
};
const machine = new NodeMachine(createStepper(), { snapshotChunks: 3 });

/** How often a timer that was drawn really expires: time is no more than that here. */
const haste: Readonly<Record<TimerName, number>> = {
  electionTimeout: 0.3,
  leaderLease: 0.5,
  heartbeatInterval: 0.6,
  quorumCheck: 0.15,
  transferTimeout: 0.3,
  catchUpRound: 0.1,
  catchUpTimeout: 0.05,
};

interface Running {
  readonly id: NodeId;
  node: MachineNode;
}

/** What has ever been true, to hold the present against. */
class History {
  readonly leaders = new Map<Term, NodeId>();
  /** At `index - 1`: the term of the entry, and that of the leader that committed it first. */
  readonly committed: { readonly term: Term; readonly by: Term }[] = [];
  /** By read: how much was committed when it was asked for. */
  readonly reads = new Map<number, LogIndex>();
  readonly counts: Record<string, number> = {};

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  check({ id, node }: Running, hasLed: boolean, all: readonly Running[]): void {
    const { context } = node.snapshot;
    const { log, commitIndex, currentTerm } = context;
    if (roleOf(node.snapshot) === 'leader') {
      const first = this.leaders.get(currentTerm) ?? id;
      this.leaders.set(currentTerm, first);
      must(first === id, `Election Safety: ${first} and ${id} both lead term ${currentTerm}`);
      for (let at = log.snapshotIndex; at < this.committed.length; at++) {
        const { term, by } = this.committed[at]!;
        const holds = by > currentTerm || termAt(log, at + 1) === term;
        must(holds, `Leader Completeness: ${id} leads term ${currentTerm} without committed entry ${at + 1}`);
      }
    }
    for (let index = this.committed.length + 1; index <= commitIndex; index++) {
      must(hasLed, `node ${id} commits ${index} before any leader`);
      this.committed.push({ term: termAt(log, index), by: currentTerm });
      const holders = all.filter(({ node: { disk } }) => {
        const held = recovered(disk).log;
        return held.base >= index || entryAt(held, index)?.term === termAt(log, index);
      });
      const configuration = currentConfiguration(context.configurations);
      must(
        hasQuorum(
          configuration,
          holders.map((each) => each.id),
        ),
        `${index} is committed on no quorum of disks`,
      );
    }
    for (let index = Math.max(1, log.snapshotIndex); index <= commitIndex; index++) {
      const { term } = this.committed[index - 1]!;
      must(termAt(log, index) === term, `State Machine Safety: node ${id} committed another entry ${index}`);
    }
  }
}

/** Charts, stepped purely, with disks that take their time and a network that does what it likes; all from one seed. */
class RandomCluster {
  readonly #dice: Dice;
  readonly #voters: readonly NodeId[];
  readonly #nodes: Running[];
  readonly #bag: Message[] = [];
  readonly history = new History();
  #ids = 0;
  #incarnations = 0;

  constructor(voters: number, nodes: number, seed: number) {
    this.#dice = new Dice(seed);
    this.#voters = votersOf(voters);
    this.#nodes = votersOf(nodes).map((id) => ({ id, node: this.#started(id, emptyDisk) }));
  }

  get commits(): number {
    return this.history.committed.length;
  }

  step(): void {
    const dice = this.#dice;
    const running = dice.pick(this.#nodes);
    const kind = dice.below(1000);
    if (kind < 640) this.#deliver();
    else if (kind < 820) this.#flush(running, dice.between(1, 4));
    else if (kind < 905) this.#expire(running);
    else if (kind < 935) this.#propose(running);
    else if (kind < 950) this.#saveSnapshot(running);
    else if (kind < 965) this.#read(running);
    else if (kind < 975) this.#change(running);
    else if (kind < 980) this.#transfer(running);
    else if (dice.chance(0.2)) this.#crash(running);
  }

  #started(id: NodeId, disk: Disk): MachineNode {
    const input = { id, voters: this.#voters, settings, ...inputOfDisk(disk, settings) };
    return machine.start({ ...input, seed: id * 1000 + this.#incarnations++ }, disk).node;
  }

  #deliver(): void {
    const dice = this.#dice;
    if (this.#bag.length === 0) return;
    const at = Math.min(dice.below(this.#bag.length), dice.below(this.#bag.length));
    const message = this.#bag[at]!;
    const isCrowded = this.#bag.length > 15 * this.#nodes.length;
    if (isCrowded || !dice.chance(0.15)) this.#bag.splice(at, 1);
    if (isCrowded || dice.chance(0.08)) return;
    this.#take(this.#nodes[message.to - 1]!, { type: 'Received', message });
  }

  #expire(running: Running): void {
    const { armed } = running.node;
    if (armed.length === 0) return;
    const type = this.#dice.pick(armed);
    if (this.#dice.chance(haste[timerNameOf(type)])) this.#take(running, { type } as TimerEvent);
  }

  #propose(running: Running): void {
    const proposals = Array.from({ length: this.#dice.between(1, 3) }, () => {
      this.#ids++;
      return { id: this.#ids, payload: new Uint8Array(this.#ids % 6) };
    });
    this.#take(running, { type: 'Proposed', proposals });
  }

  #saveSnapshot(running: Running): void {
    const { context } = running.node.snapshot;
    if (context.lastApplied <= context.snapshot.index) return;
    this.history.count('snapshots');
    this.#take(running, { type: 'SnapshotTaken' });
  }

  #read(running: Running): void {
    const id = ++this.#ids;
    this.history.reads.set(id, this.commits);
    this.#take(running, { type: 'ReadRequested', id, nowMs: 0 });
  }

  #transfer(running: Running): void {
    const target = this.#dice.chance(0.3) ? null : this.#dice.pick(this.#nodes).id;
    this.#take(running, { type: 'TransferRequested', id: ++this.#ids, target });
  }

  #change(running: Running): void {
    const dice = this.#dice;
    const { configurations } = running.node.snapshot.context;
    const members = membersOf(currentConfiguration(configurations));
    const changes = Array.from({ length: dice.between(1, 2) }, (): MemberChange => {
      const { id: node } = dice.pick(this.#nodes);
      const type = members.includes(node)
        ? dice.pick(['promote', 'promote', 'demote', 'remove'] as const)
        : ('add' as const);
      const member = { peer: `h:${node}`, client: null, logId: null };
      return type === 'add' ? { type, node, member } : { type, node };
    });
    this.#take(running, { type: 'ConfigurationProposed', id: ++this.#ids, changes });
  }

  #flush(running: Running, count: number): void {
    if (running.node.checked !== null) this.#take(running, { type: 'SnapshotChecked' });
    for (let at = 0; at < count && running.node.queue.length > 0; at++)
      this.#take(running, { type: 'Synced' });
  }

  /** Some of the writes that waited have reached the disk, in order; nothing else has survived. */
  #crash(running: Running, { disk, queue }: MachineNode = running.node): void {
    this.history.count('crashes');
    const writes = writesOf(queue);
    const kept = writes.slice(0, this.#dice.between(0, writes.length)).reduce(withDurable, disk);
    running.node = this.#started(running.id, kept);
  }

  #take(running: Running, input: NodeInput): void {
    const { outputs } = machine.step(running.node, input);
    const isCrash = outputs.length > 0 && this.#dice.chance(0.003);
    const seen = isCrash ? outputs.slice(0, this.#dice.below(outputs.length)) : outputs;
    for (const output of seen) {
      running.node = output.node;
      this.#see(running, output);
    }
    if (isCrash) this.#crash(running);
  }

  #see(running: Running, output: Output): void {
    const { history } = this;
    switch (output.type) {
      case 'failed':
        throw output.error;
      case 'left':
        this.#bag.push(output.message);
        return;
      case 'readConfirmed': {
        history.count('reads');
        const { id, index } = output.answer;
        must(index >= history.reads.get(id)!, `Read Safety: read ${id} is confirmed up to ${index}`);
        return;
      }
      case 'stepped':
        history.check(running, output.step.taken[0]?.state.startsWith('leader') ?? false, this.#nodes);
        for (const { transition } of output.step.taken) {
          for (const action of transition.actions) history.count(action as unknown as string);
        }
        return;
      default:
        history.count(output.type);
    }
  }
}

const must = (holds: boolean, violation: string): void => {
  if (!holds) throw new Error(violation);
};

describe('the whole of Raft: members, snapshots, transfers and reads at random times', () => {
  const runs = [
    [3, 3],
    [3, 4],
    [1, 4],
    [2, 5],
    [3, 5],
    [4, 6],
    [5, 7],
  ].flatMap(([voters, nodes], at) => [0, 1, 2].map((more) => ({ voters, nodes, seed: 10 * more + at + 1 })));
  const counts: Record<string, number> = {};

  it.each(runs)(
    `keeps every safety property at each of ${stepsPerRun} steps: $voters voters of $nodes nodes, seed $seed`,
    ({ voters, nodes, seed }) => {
      const cluster = new RandomCluster(voters!, nodes!, seed);
      for (let at = 1; at <= stepsPerRun; at++) {
        try {
          cluster.step();
        } catch (error) {
          throw new Error(`seed ${seed}, step ${at}: ${(error as Error).message}`, { cause: error });
        }
      }
      expect(cluster.commits).toBeGreaterThan(20);
      for (const [what, count] of Object.entries(cluster.history.counts)) {
        counts[what] = (counts[what] ?? 0) + count;
      }
    },
  );

  it('has seen every kind of change, else nothing happened that could have gone wrong', () => {
    const wanted = [
      'restored',
      'appendFinal',
      'completeChange',
      'handOver',
      'sendTimeoutNow',
      'confirmReads',
    ];
    for (const what of [...wanted, 'confirmForwardedRead', 'resumeReplication', 'compactLog', 'crashes']) {
      expect(counts[what] ?? 0, what).toBeGreaterThan(10);
    }
  });
});
