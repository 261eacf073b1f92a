import { cpSync } from 'node:fs';
import { expect, it } from 'vitest';
import { freePorts } from './free-ports.ts';
import { fetchStatus } from './process-cluster.ts';
import { until, useCluster } from './use-cluster.ts';

const { start, client, readyz } = useCluster('second-process');

it.each([
  ['an empty disk', false],
  ['a copy of its disk, made while it runs', true],
])(
  'a second process of a node that runs, on %s, stops with exit code 4 and says where the other one is',
  async (_, isCopy) => {
    const cluster = await start({ size: 3 });
    expect(await client('put', 'a', '1')).toMatchObject({ code: 0 });
    const leader = await cluster.leader();
    const id = leader === 1 ? 2 : 1;
    await until(async () => (await readyz(id)).status === 200);
    const { clientPort } = cluster.members[id - 1]!;
    const before = await fetchStatus(clientPort);
    const directory = `${cluster.dataDirOf(id)}.second`;
    if (isCopy) cpSync(cluster.dataDirOf(id), directory, { recursive: true });
    const [peer, clients] = await freePorts(2);
    const at = ['--listen-peer', `127.0.0.1:${peer}`, '--listen-client', `127.0.0.1:${clients}`];
    const { code, stderr } = cluster.refused(id, undefined, [...at, '--data-dir', directory]);
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        new RegExp(
          `^[^\\n]*two processes run as node${id}: the other one, at ${cluster.peerAddress(id)} \\(connected from 127.0.0.1:\\d+\\), was there first[^\\n]*\\n$`,
        ),
      ),
    ]);
    const after = await fetchStatus(clientPort);
    expect(after?.term).toBe(before?.term);
    expect(await readyz(id)).toMatchObject({ status: 200 });
    expect(await client('get', 'a', '--target', `${id}`)).toMatchObject({ code: 0, stdout: '1\n' });
  },
  60_000,
);
