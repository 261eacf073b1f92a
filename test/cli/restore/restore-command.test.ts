import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import { decodeConfiguration } from '../../../src/raft/configuration-payload.ts';
import { type BackupHeader, backupPieces } from '../../../src/store/backup/backup-format.ts';
import { encodePut } from '../../../src/store/kv/commands.ts';
import { closed, command, synced } from '../../adapters/storage/writes.ts';
import { raftchart } from '../run-raftchart.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-restore-'));
  file = join(folder, 'backup');
  writeFileSync(file, backup());
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const backup = (changes: Partial<BackupHeader> = {}, data = 'the state'): Buffer => {
  const bytes = Buffer.from(data);
  const header: BackupHeader = {
    clusterId: 'raftchart',
    node: 2,
    consistency: 'linearizable',
    index: 12,
    term: 3,
    configuration: firstConfiguration([1, 2, 3]),
    takenAt: '2026-01-02T03:04:05.678Z',
    program: '0.1.0',
    sizeBytes: bytes.length,
    ...changes,
  };
  return Buffer.concat([...backupPieces(header, [{ bytes, checksum: crc32(bytes) }])]);
};

const restore = (directory: string, ...flags: readonly string[]) =>
  raftchart('restore', ...flags, '--data-dir', join(folder, directory));
const alone = ['--id', '1', '--peers', 'none'];
const clusterIdIn = (stdout: string): string => /--cluster-id (\S+)\n$/.exec(stdout)![1]!;

describe('raftchart restore', () => {
  it('says in one line what it has made, and how to start it', async () => {
    const { code, stdout, stderr } = await restore('new', file, '--id', '2', '--peers', '1,3=127.0.0.1:7103');
    const directory = join(folder, 'new');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const clusterId = clusterIdIn(stdout);
    expect(clusterId).toMatch(/^raftchart-[0-9a-f]{12}$/);
    expect(stdout).toBe(
      `restored entry 12 (term 3) into ${directory}; members of the new cluster: node1, node2, node3; start this one with: raft-node --id 2 --data-dir ${directory} --cluster-id ${clusterId}\n`,
    );
    const storage = await openWal({ directory, nodeId: 2, clusterId, log: silentLog });
    expect(storage.recovered).toMatchObject({ baseIndex: 12, baseTerm: 3, lastIndex: 12 });
    const configuration = decodeConfiguration(storage.snapshots.latest!.configuration)!;
    expect(configuration).toMatchObject({ index: 0, voters: [1, 2, 3] });
    expect(configuration.members[3]!.peer).toBe('127.0.0.1:7103');
    expect(storage.disk.firstMembers!.map(({ peer }) => peer)).toEqual([
      ...['127.0.0.1:7001', '127.0.0.1:7002', '127.0.0.1:7103'],
    ]);
    await closed(storage);
  });

  it('gives a cluster id that only those share who were restored from the same, as the same members', async () => {
    const other = join(folder, 'other');
    writeFileSync(other, backup({}, 'another state'));
    const later = join(folder, 'later');
    writeFileSync(later, backup({ takenAt: '2026-02-02T03:04:05.678Z', node: 3 }));
    const idOf = async (directory: string, ...flags: readonly string[]) =>
      clusterIdIn((await restore(directory, ...flags)).stdout);
    const first = await idOf('a', file, '--id', '1', '--peers', '2,3');
    expect(await idOf('b', file, '--id', '3', '--peers', '1,2')).toBe(first);
    expect(await idOf('c', later, '--id', '2', '--peers', '1,3'), 'the same state').toBe(first);
    const others = [
      first,
      await idOf('d', other, '--id', '1', '--peers', '2,3'),
      await idOf('e', file, '--id', '1', '--peers', '2'),
      await idOf('f', file, ...alone),
    ];
    expect(new Set(others).size).toBe(4);
    // Restored again and again, the name does not grow.
    writeFileSync(other, backup({ clusterId: first }));
    expect(await idOf('g', other, ...alone)).toMatch(/^raftchart-[0-9a-f]{12}$/);
  });

  it.each([
    ['is damaged', (bytes: Buffer) => bytes.fill(0, 700), /^.*\/backup: damaged at offset \d+: .*\n$/],
    [
      'is cut off',
      (bytes: Buffer) => bytes.subarray(0, 400),
      /\/backup: damaged at offset 400: it ends here\n$/,
    ],
    ['is none', () => Buffer.from('hello'), /\/backup: this is no backup of raftchart\n$/],
    [
      'is of a later format',
      (bytes: Buffer) => bytes.fill(2, 8, 9),
      /has format 2, .* a newer raftchart wrote it/,
    ],
  ])('refuses a file that %s in one line, and makes nothing', async (_, change, message) => {
    const bytes = backup({}, 'a state that is long enough'.repeat(30));
    writeFileSync(file, change(bytes));
    const { code, stdout, stderr } = await restore('new', file, ...alone);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(readdirSync(folder).includes('new') ? readdirSync(join(folder, 'new')) : []).toEqual([]);
  });

  it('refuses a directory with something in it, and leaves that alone', async () => {
    mkdirSync(join(folder, 'new'));
    writeFileSync(join(folder, 'new', 'notes.txt'), 'mine');
    const { code, stderr } = await restore('new', file, ...alone);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${join(folder, 'new')} is not empty: it has notes.txt\n`,
    });
    expect(readFileSync(join(folder, 'new', 'notes.txt'), 'utf8')).toBe('mine');
  });

  it.each([
    [['nofile', ...alone], /^cannot read nofile: ENOENT/],
    [[...alone], /^restore needs a file, or --from-dir/],
    [['x', '--from-dir', 'y', ...alone], /^restore needs a file, or --from-dir/],
    [['x', '--id', '1', '--peers', '1,2'], /^--peers lists the other nodes: leave out 1/],
    [['x', '--id', '1', '--peers', '2=0.0.0.0:7002'], /^nobody reaches node2 at 0\.0\.0\.0:7002/],
    [['x', '--id', '1', '--peers', '2,3,4,5,6,7,8,9,10'], /^--peers makes a cluster of 10; at most 9/],
    [['x', '--id', '1'], /--peers <list>' not specified/],
    [['--from-dir', 'nowhere', ...alone], /^cannot read data directory nowhere: ENOENT/],
  ])('refuses %j', async (flags, message) => {
    const { code, stdout, stderr } = await restore('new', ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('raftchart restore --from-dir', () => {
  const directoryWith = async (...payloads: readonly Uint8Array[]): Promise<string> => {
    const directory = join(folder, 'left');
    const storage = await openWal({ directory, nodeId: 1, clusterId: 'old', log: silentLog });
    const entries = payloads.map((payload) => ({ ...command(1, ''), payload }));
    storage.append({ hardState: { currentTerm: 1, votedFor: 1 }, firstIndex: 1, entries });
    await synced(storage);
    await closed(storage);
    return directory;
  };

  it('restores the whole log, and changes nothing of the directory', async () => {
    const directory = await directoryWith(encodePut('x', Buffer.from('1')), encodePut('y', Buffer.from('2')));
    const before = readFileSync(join(directory, 'disk.json'), 'utf8');
    const { code, stdout } = await restore('new', '--from-dir', directory, ...alone);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^restored entry 2 \(term 1\) into /);
    expect(clusterIdIn(stdout)).toMatch(/^old-/);
    expect(readFileSync(join(directory, 'disk.json'), 'utf8')).toBe(before);
  });

  it('refuses the log of a program of another kind: its entries mean nothing here', async () => {
    const directory = await directoryWith(Buffer.from('a command of somebody else'));
    const { code, stderr } = await restore('new', '--from-dir', directory, ...alone);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${directory}: entry 1 is no command of raft-node: a program of another kind wrote this log\n`,
    });
  });

  it('refuses a directory without entries', async () => {
    const directory = join(folder, 'left');
    await closed(await openWal({ directory, nodeId: 1, clusterId: 'old', log: silentLog }));
    const { code, stderr } = await restore('new', '--from-dir', directory, ...alone);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${directory} holds no entries: there is nothing to restore\n`,
    });
  });
});
