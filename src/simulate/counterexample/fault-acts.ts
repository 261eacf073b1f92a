import type { NodeId } from '../../raft/types.ts';
import type { Fault } from '../../trace/fault.ts';
import { isLasting } from '../fault-injector.ts';
import { nodesOf, type Plan } from '../plan.ts';

/** A directive, and when. */
export interface Act {
  readonly atUs: number;
  readonly directive: string;
}

/** The faults of a plan as directives, each at its time. */
export const faultActs = (plan: Plan): readonly Act[] => {
  const tellers = { links: new Links(nodesOf(plan)), crashes: new Crashes(), plan };
  const sum = new Sums();
  return momentsOf(plan.faults).flatMap(({ atUs, fault, begins }) =>
    directivesOf(fault, begins, { ...tellers, sum }).map((directive) => ({ atUs, directive })),
  );
};

/** A time for a directive, which has no more than three decimals of a millisecond. */
export const ms = (us: number): string => `${us / 1000}ms`;

const usOf = (timeMs: number): number => Math.round(timeMs * 1000);

interface Moment {
  readonly atUs: number;
  readonly fault: Fault;
  readonly begins: boolean;
}

/** At one time in the order in which the simulator has them. */
const momentsOf = (faults: readonly Fault[]): readonly Moment[] =>
  faults
    .flatMap((fault): readonly Moment[] => [
      { atUs: usOf(fault.fromMs), fault, begins: true },
      ...(isLasting(fault) ? [] : [{ atUs: usOf(fault.toMs), fault, begins: false }]),
    ])
    .toSorted((a, b) => a.atUs - b.atUs);

interface Tellers {
  readonly links: Links;
  readonly crashes: Crashes;
  readonly sum: Sums;
  readonly plan: Plan;
}

const directivesOf = (
  fault: Fault,
  begins: boolean,
  { links, crashes, sum, plan }: Tellers,
): readonly string[] => {
  switch (fault.kind) {
    case 'partition':
      return begins ? links.block(fault) : links.unblock(fault);
    case 'crash':
      return begins ? crashes.begin(fault.nodes, fault.effects) : crashes.end(fault.nodes);
    case 'hold':
      return begins
        ? [`stall ${fault.from} to ${fault.to} ${ms(usOf(fault.toMs) - usOf(fault.fromMs))}`]
        : [];
    case 'disconnect':
      return begins ? [`disconnect ${fault.nodes.join(' ')}`] : [];
    case 'slowLink': {
      const link = `${fault.from} to ${fault.to}`;
      const addUs = begins ? usOf(fault.addMs) : -usOf(fault.addMs);
      return [`slow-link ${link} ${ms(sum.add(link, addUs))}`];
    }
    case 'slowDisk': {
      const addUs = begins ? usOf(fault.addMs) : -usOf(fault.addMs);
      return [`slow-disk ${fault.node} ${ms(sum.add(`disk ${fault.node}`, addUs))}`];
    }
    case 'pause':
      return [`${begins ? 'pause' : 'resume'} ${fault.node}`];
    case 'skew': {
      const rate = plan.clockRates?.[fault.node - 1] ?? 1;
      return [`clock ${fault.node} ${begins ? fault.rate * rate : rate}`];
    }
    case 'failedSync':
      return [`fail-sync ${fault.node}${begins ? '' : ' no'}`];
    case 'fullDisk':
      return [`full-disk ${fault.node}${begins ? '' : ' no'}`];
    case 'lostDisk':
      return [`${begins ? 'lose-disk' : 'restore-disk'} ${fault.node}`];
    default:
      return [];
  }
};

/** What of several faults of one kind adds up. */
class Sums {
  readonly #sums = new Map<string, number>();

  add(of: string, part: number): number {
    const sum = (this.#sums.get(of) ?? 0) + part;
    this.#sums.set(of, sum);
    return sum;
  }
}

/** Several faults may keep one node down. */
class Crashes {
  readonly #down = new Map<NodeId, number>();

  begin(nodes: readonly NodeId[], effects: number): readonly string[] {
    const fresh = nodes.filter((node) => this.#count(node, 1) === 1);
    if (fresh.length === 0) return [];
    return [`crash ${fresh.join(' ')}${effects === 0 ? '' : ` after ${effects}`}`];
  }

  end(nodes: readonly NodeId[]): readonly string[] {
    const back = nodes.filter((node) => this.#count(node, -1) === 0);
    return back.length === 0 ? [] : [`restart ${back.join(' ')}`];
  }

  #count(node: NodeId, by: number): number {
    const count = (this.#down.get(node) ?? 0) + by;
    this.#down.set(node, count);
    return count;
  }
}

type Partition = Extract<Fault, { kind: 'partition' }>;

/** Several partitions may cut one link. */
class Links {
  readonly #nodes: readonly NodeId[];
  /** How many cut each link, by `FROM to TO`. */
  readonly #cuts = new Map<string, number>();
  readonly #ongoing = new Set<Partition>();

  constructor(nodes: readonly NodeId[]) {
    this.#nodes = nodes;
  }

  block(partition: Partition): readonly string[] {
    const isOnly = this.#ongoing.size === 0;
    this.#ongoing.add(partition);
    const cut = this.#linksOf(partition).filter((link) => this.#count(link, 1) === 1);
    if (cut.length === 0) return [];
    const groups = isOnly ? this.#groupsOf(partition) : null;
    return groups === null
      ? cut.map((link) => `cut ${link}`)
      : [`partition ${groups.map((group) => group.join(' ')).join(' | ')}`];
  }

  unblock(partition: Partition): readonly string[] {
    this.#ongoing.delete(partition);
    const mended = this.#linksOf(partition).filter((link) => this.#count(link, -1) === 0);
    if (mended.length === 0) return [];
    return this.#ongoing.size === 0 ? ['heal'] : mended.map((link) => `mend ${link}`);
  }

  #linksOf({ groups, oneWay }: Partition): readonly string[] {
    const [first = []] = groups;
    const isCut = (from: NodeId, to: NodeId): boolean =>
      oneWay
        ? first.includes(from) && !first.includes(to)
        : !groups.some((group) => group.includes(from) && group.includes(to));
    return this.#nodes.flatMap((from) =>
      this.#nodes.filter((to) => to !== from && isCut(from, to)).map((to) => `${from} to ${to}`),
    );
  }

  /** If one directive says it: each node is in one group. */
  #groupsOf({ groups, oneWay }: Partition): Partition['groups'] | null {
    const all = groups.flat();
    const isSplit = all.length === this.#nodes.length && new Set(all).size === all.length;
    const filled = groups.filter((group) => group.length > 0);
    return !oneWay && isSplit && filled.length > 1 ? filled : null;
  }

  #count(link: string, by: number): number {
    const count = (this.#cuts.get(link) ?? 0) + by;
    this.#cuts.set(link, count);
    return count;
  }
}
