import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { roleOf } from '../../node/roles.ts';
import { type Configuration, currentConfiguration, type Member } from '../../raft/configuration.ts';
import type { MemberChange } from '../../raft/members.ts';
import type { Message } from '../../raft/messages.ts';
import type { NodeId } from '../../raft/types.ts';
import type { NodeView } from '../properties/view.ts';
import { type Cost, free } from './budget.ts';
import { type ExploreOptions, sizeOf } from './cluster-event.ts';
import { GrowingArray } from './growing-array.ts';
import { Interned } from './interned.ts';
import { type Checked, type LocalEvent, type LocalNode, viewOf } from './local-node.ts';
import { LocalNodes, type LocalOutcome, type LocalResult } from './local-nodes.ts';
import { isPast, withoutDeadParts } from './reductions.ts';
import { renamedMessage, renamedNode } from './rename.ts';
import { RenamedValues } from './renamed.ts';
import type { Permutation } from './symmetry.ts';
import { TupleMap } from './tuple-map.ts';

/** What to check of one step: the views that the node has along the way. */
export type Plan = readonly { readonly step: Checked['step']; readonly view: number }[];

/** An event of one node as the explorer has it, to be described later. */
export type OwnEvent = LocalEvent | { readonly type: 'crash' };

/** One way in which a step ends. */
export interface Outcome {
  /** Id of the node as it is then. */
  readonly next: number;
  /** Ids of the messages that left, each once. */
  readonly sent: Int32Array;
  /** Id of what has to be checked; 0: nothing. */
  readonly plan: number;
  readonly crash: LocalOutcome['crash'];
  /** The chart threw this, which ends the step. */
  readonly error: Error | null;
}

export interface LocalStep {
  readonly event: OwnEvent;
  /** The event would lead beyond a bound, so it does not happen. */
  readonly isCut: boolean;
  /** What of the budget it uses up; `free` itself for most. */
  readonly cost: Cost;
  readonly outcomes: readonly Outcome[];
}

/** Every step of every single node, computed once: a few thousand steps of the chart serve for millions of steps of a cluster. */
export class LocalSteps {
  readonly nodes: RenamedValues<LocalNode>;
  readonly messages: RenamedValues<Message>;
  readonly views = new Interned<NodeView>();
  readonly plans = new Interned<Plan>();
  readonly #options: ExploreOptions;
  readonly #runner: LocalNodes;
  /** By node. */
  readonly #viewIds = new GrowingArray();
  #viewsKnown = 0;
  readonly #ownSteps: (readonly LocalStep[] | undefined)[] = [];
  readonly #steps: LocalStep[] = [];
  /** By node and message: position in `#steps`. */
  readonly #delivered = new TupleMap(2);
  readonly #key = new Int32Array(2);
  #count = 0;

  /** By node and message: 0 not known, 1 may matter, 2 no longer matters. */
  readonly #past: (Uint8Array | undefined)[] = [];
  readonly #reduces: boolean;

  constructor(
    options: ExploreOptions,
    permutations: readonly Permutation[],
    reduces: boolean,
    machine?: typeof raftMachine,
  ) {
    this.#reduces = reduces;
    this.#options = options;
    this.#runner = new LocalNodes(options, machine);
    this.nodes = new RenamedValues(permutations, renamedNode);
    this.messages = new RenamedValues(permutations, renamedMessage);
    this.plans.idOf([]);
  }

  /** How many steps there are so far. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.nodes.bytes + this.messages.bytes + this.#viewIds.bytes + this.#delivered.bytes;
  }

  /** The node at this position as it first starts. */
  start(position: number): number {
    return this.#idOf(this.#runner.start(position + 1));
  }

  /** Whether `node`, its addressee, will ignore `message` whenever it comes. */
  isPast(node: number, message: number): boolean {
    if (!this.#reduces) return false;
    let known = this.#past[node];
    if (known === undefined || message >= known.length) {
      const longer = new Uint8Array(this.messages.size + 64);
      if (known !== undefined) longer.set(known);
      known = longer;
      this.#past[node] = known;
    }
    if (known[message] === 0) {
      const crashes = this.#options.crashes > 0;
      known[message] = isPast(this.messages.get(message), this.nodes.get(node), crashes) ? 2 : 1;
    }
    return known[message] === 2;
  }

  /** What happens when `message` reaches `node`, which is its addressee. */
  deliver(node: number, message: number): LocalStep {
    this.#key[0] = node;
    this.#key[1] = message;
    let at = this.#delivered.get(this.#key);
    if (at < 0) {
      at = this.#steps.length;
      this.#delivered.set(this.#key, at);
      this.#steps.push(this.#step(node, { type: 'deliver', message: this.messages.get(message) }));
    }
    return this.#steps[at]!;
  }

  /** What can happen to `node` without a message. */
  own(node: number): readonly LocalStep[] {
    this.#ownSteps[node] ??= this.#ownEvents(this.nodes.get(node)).map((event) => this.#step(node, event));
    return this.#ownSteps[node];
  }

  viewOf(node: number): number {
    // Views of images come with the images, and all together.
    while (this.#viewsKnown < this.nodes.size) {
      this.#viewIds.set(this.#viewsKnown, this.views.idOf(viewOf(this.nodes.get(this.#viewsKnown))));
      this.#viewsKnown++;
    }
    return this.#viewIds.get(node);
  }

  leads(node: number): boolean {
    return this.views.get(this.viewOf(node)).role === 'leader';
  }

  addresseeOf(message: number): number {
    return this.messages.get(message).to - 1;
  }

  /** For a file: which steps are known, as pairs of a node and a message, and as nodes whose own steps are known. */
  known(): { readonly delivered: Int32Array; readonly own: Int32Array } {
    const own = this.#ownSteps.flatMap((steps, node) => (steps === undefined ? [] : [node]));
    return { delivered: this.#delivered.keys(), own: Int32Array.from(own) };
  }

  /** Restores what a file holds, and recomputes the steps that were known, so that all counts continue. */
  restore(
    nodes: readonly string[],
    messages: readonly string[],
    delivered: Int32Array,
    own: Int32Array,
  ): void {
    this.nodes.restore(nodes, (node) => ({
      ...node,
      context: { ...node.context, settings: this.#runner.settings },
    }));
    this.messages.restore(messages);
    for (let at = 0; at < delivered.length; at += 2) this.deliver(delivered[at]!, delivered[at + 1]!);
    for (const node of own) this.own(node);
  }

  #idOf(node: LocalNode): number {
    return this.nodes.idOf(this.#reduces ? withoutDeadParts(node, this.#options) : node);
  }

  #ownEvents(node: LocalNode): readonly OwnEvent[] {
    const events: OwnEvent[] = node.armed.map((timer) => ({ type: 'timeout', timer: timer as never }));
    if (node.context.log.lastIndex < this.#options.maxLog) events.push({ type: 'propose' });
    if (roleOf(node.value) === 'leader') events.push(...this.#transfers(node), ...this.#changes(node));
    for (let id = 1; id <= this.#options.reads; id++) events.push({ type: 'read', id });
    const { lastApplied, snapshot } = node.context;
    if (this.#options.snapshots > 0 && lastApplied > snapshot.index) events.push({ type: 'snapshot' });
    if (node.checked !== null) events.push({ type: 'checked' });
    if (node.queue.length > 0) events.push({ type: 'durable' });
    if (this.#options.crashes > 0) events.push({ type: 'crash' });
    return events;
  }

  #transfers({ context: { id } }: LocalNode): readonly OwnEvent[] {
    if (this.#options.transfers === 0) return [];
    return this.#ids()
      .filter((target) => target !== id)
      .map((target) => ({ type: 'transfer', target }));
  }

  #changes({ context }: LocalNode): readonly OwnEvent[] {
    if (this.#options.reconfigurations === 0) return [];
    return changesOf(currentConfiguration(context.configurations), this.#ids()).map((changes) => ({
      type: 'change',
      changes,
    }));
  }

  #ids(): readonly NodeId[] {
    return Array.from({ length: sizeOf(this.#options) }, (_, at) => at + 1);
  }

  #step(id: number, event: OwnEvent): LocalStep {
    this.#count++;
    const node = this.nodes.get(id);
    const withCrashes = this.#options.crashes > 0;
    if (event.type === 'crash') {
      return { event, isCut: false, cost: free, outcomes: this.#outcomes(id, this.#runner.crash(node)) };
    }
    const result = this.#runner.take(node, event, withCrashes);
    const cost = costOf(event);
    if (result.outcome !== null && this.#isBeyond(result.outcome))
      return { event, isCut: true, cost, outcomes: [] };
    const outcomes = [...this.#ended(id, result), ...this.#outcomes(id, result.crashes)];
    if (cost !== free && outcomes.every((outcome) => this.#isRefusal(id, outcome)))
      return { event, isCut: false, cost, outcomes: [] };
    return { event, isCut: false, cost, outcomes };
  }

  #ended(id: number, { outcome, error, checked }: LocalResult): readonly Outcome[] {
    if (outcome !== null) return this.#outcomes(id, [outcome]);
    return [{ next: id, sent: new Int32Array(0), plan: this.#planOf(id, checked), crash: null, error }];
  }

  /** A request that is refused at once leaves everything as it was, but for a smaller budget: nothing new can come of that. */
  #isRefusal(id: number, { next, sent, plan, error }: Outcome): boolean {
    const steps = this.plans.get(plan);
    return (
      next === id &&
      sent.length === 0 &&
      error === null &&
      steps.every(({ step }) => step.type === 'readAsked')
    );
  }

  #isBeyond({ node: { context, queue }, sent }: LocalOutcome): boolean {
    const { maxTerm, maxLog, reads } = this.#options;
    if (context.round > reads) return true;
    if (context.currentTerm > maxTerm || context.log.lastIndex > maxLog) return true;
    return [...sent, ...queue.flatMap((each) => (each.type === 'send' ? [each.message] : []))].some(
      ({ term }) => term > maxTerm,
    );
  }

  /** Distinct ends only: one that cannot be told from an earlier one is left out. */
  #outcomes(id: number, ends: readonly LocalOutcome[]): readonly Outcome[] {
    const different = new Map<string, Outcome>();
    for (const { node, sent, checked, crash } of ends) {
      const next = this.#idOf(node);
      const ids = Int32Array.from(new Set(sent.map((message) => this.messages.idOf(message)))).sort();
      const plan = this.#planOf(id, checked);
      const key = `${next}/${ids.join()}/${plan}`;
      if (!different.has(key)) different.set(key, { next, sent: ids, plan, crash, error: null });
    }
    return [...different.values()];
  }

  /** What of a step needs checking: whatever changed a view, left the node, or was applied. */
  #planOf(id: number, checked: readonly Checked[]): number {
    let view = this.viewOf(id);
    const plan: { step: Checked['step']; view: number }[] = [];
    for (const { step, view: seen } of checked) {
      const next = this.views.idOf(seen);
      if (next === view && !isSeenByItself(step)) continue;
      plan.push({ step, view: next });
      view = next;
    }
    return this.plans.idOf(plan);
  }
}

/** In one process it has no addresses. */
const anyMember: Member = { peer: '', client: null, logId: null };

/**
 * The changes that a leader is asked for, under names as good as any others: each that is possible for one node, and of those for two
 * the ones after which a majority of the new voters need not meet one of the old: a voter gives way to a learner, or two of them leave.
 */
const changesOf = (
  { voters, learners }: Configuration,
  ids: readonly NodeId[],
): readonly (readonly MemberChange[])[] => {
  const single = ids.flatMap((node): readonly MemberChange[] => {
    if (voters.includes(node))
      return [
        { type: 'demote', node },
        { type: 'remove', node },
      ];
    if (learners.includes(node))
      return [
        { type: 'promote', node },
        { type: 'remove', node },
      ];
    return [{ type: 'add', node, member: anyMember }];
  });
  const removed = voters.map((node): MemberChange => ({ type: 'remove', node }));
  const promoted = learners.map((node): MemberChange => ({ type: 'promote', node }));
  const pairs = removed.flatMap((first, at) =>
    [...removed.slice(at + 1), ...promoted].map((second) => [first, second].sort((a, b) => a.node - b.node)),
  );
  return [...single.map((change) => [change]), ...pairs];
};

const costOf = (event: LocalEvent): Cost => {
  switch (event.type) {
    case 'transfer':
      return { ...free, transfers: 1 };
    case 'read':
      return { ...free, readId: event.id };
    case 'snapshot':
      return { ...free, snapshots: 1 };
    case 'change':
      return { ...free, reconfigurations: 1 };
    default:
      return free;
  }
};

/** Whether a step has to be checked although it leaves the view of its node as it was. */
const isSeenByItself = ({ type }: Checked['step']): boolean =>
  type === 'sent' ||
  type === 'applied' ||
  type === 'readAsked' ||
  type === 'readConfirmed' ||
  type === 'reported';
