import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkedLine } from '../../src/adapters/storage/checked-file.ts';
import { openWal } from '../../src/adapters/storage/wal/open-wal.ts';
import { silentLog } from '../../src/ports/log.ts';
import type { Entry } from '../../src/raft/types.ts';
import { unpack } from '../adapters/storage/stored-directories.ts';
import { closed, synced } from '../adapters/storage/writes.ts';
import { useCluster } from './use-cluster.ts';

const { client, listed, reserve } = useCluster('stored');

it.each(['wal', 'json'] as const)(
  'a data directory that the version before left is read, with --storage %s: its snapshot, log, members, sessions and term',
  async (storage) => {
    const cluster = await reserve({ size: 1, flags: ['--storage', storage] });
    unpack(`format-2/${storage}`, cluster.dataDirOf(1));
    await cluster.startAll();
    const put = (key: number, value: string) =>
      fetch(`http://${cluster.endpoints[0]}/v1/kv/key${key}`, {
        method: 'PUT',
        headers: { 'Idempotency-Key': `order-${key}` },
        body: value,
      });
    for (let starts = 1; starts <= 2; starts++) {
      const expected: readonly (readonly [string, string])[] = [
        ['key1', 'swapped'],
        // The snapshot has it, and the log.
        ['key3', 'value 3'],
        ['key31', 'value 31'],
        ['größe', 'from a session'],
      ];
      for (const [key, value] of expected) expect((await client('get', key)).stdout).toBe(`${value}\n`);
      expect((await client('get', 'key2')).code).toBe(1);
      expect(await listed()).toMatchObject({ voters: [1], learners: [2] });
      // What was written with a key then is known by it now.
      for (const key of [3, 31]) {
        const repeated = await put(key, `value ${key}`);
        expect([repeated.status, repeated.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
        expect((await put(key, 'another')).status).toBe(422);
      }
      expect((await client('put', `new${starts}`, 'x')).code).toBe(0);
      const status = await (await fetch(`http://${cluster.endpoints[0]}/v1/status`)).json();
      expect(status).toMatchObject({ term: 2 + starts, snapshot: { index: 20, term: 1 } });
      expect(await cluster.end(1, 'SIGTERM')).toBe(0);
      cluster.start(1, null);
      await cluster.leader();
    }
  },
  60_000,
);

/** Entry 38 of the stored directory, as a later version might write it. */
const appendedTo = async (directory: string, entry: Pick<Entry, 'kind' | 'payload'>): Promise<void> => {
  const storage = await openWal({ directory, nodeId: 1, clusterId: 'raftchart', log: silentLog });
  const hardState = { currentTerm: 2, votedFor: 1 };
  storage.append({ hardState, firstIndex: 38, entries: [{ term: 2, ...entry }] });
  expect(await synced(storage)).toBeNull();
  await closed(storage);
};

describe('a data directory that a later version left is refused with exit code 4 and one line, where it holds', () => {
  it.each<[string, (directory: string) => void | Promise<void>, RegExp]>([
    [
      'a command that is not known',
      (directory) => appendedTo(directory, { kind: 'command', payload: Uint8Array.of(6, 0, 1, 120) }),
      /^the log holds command 6 of the key-value store, which is not known here: a newer raftchart wrote it, start that one$/,
    ],
    [
      'an envelope that is not known',
      (directory) =>
        appendedTo(directory, { kind: 'command', payload: Uint8Array.of(0xf5, 0x52, 0x43, 0x53, 7, 1) }),
      /^entry 38 has an envelope of kind 7, which is not known here: a newer raftchart wrote it, start that one$/,
    ],
    [
      'a configuration with more to it',
      (directory) =>
        appendedTo(directory, {
          kind: 'configuration',
          payload: Buffer.from(
            '{"index":38,"voters":[1],"outgoing":[],"learners":[],"members":{"1":{"peer":null,"client":null,"logId":null,"zone":"a"}}}',
          ),
        }),
      /^entry 38 is a configuration that this program cannot read: a newer raftchart wrote it, start that one$/,
    ],
    [
      'a format of the directory itself',
      (directory) =>
        writeFileSync(
          `${directory}/identity.json`,
          checkedLine({ format: 'raftchart-wal', version: 3, more: true }),
        ),
      /has format 3, this program reads formats up to 2: a newer raftchart wrote it, start that one$/,
    ],
  ])('%s', async (_, write, line) => {
    const cluster = await reserve({ size: 1 });
    unpack('format-2/wal', cluster.dataDirOf(1));
    await write(cluster.dataDirOf(1));
    const { code, stderr } = cluster.refused(1, null);
    expect([code, stderr.trimEnd()]).toEqual([4, expect.stringMatching(line)]);
  });
});
