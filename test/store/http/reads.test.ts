import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApi, HttpOptions, Served } from '../../../src/store/http/server.ts';
import { encodePut } from '../../../src/store/kv/commands.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;

const start = async (options: Partial<HttpOptions & Served> = {}) => {
  node = new SingleNode();
  node.kv.apply(encodePut('x', Buffer.from('1')));
  api = await serve(node, options);
};
const restart = async (options: Partial<HttpOptions & Served>) => {
  await api.close(0);
  await start(options);
};
beforeEach(() => start());
afterEach(() => api.close(0));

const ask = async (method: string, path: string) => {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/kv/${path}`, { method });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const index = response.headers.get('x-raft-index');
  return { status: response.status, index, body: isJson && text ? JSON.parse(text) : text };
};
const get = (path: string) => ask('GET', path);

describe('a linearizable read', () => {
  it.each(['x', 'x?consistency=linearizable', 'x?', 'x?consistency=line%61rizable'])(
    '%s waits until this node may be read, and adds nothing to the log',
    async (path) => {
      node.isHolding = true;
      const read = get(path);
      await node.held(1);
      // What is applied before it is ready belongs to it.
      node.kv.apply(encodePut('x', Buffer.from('2')));
      node.current = { ...node.current, lastApplied: 7 };
      node.release();
      expect(await read).toEqual({ status: 200, index: '7', body: '2' });
      expect({ reads: node.reads, submitted: node.submitted }).toEqual({ reads: 1, submitted: 0 });
    },
  );

  it('of a key that is absent says as of which index', async () => {
    expect(await get('y')).toMatchObject({
      status: 404,
      body: { error: 'key_not_found', index: 1, term: 2 },
    });
  });

  it('HEAD is refused and answered like GET', async () => {
    expect(await ask('HEAD', 'x')).toEqual({ status: 200, index: '1', body: '' });
    expect((await ask('HEAD', 'x?consistency=no')).status).toBe(400);
    node.readOutcome = { type: 'overloaded' };
    expect((await ask('HEAD', 'x')).status).toBe(429);
  });

  it.each([
    [421, { type: 'notLeader', leader: 3 }, { error: 'not_leader', leader: 'node3', endpoint: null }],
    [503, { type: 'notLeader', leader: null }, { error: 'no_leader' }],
    [429, { type: 'overloaded' }, { error: 'overloaded' }],
    [504, { type: 'timedOut' }, { error: 'read_timed_out' }],
  ] as const)('%i for %o', async (status, outcome, body) => {
    node.readOutcome = outcome;
    expect(await get('x')).toMatchObject({ status, body });
  });

  it('that is not confirmed in time says nothing of an unknown outcome: it changes nothing', async () => {
    await restart({ limits: { outcomeTimeoutMs: 20 } });
    node.isHolding = true;
    expect(await get('x')).toMatchObject({ status: 504, body: { error: 'read_timed_out' } });
    node.release();
    expect(await get('x')).toMatchObject({ status: 200, body: '1' });
  });
});

describe('a lease read', () => {
  it('is refused by a node without lease reads, and the answer names the flag', async () => {
    const { status, body } = await get('x?consistency=lease');
    expect({ status, error: body.error, reads: node.reads }).toEqual({
      status: 409,
      error: 'lease_reads_off',
      reads: 0,
    });
    expect(body.message).toContain('--lease-reads');
  });

  it('is asked of the node where lease reads are on', async () => {
    await restart({ leaseReads: true });
    expect(await get('x?consistency=lease')).toMatchObject({ status: 200, body: '1' });
    expect(node.reads).toBe(1);
  });
});

describe('a stale read', () => {
  it('is answered at once, without a leader, with the index as of which it is', async () => {
    node.current = { ...node.current, role: 'follower', leader: null, lastApplied: 5 };
    node.readOutcome = { type: 'notLeader', leader: null };
    node.isHolding = true;
    expect(await get('x?consistency=stale')).toEqual({ status: 200, index: '5', body: '1' });
    expect(await get('y?consistency=stale')).toMatchObject({ status: 404, body: { index: 5 } });
    expect(node.reads).toBe(0);
  });

  it('is refused once the node has stopped', async () => {
    await node.stop();
    for (const query of ['', '?consistency=stale']) {
      expect(await get(`x${query}`)).toMatchObject({ status: 503, body: { error: 'stopped' } });
    }
  });
});

it.each([
  ['x?consistency=eventual', 'consistency is linearizable, lease or stale, not "eventual"'],
  ['x?consistency=', 'consistency is linearizable, lease or stale, not ""'],
  ['x?consistency=stale&consistency=stale', 'consistency is given twice'],
  ['x?Consistency=stale', 'unknown query parameter "Consistency": a read takes consistency only'],
  ['x?stale', 'unknown query parameter "stale": a read takes consistency only'],
  ['x?a/b=1', 'unknown query parameter "a/b": a read takes consistency only'],
  ['x?consistency=stale&wait=true', 'unknown query parameter "wait": a read takes consistency only'],
])('%s is refused: %s', async (path, message) => {
  expect(await get(path)).toMatchObject({ status: 400, body: { error: 'bad_request', message } });
  expect(node.reads).toBe(0);
});
