import { expect, it } from 'vitest';
import { unpack } from '../adapters/storage/stored-directories.ts';
import { useCluster } from './use-cluster.ts';

const { start, client, listed } = useCluster('stored');

it.each(['wal', 'json'] as const)(
  'a data directory that the version before left is read, with --storage %s: its snapshot, log, members, sessions and term',
  async (storage) => {
    const cluster = await start({ size: 1, flags: ['--storage', storage] }, (reserved) =>
      unpack(`format-2/${storage}`, reserved.dataDirOf(1)),
    );
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
