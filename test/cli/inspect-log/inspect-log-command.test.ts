import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWal } from '../../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { Storage } from '../../../src/ports/storage.ts';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import { encodeConfiguration } from '../../../src/raft/configuration-payload.ts';
import { closed, command, noop, synced } from '../../adapters/storage/writes.ts';
import { raftchart } from '../run-raftchart.ts';

let directory: string;
let storage: Storage;
const segment = 'wal-0000000001.log';
const snapshot = 'snapshot-0000000000000002.snap';
const options = { nodeId: 2, clusterId: 'test', logId: '00112233445566778899aabbccddeeff', run: '01020304' };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'raftchart-inspect-'));
  const members = [{ id: 2, peer: null }];
  storage = await openWal({ ...options, directory, members, segmentSizeBytes: 8192, log: silentLog });
  isRunning = true;
  const hardState = { currentTerm: 1, votedFor: 2 };
  storage.append({ hardState, firstIndex: 1, entries: [noop(1), command(1, 'one'), command(1, 'two')] });
  await synced(storage);
  const configuration = encodeConfiguration(firstConfiguration([2]));
  await storage.snapshots.save({ index: 2, term: 1, configuration }, Buffer.from('the state'));
});
let isRunning: boolean;
const stop = async (): Promise<void> => {
  if (isRunning) await closed(storage);
  isRunning = false;
};
afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true, force: true });
});

const everything = () =>
  readdirSync(directory).map((name) => {
    const path = join(directory, name);
    return [name, statSync(path).mtimeMs, readFileSync(path, 'base64')];
  });
const change = (name: string, by: (bytes: Buffer) => unknown): void => {
  const bytes = readFileSync(join(directory, name));
  by(bytes);
  writeFileSync(join(directory, name), bytes);
};

describe('raftchart inspect-log', () => {
  it('prints the directory of a running node, and changes nothing', async () => {
    const before = everything();
    const { code, stdout, stderr } = await raftchart('inspect-log', directory);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(everything()).toEqual(before);
    expect(stdout).toBe(
      [
        'identity     node2 of cluster "test", log 00112233445566778899aabbccddeeff, format 2; founders: node2',
        'disk.json    start 1, 1 run, the latest 01020304; segments 1 to 1; the log begins after entry 0; durable up to segment 1, offset 568 at least',
        'peers.json   none known',
        `snapshot     ${snapshot}: up to entry 2 (term 1), 9 bytes in 1 chunk; voters: node2`,
        `  ${segment}       512  segment start after entry 0, term 0, 16 bytes`,
        `  ${segment}       568  term 1, vote for node2`,
        `  ${segment}       608  entry 1, term 1, noop`,
        `  ${segment}       648  entry 2, term 1, command, 3 bytes`,
        `  ${segment}       696  entry 3, term 1, command, 3 bytes`,
        `segment      ${segment}: 8192 bytes, 5 records, entries 1 to 3, up to offset 744`,
        'sound        term 1, vote for node2; entries 1 to 3; voters since entry 0: node2',
        '',
      ].join('\n'),
    );
  });

  it('prints a JSON object on each line with --json, and fewer records with --from and --to', async () => {
    const { stdout } = await raftchart('inspect-log', directory, '--json', '--from', '2', '--to', '2');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      ...['identity', 'disk', 'peers', 'snapshot', 'record', 'segment', 'sound'],
    ]);
    expect(lines[4]).toMatchObject({ kind: 'command', index: 2, term: 1, offset: 648 });
    expect(lines[3].configuration.voters).toEqual([2]);
  });

  it.each([
    ['a record', segment, 660],
    ['a chunk of the snapshot', snapshot, 64],
    ['a small file', 'peers.json', 3],
  ])('says where %s is damaged, and exits 1', async (_, name, at) => {
    change(name, (bytes) => {
      bytes[at]! ^= 0x40;
    });
    const { code, stdout } = await raftchart('inspect-log', directory, '--summary');
    expect(code).toBe(1);
    const lines = stdout.split('\n').filter((line) => /at offset \d+: /.test(line));
    expect(lines.length).toBe(1);
    expect(lines[0]).toContain(name);
    expect(stdout).not.toContain('sound');
  });

  it.each([
    [['/nowhere'], /^cannot read data directory \/nowhere: ENOENT/],
    [['.'], /^\. is no data directory of raft-node/],
    [['x', '--summary', '--from', '2'], /^--summary prints no records/],
    [['x', '--from', '3', '--to', '2'], /^--from 3 is after --to 2/],
    [['x', '--from', '0'], /expected a number of entries, 1 or more/],
  ])('refuses %j in one line', async (flags, message) => {
    const { code, stdout, stderr } = await raftchart('inspect-log', ...flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('raftchart repair', () => {
  it('leaves the directory of a running node alone', async () => {
    const { code, stderr } = await raftchart('repair', directory);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `a node is running on ${directory}: stop it first\n`,
    });
  });

  it('cuts a torn write when somebody agrees, and then has nothing to do', async () => {
    await stop();
    change(segment, (bytes) => bytes.write('torn', 744 + 520));
    const before = everything();
    const asked = await raftchart('repair', directory);
    const cut = `${segment}: zeros from offset 744 to 1536; a write that was cut short and never acknowledged\n`;
    expect(asked).toEqual({ code: 2, stdout: cut, stderr: 'nothing was changed: say --yes to do this\n' });
    expect(everything()).toEqual(before);
    expect(await raftchart('repair', directory, '--yes')).toEqual({
      ...{ code: 0, stdout: `${cut}repaired ${directory}\n`, stderr: '' },
    });
    expect(await raftchart('repair', directory)).toEqual({
      ...{ code: 0, stdout: `${directory} is sound: nothing to repair\n`, stderr: '' },
    });
  });

  it('refuses where acknowledged entries may be damaged, and names the remedy', async () => {
    await stop();
    change(segment, (bytes) => bytes.write('X', 648 + 32));
    const before = everything();
    expect(await raftchart('repair', directory, '--yes')).toEqual({
      code: 1,
      stdout:
        `${segment} at offset 648: a record that was written whole does not match its checksum\n` +
        'nothing was changed: acknowledged entries may be damaged. Start the node on an empty directory, and let that take its place: raft-client member replace 2\n',
      stderr: '',
    });
    expect(everything()).toEqual(before);
  });
});
