import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeOutcome } from '../../../src/node/node.ts';
import type { HttpApi } from '../../../src/store/http/server.ts';
import { SingleNode, serve } from './single-node.ts';

let node: SingleNode;
let api: HttpApi;

const start = async (limits = {}) => {
  node = new SingleNode();
  api = await serve(node, { limits });
};
beforeEach(() => start());
afterEach(() => api.close(0));

const ask = async (method: string, body: string | null = null) => {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/members`, {
    method,
    body,
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? '' : JSON.parse(text) };
};
const post = (...changes: readonly object[]) => ask('POST', JSON.stringify({ changes }));
const known = { peer: '127.0.0.1:7004', client: 'http://127.0.0.1:8004', logId: '4'.repeat(32) };
const withMembers = (voters: readonly number[], learners: readonly number[] = []) => {
  const members = Object.fromEntries([...voters, ...learners].map((id) => [id, known]));
  node.current = {
    ...node.current,
    configuration: { index: 7, isCommitted: true, voters, outgoing: [], learners, members },
  };
};

describe('GET /v1/members', () => {
  it('shows the configuration as this node knows it, and who leads', async () => {
    withMembers([1, 2], [4]);
    expect(await ask('GET')).toEqual({
      status: 200,
      body: {
        leader: 'node1',
        index: 7,
        isCommitted: true,
        voters: [1, 2],
        outgoing: [],
        learners: [4],
        members: { 1: known, 2: known, 4: known },
      },
    });
    expect(await ask('HEAD')).toEqual({ status: 200, body: '' });
    expect(await ask('PUT', '')).toMatchObject({ status: 405 });
  });

  it('is 503 once the node has stopped', async () => {
    await node.stop();
    expect(await ask('GET')).toMatchObject({ status: 503, body: { error: 'stopped' } });
    expect(await post({ type: 'remove', node: 2 })).toMatchObject({ status: 503 });
    expect(node.changes).toEqual([]);
  });
});

describe('POST /v1/members', () => {
  it('is redirected by a follower, whatever it lacks to judge the change', async () => {
    const members = { ...node.current.configuration.members, 4: { ...known, peer: null } };
    const configuration = { ...node.current.configuration, learners: [4], members };
    node.current = { ...node.current, role: 'follower', leader: 2, configuration };
    node.changeOutcome = { type: 'refused', reason: 'notLeader', leader: 2 };
    const update = { type: 'update', node: 4, client: 'http://four:8004' };
    expect(await post(update)).toMatchObject({ status: 421, body: { leader: 'node2' } });
    node.current = { ...node.current, role: 'leader', leader: 1 };
    expect(await post(update)).toMatchObject({
      status: 400,
      body: { message: 'the configuration has no peer address of node4 yet: name it as well' },
    });
  });

  it('asks for all changes at once, and answers when they are committed', async () => {
    node.isHolding = true;
    const asked = post(
      { type: 'add', node: 4, peer: '[::1]:7004', client: 'https://four.example:443/' },
      { type: 'promote', node: 5 },
      { type: 'remove', node: 1 },
    );
    await node.held(1);
    node.release();
    expect(await asked).toEqual({ status: 200, body: { changed: true, index: 1 } });
    const member = { peer: '[::1]:7004', client: 'https://four.example', logId: null };
    expect(node.changes).toEqual([
      [
        { type: 'add', node: 4, member },
        { type: 'promote', node: 5 },
        { type: 'remove', node: 1 },
      ],
    ]);
  });

  it('keeps what it does not name: addresses, and the disk that counts', async () => {
    withMembers([1, 4]);
    await post({ type: 'update', node: 4, peer: 'four:7004' });
    await post({ type: 'update', node: 4, client: null });
    await post({ type: 'add', node: 4, peer: 'four:7004' });
    expect(node.changes).toEqual([
      [{ type: 'update', node: 4, member: { ...known, peer: 'four:7004' } }],
      [{ type: 'update', node: 4, member: { ...known, client: null } }],
      [{ type: 'add', node: 4, member: { ...known, peer: 'four:7004' } }],
    ]);
  });

  it('counts what the changes before have given', async () => {
    await post(
      { type: 'add', node: 4, peer: 'four:7004' },
      { type: 'update', node: 4, client: 'http://four:8004' },
    );
    const member = { peer: 'four:7004', client: null, logId: null };
    expect(node.changes).toEqual([
      [
        { type: 'add', node: 4, member },
        { type: 'update', node: 4, member: { ...member, client: 'http://four:8004' } },
      ],
    ]);
  });

  it('waits longer than for any other outcome, however long the client is silent', async () => {
    await api.close(0);
    await start({ outcomeTimeoutMs: 20, idleTimeoutMs: 50 });
    node.isHolding = true;
    const asked = post({ type: 'promote', node: 4 });
    await node.held(1);
    // Another outcome is waited for no longer, and a silent connection is closed.
    const transfer = await fetch(`http://127.0.0.1:${api.port}/v1/leader`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(transfer.status).toBe(504);
    await once(connect(api.port, '127.0.0.1').resume(), 'close');
    node.release();
    expect(await asked).toMatchObject({ status: 200 });
  });

  it('goes on when the client leaves', async () => {
    node.isHolding = true;
    const outgoing = request(`http://127.0.0.1:${api.port}/v1/members`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    outgoing.on('error', () => {});
    outgoing.end(JSON.stringify({ changes: [{ type: 'remove', node: 2 }] }));
    await node.held(1);
    outgoing.destroy();
    node.release();
    expect(await ask('GET')).toMatchObject({ status: 200 });
    expect(node.changes).toHaveLength(1);
  });

  const refused = (
    reason: Extract<ChangeOutcome, { type: 'refused' }>['reason'],
    leader: number | null = 1,
  ): ChangeOutcome => ({ type: 'refused', reason, leader });

  it.each<[number, ChangeOutcome, object]>([
    [200, refused('unchanged'), { changed: false, index: 7 }],
    [409, refused('memberUnknown'), { error: 'member_unknown' }],
    [409, refused('noVoter'), { error: 'no_voter' }],
    [409, refused('voterOnOtherDisk'), { error: 'voter_on_other_disk' }],
    [409, refused('changing'), { error: 'changing' }],
    [409, refused('transferring', 3), { error: 'transferring' }],
    [
      409,
      refused('notCaughtUp'),
      { error: 'not_caught_up', message: expect.stringContaining('node4 has 0 of 1') },
    ],
    [503, refused('notReady'), { error: 'not_ready' }],
    [421, refused('notLeader', 3), { error: 'not_leader', leader: 'node3', endpoint: null }],
    [503, refused('notLeader', null), { error: 'no_leader' }],
    [504, { type: 'unknownOutcome' }, { error: 'unknown_outcome' }],
  ])('%i for %o', async (status, outcome, body) => {
    withMembers([1, 2], [4]);
    node.changeOutcome = outcome;
    expect(await post({ type: 'promote', node: 4 })).toMatchObject({ status, body });
  });

  it('says of those who were to vote, and of nobody else, how far they came and why no further', async () => {
    withMembers([1, 2], [4, 5, 6]);
    const reason = 'node5 is on another disk';
    const refusal = { by: 1, reason };
    node.current = { ...node.current, peers: [{ id: 5, link: 'refused', endpoint: null, refusal }] };
    node.changeOutcome = refused('notCaughtUp');
    expect(await post({ type: 'promote', node: 4 }, { type: 'promote', node: 5 })).toMatchObject({
      body: {
        message: `a learner that is to vote did not catch up: node4 has 0 of 1 entries, node5 has 0 of 1 entries (refused: ${reason})`,
      },
    });
  });

  it.each([
    ['open', null, 'it is connected: try again'],
    ['backingOff', null, 'it is not connected: start it, and try again'],
  ] as const)(
    'says of one whose disk was not known, and whose link is %s, what to do',
    async (link, logId, words) => {
      withMembers([1, 2], [4]);
      const { configuration } = node.current;
      const members = { ...configuration.members, 4: { ...configuration.members[4]!, logId, matchIndex: 0 } };
      const peers = [{ id: 4, link, endpoint: null }];
      node.current = { ...node.current, peers, configuration: { ...configuration, members } };
      node.changeOutcome = refused('notCaughtUp');
      const { body } = await post({ type: 'promote', node: 4 });
      expect(body.message).toMatch(new RegExp(`node4 has 0 of 1 entries \\(${words}\\)$`));
    },
  );

  it('says of one that came only after its promotion was asked for that it may be asked for again', async () => {
    withMembers([1, 2], [4]);
    const { configuration } = node.current;
    const members = {
      ...configuration.members,
      4: { ...configuration.members[4]!, logId: null, matchIndex: 1 },
    };
    node.current = { ...node.current, configuration: { ...configuration, members } };
    node.changeOutcome = refused('notCaughtUp');
    expect(await post({ type: 'promote', node: 4 })).toMatchObject({
      body: {
        message: expect.stringMatching(
          /node4 has 1 of 1 entries \(it came only after that was asked for: try again\)$/,
        ),
      },
    });
  });

  it('adds nobody who could not reach a member, before its address is given', async () => {
    const nowhere = { ...known, peer: null };
    withMembers([1, 2, 3]);
    const { configuration } = node.current;
    const members = { ...configuration.members, 1: nowhere, 3: nowhere };
    node.current = { ...node.current, configuration: { ...configuration, members } };
    const add = { type: 'add', node: 4, peer: 'four:7004' };
    expect(await post(add)).toMatchObject({
      status: 409,
      body: {
        error: 'address_unknown',
        message:
          'a new member cannot reach node1 and node3: the cluster does not know the peer address; first give it: ' +
          'raft-client member update 1 --peer HOST:PORT; raft-client member update 3 --peer HOST:PORT',
      },
    });
    expect(await post({ type: 'update', node: 1, client: null })).toMatchObject({
      status: 400,
      body: { message: 'the configuration has no peer address of node1 yet: name it as well' },
    });
    expect(node.changes).toEqual([]);
    expect(
      await post({ type: 'update', node: 1, peer: 'one:7001' }, { type: 'remove', node: 3 }, add),
    ).toMatchObject({
      status: 200,
    });
    expect(await post({ type: 'remove', node: 1 })).toMatchObject({ status: 200 });
  });

  it('gives no member the peer address of another', async () => {
    withMembers([1, 2]);
    const { configuration } = node.current;
    const members = { 1: { ...known, peer: 'one:7001' }, 2: { ...known, peer: 'two:7002' } };
    node.current = { ...node.current, configuration: { ...configuration, members } };
    const add = { type: 'add', node: 4, peer: 'two:7002' };
    expect(await post(add)).toMatchObject({
      status: 409,
      body: {
        error: 'address_taken',
        message: 'node4 cannot have the peer address two:7002: it is that of node2',
      },
    });
    expect(await post({ type: 'update', node: 1, peer: 'two:7002' })).toMatchObject({ status: 409 });
    expect(await post({ ...add, peer: 'x:1' }, { ...add, node: 5, peer: 'x:1' })).toMatchObject({
      status: 409,
    });
    expect(node.changes).toEqual([]);
    expect(await post({ type: 'remove', node: 2 }, add)).toMatchObject({ status: 200 });
    const swapped = [
      { type: 'update', node: 1, peer: 'two:7002' },
      { type: 'update', node: 2, peer: 'one:7001' },
    ];
    expect(await post(...swapped)).toMatchObject({ status: 200 });
  });

  it.each(['0.0.0.0:7004', '[::]:7004', '[0:0::0]:7004', '127.0.0.1:0', 'four'])(
    'takes no peer address that nobody can dial: %s',
    async (peer) => {
      expect(await post({ type: 'add', node: 4, peer })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('where the others reach the node') },
      });
      expect(node.changes).toEqual([]);
    },
  );

  it('refuses a tenth member, but not a ninth', async () => {
    withMembers([1, 2, 3, 4, 5, 6, 7], [8]);
    const add = (id: number) => ({ type: 'add', node: id, peer: `127.0.0.1:${7000 + id}` });
    expect(await post(add(9), add(10))).toMatchObject({
      status: 409,
      body: { error: 'too_many_members', message: 'that makes 10 members; at most 9 are supported' },
    });
    expect(node.changes).toEqual([]);
    expect(await post(add(9))).toMatchObject({ status: 200 });
    expect(await post(add(10), add(9), { type: 'remove', node: 1 })).toMatchObject({ status: 200 });
  });

  it.each([
    ['', 'not JSON'],
    ['\xff', 'not JSON'],
    ['null', 'the body must be'],
    ['[]', 'the body must be'],
    ['{"changes":[]}', 'the body must be'],
    ['{"changes":{}}', 'the body must be'],
    ['{"changes":[{"type":"remove"}]}', '"node" must be'],
    ['{"changes":[{"type":"remove","node":0}]}', '"node" must be'],
    ['{"changes":[{"type":"remove","node":1000}]}', '"node" must be'],
    ['{"changes":[{"type":"remove","node":"1"}]}', '"node" must be'],
    ['{"changes":[{"type":"remove","node":1.5}]}', '"node" must be'],
    ['{"changes":[{"type":"remove","node":1,"force":true}]}', 'the body must be'],
    ['{"changes":[{"type":"destroy","node":1}]}', 'the body must be'],
    ['{"changes":[{"type":"add","node":4}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"four"}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"four:0"}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"four:70000"}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"::1:7004"}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"a b:1"}]}', '"peer" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"four:1","client":"four:2"}]}', '"client" must be'],
    ['{"changes":[{"type":"add","node":4,"peer":"four:1","client":"file:///x"}]}', '"client" must be'],
    ['{"changes":[{"type":"replace","node":2,"logId":"B"}]}', '"logId" must be'],
    ['{"changes":[{"type":"replace","node":2},{"type":"remove","node":3}]}', 'stands alone'],
    ['{"changes":[{"type":"name","node":2,"logId":"b"}]}', 'the body must be'],
    [`{"changes":[{"type":"add","node":4,"peer":"${'a'.repeat(300)}:1"}]}`, '"peer" must be'],
    [`{"changes":[${Array(33).fill('{"type":"remove","node":2}').join()}]}`, 'the body must be'],
  ])('refuses the body %s', async (body, message) => {
    const answer = await ask('POST', body);
    expect(answer).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(answer.body.message).toContain(message);
    expect(node.changes).toEqual([]);
  });
});

describe('POST /v1/members with a replacement', () => {
  const replace = { type: 'replace', node: 2 };
  const logId = 'b'.repeat(32);

  it('is refused where the member has not come with another disk, or is none', async () => {
    withMembers([1, 2, 3]);
    expect(await post(replace)).toMatchObject({
      status: 409,
      body: {
        error: 'no_other_disk',
        message: expect.stringMatching(/^node2 has not come with another disk/),
      },
    });
    expect(await post({ ...replace, node: 9 })).toMatchObject({ body: { error: 'member_unknown' } });
    expect(node.changes).toEqual([]);
  });

  it('goes on step by step, and ends at the one that is refused', async () => {
    withMembers([1, 2, 3]);
    const { changeMembers } = node;
    node.changeMembers = async (changes) => {
      const { configuration } = node.current;
      const type = changes[0]?.type;
      if (type === 'demote') withMembers([1, 3], [2]);
      const members = { ...node.current.configuration.members };
      members[2] = { ...members[2]!, wasVoter: true, ...(type === 'update' ? { logId } : {}) };
      node.current = { ...node.current, configuration: { ...node.current.configuration, members } };
      if (type === 'promote') node.changeOutcome = refusedFor('notCaughtUp');
      expect(configuration.isCommitted).toBe(true);
      return changeMembers.call(node, changes);
    };
    expect(await post({ ...replace, logId })).toMatchObject({
      status: 409,
      body: { error: 'not_caught_up' },
    });
    expect(node.changes.flat().map(({ type }) => type)).toEqual(['demote', 'update', 'promote']);
  });

  it('is for the leader', async () => {
    withMembers([1, 2, 3]);
    node.current = { ...node.current, role: 'follower', leader: 3 };
    // It may lead by the time that it is asked for changes, and find nothing to change.
    node.changeOutcome = { type: 'refused', reason: 'unchanged', leader: 1 };
    expect(await post(replace)).toMatchObject({
      status: 421,
      body: { error: 'not_leader', leader: 'node3' },
    });
  });
});

const refusedFor = (reason: 'notCaughtUp'): ChangeOutcome => ({ type: 'refused', reason, leader: 1 });

describe('GET /readyz', () => {
  it('says that a node was removed which knows that from the others only: it was down meanwhile', async () => {
    const refusal = { by: 2, reason: 'node1 was removed from the cluster' };
    const peers = [{ id: 2, link: 'refused' as const, endpoint: null, refusal }];
    node.current = { ...node.current, role: 'follower', leader: null, peers };
    const response = await fetch(`http://127.0.0.1:${api.port}/readyz`);
    expect(await response.json()).toEqual({ error: 'removed', message: refusal.reason });
  });

  const waiting = 'node1 is waiting to be added: raft-client member add 1 --peer 127.0.0.1:7001';
  it.each([
    ['it was not added', waiting, 'not_ready', waiting],
    ['it was removed before', 'node1 was removed from the cluster', 'not_ready', waiting],
    [
      'it was added, but is on another disk',
      'node1 is on another disk',
      'refused',
      'node1 is on another disk',
    ],
  ])('says why a node that waits is kept out: %s', async (_, reason, error, message) => {
    const refusal = { by: 2, reason };
    const peers = [{ id: 2, link: 'refused' as const, endpoint: null, refusal }];
    node.current = { ...node.current, standing: 'waiting', peers };
    const response = await fetch(`http://127.0.0.1:${api.port}/readyz`);
    expect(await response.json()).toEqual({ error, message });
  });

  it.each([
    ['removed', 'removed', 'node1 was removed from the cluster'],
    ['waiting', 'not_ready', 'node1 is waiting to be added: raft-client member add 1 --peer 127.0.0.1:7001'],
  ] as const)('is 503 for a node that is %s', async (standing, error, message) => {
    node.current = { ...node.current, standing };
    const response = await fetch(`http://127.0.0.1:${api.port}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error, message });
  });
});
