import { createMemoryDisk, openMemory } from '../../adapters/storage/memory.ts';
import { chartCapabilities } from '../../conformance/capabilities.ts';
import type { AdapterRequest, AdapterResponse, AdapterState } from '../../conformance/protocol.ts';
import { DrivenNode } from '../../verify/driven/driven-node.ts';
import { drivenLogId } from '../../verify/driven/driven-storage.ts';
import type { Expectation } from '../../verify/paths/path.ts';
import { version } from '../version.ts';
import { parseRequest } from './parse-request.ts';

/** Answers the conformance kit for this repository's own node. docs/conformance.md */
export class AdapterSession {
  #node: DrivenNode | null = null;

  /** The answer to one line, without the line break. Never rejects. */
  async answer(line: string): Promise<string> {
    return JSON.stringify(await this.#answer(line));
  }

  async #answer(line: string): Promise<AdapterResponse> {
    try {
      return await this.#do(parseRequest(line));
    } catch (error) {
      return { ok: false, error: (error as Error).message };
    }
  }

  async #do(request: AdapterRequest): Promise<AdapterResponse> {
    if (request.do === 'init') {
      return {
        ...(await this.#start(request)),
        implementation: { name: 'raftchart', version },
        capabilities: { ...chartCapabilities, ...notDriven },
      };
    }
    const node = this.#node;
    if (node === null) throw new Error('there is no node yet: init must come first');
    switch (request.do) {
      case 'state':
        return { ok: true, state: stateOf(node.state), sent: [], timers: [] };
      case 'deliver':
        return answerOf(await node.take({ type: 'deliver', message: request.message }));
      case 'timeout':
        return answerOf(await node.take({ type: 'timeout', timer: request.timer }));
      case 'propose':
        return answerOf(await node.take({ type: 'propose', commands: request.commands }));
      case 'transfer':
        return answerOf(await node.take({ type: 'transfer', target: request.target }));
      case 'change':
        return answerOf(await node.take({ type: 'change', changes: request.changes }));
      case 'read':
        return answerOf(await node.take({ type: 'read', id: request.id }));
      case 'checked':
        return answerOf(await node.take({ type: 'checked', isSound: request.isSound }));
      case 'durable': {
        const { do: type, ...rest } = request;
        return answerOf(await node.take({ type, ...rest }));
      }
      default:
        return answerOf(await node.take({ type: request.do }));
    }
  }

  async #start(request: Extract<AdapterRequest, { readonly do: 'init' }>): Promise<Answer> {
    const { id, voters, disk: speed, settings } = request;
    if (!voters.includes(id)) throw new Error(`voters: node${id} is not among them`);
    const disk = createMemoryDisk(drivenLogId);
    const node = new DrivenNode({
      id,
      voters,
      settings,
      disk: speed,
      stateMachine: speed,
      // A snapshot comes in as many chunks as in the paths: one for each byte.
      open: async () => openMemory(disk, queueMicrotask, 1),
    });
    const expectation = await node.start();
    this.#node = node;
    return answerOf(expectation);
  }
}

/** What the chart does, but the driven node is not asked for: its clock stands still, so no lease ever ends. */
const notDriven = { leaseReads: false };

type Answer = Extract<AdapterResponse, { readonly ok: true }>;

const answerOf = (expectation: Expectation): Answer => ({
  ok: true,
  state: stateOf(expectation),
  sent: expectation.sent,
  timers: expectation.timers,
});

const stateOf = ({ role, term, votedFor, commitIndex, logBegin, log }: Expectation): AdapterState => ({
  role,
  term,
  votedFor,
  commitIndex,
  ...(logBegin.index > 0 && { logBegin }),
  log,
});
