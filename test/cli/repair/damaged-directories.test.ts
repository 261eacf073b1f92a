import { expect, test } from 'vitest';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { type Cut, carryOut, planRepair, type RepairPlan } from '../../../src/cli/repair/plan-repair.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { StorageRefused } from '../../../src/ports/storage.ts';
import {
  type DiskImage,
  FakeDisk,
  imageAfterPowerLoss,
  lossModes,
} from '../../adapters/storage/fake-disk.ts';
import { createScript, draws, runScript } from '../../adapters/storage/script.ts';
import { type Contents, closed, contentsOf } from '../../adapters/storage/writes.ts';

/** The longer form: `DIRECTORIES=1000 npx vitest run test/cli/repair/damaged-directories.test.ts`. */
const directories = Number(process.env.DIRECTORIES ?? 200);
const directoriesOfARun = 25;

const directory = '/data';
const options = { directory, nodeId: 1, clusterId: 'test', segmentSizeBytes: 8192, log: silentLog };

/** After so many operations of the disk, how many writes had been appended and acknowledged. */
interface Mark {
  readonly operations: number;
  readonly appended: number;
  readonly acknowledged: number;
}

interface Run {
  readonly disk: FakeDisk;
  readonly contents: readonly Contents[];
  readonly marks: readonly Mark[];
}

const runOf = async (seed: number): Promise<Run> => {
  const script = createScript(60 + (seed % 3) * 60, seed, seed % 2 === 0 ? 100 : 1500);
  const disk = new FakeDisk();
  const storage = await openWal(options, disk);
  const marks: Mark[] = [{ operations: disk.operations.length, appended: 0, acknowledged: 0 }];
  await runScript(storage, script, seed, (appended, acknowledged) =>
    marks.push({ operations: disk.operations.length, appended, acknowledged }),
  );
  await closed(storage);
  return { disk, contents: script.contents, marks };
};

type Damage = (bytes: Buffer, draw: () => number) => Buffer | null;

/** Everything but zeros behind the watermark, which look like the end of the log: docs/storage.md, What must be here. */
const damages: Readonly<Record<string, Damage>> = {
  flippedBit: (bytes, draw) => {
    const at = Math.floor(draw() * bytes.length);
    bytes[at]! ^= 1 << Math.floor(draw() * 8);
    return bytes;
  },
  flippedBitInTheRecords: (bytes, draw) => {
    const written = bytes.findLastIndex((byte) => byte !== 0) + 1;
    const at = Math.floor((1 - draw() ** 3) * written);
    bytes[at]! ^= 1 << Math.floor(draw() * 8);
    return bytes;
  },
  noise: (bytes, draw) => {
    const from = Math.floor(draw() * bytes.length);
    const to = Math.min(bytes.length, from + 1 + Math.floor(draw() * 1000));
    for (let at = from; at < to; at++) bytes[at] = 1 + Math.floor(draw() * 255);
    return bytes;
  },
  cutOff: (bytes, draw) => Buffer.from(bytes.subarray(0, Math.floor(draw() * bytes.length))),
  grown: (bytes) => Buffer.concat([bytes, Buffer.from('more')]),
  gone: () => null,
};

const damaged = (
  image: DiskImage,
  draw: () => number,
): { readonly image: DiskImage; readonly what: string } => {
  const names = new Map(image.names);
  const contents = new Map(image.contents);
  const told: string[] = [];
  const kinds = Object.keys(damages);
  for (let times = Math.floor(draw() * 3); times > 0; times--) {
    const paths = [...names.keys()].toSorted();
    // The last segments are where it is hard to tell.
    const path = paths[Math.floor((1 - draw() ** 2) * paths.length)]!;
    const kind = kinds[Math.floor(draw() * kinds.length)]!;
    const file = names.get(path)!;
    const bytes = Buffer.from(contents.get(file)!);
    if (bytes.length === 0) continue;
    const after = damages[kind]!(bytes, draw);
    if (after === null) names.delete(path);
    else contents.set(file, after);
    told.push(`${path}: ${kind}`);
  }
  return { image: { names, contents }, what: told.join(', ') || 'not damaged' };
};

/** Makes directories, damages and repairs them; returns how often each thing came to pass. */
const repairRandomly = async (seed: number, count: number, tally: Map<string, number>): Promise<void> => {
  const { disk, contents, marks } = await runOf(seed);
  const draw = draws(seed + 1);
  const note = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);
  for (let n = 0; n < count; n++) {
    const first = marks[0]!.operations;
    const operations = first + Math.floor(draw() * (disk.operations.length + 1 - first));
    const mode = lossModes[Math.floor(draw() * lossModes.length)]!;
    const blank = { names: new Map(), contents: new Map() };
    const lost = imageAfterPowerLoss(blank, disk.operations, operations, mode, draw);
    const { image, what } = damaged(lost, draw);
    const where = `seed ${seed}, directory ${n}: power lost after operation ${operations}, ${mode}; ${what}`;
    const found = new FakeDisk(image);
    const plan = await planRepair(directory, found).catch((error: unknown): RepairPlan => {
      // A flipped bit may make it a directory of a later format.
      if (error instanceof StorageRefused) return { type: 'refused', reasons: [error.message], node: null };
      throw error;
    });
    expect(found.operations, `${where}: a plan changes nothing`).toEqual([]);
    expect(found.openFileCount, `${where}: a plan leaves no file open`).toBe(0);
    note(plan.type);
    if (plan.type === 'refused') {
      expect(plan.reasons.length, where).toBeGreaterThan(0);
      continue;
    }
    const cuts: readonly Cut[] = plan.type === 'sound' ? [] : plan.cuts;
    for (const cut of cuts) note(cut.type === 'removal' ? 'removal' : cut.why);
    await carryOut(cuts, directory, found);
    const storage = await openWal(options, found).catch((error: unknown) => {
      throw new Error(`${where}: the node does not start`, { cause: error });
    });
    const recovered = contentsOf(storage);
    await closed(storage);
    const { acknowledged } = marks.findLast((mark) => mark.operations <= operations)!;
    // What is appended between two operations is known by the time of the later one.
    const { appended } = marks.findLast((mark) => mark.operations <= operations + 1)!;
    const kept = contents.slice(acknowledged, appended + 1);
    expect(kept.includes(recovered), `${where}: ${JSON.stringify(cuts)} lost what was acknowledged`).toBe(
      true,
    );
  }
};

test(`of ${directories} randomly damaged directories each is refused, or repaired without the loss of anything acknowledged`, async () => {
  const tally = new Map<string, number>();
  for (let seed = 1; seed <= Math.ceil(directories / directoriesOfARun); seed++) {
    await repairRandomly(seed, directoriesOfARun, tally);
  }
  if (process.env.DIRECTORIES) console.log(Object.fromEntries(tally));
  for (const way of ['sound', 'refused', 'cuts', 'torn', 'removal']) expect([...tally.keys()]).toContain(way);
}, 600_000);
