import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BackupOptions, takeBackup } from '../../../src/cli/client/take-backup.ts';
import { firstConfiguration } from '../../../src/raft/configuration.ts';
import { backupPieces } from '../../../src/store/backup/backup-format.ts';

const data = Buffer.from('the state '.repeat(100));
const backup = Buffer.concat([
  ...backupPieces(
    {
      ...{ clusterId: 'test', node: 1, consistency: 'linearizable', index: 12, term: 3 },
      configuration: firstConfiguration([1]),
      ...{ takenAt: '2026-01-02T03:04:05.678Z', program: '0.1.0', sizeBytes: data.length },
    },
    [{ bytes: data, checksum: crc32(data) }],
  ),
]);

let folder: string;
let file: string;
let server: Server;
let endpoint: string;
/** What a request for a backup is answered; requests so far. */
let answer: (response: ServerResponse, nth: number) => void;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raftchart-take-'));
  file = join(folder, 'backup');
  asked = [];
  answer = (response) => response.end(backup);
  server = createServer((request, response) => {
    if (request.url === '/v1/status') {
      response.end(JSON.stringify({ id: 1, term: 3, leader: 1, peers: [] }));
      return;
    }
    asked.push(request.url!);
    answer(response, asked.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const take = async (options: Partial<BackupOptions> = {}, path = file) => {
  const { stdout, stderr, exitCode } = await takeBackup(path, null, {
    ...{
      endpoints: [endpoint],
      isTargeted: false,
      timeoutMs: 5000,
      asJson: false,
      isStale: false,
      replaces: false,
    },
    signal: new AbortController().signal,
    progress: { show: () => {}, end: () => {} },
    ...options,
  });
  const { error, message } = stderr === '' ? { error: null, message: null } : JSON.parse(stderr);
  return { code: exitCode, stdout, error, message };
};
const left = () => readdirSync(folder);

it('a backup is a file that only its owner and group may read', async () => {
  const { code, stdout } = await take();
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `OK index=12 term=3 node=1 linearizable bytes=${backup.length}\n`,
  });
  expect(readFileSync(file).equals(backup)).toBe(true);
  expect(statSync(file).mode & 0o007).toBe(0);
  expect(left()).toEqual(['backup']);
  expect(asked).toEqual(['/v1/backup?consistency=linearizable']);
});

it('a file that is there stays, unless it is to be replaced', async () => {
  writeFileSync(file, 'last week');
  expect(await take()).toMatchObject({
    code: 1,
    error: 'file_exists',
    message: `${file} exists; --force replaces it`,
  });
  expect(asked).toEqual([]);
  // One that comes meanwhile stays as well.
  rmSync(file);
  answer = (response) => {
    writeFileSync(file, 'somebody else');
    response.end(backup);
  };
  expect(await take()).toMatchObject({ code: 1, error: 'output' });
  expect(readFileSync(file, 'utf8')).toBe('somebody else');
  expect(left()).toEqual(['backup']);
  expect((await take({ replaces: true })).code).toBe(0);
  expect(readFileSync(file).equals(backup)).toBe(true);
});

it('a backup that breaks off leaves no file, and the old one as it was', async () => {
  writeFileSync(file, 'last week');
  answer = (response) => {
    response.writeHead(200, { 'content-length': backup.length });
    response.write(backup.subarray(0, 500), () => response.destroy());
  };
  expect(await take({ replaces: true })).toMatchObject({ code: 2, error: 'broken_off' });
  expect(readFileSync(file, 'utf8')).toBe('last week');
  expect(left()).toEqual(['backup']);
});

it('bytes that are no whole backup are refused, and leave no file', async () => {
  answer = (response) => response.end(Buffer.from(backup).fill(0, 600, 601));
  expect(await take()).toMatchObject({ code: 1, error: 'damaged' });
  answer = (response) => response.end('<html>');
  expect(await take()).toMatchObject({
    code: 1,
    error: 'damaged',
    message: expect.stringContaining('no backup'),
  });
  expect(left()).toEqual([]);
});

it('a node that is busy, or knows no leader, is asked again; one that cannot give any is not', async () => {
  answer = (response, nth) => {
    const statuses = [429, 503, 421, 200];
    response.statusCode = statuses[nth - 1]!;
    response.end(response.statusCode === 200 ? backup : '{"error":"overloaded"}');
  };
  expect((await take()).code).toBe(0);
  expect(asked.length).toBe(4);
  answer = (response) => {
    response.statusCode = 503;
    response.end('{"error":"snapshot_failed","message":"no space left"}');
  };
  expect(await take({ replaces: true })).toMatchObject({ code: 1, error: 'snapshot_failed' });
  answer = (response) => {
    response.statusCode = 404;
    response.end('{"error":"not_found"}');
  };
  expect(await take({ replaces: true })).toMatchObject({ code: 1, error: 'not_found' });
});

it('without a leader a stale backup is still there', async () => {
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (request.url === '/v1/status')
      response.end(JSON.stringify({ id: 1, term: 3, leader: null, peers: [] }));
    else response.end(backup);
  });
  expect(await take({ timeoutMs: 300 })).toMatchObject({
    code: 2,
    error: 'timeout',
    message: 'timed out after 300 ms (no leader is known); nothing was written',
  });
  expect((await take({ isStale: true })).code).toBe(0);
});

it('a file that cannot be written is named', async () => {
  expect(await take({}, '/proc/nowhere/x')).toMatchObject({
    code: 1,
    message: expect.stringMatching(/^cannot write \/proc\/nowhere\/x: ENOENT/),
  });
  expect(await take({ replaces: true }, '/dev/null')).toMatchObject({
    code: 1,
    message: 'cannot write /dev/null: it is there, and no regular file',
  });
});

it('one that is interrupted leaves nothing', async () => {
  const interrupt = new AbortController();
  answer = (response) => {
    response.writeHead(200, { 'content-length': backup.length });
    response.write(backup.subarray(0, 500));
    setTimeout(() => interrupt.abort(), 50);
  };
  expect(await take({ signal: interrupt.signal })).toMatchObject({ code: 1, error: 'interrupted' });
  expect(left()).toEqual([]);
});
