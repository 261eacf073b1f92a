import { createHash } from 'node:crypto';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { walk } from '../../statechart/read/walk.ts';
import { withoutSources } from '../../statechart/read/written.ts';
import { chartWithout, type Dispensable } from './chart-without.ts';
import { type Goal, Goals, goalsOfStep } from './goals.ts';
import { NodeModel, pathSettings } from './model-node.ts';
import {
  type Path,
  type PathSet,
  type PathSettings,
  type PathSetup,
  type PathStep,
  pathFormatVersion,
} from './path.ts';
import { pairSearches, searches, stories } from './searches.ts';
import { type Draft, isAgain, Selection } from './select.ts';
import { type Limits, PreludeImplausible, Worlds } from './world.ts';

/** Sizes of the clusters that paths are generated for. */
export const clusterSizes = [1, 2, 3, 4, 5] as const;
export type ClusterSize = (typeof clusterSizes)[number];

export interface GenerateOptions {
  readonly cover: PathSet['cover'];
  /** Only clusters of these sizes; all if absent. */
  readonly voters?: ClusterSize;
  readonly machine?: typeof raftMachine;
  /** What the node does without; absent: nothing. */
  readonly lacks?: readonly Dispensable[];
  /** Whether its peers say with a rejection where their logs differ. Default: true. */
  readonly hints?: boolean;
  /** Other settings than `pathSettings`. */
  readonly settings?: Partial<PathSettings>;
  /** Called before each search, with how many of all are done: they take seconds. */
  readonly onSearch?: (done: number, all: number) => void;
}

/** The tests, and what each is for. */
export interface Generated extends PathSet {
  /** By path id. */
  readonly goals: ReadonlyMap<string, readonly Goal[]>;
}

/** A small set of short paths through one node that cover the chart, the boundaries of its rules, restarts and duplicates. Deterministic. */
export const generatePaths = ({
  cover,
  voters,
  machine = raftMachine,
  lacks = [],
  hints = true,
  settings = {},
  onSearch = () => {},
}: GenerateOptions): Generated => {
  const goals = new Goals();
  const selection = new Selection(goals, cover === 'pairs');
  const isWhole = lacks.length === 0 && hints && Object.keys(settings).length === 0;
  const setupOf = (limits: Limits): PathSetup => ({
    voters: limits.voters,
    disk: limits.disk,
    settings: { ...pathSettings, ...settings, leaseReads: limits.isTimed },
    ...(lacks.length === 0 ? {} : { lacks }),
  });
  /** Searches in what the node has; null: it never gets to where the search is to begin, for what it lacks. */
  const worldsOf = (limits: Limits): Worlds | null => {
    const worlds = new Worlds(
      new NodeModel(setupOf(limits), machine),
      {
        ...limits,
        lacks,
        hints,
        maxEntries: settings.maxEntriesPerMessage ?? pathSettings.maxEntriesPerMessage,
      },
      (node, event, step) => goalsOfStep(goals, node, event, step),
    );
    if (isWhole) return worlds;
    try {
      worlds.prelude();
    } catch (error) {
      if (error instanceof PreludeImplausible) return null;
      throw error;
    }
    return worlds;
  };
  const isAsked = (limits: Limits): boolean => voters === undefined || limits.voters.length === voters;
  const widely = cover === 'pairs' ? [...searches, ...pairSearches] : searches;
  const all = widely.length + stories.length;
  let done = 0;
  for (const limits of widely) {
    onSearch(done++, all);
    const worlds = isAsked(limits) ? worldsOf(limits) : null;
    if (worlds !== null) selection.cover(worlds);
  }
  for (const { title, limits } of stories) {
    onSearch(done++, all);
    const worlds = isAsked(limits) ? worldsOf(limits) : null;
    if (worlds !== null) selection.tell(title, worlds);
  }
  selection.reduce();
  const byId = new Map<string, readonly Goal[]>();
  const paths: Path[] = [];
  for (const draft of selection.drafts) {
    const path = written(draft, setupOf(draft.worlds.limits), goals);
    paths.push(path);
    byId.set(
      path.id,
      selection.goalsOf(draft).map((goal) => goals.get(goal)),
    );
  }
  return {
    version: pathFormatVersion,
    chart: hashOf(chartWithout(lacks, machine), paths),
    cover,
    ...(lacks.length === 0 ? {} : { lacks }),
    ...(voters === undefined ? {} : { nodes: voters }),
    paths,
    goals: byId,
  };
};

/** Identifies the tests and the chart that they come from. Rules show only in the tests, since code has no form that could be hashed. */
export const hashOf = (machine: typeof raftMachine, paths: readonly Path[]): string => {
  const form = JSON.stringify([pathFormatVersion, walk(machine)], withoutSources);
  const hash = createHash('sha256').update(form);
  for (const path of paths) hash.update(`\n${JSON.stringify(path)}`);
  return hash.digest('hex').slice(0, 16);
};

const maxTitle = 90;

/** As much of `role: what the branch says: detail` as fits a title: the detail tells paths apart, so the middle is shortened. */
const shortened = (words: string): string => {
  if (words.length <= maxTitle) return words;
  const [role, said, ...details] = words.split(': ');
  const detail = details.join(': ');
  const room = maxTitle - detail.length - 3;
  return detail === '' || room < 20
    ? `${cut(words, maxTitle - 1)}…`
    : `${cut(`${role}: ${said}`, room)}…: ${detail}`;
};

/** As many whole words as fit. */
const cut = (words: string, length: number): string =>
  words.slice(0, words.lastIndexOf(' ', length)).replace(/[,:;]$/, '');

const written = ({ edges, reason }: Draft, setup: PathSetup, goals: Goals): Path => {
  const { voters, disk, settings } = setup;
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
    id: `${voters.length}${disk === 'slow' ? 's' : ''}${settings.leaseReads ? 'l' : ''}-${digest}`,
    title: shortened(goals.get(reason).words),
    ...setup,
    steps,
  };
};
