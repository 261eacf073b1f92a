import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  hasJsonState,
  type JsonOptions,
  openJson,
  stateFileName,
} from '../../../../src/adapters/storage/json/open-json.ts';
import { type Log, silentLog } from '../../../../src/ports/log.ts';
import { type Storage, StorageFailed, StorageRefused } from '../../../../src/ports/storage.ts';
import { FakeDisk, imageAfterPowerLoss, lossModes, systemError } from '../fake-disk.ts';
import { createScript, draws, type Mark, markAt, runScript, writesIn } from '../script.ts';
import { closed, command, contentsOf, noop, synced } from '../writes.ts';

const hardState = { currentTerm: 1, votedFor: null };
const options: JsonOptions = {
  directory: '/data',
  nodeId: 1,
  clusterId: 'test',
  log: silentLog,
  logId: 'a'.repeat(32),
  members: [
    { id: 2, peer: null },
    { id: 1, peer: '127.0.0.1:7001' },
  ],
};
const path = '/data/raft_state_1.json';
const appendOne = (storage: Storage, index: number, text = `entry ${index}`) =>
  storage.append({ hardState, firstIndex: index, entries: [command(1, text)] });
const saveAt = (storage: Storage, index: number, text: string) =>
  storage.snapshots.save({ index, term: 1, configuration: Uint8Array.from([7]) }, Buffer.from(text));
const textOn = (disk: FakeDisk) => Buffer.from(disk.contents.get(disk.names.get(path)!)!).toString();
const rewrite = (disk: FakeDisk, text: string) => disk.contents.set(disk.names.get(path)!, Buffer.from(text));
/** `text` with the checksum that belongs to it. */
const withChecksum = (text: string) => {
  const body = text.slice(0, text.lastIndexOf('\n  "crc32"'));
  return `${body}\n  "crc32": ${crc32(body)}\n}\n`;
};
const refusalOf = async (opening: Promise<Storage>): Promise<StorageRefused> => {
  const error = await opening.then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageRefused);
  return error as StorageRefused;
};

describe('the file of a node that stores its state as JSON', () => {
  test('is indented, and says in words that can be read what the node knows', async () => {
    const disk = new FakeDisk();
    const storage = await openJson(options, disk);
    storage.append({
      hardState: { currentTerm: 3, votedFor: 2 },
      firstIndex: 1,
      entries: [
        noop(1),
        command(2, 'grüße\n'),
        { term: 3, kind: 'command', payload: Uint8Array.from([0xf5, 0x41]) },
      ],
    });
    expect(await synced(storage)).toBeNull();
    await saveAt(storage, 1, 'state');
    await new Promise((resolve) =>
      storage.disk.remember(2, { logId: 'b'.repeat(32), start: 4, run: '00000004' }, resolve),
    );
    await closed(storage);
    const [run] = storage.disk.runs;
    expect(textOn(disk)).toBe(
      withChecksum(`{
  "format": "raftchart-json",
  "version": 1,
  "node_id": 1,
  "cluster_id": "test",
  "log_id": "${'a'.repeat(32)}",
  "start": 1,
  "runs": [
    { "start": 1, "tag": "${run!.tag}" }
  ],
  "members": [
    { "id": 1, "peer": "127.0.0.1:7001" },
    { "id": 2, "peer": null }
  ],
  "peers": [
    { "id": 2, "log_id": "${'b'.repeat(32)}", "start": 4, "run": "00000004" }
  ],
  "current_term": 3,
  "voted_for": 2,
  "snapshot": {
    "index": 1,
    "term": 1,
    "configuration": "Bw==",
    "chunks": [
      "c3RhdGU="
    ]
  },
  "base_index": 0,
  "base_term": 0,
  "log": [
    { "index": 1, "term": 1, "kind": "noop" },
    { "index": 2, "term": 2, "kind": "command", "text": "grüße\\n" },
    { "index": 3, "term": 3, "kind": "command", "payload": "9UE=", "shows": "·A" }
  ],
  "crc32": 0
}
`),
    );
  });

  test('gives back any payload byte for byte', async () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { minLength: 1, maxLength: 5 }), async (payloads) => {
        const disk = new FakeDisk();
        const storage = await openJson(options, disk);
        const entries = payloads.map((each) => ({ term: 1, kind: 'command', payload: each }) as const);
        storage.append({ hardState, firstIndex: 1, entries });
        expect(await synced(storage)).toBeNull();
        await closed(storage);
        const again = await openJson(options, disk);
        const read = again
          .read(1, entries.length, 1e9)
          .map((entry) => Buffer.from(entry.payload).toString('hex'));
        expect(read).toEqual(payloads.map((each) => Buffer.from(each).toString('hex')));
        await closed(again);
      }),
      { numRuns: 200 },
    );
  });

  test('is not written again for nothing', async () => {
    const disk = new FakeDisk();
    const storage = await openJson(options, disk);
    const operations = disk.operations.length;
    expect(await synced(storage)).toBeNull();
    storage.append({ hardState: { currentTerm: 0, votedFor: null }, firstIndex: 0, entries: [] });
    expect(await synced(storage)).toBeNull();
    expect(disk.operations.length).toBe(operations);
    await closed(storage);
  });

  test('is told of once it is large, and again when it has doubled', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, message) => warnings.push(message) };
    const storage = await openJson({ ...options, log }, new FakeDisk());
    for (let index = 1; index <= 9; index += 1) {
      appendOne(storage, index, 'x'.repeat(2 ** 20));
      expect(await synced(storage)).toBeNull();
    }
    await closed(storage);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^raft_state_1\.json has 4 MiB, and all of it is written again/);
    expect(warnings[1]).toMatch(/has 9 MiB/);
  });
});

describe('a state as JSON that cannot be believed is refused in one line that says what to do', () => {
  const fresh = async () => {
    const disk = new FakeDisk();
    const storage = await openJson(options, disk);
    appendOne(storage, 1);
    appendOne(storage, 2);
    expect(await synced(storage)).toBeNull();
    await saveAt(storage, 1, 'state');
    await closed(storage);
    return disk;
  };

  test.each<[string, (text: string) => string, RegExp]>([
    ['torn', (text) => text.slice(0, 300), /this is not JSON: it is torn, or was edited/],
    ['empty', () => '', /this is not JSON/],
    ['of something else', () => '{}', /its format is not "raftchart-json"/],
    ['no object', () => 'null', /its format is not "raftchart-json"/],
    [
      'without its checksum',
      (text) => text.replace(/,\n {2}"crc32".*/, ''),
      /it does not end with its checksum/,
    ],
    [
      'edited',
      (text) => text.replace('entry 2', 'entry 3'),
      /it does not match its checksum.*needs "crc32": \d+\)/,
    ],
    ['of no UTF-8', (text) => text.replace('entry 2', 'entry \uFFFD'), /it does not match its checksum/],
  ])('one that is %s', async (_, edit, reason) => {
    const disk = await fresh();
    rewrite(disk, edit(textOn(disk)));
    const refusal = await refusalOf(openJson(options, disk));
    expect(refusal.reason).toBe('damaged');
    expect(refusal.message).toMatch(reason);
    expect(refusal.message.startsWith(`${path}: `)).toBe(true);
    expect(refusal.message).toMatch(
      /; restore the file, or start on an empty directory .*raft-client member replace 1$/,
    );
    expect(refusal.message).not.toContain('\n');
    expect(disk.openFileCount).toBe(0);
  });

  test.each<[string, string, RegExp]>([
    ['"index": 2, "term": 1', '"index": 3, "term": 1', /log\[1\]: index 3 where 2 belongs/],
    ['"index": 1, "term": 1', '"index": 1, "term": 2', /log\[1\]: term 1 after term 2/],
    ['"current_term": 1', '"current_term": 0', /current_term is below a term of the log/],
    ['"text": "entry 1"', '"shows": "entry 1"', /log\[0\]: it needs either a text or a payload/],
    ['"kind": "command", "text": "entry 1"', '"kind": "noop", "text": "x"', /log\[0\]: a noop has neither/],
    ['"kind": "command"', '"kind": "order"', /log\.0\.kind is not as it should be/],
    ['"text": "entry 1"', '"payload": "%%%"', /log\.0\.payload is not as it should be/],
    [
      '"base_index": 0,\n  "base_term": 0',
      '"base_index": 2,\n  "base_term": 1',
      /base_index is not covered by a snapshot/,
    ],
    ['"base_term": 0', '"base_term": 1', /one of base_index and base_term is 0/],
    ['"start": 1,', '"start": 0,', /start is below that of the latest run/],
    ['"node_id": 1', '"node_id": "1"', /node_id is not as it should be/],
  ])('one that says %s otherwise, checksum included', async (from, to, reason) => {
    const disk = await fresh();
    expect(textOn(disk)).toContain(from);
    rewrite(disk, withChecksum(textOn(disk).replace(from, to)));
    const refusal = await refusalOf(openJson(options, disk));
    expect([refusal.reason, refusal.message]).toEqual(['damaged', expect.stringMatching(reason)]);
  });

  test('the checksum that the refusal names is the one that a deliberate edit needs, and formatting does not matter', async () => {
    const disk = await fresh();
    const edited = textOn(disk).replace('entry 2', 'another command').replace('  "log"', '\n\n      "log"');
    rewrite(disk, edited);
    const { message } = await refusalOf(openJson(options, disk));
    const [, needed] = /needs "crc32": (\d+)/.exec(message)!;
    rewrite(disk, edited.replace(/"crc32": \d+/, `"crc32": ${needed}`));
    const storage = await openJson(options, disk);
    expect(String(storage.read(2, 2, 100)[0]!.payload)).toBe('another command');
    await closed(storage);
  });

  test("another node's, another cluster's, or a newer program's", async () => {
    const disk = await fresh();
    expect(await refusalOf(openJson({ ...options, clusterId: 'b' }, disk))).toMatchObject({
      reason: 'wrongOwner',
      message: `${path} belongs to node1 of cluster "test", not to node1 of cluster "b"`,
    });
    rewrite(disk, withChecksum(textOn(disk).replace('"node_id": 1', '"node_id": 3')));
    expect(await refusalOf(openJson(options, disk))).toMatchObject({ reason: 'wrongOwner' });
    rewrite(disk, withChecksum(textOn(disk).replace('"version": 1', '"version": 2')));
    expect(await refusalOf(openJson(options, disk))).toMatchObject({
      reason: 'otherFormat',
      message: `${path} has format 2, which a newer raftchart wrote: start that one`,
    });
  });
});

describe('a state as JSON after a power loss at every disk operation', () => {
  test('holds a prefix of the writes with all that was acknowledged, and goes on from there', async () => {
    const script = createScript(60, 4);
    const disk = new FakeDisk();
    const marks: Mark[] = [];
    const storage = await openJson(options, disk);
    await runScript(storage, script, 4, (appended, acknowledged) =>
      marks.push({ operations: disk.operations.length, appended, acknowledged }),
    );
    await closed(storage);
    expect(disk.openFileCount).toBe(0);
    const blank = { names: new Map(), contents: new Map() };
    const draw = draws(4);
    for (let count = 0; count <= disk.operations.length; count += 1) {
      const bounds = { ...markAt(marks, count), appended: markAt(marks, count + 1).appended };
      for (const mode of lossModes) {
        const where = `power lost after operation ${count}, ${mode}`;
        const image = imageAfterPowerLoss(blank, disk.operations, count, mode, draw);
        const left = new FakeDisk(image);
        const recovered = await openJson(options, left);
        const kept = writesIn(script.contents, contentsOf(recovered), bounds, where);
        for (const write of script.writes.slice(kept, kept + 2)) recovered.append(write);
        expect(await synced(recovered), where).toBeNull();
        await closed(recovered);
        expect([...left.names.keys()], where).toEqual([path]);
        const until = Math.floor(draw() * (left.operations.length + 1));
        const again = await openJson(
          options,
          new FakeDisk(imageAfterPowerLoss(image, left.operations, until, mode, draw)),
        );
        const appended = Math.min(kept + 2, script.writes.length);
        writesIn(script.contents, contentsOf(again), { operations: 0, acknowledged: kept, appended }, where);
        await closed(again);
      }
    }
  }, 30_000);

  test('holds the snapshot before or the one after, with a log that goes on from it', async () => {
    const disk = new FakeDisk();
    const storage = await openJson(options, disk);
    const durable: { readonly operations: number; readonly index: number }[] = [];
    for (let index = 1; index <= 12; index += 1) {
      appendOne(storage, index);
      expect(await synced(storage)).toBeNull();
      if (index % 4 !== 0) continue;
      await saveAt(storage, index, `state ${index}`);
      durable.push({ operations: disk.operations.length, index });
      storage.compact(index - 1, 1);
    }
    await closed(storage);
    const blank = { names: new Map(), contents: new Map() };
    const draw = draws(9);
    for (let count = 0; count <= disk.operations.length; count += 1) {
      const atLeast = durable.findLast(({ operations }) => operations <= count)?.index ?? 0;
      for (const mode of lossModes) {
        const where = `after operation ${count}, ${mode}`;
        const image = imageAfterPowerLoss(blank, disk.operations, count, mode, draw);
        const left = await openJson(options, new FakeDisk(image));
        const index = left.snapshots.latest?.index ?? 0;
        expect(index, where).toBeGreaterThanOrEqual(atLeast);
        expect(left.recovered.baseIndex, where).toBeLessThanOrEqual(index);
        if (index > 0) expect(String(left.snapshots.read()!.chunkAt(0).bytes), where).toBe(`state ${index}`);
        await closed(left);
      }
    }
  });
});

describe('a state as JSON on a failing disk', () => {
  for (const kind of ['write', 'sync'] as const) {
    test(`stays failed when one ${kind} failed and the next would succeed (known bug 25)`, async () => {
      const disk = new FakeDisk();
      const storage = await openJson(options, disk);
      appendOne(storage, 1);
      expect(await synced(storage)).toBeNull();
      disk.fail = (operation) => (operation.kind === kind ? systemError('EIO', kind, 'state') : null);
      appendOne(storage, 2);
      const failure = await synced(storage);
      expect(failure).toBeInstanceOf(StorageFailed);
      expect(failure?.message).toMatch(/^cannot write raft_state_1\.json: EIO/);

      disk.fail = () => null;
      const operations = disk.operations.length;
      appendOne(storage, 3);
      expect(await synced(storage)).toBe(failure);
      expect(await new Promise((resolve) => storage.disk.advanceStart(resolve))).toBe(failure);
      await expect(saveAt(storage, 1, 'x')).rejects.toBe(failure);
      expect(disk.operations.length, 'nothing is written any more').toBe(operations);
      await closed(storage);
      expect(disk.openFileCount).toBe(0);
      const again = await openJson(options, new FakeDisk(disk));
      expect(again.recovered.lastIndex).toBe(1);
      await closed(again);
    });
  }

  test('what is known of disks, or a snapshot, that cannot be written costs neither the log nor what was there', async () => {
    const disk = new FakeDisk();
    const storage = await openJson(options, disk);
    appendOne(storage, 1);
    appendOne(storage, 2);
    expect(await synced(storage)).toBeNull();
    await saveAt(storage, 1, 'old');
    const start = storage.disk.start;
    disk.fail = () => systemError('ENOSPC', 'write', 'state');
    await expect(saveAt(storage, 2, 'new')).rejects.toThrow('ENOSPC');
    expect(storage.snapshots.latest?.index).toBe(1);
    expect(await new Promise((resolve) => storage.disk.advanceStart(resolve))).toMatchObject({
      code: 'ENOSPC',
    });
    expect(storage.disk.start).toBe(start);

    disk.fail = () => null;
    expect(await new Promise((resolve) => storage.disk.advanceStart(resolve))).toBeNull();
    expect(storage.disk.start).toBeGreaterThan(start);
    appendOne(storage, 3);
    expect(await synced(storage)).toBeNull();
    await closed(storage);
    const again = await openJson(options, disk);
    expect([again.snapshots.latest?.index, again.recovered.lastIndex]).toEqual([1, 3]);
    await saveAt(again, 2, 'new');
    await closed(again);
  });
});

describe('the directory of states as JSON', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'raftchart-states-'));
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));
  const at = (nodeId: number) => ({ ...options, directory: join(root, 'states'), nodeId });

  test('is shared by the nodes of a machine, and each file is open once, and nobody elses', async () => {
    expect(await hasJsonState(at(1).directory, 1)).toBe(false);
    const [first, second] = [await openJson(at(1)), await openJson(at(2))];
    expect(await refusalOf(openJson(at(1)))).toMatchObject({
      reason: 'locked',
      message: `${join(at(1).directory, stateFileName(1))} is in use by another process`,
    });
    expect(await hasJsonState(at(1).directory, 2)).toBe(true);
    expect(await hasJsonState(at(1).directory, 3)).toBe(false);
    await closed(first);
    await closed(await openJson(at(1)));
    await closed(second);
    expect(fs.readdirSync(at(1).directory).sort()).toEqual(['raft_state_1.json', 'raft_state_2.json']);
    if (process.platform === 'win32') return;
    expect(fs.statSync(at(1).directory).mode & 0o777).toBe(0o700);
    expect(fs.statSync(join(at(1).directory, stateFileName(1))).mode & 0o777).toBe(0o600);
  });

  test('that is a file is unusable, in one line', async () => {
    fs.writeFileSync(join(root, 'states'), '');
    const refusal = await refusalOf(openJson(at(1)));
    expect(refusal).toMatchObject({
      reason: 'unusable',
      message: expect.stringMatching(/^cannot use data directory .*EEXIST/),
    });
  });
});
