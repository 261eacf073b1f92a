import { createHash } from 'node:crypto';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { walk } from '../../diagram/walk.ts';
import { type Goal, Goals, goalsOfStep } from './goals.ts';
import { NodeModel, pathSettings } from './model-node.ts';
import { type Path, type PathEvent, type PathSet, type PathStep, pathFormatVersion } from './path.ts';
import { type Draft, isAgain, Selection } from './select.ts';
import { type Limits, Worlds } from './world.ts';

/** Changes whenever the same chart would give other paths. */
const generatorVersion = 1;

export interface GenerateOptions {
  readonly cover: PathSet['cover'];
  /** Only clusters of these sizes; otherwise all. */
  readonly voters?: 1 | 3 | 5;
  readonly machine?: typeof raftMachine;
}

/** The tests, and what each is for. */
export interface Generated extends PathSet {
  /** By path id. */
  readonly goals: ReadonlyMap<string, readonly Goal[]>;
}

const append = (
  from: number,
  term: number,
  prevLogIndex: number,
  prevLogTerm: number,
  entries: string[],
) => ({
  type: 'deliver' as const,
  message: {
    type: 'AppendEntries' as const,
    from,
    to: 1,
    term,
    prevLogIndex,
    prevLogTerm,
    entries: entries.map((payload) => ({
      term,
      kind: payload === '' ? ('noop' as const) : ('command' as const),
      payload,
    })),
    leaderCommit: 0,
  },
});

/** A leader whose log has entries of three terms, part of it replaced, and more than one message can carry: too far for the search. */
const longLog: readonly PathEvent[] = [
  append(2, 1, 0, 0, ['', 't1i2']),
  append(2, 1, 2, 1, ['t1i3', 't1i4']),
  append(3, 2, 2, 1, ['', 't2i4']),
  { type: 'timeout', timer: 'electionTimeout' },
  { type: 'deliver', message: { type: 'PreVoteResponse', from: 2, to: 1, term: 3, voteGranted: true } },
  { type: 'deliver', message: { type: 'RequestVoteResponse', from: 2, to: 1, term: 3, voteGranted: true } },
];

const committing = append(2, 1, 0, 0, ['', 't1i2']);

/** A follower that has more to apply than its state machine has taken. */
const slowToApply: readonly PathEvent[] = [
  { ...committing, message: { ...committing.message, leaderCommit: 2 } },
  { type: 'durable' },
  { type: 'timeout', timer: 'electionTimeout' },
];

/** A node that led once, lost its quorum and asks again: answers to what it asked before may still come. */
const secondTry: readonly PathEvent[] = [
  { type: 'timeout', timer: 'electionTimeout' },
  { type: 'deliver', message: { type: 'PreVoteResponse', from: 2, to: 1, term: 1, voteGranted: true } },
  { type: 'deliver', message: { type: 'RequestVoteResponse', from: 2, to: 1, term: 1, voteGranted: true } },
  { type: 'timeout', timer: 'quorumCheck' },
  { type: 'timeout', timer: 'electionTimeout' },
];

/** The worlds that are searched, in this order: what one has covered is not covered again by the next. */
const searches: readonly Limits[] = [
  { size: 3, disk: 'prompt' as const, maxLog: 4, senders: 2, maxWorlds: 500, maxTries: 2 },
  { size: 5, disk: 'prompt' as const, maxLog: 3, senders: 4, maxWorlds: 200, maxTries: 1 },
  { size: 1, disk: 'prompt' as const, maxLog: 4, senders: 0, maxWorlds: 100, maxTries: 1 },
  { size: 1, disk: 'slow' as const, maxLog: 4, senders: 0, maxWorlds: 100, maxTries: 1 },
  { size: 3, disk: 'slow' as const, maxLog: 3, senders: 2, maxWorlds: 100, maxTries: 1 },
  { size: 3, disk: 'prompt' as const, maxLog: 8, senders: 2, maxWorlds: 120, maxTries: 2, prelude: longLog },
  { size: 3, disk: 'slow' as const, maxLog: 2, senders: 2, maxWorlds: 60, maxTries: 1, prelude: slowToApply },
  { size: 3, disk: 'prompt' as const, maxLog: 3, senders: 2, maxWorlds: 60, maxTries: 1, prelude: secondTry },
].map(({ size, ...rest }) => ({
  prelude: [],
  ...rest,
  voters: Array.from({ length: size }, (_, at) => at + 1),
  maxTerm: 3,
  maxAlike: 2,
}));

/** Few and short paths through one node that cover the chart, its rules' boundaries, restarts and duplicates. Deterministic. */
export const generatePaths = ({ cover, voters, machine = raftMachine }: GenerateOptions): Generated => {
  const goals = new Goals();
  const selection = new Selection(goals, cover === 'pairs');
  for (const limits of searches) {
    if (voters !== undefined && limits.voters.length !== voters) continue;
    const model = new NodeModel(
      { voters: limits.voters, disk: limits.disk, settings: pathSettings },
      machine,
    );
    selection.cover(new Worlds(model, limits, (node, event, step) => goalsOfStep(goals, node, event, step)));
  }
  selection.reduce();
  const byId = new Map<string, readonly Goal[]>();
  const paths: Path[] = [];
  for (const draft of selection.drafts) {
    const path = written(draft, goals);
    paths.push(path);
    byId.set(
      path.id,
      selection.goalsOf(draft).map((goal) => goals.get(goal)),
    );
  }
  return { version: pathFormatVersion, chart: chartHash(machine), cover, paths, goals: byId };
};

/** Names the chart and the way in which paths are made from it. */
export const chartHash = (machine: typeof raftMachine = raftMachine): string =>
  createHash('sha256')
    .update(JSON.stringify([generatorVersion, pathFormatVersion, pathSettings, walk(machine)]))
    .digest('hex')
    .slice(0, 16);

const written = ({ worlds, edges, reason }: Draft, goals: Goals): Path => {
  const { voters, disk } = worlds.limits;
  const steps = edges.map(
    (edge, at): PathStep => ({
      event: edge.event,
      isDuplicate: at > 0 && isAgain(edges[at - 1]!, edge),
      isHostile: edge.isHostile,
      expect: edge.step.expect,
      transitions: edge.step.transitions,
    }),
  );
  const digest = createHash('sha256')
    .update(JSON.stringify([voters, disk, edges.map(({ event }) => event)]))
    .digest('hex')
    .slice(0, 7);
  return {
    id: `${voters.length}${disk === 'slow' ? 's' : ''}-${digest}`,
    title: goals.get(reason).words,
    voters,
    disk,
    settings: pathSettings,
    steps,
  };
};
