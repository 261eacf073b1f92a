import { copyFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { DrivenNode } from '../../../src/model/driven/driven-node.ts';
import { type ModelNode, NodeModel, testedNode } from '../../../src/model/paths/model-node.ts';
import type { Expectation, Path, PathEvent } from '../../../src/model/paths/path.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import type { Entry } from '../../../src/raft/types.ts';
import { openWal } from '../../../src/storage/wal/open-wal.ts';
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

/** Whose walk it is: the paths of one test share the states that were killed already. */
export interface Walk {
  readonly machine?: typeof raftMachine;
  /** States, by `stateKey`, at which a node was killed; absent: none is killed. */
  readonly killed?: Set<string>;
  /** Segments that the walked logs had in the end. */
  segments: number;
}


/** Walks `path` on a real node in a directory of its own. */
export const walkPath = async (path: Path, walk: Walk): Promise<Difference | null> => {
  const directory = await mkdtemp(join(tmpdir(), 'raftchart-driven-'));
  const node = driven(path, directory, walk.machine);
  const model = new NodeModel(path);
  let event: PathEvent | 'start' = 'start';
  let step = -1;
  let expected = model.start();
  try {
    for (; ; step++) {
      if (step >= 0) {
        event = path.steps[step]!.event;
        expected = model.take(expected.node, event);
      }
      const due = step >= 0 ? path.steps[step]!.expect : expected.expect;
      let actual: Expectation;
      try {
        actual = event === 'start' ? await node.start() : await node.take(event);
      } catch (error) {
        return { path: path.id, step, event, expected: due, actual: (error as Error).message };
      }
      const difference =
        differing(due, actual) ??
        differing(
          { transitions: expected.transitions.map(({ id }) => id), entries: entriesOf(expected.node.entries) },
          { transitions: node.transitions, entries: entriesOf(node.entries) },
        ) ??
        (await killedAt(path, walk, model, expected.node, directory));
      if (difference !== null) return { path: path.id, step, event, ...difference };
      if (step === path.steps.length - 1) return null;
    }
  } finally {
    await node.kill();
    walk.segments += (await readdir(directory)).filter((name) => name.endsWith('.log')).length;
    await rm(directory, { recursive: true });
  }
};

/** Everything that a node does from here on depends on this, and nothing else. */
export const stateKey = (path: Path, { snapshot, disk, queue, committed, entries }: ModelNode): string =>
  JSON.stringify([path.disk, snapshot.value, snapshot.context, disk, queue, committed, entries]);

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
  if (walk.killed === undefined || walk.killed.has(key)) return null;
  walk.killed.add(key);
  const image = await mkdtemp(join(tmpdir(), 'raftchart-driven-'));
  copyFiles(directory, image);
  const node = driven(path, image, walk.machine);
  try {
    const restarted = await node.start();
    const { recovered } = node.run.storage;
    const due = {
      hardState: at.disk.hardState,
      entries: entriesOf(at.disk.entries),
      ...model.take(at, { type: 'restart' }).expect,
    };
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

/** All files but a segment that is being made ahead of need: with its own name it would be as empty. */
const copyFiles = (from: string, to: string): void => {
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.tmp')) copyFileSync(join(from, name), join(to, name));
  }
};

const driven = (path: Path, directory: string, machine: typeof raftMachine | undefined): DrivenNode =>
  new DrivenNode({
    id: testedNode,
    voters: path.voters,
    settings: path.settings,
    disk: path.disk,
    stateMachine: path.disk,
    open: async (): Promise<Storage> =>
      paddedStorage(
        await openWal({
          directory,
          nodeId: testedNode,
          clusterId: 'driven',
          log: silentLog,
          segmentSizeBytes: 8192,
          cacheBytes: 4096,
        }),
      ),
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
