import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { decide, raftSetup } from '../../../machines/raft/raft.setup.ts';
import { becomeLeaderWithoutNoop } from '../../raft/replication.ts';
import { boundAs } from '../../statechart/read/xstate-internals.ts';

type Chart = typeof raftMachine;

/**
 * What the chart has beyond Figure 2 of the Raft paper, and another implementation may do without: `preVote` (thesis §9.6), `leaderLease` (thesis §4.2.3), `leaseEnd` (the lease ends
 * before the election timeout does), `quorumCheck` (thesis §6.2), `noop` (Raft paper §8).
 */
export const dispensable = ['preVote', 'leaderLease', 'leaseEnd', 'quorumCheck', 'noop'] as const;
export type Dispensable = (typeof dispensable)[number];

interface State {
  readonly states?: Readonly<Record<string, State>>;
  readonly on?: Readonly<Record<string, unknown>>;
  readonly after?: { readonly electionTimeout?: unknown };
}

/** The chart of an implementation that does without these: the same rules, and one of Figure 2 where the chart's own needs what is lacking. */
export const chartWithout = (lacks: readonly Dispensable[], chart: Chart = raftMachine): Chart => {
  const key = [...lacks].sort().join();
  if (key === '') return chart;
  const known = charts.get(chart)?.get(key);
  if (known !== undefined) return known;
  let root = chart.config as unknown as State;
  for (const lack of lacks) root = without[lack](root);
  const made = boundAs(raftSetup.createMachine(root as never) as never, chart as never);
  const actions = lacks.includes('noop') ? { becomeLeader: decide(becomeLeaderWithoutNoop) } : {};
  const variant = made.provide({ actions } as never) as unknown as Chart;
  charts.set(chart, (charts.get(chart) ?? new Map()).set(key, variant));
  return variant;
};

/** Charts that have been made. */
const charts = new WeakMap<Chart, Map<string, Chart>>();

const without: Readonly<Record<Dispensable, (root: State) => State>> = {
  // Whatever would lead it to ask first makes it campaign.
  preVote: (root) => {
    const campaigns = (branch: unknown): unknown => {
      if (Array.isArray(branch)) return branch.map(campaigns);
      const { target } = branch as { readonly target?: string };
      return target === 'preCandidate'
        ? { ...(branch as object), target: 'candidate', reenter: true }
        : branch;
    };
    const timeout = (state: State): State => ({
      ...state,
      after: { ...state.after, electionTimeout: campaigns(state.after?.electionTimeout) },
    });
    return inState(inState(root, ['follower'], timeout), ['candidate'], timeout);
  },
  leaderLease: (root) => {
    const votes = ({ after: _, on: { Received: __, ...on } = {}, ...state }: State): State => ({
      ...state,
      on,
    });
    return inState(inState(root, ['follower', 'leased'], votes), ['leader'], votes);
  },
  leaseEnd: (root) => inState(root, ['follower', 'leased'], ({ after: _, ...state }) => state),
  quorumCheck: (root) =>
    inState(root, ['leader', 'quorumCheck', 'listening'], ({ after: _, ...state }) => state),
  noop: (root) => root,
};

/** The chart with another state at this place. */
const inState = (from: State, path: readonly string[], change: (state: State) => State): State => {
  const [name, ...rest] = path;
  if (name === undefined) return change(from);
  return { ...from, states: { ...from.states, [name]: inState(from.states![name]!, rest, change) } };
};
