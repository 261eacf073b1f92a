import type { Fault } from '../trace/fault.ts';
import type { Violation } from '../trace/violation.ts';
import { generatePlan } from './generate-plan.ts';
import { minimize } from './minimize.ts';
import type { Asked, Struck } from './onlooker.ts';
import { nodesIn } from './parse-plan.ts';
import { nodesOf, type Plan, type RequestPlan, type ScriptedRequest } from './plan.ts';
import { runSimulation, type SimulationResult } from './run-simulation.ts';
import type { SimulationOptions } from './simulation.ts';
import { Weight } from './weight.ts';

export interface ShrinkOptions {
  /** Virtual events of all attempts together. Not real time, so that the same failure shrinks to the same plan everywhere. */
  readonly maxEvents: number;
  /** Good enough: the search for something smaller stops here. */
  readonly targetWeight: number;
  /** The parts that were replaced in the run that failed. */
  readonly simulation?: Omit<SimulationOptions, 'onEvent' | 'onlooker'>;
  /** Whether a failure counts; by default each does. */
  readonly fits?: (failure: Failure) => Promise<boolean>;
  /** Called after each attempt, with the virtual events that it took. */
  readonly onAttempt?: (events: number) => void;
  /** Leaves out what is checked once a run has ended. */
  readonly onlySafety?: boolean;
}

/** A plan that fails. */
export interface Failure {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly result: SimulationResult;
  /** Deliveries, timeouts and faults until it fails, or until it hangs forever; heartbeats are not counted. */
  readonly weight: number;
  /** What clients asked of nodes, in order. */
  readonly asked: readonly Asked[];
  /** The messages that a fault befell, in order. */
  readonly struck: readonly Struck[];
}

export const defaultShrinkOptions: ShrinkOptions = { maxEvents: 1_500_000, targetWeight: 60 };

/** Properties that are checked once a run has ended; the others fail in the middle of it. */
const checkedAtEnd = new Set(['Linearizability', 'Recovery', 'Convergence']);

/** The same failure with less, and nothing left to rates. `failure` itself must count. */
export const reduceFailure = (failure: Failure, options: ShrinkOptions): Promise<Failure> =>
  new Search(options).reduce(failure);

/** A plan that breaks some property, as a failure that can be reduced; null if it breaks none, or does not count. */
export const failureOf = (plan: Plan, options: ShrinkOptions): Promise<Failure | null> =>
  new Search(options).attempt(plan, null);

/**
 * A plan that breaks the same property with less: fewer faults, fewer lost messages, fewer operations and requests, fewer nodes,
 * shorter. Null if `plan` breaks nothing.
 *
 * Tries short runs with the same kinds of faults first, since most bugs show up in one of them within a virtual second or
 * two, and there is little to leave out of those. If none does, the failing run itself is taken apart.
 */
export const shrink = async (
  plan: Plan,
  options: ShrinkOptions = defaultShrinkOptions,
): Promise<Failure | null> => {
  const search = new Search(options);
  const first = await search.attempt(plan, null);
  if (first === null) return null;
  let best: Failure | null = null;
  for (let round = 1; round <= maxFreshPlans && search.spent < options.maxEvents / 2; round++) {
    const fresh = await search.attempt(freshPlan(plan, round), first.violation.property);
    if (fresh === null) continue;
    const reduced = await search.reduce(fresh);
    if (best === null || reduced.weight < best.weight) best = reduced;
    if (best.weight <= options.targetWeight) return best;
  }
  const reduced = await search.reduce(first);
  return best === null || reduced.weight < best.weight ? reduced : best;
};

/** This many short runs are tried before the failing one is taken apart. */
const maxFreshPlans = 500;

/** Short and violent, from another seed: what a long run hit late often shows up at once in one of these. */
const freshPlan = (plan: Plan, round: number): Plan => {
  const seconds = [1, 2, 3, 5][round % 4]!;
  const every = Math.min(2, seconds * 0.7);
  const nodes = round % 3 === 0 ? plan.nodes : Math.min(plan.nodes, 3);
  const drawn = { ...plan, ...drawnAgain(plan) };
  const base = withNodes({
    ...(round % 2 === 0 ? withoutChanges(drawn) : withManyChanges(drawn)),
    seed: round,
    nodes,
    durationMs: seconds * 1000,
    clients: {
      sessions: 3,
      operationsPerSecond: 8,
      keys: 2,
      ...(plan.clients.workload === undefined ? {} : { workload: plan.clients.workload }),
    },
    faults: [],
    messageFaults: [],
  });
  const kinds = new Set(plan.faults.map(({ kind }) => kind));
  const profile = {
    partition: every,
    hold: every * 2,
    slowLink: every * 2,
    disconnect: every * 4,
    crash: every,
    crashAll: every * 2,
    pause: every * 2,
    skew: every * 4,
    slowDisk: every * 2,
    failedSync: every * 2,
    fullDisk: every * 4,
    bitFlip: every * 4,
    lostDisk: every * 2,
    olderDisk: every * 2,
  };
  for (const kind of Object.keys(profile) as (keyof typeof profile)[]) {
    const asked = kind === 'crashAll' ? 'crash' : kind;
    if (!kinds.has(asked)) profile[kind] = 0;
  }
  return generatePlan(base, profile);
};

/** Which requests are made is drawn, though they may have been listed in the plan that fails. */
const drawnAgain = ({ requests }: Plan): Pick<Plan, 'requests'> => {
  if (requests === undefined) return {};
  const { script: _, ...drawn } = requests;
  return { requests: drawn };
};

class Search {
  readonly #options: ShrinkOptions;
  #events = 0;

  constructor(options: ShrinkOptions) {
    this.#options = options;
  }

  /** Virtual events of all attempts so far. */
  get spent(): number {
    return this.#events;
  }

  get isExhausted(): boolean {
    return this.#events >= this.#options.maxEvents;
  }

  /** Runs `plan`: a failure if it breaks `property` (null: any), else null; null without a run once the budget is spent. */
  async attempt(plan: Plan, property: string | null): Promise<Failure | null> {
    if (this.isExhausted) return null;
    const { fits, onAttempt, onlySafety = false } = this.#options;
    const weight = new Weight();
    const asked: Asked[] = [];
    const struck: Struck[] = [];
    const result = await runSimulation(plan, {
      ...this.#options.simulation,
      endsWithFaults: onlySafety || (property !== null && !checkedAtEnd.has(property)),
      onEvent: (event) => weight.add(event),
      onlooker: { asked: (each) => asked.push(each), struck: (each) => struck.push(each) },
    });
    this.#events += result.figures.events;
    onAttempt?.(result.figures.events);
    const { violation } = result;
    if (violation === null || (property !== null && violation.property !== property)) return null;
    const isWait = violation.property === 'Recovery' || violation.property === 'Convergence';
    const total = isWait ? weight.totalOfWait(plan.settings.electionTimeoutMaxMs) : weight.total;
    const failure = { plan, violation, result, weight: total, asked, struck };
    return fits === undefined || (await fits(failure)) ? failure : null;
  }

  /** Makes `failure` smaller, pass by pass, until no pass helps. */
  async reduce(failure: Failure): Promise<Failure> {
    let best = failure;
    const take = async (plan: Plan): Promise<boolean> => {
      const next = await this.attempt(plan, failure.violation.property);
      if (next === null) return false;
      best = next;
      return true;
    };
    await take(explicit(best));
    for (const less of lessAsked) {
      const plan = less(best.plan);
      if (plan !== best.plan) await take(plan);
    }
    // Of the requests that are listed it is often the last that matters, and nearly all of the others do not.
    for (const last of [1, 4, 16]) {
      const script = best.plan.requests?.script ?? [];
      if (script.length <= last) break;
      const requests = { ...best.plan.requests!, script: script.slice(-last) };
      if (await take({ ...best.plan, requests })) break;
    }
    await take(ending(best));
    // Large pieces first: what is left to try is cheaper then.
    for (const list of lists) {
      const all = list.of(best.plan);
      await minimize(all, (items) => take(list.with(best.plan, items)), Math.ceil(all.length / 8));
    }
    for (let before = ''; before !== JSON.stringify(best.plan) && !this.isExhausted; ) {
      before = JSON.stringify(best.plan);
      await take(ending(best));
      for (const fault of best.plan.faults) {
        const faults = best.plan.faults.filter((each) => each !== fault);
        await take(withoutTime({ ...best.plan, faults }, fault.fromMs, fault.toMs));
      }
      for (const [from, to] of gaps(best)) await take(withoutTime(best.plan, from, to));
      for (let spares = 0; spares < (best.plan.spares ?? 0); spares++)
        if (await take(withNodes({ ...best.plan, spares }))) break;
      for (let nodes = 2; nodes < best.plan.nodes; nodes++)
        if (await take(withNodes({ ...best.plan, nodes }))) break;
      for (const list of lists)
        await minimize(list.of(best.plan), (items) => take(list.with(best.plan, items)));
      for (const fault of best.plan.faults) {
        const simpler = simplerFault(fault);
        if (simpler === null) continue;
        await take({
          ...best.plan,
          faults: best.plan.faults.map((each) => (each === fault ? simpler : each)),
        });
      }
    }
    return best;
  }
}

/** A list in a plan, of which parts may be left out. */
interface PlanList<Item> {
  readonly of: (plan: Plan) => readonly Item[];
  readonly with: (plan: Plan, items: readonly Item[]) => Plan;
}

const planList = <Item>(of: PlanList<Item>['of'], put: PlanList<Item>['with']): PlanList<unknown> => ({
  of,
  with: (plan, items) => put(plan, items as readonly Item[]),
});

const lists: readonly PlanList<unknown>[] = [
  planList(
    ({ clients }) => clients.script ?? [],
    (plan, script) => ({ ...plan, clients: { ...plan.clients, script } }),
  ),
  planList(
    ({ requests }) => requests?.script ?? [],
    (plan, script) => ({ ...plan, requests: { ...plan.requests!, script } }),
  ),
  planList(
    ({ messageFaults }) => messageFaults,
    (plan, messageFaults) => ({ ...plan, messageFaults }),
  ),
  planList(
    ({ faults }) => faults,
    (plan, faults) => ({ ...plan, faults }),
  ),
];

/** The same run with nothing left to rates: each lost message and each operation is listed individually. */
const explicit = ({ plan, result }: Failure): Plan => ({
  ...plan,
  durationMs: Math.max(plan.durationMs, Math.ceil(result.endMs)),
  network: { ...plan.network, dropRate: 0, duplicateRate: 0, reorderRate: 0 },
  messageFaults: result.messageFaults,
  clients: { ...plan.clients, script: result.script },
  ...(plan.requests === undefined ? {} : { requests: { ...plan.requests, script: result.requestScript } }),
});

/** Ends where it fails, without what would have come later. */
const ending = ({ plan, violation, result }: Failure): Plan => {
  if (checkedAtEnd.has(violation.property)) return plan;
  return {
    ...plan,
    ...withRequests(plan, (script) => script.filter(({ atMs }) => atMs <= result.endMs)),
    durationMs: Math.ceil(result.endMs + 1),
    faults: plan.faults.filter(({ fromMs }) => fromMs <= result.endMs),
    clients: {
      ...plan.clients,
      ...(plan.clients.script === undefined
        ? {}
        : { script: plan.clients.script.filter(({ atMs }) => atMs <= result.endMs) }),
    },
  };
};

/** What of a plan says which requests are made, once they are listed. */
const withRequests = (
  { requests }: Plan,
  change: (script: readonly ScriptedRequest[]) => readonly ScriptedRequest[],
): Pick<Plan, 'requests'> =>
  requests?.script === undefined ? {} : { requests: { ...requests, script: change(requests.script) } };

/** Nobody changes the members, and so nobody is there to be added. */
const withoutChanges = (plan: Plan): Plan =>
  asksForChanges(plan)
    ? withNodes({
        ...plan,
        spares: 0,
        requests: { ...plan.requests!, changesPerSecond: 0, ...scriptWithout(plan, 'change') },
      })
    : plan;

const withManyChanges = (plan: Plan): Plan =>
  asksForChanges(plan)
    ? {
        ...plan,
        requests: { ...plan.requests!, changesPerSecond: Math.max(4, plan.requests!.changesPerSecond!) },
      }
    : plan;

const asksForChanges = ({ requests }: Plan): boolean => (requests?.changesPerSecond ?? 0) > 0;

const without =
  (kind: 'read' | 'transfer') =>
  (plan: Plan): Plan => {
    const asked = `${kind}sPerSecond` as const;
    if ((plan.requests?.[asked] ?? 0) === 0) return plan;
    return { ...plan, requests: { ...plan.requests!, [asked]: 0, ...scriptWithout(plan, kind) } };
  };

const scriptWithout = ({ requests }: Plan, kind: ScriptedRequest['kind']): Pick<RequestPlan, 'script'> =>
  requests?.script === undefined ? {} : { script: requests.script.filter((each) => each.kind !== kind) };

const lessAsked: readonly ((plan: Plan) => Plan)[] = [withoutChanges, without('read'), without('transfer')];

/** The plan without what it says of nodes that it does not have. */
const withNodes = (plan: Plan): Plan => keeping(plan, nodesOf(plan).length);

const keeping = (plan: Plan, nodes: number): Plan => ({
  ...plan,
  ...(plan.clockRates === undefined ? {} : { clockRates: plan.clockRates.slice(0, nodes) }),
  messageFaults: plan.messageFaults.filter(({ from, to }) => from <= nodes && to <= nodes),
  faults: plan.faults.flatMap((fault): Fault[] => {
    if (fault.kind === 'partition') {
      const groups = fault.groups.map((group) => group.filter((id) => id <= nodes));
      return groups.filter((group) => group.length > 0).length > 1 ? [{ ...fault, groups }] : [];
    }
    if (fault.kind === 'crash') {
      const left = fault.nodes.filter((id) => id <= nodes);
      return left.length > 0 ? [{ ...fault, nodes: left }] : [];
    }
    return nodesIn(fault).every((id) => id <= nodes) ? [fault] : [];
  }),
});

const simplerFault = (fault: Fault): Fault | null => {
  if (fault.kind === 'crash' && fault.effects > 0) return { ...fault, effects: 0 };
  if (fault.kind === 'crash' && fault.nodes.length > 1) return { ...fault, nodes: fault.nodes.slice(0, 1) };
  return null;
};

/** The stretches of time in which the plan does nothing, the longest first, each to be cut in half or away. */
const gaps = ({ plan, result }: Failure): readonly (readonly [number, number])[] => {
  const script = [...(plan.clients.script ?? []), ...(plan.requests?.script ?? [])];
  const times = [
    0,
    ...plan.faults.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...script.map(({ atMs }) => atMs),
    Math.min(plan.durationMs, Math.ceil(result.endMs)),
  ].sort((a, b) => a - b);
  const between = times.slice(1).map((to, at): readonly [number, number] => [times[at]!, to]);
  return between
    .filter(([from, to]) => to - from > 20)
    .sort(([a, b], [c, d]) => d - c - (b - a))
    .flatMap(([from, to]): readonly (readonly [number, number])[] => [
      [from, to],
      [from, from + (to - from) / 2],
      [from + (to - from) / 2, to],
      [from, from + (to - from) / 8],
      [to - (to - from) / 8, to],
    ]);
};

/** What comes after `toMs` comes as much earlier as there was between `fromMs` and it. */
const withoutTime = (plan: Plan, fromMs: number, toMs: number): Plan => {
  const moved = (atMs: number) => (atMs >= toMs ? atMs - (toMs - fromMs) : Math.min(atMs, fromMs));
  const { script } = plan.clients;
  return {
    ...plan,
    ...withRequests(plan, (requested) => requested.map((each) => ({ ...each, atMs: moved(each.atMs) }))),
    durationMs: Math.max(1, moved(plan.durationMs)),
    faults: plan.faults.map((fault) => ({ ...fault, fromMs: moved(fault.fromMs), toMs: moved(fault.toMs) })),
    clients: {
      ...plan.clients,
      ...(script === undefined
        ? {}
        : { script: script.map((each) => ({ ...each, atMs: moved(each.atMs) })) }),
    },
  };
};
