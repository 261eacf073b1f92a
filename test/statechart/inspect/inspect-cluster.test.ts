import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../processes/free-ports.ts';
import { ProcessCluster } from '../../processes/process-cluster.ts';
import { type InspectorMessage, InspectorServer } from './inspector-server.ts';

const nodes = ['node1', 'node2', 'node3'];

const isOf = (node: string, type: InspectorMessage['type'], actor: string) => (message: InspectorMessage) =>
  message.type === type && message.sessionId.startsWith(`${node}/`) && message.name === `${node} ${actor}`;

describe('raft-node --inspect', () => {
  let dataDir: string;
  let cluster: ProcessCluster | null = null;
  let inspector: InspectorServer | null = null;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'raftchart-inspect-'));
  });
  afterEach(async () => {
    await cluster?.stop();
    await inspector?.close();
    [cluster, inspector] = [null, null];
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async (url: string) => {
    cluster = await ProcessCluster.start({ size: 3, dataDir, flags: ['--inspect', url] });
    return cluster;
  };

  it('sends actors, events and snapshots of all nodes of a cluster to a WebSocket server', async () => {
    inspector = await InspectorServer.open();
    await start(inspector.url);
    const { messages } = inspector;

    for (const node of nodes) {
      for (const actor of ['raft', 'logWriter', 'link.1', 'link.2', 'link.3']) {
        if (actor === `link.${node.slice(4)}`) continue;
        await inspector.until((all) => all.some(isOf(node, '@xstate.actor', actor)));
      }
      const raft = messages.find(isOf(node, '@xstate.actor', 'raft'))!;
      const definition = JSON.parse(raft.definition!);
      expect(definition.id).toBe('raft');
      expect(definition.states.follower.on.RequestVote[0]).toEqual({
        guard: 'votedForAnother',
        actions: 'denyVote',
        description: 'Has already voted for another candidate in this term.',
        meta: { rule: 'Raft paper §5.2; Figure 2, RequestVote 2' },
      });
      const heartbeat = definition.states.leader.states.heartbeat.states.waiting.after.heartbeatInterval;
      expect(heartbeat.meta.rule).toBe('Raft paper §5.2; Figure 2, Leaders');
      expect(messages.some(({ sessionId }) => sessionId === raft.parentId)).toBe(true);

      const ofRaft = (type: InspectorMessage['type']) => (message: InspectorMessage) =>
        message.type === type && message.sessionId === raft.sessionId;
      await inspector.until(
        (all) => all.some(ofRaft('@xstate.event')) && all.some(ofRaft('@xstate.snapshot')),
      );
      const snapshot = messages.find(ofRaft('@xstate.snapshot'))!.snapshot!;
      expect(snapshot.status).toBe('active');
      expect(snapshot.context).toMatchObject({ id: Number(node.slice(4)) });
    }
    await inspector.until((all) =>
      all.some(({ snapshot }) => typeof snapshot?.value === 'object' && 'leader' in snapshot.value!),
    );
  });

  it('samples: a busy node sends a few dozen events a second, not all', async () => {
    inspector = await InspectorServer.open();
    const { endpoints } = await start(inspector.url);
    const leader = (await cluster!.leader()) - 1;
    inspector.messages.length = 0;
    const began = performance.now();
    let writes = 0;
    while (performance.now() - began < 1000) {
      const response = await fetch(`http://${endpoints[leader]}/v1/kv/x`, { method: 'PUT', body: 'a value' });
      if (response.ok) writes += 1;
    }
    const seconds = (performance.now() - began) / 1000;
    const ofLeader = inspector.messages.filter(
      ({ type, sessionId }) => type === '@xstate.event' && sessionId.startsWith(`node${leader + 1}/`),
    );
    expect(writes).toBeGreaterThan(0);
    expect(ofLeader.length / seconds).toBeLessThan(20 + 5 * 20 + 30);
  });

  it('runs undisturbed without an inspector, and shows itself when one comes', async () => {
    const [port] = await freePorts(1);
    const { endpoints } = await start(`ws://127.0.0.1:${port}`);
    const leader = (await cluster!.leader()) - 1;
    expect((await fetch(`http://${endpoints[leader]}/v1/kv/x`, { method: 'PUT', body: '1' })).status).toBe(
      200,
    );

    inspector = await InspectorServer.open(port);
    await inspector.until((all) => nodes.every((node) => all.some(isOf(node, '@xstate.actor', 'raft'))));
  });

  it('runs undisturbed when the inspector breaks off, and finds it again', async () => {
    inspector = await InspectorServer.open();
    const { endpoints } = await start(inspector.url);
    await inspector.until((all) => nodes.every((node) => all.some(isOf(node, '@xstate.actor', 'raft'))));
    inspector.cut();
    inspector.messages.length = 0;
    const leader = (await cluster!.leader()) - 1;
    expect((await fetch(`http://${endpoints[leader]}/v1/kv/x`, { method: 'PUT', body: '1' })).status).toBe(
      200,
    );
    await inspector.until((all) => nodes.every((node) => all.some(isOf(node, '@xstate.actor', 'raft'))));
    await cluster!.stop().then((codes) => expect(codes).toEqual([0, 0, 0]));
  });
});
