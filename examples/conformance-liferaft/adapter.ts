// Answers the conformance kit (docs/conformance.md) for liferaft 1.0.0. It only translates: lines into liferaft's packets and
// timers, liferaft's packets and fields into lines.
import { createInterface } from 'node:readline';
import type { AdapterRequest, AdapterResponse } from '../../src/conformance/protocol.ts';
import { LiferaftNode } from './liferaft-node.ts';

let node: LiferaftNode | null = null;

const answer = async (request: AdapterRequest): Promise<AdapterResponse> => {
  if (request.do === 'init') {
    node?.stop();
    node = new LiferaftNode(request.id, request.voters);
    return {
      ...(await node.answer()),
      implementation: { name: 'liferaft', version: '1.0.0' },
      // It is plain Figure 2. One entry a packet; term and vote are in memory only.
      capabilities: { showsLog: true },
    };
  }
  if (node === null) return { ok: false, error: 'init comes first' };
  switch (request.do) {
    case 'deliver':
      node.deliver(request.message);
      break;
    case 'timeout':
      if (!node.expire(request.timer)) return { ok: false, error: `no timer for ${request.timer} runs` };
      break;
    case 'propose':
      for (const command of request.commands) await node.propose(command);
      break;
    case 'restart':
      node = node.restart();
      break;
    case 'durable':
    case 'applied':
      return { ok: false, error: 'its disk cannot be told to wait' };
  }
  return await node.answer();
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as AdapterRequest))}\n`);
}
// liferaft's timers would keep the process alive.
process.exit();
