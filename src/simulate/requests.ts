import type { HistoryEvent } from '../check/history.ts';
import type { EventType } from '../check/operation.ts';
import type { ChangeOutcome, TransferOutcome } from '../node/node.ts';
import { otherDiskOf, type ReplacementStep, replacementStep } from '../node/replace-disk.ts';
import type { NodeId } from '../raft/types.ts';
import type { ClientParts } from './client-parts.ts';
import type { Stream } from './dice.ts';
import { drawChanges, memberOf } from './draw-changes.ts';
import type { RequestPlan, ScriptedRequest } from './plan.ts';
import type { SimulatedNode } from './simulated-node.ts';

export interface RequestParts extends ClientParts {
  readonly plan: RequestPlan;
  /** How many keys there are to read. */
  readonly keys: number;
}

/** What became of the requests. */
export interface RequestFigures {
  /** Reads that were answered, and those of them that took no time: by lease, or by a node that is alone. */
  readonly reads: number;
  readonly readsAtOnce: number;
  readonly readsRefused: number;
  readonly transfersAsked: number;
  readonly transfersDone: number;
  readonly transfersRefused: number;
  /** Of the requests for other members; of what is neither done nor refused nobody said what became of it. */
  readonly changesAsked: number;
  readonly changesDone: number;
  readonly changesRefused: number;
  /** Disks that took the place of others. */
  readonly disksReplaced: number;
}

export const noRequests: RequestFigures = {
  reads: 0,
  readsAtOnce: 0,
  readsRefused: 0,
  transfersAsked: 0,
  transfersDone: 0,
  transfersRefused: 0,
  changesAsked: 0,
  changesDone: 0,
  changesRefused: 0,
  disksReplaced: 0,
};

/** How often it is looked whether a disk waits to take the place of another. */
const lookUs = 200_000;

/** So that each read is a process of its own in the history: any number of them may be open. */
const firstReader = 1_000_000;

/** Clients that read from whichever node, without an entry in the log, and that ask whichever node to hand over to another, or for other members. */
export class Requests {
  readonly #parts: RequestParts;
  /** Every request that was made. */
  readonly script: ScriptedRequest[] = [];
  readonly #figures: { -readonly [Figure in keyof RequestFigures]: number } = { ...noRequests };
  #isStopped = false;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  get figures(): RequestFigures {
    return this.#figures;
  }

  start(): void {
    const { readsPerSecond, transfersPerSecond, changesPerSecond = 0 } = this.#parts.plan;
    this.#every('read', 1, readsPerSecond, (nth) => this.#read(nth));
    this.#every('transfer', 2, transfersPerSecond, (nth) => this.#transfer(nth));
    this.#every('change', 5, changesPerSecond, (nth) => this.#change(nth));
  }

  stop(): void {
    this.#isStopped = true;
  }

  #every(
    kind: ScriptedRequest['kind'],
    purpose: number,
    perSecond: number,
    asked: (nth: number) => void,
  ): void {
    const { clock, dice, plan } = this.#parts;
    const ask = (nth: number): void => {
      this.script.push({ kind, nth, atMs: clock.nowUs / 1000 });
      asked(nth);
    };
    if (plan.script !== undefined) {
      for (const { nth, atMs } of plan.script.filter((each) => each.kind === kind)) {
        clock.schedule(atMs * 1000 - clock.nowUs, () => {
          if (!this.#isStopped) ask(nth);
        });
      }
      return;
    }
    if (perSecond === 0) return;
    const stream = dice.stream(purpose);
    const next = (nth: number): void => {
      clock.schedule(stream.exponential(1_000_000 / perSecond), () => {
        if (this.#isStopped) return;
        ask(nth);
        next(nth + 1);
      });
    };
    next(1);
  }

  /** The value comes from the state machine of the node that was asked, as it is when the node says that it may be read. */
  #read(nth: number): void {
    const { clock, dice, nodes, checks, service, record, recordFor, keys, asked } = this.#parts;
    const stream = dice.stream(3, nth);
    const { id, process: running, node, stateMachine } = stream.pick(nodes);
    const key = `k${stream.between(1, keys)}`;
    if (running === null || node === null || stateMachine === null) return;
    const { read, model } = service;
    const process = firstReader + nth;
    const tell = (type: EventType, values: Pick<HistoryEvent, 'value'> = {}): void => {
      const isRecorded = read !== undefined && model !== undefined;
      record(type, read === undefined || isRecorded ? null : { process, f: 'read', key, type, ...values });
      if (isRecorded) recordFor(process, type, { f: 'read', key, ...values });
    };
    tell('invoke');
    const askedUs = clock.nowUs;
    const request = asked(id, { type: 'read', key });
    running.run(() => {
      checks.askRead(id, nth);
      node.read((outcome) => {
        if (!running.act()) return;
        if (outcome.type !== 'ready') {
          request.isRefused = clock.nowUs === askedUs;
          this.#figures.readsRefused++;
          tell('fail');
          return;
        }
        this.#figures.reads++;
        if (clock.nowUs === askedUs) this.#figures.readsAtOnce++;
        checks.answerRead(id, nth, outcome.index);
        tell('ok', read === undefined ? {} : { value: read(stateMachine, key) });
      });
    });
  }

  #transfer(nth: number): void {
    const { dice, nodes, asked } = this.#parts;
    const stream = dice.stream(4, nth);
    const { id, process, node } = stream.pick(nodes);
    const others = nodes.map((each) => each.id).filter((each) => each !== id);
    const target: NodeId | null = others.length === 0 || stream.chance(0.3) ? null : stream.pick(others);
    if (process === null || node === null) return;
    this.#figures.transfersAsked++;
    const request = asked(id, { type: 'transfer', target });
    process.run(() => {
      // Only counted: nothing in the simulation may wait for a promise.
      void node.transferLeadership(target).then((outcome) => {
        request.isRefused = outcome.type === 'refused';
        this.#count(outcome);
      });
    });
  }

  /** The client knows the members that the node it asks has in force, and half of the time which node leads. */
  #change(nth: number): void {
    const { dice, nodes, checks, asked } = this.#parts;
    const stream = dice.stream(6, nth);
    const leaders = this.#leaders();
    const isLed = stream.chance(0.5) && leaders.length > 0;
    const { id, process, node } = stream.pick(isLed ? leaders : nodes);
    const configuration = checks.nodeOf(id).configurations.at(-1);
    if (this.#replace(dice.stream(7, nth), leaders, 0.7)) return;
    if (process === null || node === null || configuration === undefined) return;
    const all = nodes.map((each) => each.id);
    const changes = drawChanges(stream, configuration, all);
    this.#figures.changesAsked++;
    const request = asked(id, { type: 'change', changes });
    process.run(() => {
      void node.changeMembers(changes).then((outcome) => {
        request.isRefused = outcome.type === 'refused';
        this.#countChange(outcome);
      });
    });
  }

  #leaders(): readonly SimulatedNode[] {
    const { nodes, checks } = this.#parts;
    return nodes.filter(({ id, node }) => node !== null && checks.nodeOf(id).role === 'leader');
  }

  /** Somebody looks after the disks that are left: whose were lost, or were restored after others had taken their place. */
  completeReplacements(): void {
    const { clock, dice } = this.#parts;
    const stream = dice.stream(8);
    const look = (): void => {
      this.#replace(stream, this.#leaders(), 1);
      clock.schedule(lookUs, look);
    };
    clock.schedule(lookUs, look);
  }

  /**
   * A client that wants a disk to take the place of one that was lost: it takes the next step, and may never come back for the one after. False: there is
   * nothing to replace, or it wants something else.
   */
  #replace(stream: Stream, leaders: readonly SimulatedNode[], chance: number): boolean {
    const { nodes } = this.#parts;
    for (const { process, node } of leaders) {
      const status = node!.status();
      const { members } = status.configuration;
      const waiting = nodes
        .map(({ id }) => id)
        .filter((id) => members[id]?.wasVoter || (members[id] && otherDiskOf(status, id) !== null));
      if (waiting.length === 0 || !stream.chance(chance)) continue;
      const id = stream.pick(waiting);
      const logId = otherDiskOf(status, id);
      // A founder's address is not in the log before it is given. Now and then somebody forgets that a voter has to be demoted first.
      const { node: named, member } = memberOf(id);
      const isHasty = logId !== null && stream.chance(0.2);
      const step: ReplacementStep =
        members[id]?.peer === null || isHasty
          ? {
              type: 'change',
              changes: [{ type: 'update', node: named, member: isHasty ? { ...member, logId } : member }],
            }
          : replacementStep(status, id, logId);
      if (step.type !== 'change') continue;
      this.#figures.changesAsked++;
      process!.run(() => {
        void node!.changeMembers(step.changes).then((outcome) => {
          this.#countChange(outcome);
          const isReplaced = step.changes.some(
            (each) => each.type === 'update' && each.member.logId !== null,
          );
          if (isReplaced && outcome.type === 'changed') this.#figures.disksReplaced++;
        });
      });
      return true;
    }
    return false;
  }

  #countChange({ type }: ChangeOutcome): void {
    if (type === 'changed') this.#figures.changesDone++;
    else if (type === 'refused') this.#figures.changesRefused++;
  }

  #count({ type }: TransferOutcome): void {
    if (type === 'moved') this.#figures.transfersDone++;
    else this.#figures.transfersRefused++;
  }
}
