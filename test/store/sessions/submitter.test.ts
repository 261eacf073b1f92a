import { describe, expect, it } from 'vitest';
import { packFrame } from '../../../src/adapters/codec/msgpack.ts';
import { Stream } from '../../../src/simulate/dice.ts';
import { decodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { decodeForwarded } from '../../../src/store/sessions/forwarded.ts';
import { textCodec } from './list-machine.ts';
import { SubmitterCluster } from './submitter-cluster.ts';

const texts = (cluster: SubmitterCluster): readonly (readonly string[])[] =>
  [...cluster.members.values()].map(({ list }) => list.applied);

/** Of the requests among the messages: who was asked, and by which envelope. */
const requests = (cluster: SubmitterCluster) =>
  cluster.messages.flatMap(({ from, to, bytes }) => {
    const message = decodeForwarded(bytes, textCodec);
    return message?.type === 'request' ? [{ from, to, envelope: decodeEnvelope(message.envelope)! }] : [];
  });

describe('submitter', () => {
  it('has a command applied at any node, and tells its result', async () => {
    const cluster = new SubmitterCluster();
    await cluster.elected();
    for (const id of [1, 2, 3]) {
      const outcome = await cluster.settled(cluster.submit(id, `of ${id}`));
      expect(outcome).toMatchObject({ type: 'applied', result: `${id} of ${id}` });
    }
    // One request for each follower: this node knew who leads.
    expect(requests(cluster)).toHaveLength(2);
  });

  it('that is closed refuses what waits, gives up what is under way, and leaves no timer', async () => {
    const cluster = new SubmitterCluster();
    await cluster.elected();
    const { node, submitter } = cluster.followers[0]!;
    cluster.loss = 1;
    // More than a session takes at a time.
    const submitted = Array.from({ length: 200 }, (_, at) => cluster.submit(node.id, `${at}`, 60_000));
    await cluster.pass(10);
    const sent = () => cluster.messages.filter(({ from }) => from === node.id).length;
    expect(sent()).toBeGreaterThan(0);
    submitter.close();
    const before = sent();
    const outcomes = (await Promise.all(submitted)).map(({ type }) => type);
    expect(new Set(outcomes)).toEqual(new Set(['unknownOutcome', 'closed']));
    expect(outcomes.indexOf('closed')).toBe(outcomes.lastIndexOf('unknownOutcome') + 1);
    await cluster.pass(1000);
    expect(sent()).toBe(before);
    expect(await cluster.submit(node.id, 'more')).toEqual({ type: 'closed' });
    submitter.close();
  });

  it('proposes a request once that arrives twice while it is worked at', async () => {
    const cluster = new SubmitterCluster();
    await cluster.elected();
    const { node } = cluster.followers[0]!;
    for (let at = 0; at < 20; at++) await cluster.settled(cluster.submit(node.id, `${at}`));
    // The no-op, and an entry each.
    expect(cluster.leader!.node.status().commitIndex).toBe(21);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'applies each command once, over lost, late and repeated messages and changes of leader (seed %i)',
    async (seed) => {
      const cluster = new SubmitterCluster({ seed });
      await cluster.elected();
      cluster.loss = 0.3;
      cluster.delayMs = 300;
      const outcomes = new Map<string, string>();
      const submitted: Promise<unknown>[] = [];
      for (let round = 0; round < 5; round++) {
        for (const id of [1, 2, 3]) {
          for (let at = 0; at < 5; at++) {
            const text = `${round}.${id}.${at}`;
            submitted.push(
              cluster.submit(id, text, 20_000).then((outcome) => outcomes.set(text, outcome.type)),
            );
          }
        }
        await cluster.pass(400);
        const old = cluster.leader?.node.id;
        if (old === undefined) continue;
        cluster.network.cut(
          [old],
          [1, 2, 3].filter((id) => id !== old),
        );
        await cluster.pass(700);
        cluster.network.heal();
      }
      await cluster.settled(Promise.all(submitted));
      await cluster.pass(2000);
      expect([...outcomes.values()].filter((type) => type === 'applied')).toHaveLength(75);
      for (const applied of texts(cluster)) expect(applied.toSorted()).toEqual([...outcomes.keys()].sort());
    },
  );

  it('times out where nobody leads, and nothing is applied afterwards', async () => {
    const cluster = new SubmitterCluster();
    cluster.network.cut([1], [2], [3]);
    const outcome = cluster.submit(1, 'never', 2000);
    expect(await cluster.settled(outcome)).toEqual({ type: 'timedOut' });
    cluster.network.heal();
    await cluster.pass(3000);
    expect(texts(cluster)).toEqual([[], [], []]);
  });

  it('does not know the outcome of a command that only a leader which was cut off has, and it is applied once at most', async () => {
    const cluster = new SubmitterCluster();
    const { node } = await cluster.elected();
    await cluster.settled(cluster.submit(node.id, 'first'));
    cluster.network.cut(
      [node.id],
      cluster.followers.map((each) => each.node.id),
    );
    cluster.loss = 1;
    expect(await cluster.settled(cluster.submit(node.id, 'in doubt', 1500))).toEqual({
      type: 'unknownOutcome',
    });
    cluster.network.heal();
    cluster.loss = 0;
    // The session was open, and goes on.
    expect(await cluster.settled(cluster.submit(node.id, 'next'))).toMatchObject({ type: 'applied' });
    for (const applied of texts(cluster)) {
      expect(applied.filter((text) => text === 'in doubt').length).toBeLessThan(2);
      expect(applied.filter((text) => text === 'next').length).toBeLessThan(2);
    }
  });

  it('begins another session after a first command that it had to give up', async () => {
    const cluster = new SubmitterCluster();
    cluster.network.cut([1], [2], [3]);
    expect(await cluster.settled(cluster.submit(1, 'given up', 1000))).toEqual({ type: 'timedOut' });
    cluster.network.heal();
    await cluster.elected();
    expect(await cluster.settled(cluster.submit(1, 'next'))).toMatchObject({
      type: 'applied',
      result: '1 next',
    });
  });

  it('begins another session where the first one has expired, and the command is applied', async () => {
    const cluster = new SubmitterCluster({ sessions: { ttlMs: 60_000 } });
    const { node } = await cluster.elected();
    const [other] = cluster.followers;
    expect(await cluster.settled(cluster.submit(node.id, 'one'))).toMatchObject({ result: '1 one' });
    // Log time passes with commands of others, a second at most with each.
    for (let at = 0; at < 70; at++) {
      cluster.wallMs.set(node.id, 1_000_000 + at * 10_000);
      await cluster.settled(cluster.submit(other!.node.id, `${at}`));
    }
    expect(await cluster.settled(cluster.submit(node.id, 'two'))).toMatchObject({ result: '72 two' });
  });

  it('opens its session with one command, and has no more on the way than answers are remembered', async () => {
    const cluster = new SubmitterCluster();
    await cluster.elected();
    const { node } = cluster.followers[0]!;
    cluster.loss = 1;
    const outcomes = Array.from({ length: 600 }, (_, at) => cluster.submit(node.id, `${at}`, 20_000));
    await cluster.pass(100);
    expect(requests(cluster).map(({ envelope }) => envelope.key)).toEqual([
      expect.objectContaining({ sequence: 1, received: 0 }),
    ]);
    cluster.loss = 0;
    await cluster.settled(Promise.all(outcomes));
    const gaps = requests(cluster).map(({ envelope: { key } }) =>
      key.type === 'session' ? key.sequence - key.received : Number.NaN,
    );
    expect(Math.max(...gaps)).toBe(256);
    for (const applied of texts(cluster)) expect(new Set(applied).size).toBe(applied.length);
    expect(cluster.leader!.list.applied).toHaveLength(600);
  });

  it('takes no more than so many commands that wait', async () => {
    const cluster = new SubmitterCluster();
    cluster.network.cut([1], [2], [3]);
    const outcomes = Array.from({ length: 4098 }, () => cluster.submit(1, 'x', 1000));
    expect(await cluster.settled(outcomes.at(-1)!)).toEqual({ type: 'overloaded' });
    expect(
      new Set((await cluster.settled(Promise.all(outcomes.slice(1, -1)))).map(({ type }) => type)),
    ).toEqual(new Set(['timedOut']));
  });

  it('rejects a command that is larger than the nodes take, wherever it is submitted', async () => {
    const cluster = new SubmitterCluster({ limits: { maxCommandBytes: 1000 } });
    await cluster.elected();
    for (const id of [1, 2, 3]) {
      await expect(cluster.settled(cluster.submit(id, 'x'.repeat(1001)))).rejects.toThrow(
        'a command of 1001 bytes is more than the nodes take',
      );
    }
    expect(texts(cluster)).toEqual([[], [], []]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('rejects a time of %s ms', async (ms) => {
    await expect(new SubmitterCluster().submit(1, 'x', ms)).rejects.toThrow(
      `timeoutMs is above 0 and at most 2147483647: ${ms}`,
    );
  });

  it('believes an answer only from the node that it has asked', async () => {
    const cluster = new SubmitterCluster();
    const { node: leader } = await cluster.elected();
    const [asking, third] = cluster.followers;
    cluster.loss = 1;
    const outcome = cluster.submit(asking!.node.id, 'x', 1500);
    await cluster.pass(50);
    const request = decodeForwarded(cluster.messages.at(-1)!.bytes, textCodec);
    const answer = packFrame([2, request!.tag, 'applied', 7, 1, textCodec.encode('forged')]);
    asking!.submitter.receive(third!.node.id, answer);
    await cluster.pass(50);
    expect(cluster.messages.at(-1)!.to).toBe(leader.id);
    expect(await cluster.settled(outcome)).toEqual({ type: 'unknownOutcome' });
  });

  it('stamps what was forwarded by the clock of the node that proposes it', async () => {
    const cluster = new SubmitterCluster({ sessions: { ttlMs: 60_000 } });
    await cluster.elected();
    const [a, b] = cluster.followers;
    // Were it stamped by whoever asks, log time would run on with each change between clocks that disagree, and the sessions expire.
    for (let at = 0; at < 150; at++) {
      const { node } = at === 0 || at === 149 ? a! : b!;
      cluster.wallMs.set(node.id, 1_000_000 + (at % 2) * 3_600_000);
      expect(await cluster.settled(cluster.submit(node.id, `${at}`))).toMatchObject({ type: 'applied' });
    }
    const sessions = new Set(
      requests(cluster).map(({ envelope: { key } }) => key.type === 'session' && key.session),
    );
    expect(sessions.size).toBe(2);
  });

  it('begins again at once where its message is known to be lost', async () => {
    const cluster = new SubmitterCluster();
    const leader = await cluster.elected();
    const { node } = cluster.followers[0]!;
    cluster.isUnreachable = (to) => to === leader.node.id;
    const outcome = cluster.submit(node.id, 'x', 60_000);
    // A node that is silent would be waited for 15 s.
    await cluster.pass(500);
    const tags = cluster.messages.map(({ bytes }) => decodeForwarded(bytes, textCodec)!.tag);
    expect(new Set(tags).size).toBeGreaterThan(1);
    cluster.isUnreachable = () => false;
    expect(await cluster.settled(outcome)).toMatchObject({ type: 'applied' });
  });

  it('does not wait for a leader that is silent once another one leads', async () => {
    const cluster = new SubmitterCluster();
    const old = await cluster.elected();
    const { node } = cluster.followers[0]!;
    old.submitter.close();
    const outcome = cluster.submit(node.id, 'x', 60_000);
    await cluster.pass(50);
    void old.node.stop();
    await cluster.until(() => (node.status().leader ?? old.node.id) !== old.node.id);
    const begunMs = cluster.clock.now();
    expect(await cluster.settled(outcome)).toMatchObject({ type: 'applied' });
    expect(cluster.clock.now() - begunMs).toBeLessThan(2000);
    expect(cluster.leader!.list.applied).toEqual(['x']);
  });

  it('ignores junk', async () => {
    const cluster = new SubmitterCluster();
    await cluster.elected();
    const dice = new Stream(3);
    const { submitter } = cluster.leader!;
    for (let at = 0; at < 5000; at++)
      submitter.receive(
        2,
        Uint8Array.from({ length: dice.between(0, 40) }, () => dice.uint32()),
      );
    const junk = [
      [1, 't', new Uint8Array(3)],
      [1, '', new Uint8Array(3)],
      [2, 't', 'applied', 0, 1, new Uint8Array(1)],
      [2, 't', 'applied', 1, 1],
      [2, 't', 'notLeader', -1],
      [2, 't', 'whatever'],
      [3],
    ];
    for (const items of junk.filter((each) => !each.includes(-1))) submitter.receive(2, packFrame(items));
    await cluster.pass(100);
    expect([cluster.messages, texts(cluster)]).toEqual([[], [[], [], []]]);
  });
});
