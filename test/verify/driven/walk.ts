import { copyFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { membershipOf } from '../../../src/node/membership.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry } from '../../../src/raft/types.ts';
import { DrivenNode } from '../../../src/verify/driven/driven-node.ts';
import { NodeModel, testedNode } from '../../../src/verify/paths/model-node.ts';
import type { ModelNode } from '../../../src/verify/paths/modelled-node.ts';
import type { Expectation, Path, PathEvent } from '../../../src/verify/paths/path.ts';
import { paddedStorage } from './padded-storage.ts';

/** Where the real node did not do as the model says. */
export interface Difference {
  readonly path: string;
  /** Position in the path's steps, from 0 on; −1: the start. */
  readonly step: number;
  readonly event: PathEvent | 'start';
  /** Only what differs. */
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What came of walking many paths. */
export interface Walked {
  readonly differences: readonly Difference[];
  readonly steps: number;
  /** Distinct states at which a node was killed. */
  readonly killed: number;
  /** Segments that the logs had in the end, beyond the first. */
  readonly segmentChanges: number;
}

interface WalkOptions {
  readonly machine?: typeof raftMachine;
  /** Between the node and its write-ahead log, such as something that forgets. */
  readonly storage?: (storage: Storage) => Storage;
  /** Whether a node is killed at each distinct state. */
  readonly kills: boolean;
  /** Whether one difference is enough. */
  readonly stopsAtFirst?: boolean;
}

/** Syncs of so many nodes may be in flight together. */
const atOnce = 8;

/** Walks every path on a real node of its own. */
export const walkPaths = async (paths: readonly Path[], options: WalkOptions): Promise<Walked> => {
  const walk: Walk = { ...options, empty: await emptyLog(), killed: new Set(), segmentChanges: 0 };
  const waiting = [...paths];
  const differences: Difference[] = [];
  const worker = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const difference = await walkPath(path, walk);
      if (difference !== null) differences.push(difference);
      if (options.stopsAtFirst && differences.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await rm(walk.empty, { recursive: true });
  return {
    differences,
    steps: paths.reduce((steps, path) => steps + path.steps.length, 0),
    killed: walk.killed.size,
    segmentChanges: walk.segmentChanges,
  };
};

interface Walk extends WalkOptions {
  /** A directory with a log that holds nothing. */
  readonly empty: string;
  /** States, by `stateKey`, at which a node was killed. */
  readonly killed: Set<string>;
  segmentChanges: number;
}

/** Walks `path` on a real node in a directory of its own. */
const walkPath = async (path: Path, walk: Walk): Promise<Difference | null> => {
  const directory = await copyOf(walk.empty);
  const node = driven(path, directory, walk);
  const model = new NodeModel(path);
  let event: PathEvent | 'start' = 'start';
  let step = -1;
  let expected = model.start();
  try {
    for (; ; step++) {
      const before = expected.node;
      if (step >= 0) {
        event = path.steps[step]!.event;
        expected = model.take(expected.node, event);
      }
      const { expect: due, transitions } = step >= 0 ? path.steps[step]! : expected;
      let actual: Expectation;
      try {
        actual = event === 'start' ? await node.start() : await node.take(event);
      } catch (error) {
        return { path: path.id, step, event, expected: due, actual: (error as Error).message };
      }
      const difference =
        differing(due, actual) ??
        differing(
          {
            transitions: arrives(before, event) ? transitions.map(({ id }) => id) : [],
            entries: entriesOf(expected.node.log.entries),
          },
          { transitions: node.transitions, entries: entriesOf(node.entries) },
        ) ??
        (await killedAt(path, walk, model, expected.node, directory));
      if (difference !== null) return { path: path.id, step, event, ...difference };
      if (step === path.steps.length - 1) return null;
    }
  } finally {
    await node.kill();
    walk.segmentChanges += readdirSync(directory).filter((name) => name.endsWith('.log')).length - 1;
    await rm(directory, { recursive: true });
  }
};

/** Whether the chart hears of it: a stranger is refused by the links, so that the chart's own guards against one are not reached. */
const arrives = ({ snapshot }: ModelNode, event: PathEvent | 'start'): boolean =>
  event === 'start' ||
  event.type !== 'deliver' ||
  membershipOf(snapshot.context).peers.has(event.message.from);

/** Everything that a node does from here on depends on this, and nothing else. */
const stateKey = (path: Path, { snapshot, disk, queue, committed, log, checked }: ModelNode): string =>
  JSON.stringify([path.disk, snapshot.value, snapshot.context, disk, queue, committed, log, checked]);

/**
 * Kills a node at this state, if none was yet: a copy of the directory is what a process leaves that ends here, since
 * nothing is asked of it. Another node, on the copy, must be what the model is after a restart.
 */
const killedAt = async (
  path: Path,
  walk: Walk,
  model: NodeModel,
  at: ModelNode,
  directory: string,
): Promise<Pick<Difference, 'expected' | 'actual'> | null> => {
  const key = stateKey(path, at);
  // A group of writes that is half told of may be durable as a whole.
  if (!walk.kills || at.isSplit || walk.killed.has(key)) return null;
  walk.killed.add(key);
  const image = await copyOf(directory);
  const node = driven(path, image, walk);
  try {
    const restarted = await node.start();
    const { recovered } = node.run.storage;
    const { expect: rest, node: again } = model.take(at, { type: 'restart' });
    const { hardState, log } = again.disk;
    const due = { hardState, entries: entriesOf(log.entries), ...rest };
    return differing(due, {
      hardState: recovered.hardState,
      entries: entriesOf(node.entries),
      ...restarted,
    });
  } finally {
    await node.kill();
    await rm(image, { recursive: true });
  }
};

/** A directory of its own with all files but a segment that is being made ahead of need: with its own name it would be as empty. */
const copyOf = async (from: string): Promise<string> => {
  const to = await mkdtemp(join(tmpdir(), 'raftchart-driven-'));
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.tmp')) copyFileSync(join(from, name), join(to, name));
  }
  return to;
};

/** A log that was set up and holds nothing: each path starts on a copy, which is quicker than to set up one. */
const emptyLog = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'raftchart-driven-'));
  const storage = await opened(directory);
  await new Promise<void>((resolve) => storage.close(resolve));
  return directory;
};

const opened = async (directory: string): Promise<Storage> =>
  paddedStorage(
    await openWal({
      directory,
      nodeId: testedNode,
      clusterId: 'driven',
      log: silentLog,
      segmentSizeBytes: 8192,
      cacheBytes: 4096,
      snapshotChunkBytes: 1,
    }),
  );

const driven = (path: Path, directory: string, { machine, storage = (each) => each }: Walk): DrivenNode =>
  new DrivenNode({
    id: testedNode,
    voters: path.voters,
    settings: path.settings,
    disk: path.disk,
    stateMachine: path.disk,
    open: async () => storage(await opened(directory)),
    ...(machine === undefined ? {} : { machine }),
  });

const entriesOf = (entries: readonly Entry[]): readonly string[] =>
  entries.map(({ term, kind, payload }) => `${term} ${kind} ${Buffer.from(payload).toString()}`);

/** The keys in which two objects differ, with both values; null: none. */
const differing = (due: object, found: object): Pick<Difference, 'expected' | 'actual'> | null => {
  const expected: Record<string, unknown> = {};
  const actual: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(due)) {
    const other = (found as Record<string, unknown>)[key];
    if (isDeepStrictEqual(value, other)) continue;
    expected[key] = value;
    actual[key] = other;
  }
  return Object.keys(expected).length === 0 ? null : { expected, actual };
};

/** For people: which step of which path, and what differs. */
export const differenceText = ({ path, step, event, expected, actual }: Difference): string =>
  [
    `path ${path}, ${step < 0 ? 'start' : `step ${step + 1}`}: ${JSON.stringify(event)}`,
    `  the model: ${JSON.stringify(expected)}`,
    `  the node:  ${JSON.stringify(actual)}`,
  ].join('\n');
