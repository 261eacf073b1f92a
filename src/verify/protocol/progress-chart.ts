import { type ProgressState, progressTable } from '../../raft/progress.ts';
import type { ChartModel, StateModel, TransitionModel } from '../../statechart/read/model.ts';

const about: Readonly<Record<ProgressState, { readonly description: string; readonly rule: string }>> = {
  probe: {
    description: 'Finds out where the logs match: one AppendEntries at a time.',
    rule: 'Raft paper §5.3; thesis §10.2.2',
  },
  replicate: {
    description: 'The logs match up to matchIndex: messages leave without waiting for answers.',
    rule: 'Thesis §10.2.2',
  },
  snapshot: {
    description: 'Needs entries that the log has dropped: is sent the snapshot, a chunk at a time.',
    rule: 'Raft paper §7',
  },
  lost: {
    description: 'Has lost entries that it had acknowledged: counts for nothing until it is replaced.',
    rule: 'Raft paper §5.3, Leader Completeness',
  },
};

const root = 'progress';
const states = Object.keys(progressTable) as readonly ProgressState[];

const plain = {
  history: null,
  tags: [],
  entry: [],
  exit: [],
  invokes: [],
  initialActions: [],
  output: null,
  meta: null,
} as const;

/** What a leader knows of one follower, as a chart to draw: the rows of `progressTable`, which the leader follows. */
export const progressChart = (): ChartModel => ({
  id: root,
  root: {
    ...plain,
    id: root,
    key: root,
    path: [],
    parent: null,
    type: 'compound',
    description: 'What a leader knows of one follower; each follower has its own.',
    rule: 'Thesis §10.2.2',
    initial: [`${root}.probe`],
    transitions: [],
    states: states.map(stateModel),
  },
  context: null,
  version: null,
  bound: { guards: {}, actions: {}, delays: {}, actors: {} },
  events: [...new Set(states.flatMap((state) => Object.keys(progressTable[state])))],
  guards: [],
  actions: [
    ...new Set(states.flatMap((state) => Object.values(progressTable[state]).map(({ next }) => next.name))),
  ],
  delays: [],
});

const stateModel = (key: ProgressState): StateModel => ({
  ...plain,
  id: `${root}.${key}`,
  key,
  path: [key],
  parent: root,
  type: 'atomic',
  ...about[key],
  initial: [],
  transitions: Object.entries(progressTable[key]).map(([event, row]): TransitionModel => {
    const { to, description, rule, next } = row;
    return {
      id: `${root}.${key}/${event}/0`,
      source: `${root}.${key}`,
      kind: 'event',
      trigger: event,
      eventType: event,
      branch: 0,
      branches: 1,
      actor: null,
      guard: null,
      asks: null,
      meta: null,
      actions: [{ name: next.name, raises: null, params: null, own: null }],
      targets: to === key ? [] : [`${root}.${to}`],
      reenter: false,
      description,
      rule,
      question: null,
    };
  }),
  states: [],
});
