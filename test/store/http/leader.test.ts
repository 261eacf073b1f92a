import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransferOutcome } from '../../../src/node/node.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;

const start = async (outcomeTimeoutMs = 10_000) => {
  node = new SingleNode();
  api = await serve(node, { limits: { outcomeTimeoutMs } });
};
beforeEach(() => start());
afterEach(() => api.close(0));

const ask = async (method: string, body: string | null = null) => {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/leader`, {
    method,
    body,
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
};

describe('GET /v1/leader', () => {
  it('names the leader, its endpoint and the term', async () => {
    const endpoint = 'http://127.0.0.1:8003';
    node.current = { ...node.current, leader: 3, peers: [{ id: 3, link: 'open', endpoint }] };
    expect(await ask('GET')).toEqual({ status: 200, body: { leader: 'node3', endpoint, term: 2 } });
    expect(await ask('HEAD')).toEqual({ status: 200, body: '' });
  });

  it('is 503 while no leader is known, and once the node has stopped', async () => {
    node.current = { ...node.current, leader: null };
    expect(await ask('GET')).toMatchObject({ status: 503, body: { error: 'no_leader' } });
    await node.stop();
    expect(await ask('GET')).toMatchObject({ status: 503, body: { error: 'stopped' } });
    expect(await ask('POST', '{}')).toMatchObject({ status: 503, body: { error: 'stopped' } });
    expect(node.transfers).toEqual([]);
  });
});

describe('POST /v1/leader', () => {
  it('hands over to the target, or to any, and answers once the new leader is seen', async () => {
    node.isHolding = true;
    const named = ask('POST', '{"target":3}');
    await node.held(1);
    node.release();
    expect(await named).toEqual({ status: 200, body: { leader: 'node3' } });
    expect(await ask('POST', '{}')).toEqual({ status: 200, body: { leader: 'node2' } });
    expect(node.transfers).toEqual([3, null]);
  });

  const refused = (
    reason: Extract<TransferOutcome, { type: 'refused' }>['reason'],
    leader: number | null,
  ): TransferOutcome => ({ type: 'refused', reason, leader });

  it.each([
    [409, refused('targetUnknown', 1), { error: 'target_unknown' }],
    [409, refused('transferring', 3), { error: 'transferring' }],
    [409, refused('transferTimedOut', 1), { error: 'transfer_timed_out' }],
    [200, refused('targetLeads', 1), { leader: 'node1' }],
    [421, refused('notLeader', 3), { error: 'not_leader', leader: 'node3', endpoint: null }],
    [503, refused('notLeader', null), { error: 'no_leader' }],
    [504, { type: 'timedOut' } as const, { error: 'leader_unknown' }],
  ])('%i for %o', async (status, outcome, body) => {
    node.transferOutcome = outcome;
    expect(await ask('POST', '{"target":2}')).toMatchObject({ status, body });
  });

  it('says when to try again if the target did not take over in time', async () => {
    node.transferOutcome = refused('transferTimedOut', 1);
    expect((await ask('POST', '{"target":2}')).body).toMatchObject({
      message:
        'the target did not take over in time, so node1 leads on: try again once raft-client status shows that the target has applied what is committed',
    });
  });

  it('says after the time for an outcome that the new leader is not known', async () => {
    await api.close(0);
    await start(20);
    node.isHolding = true;
    expect(await ask('POST', '{}')).toMatchObject({ status: 504, body: { error: 'leader_unknown' } });
    node.release();
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '2',
    '{"target":"2"}',
    '{"target":null}',
    '{"target":0}',
    '{"target":1.5}',
    '{"target":2,"force":true}',
    '{"__proto__":{}}',
  ])('refuses the body %s', async (body) => {
    expect(await ask('POST', body)).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(node.transfers).toEqual([]);
  });
});
