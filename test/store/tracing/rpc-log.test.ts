import { expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/storage/memory.ts';
import { MemoryNetwork } from '../../../src/adapters/transport/memory.ts';
import { startNode } from '../../../src/node/start-node.ts';
import { silentLog } from '../../../src/ports/log.ts';
import type { NodeId } from '../../../src/raft/types.ts';
import { RpcLog } from '../../../src/store/tracing/rpc-log.ts';
import { VirtualClock } from '../../adapters/transport/virtual-clock.ts';

/** What node 1 of three logs, which are started one after the other, until one of them leads. */
const linesOfElection = () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock });
  const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = [];
  const log = {
    ...silentLog,
    info: (fields: Readonly<Record<string, unknown>>, message: string) => lines.push({ fields, message }),
  };
  const nodes = ([1, 2, 3] as NodeId[]).map((id) => {
    let seed = id;
    const rpcLog = id === 1 ? new RpcLog(log) : null;
    return startNode({
      id,
      peers: [1, 2, 3].filter((peer) => peer !== id),
      storage: openMemory(undefined, (fn) => clock.defer(fn)),
      transport: network.transport(id),
      stateMachine: { apply: () => null },
      clock,
      random: { uint32: () => (seed = Math.imul(seed + 1, 0x9e3779b1) >>> 0) },
      log: silentLog,
      clusterId: 'test',
      incarnation: `run${id}`,
      clientEndpoint: null,
      ...(rpcLog === null
        ? {}
        : {
            sent: rpcLog.sent,
            lost: rpcLog.lost,
            received: rpcLog.received,
            inspect: rpcLog.inspect,
            observe: rpcLog.observe,
          }),
    });
  });
  for (let ms = 0; ms < 3000 && nodes[0]!.status().leader === null; ms++) clock.advance(1);
  clock.advance(200);
  return { lines, leader: nodes[0]!.status().leader };
};

it('each message is one line, with its fields and the rule that takes it; what it causes follows it', () => {
  const { lines, leader } = linesOfElection();
  expect(leader).not.toBeNull();
  const messages = lines.map(({ message }) => message);
  expect(messages.every((each) => /^(sent|received|lost) /.test(each))).toBe(true);
  const received = lines.filter(({ fields }) => fields.rpc === 'received');
  expect(received.length).toBeGreaterThan(3);
  for (const { fields } of received) {
    expect(fields).toMatchObject({ peer: expect.stringMatching(/^node[23]$/), type: expect.any(String) });
    expect(fields.rule, String(fields.type)).toMatch(/paper|thesis/i);
    // Which only hands it on.
    expect(fields.cause).not.toContain('is handed to the role');
  }
  const vote = received.findIndex(
    ({ fields }) => fields.type === 'RequestVote' || fields.type === 'RequestVoteResponse',
  );
  expect(received[vote]!.message).toMatch(/ \| .*: .* \[.*\]$/);
});
