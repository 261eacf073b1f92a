import type { NodeStatus } from '../../node/node.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';
import type { LiveNode } from '../../page/data/live-node.ts';
import { ask, noAnswer, problemIn } from '../client/leader.ts';
import { plainReach, type Reach } from '../client/reach.ts';

/** A node that is silent for this long is shown as gone. */
const timeoutMs = 1000;

/**
 * Polls each node of a live cluster while anybody is listening. Nodes are asked independently: one
 * that hangs delays no other.
 */
export class ClusterPoll {
  readonly #nodes: LiveNode[];
  readonly #reach: Reach;
  readonly #intervalMs: number;
  readonly #listeners = new Set<(nodes: readonly LiveNode[]) => void>();
  #timers: NodeJS.Timeout[] = [];

  constructor(endpoints: readonly string[], reach: Reach = plainReach, intervalMs = 250) {
    this.#reach = reach;
    this.#nodes = endpoints.map((endpoint) => ({ endpoint, isReachable: false, reason: 'not asked yet' }));
    this.#intervalMs = intervalMs;
  }

  /** Calls `listener` with all nodes at regular intervals; returns a function that stops that. */
  follow(listener: (nodes: readonly LiveNode[]) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    const asking = new Set<number>();
    const ask = (at: number): void => {
      if (asking.has(at)) return;
      asking.add(at);
      void askNode(this.#reach, this.#nodes[at]!.endpoint).then((node) => {
        asking.delete(at);
        this.#nodes[at] = node;
      });
    };
    this.#nodes.forEach((_, at) => {
      ask(at);
      this.#timers.push(setInterval(() => ask(at), this.#intervalMs));
    });
    this.#timers.push(
      setInterval(() => {
        for (const tell of this.#listeners) tell(this.#nodes);
      }, this.#intervalMs),
    );
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }
}

const askNode = async (reach: Reach, endpoint: string): Promise<LiveNode> => {
  const bodyOf = async (path: string): Promise<unknown> => {
    const reply = await ask(reach, endpoint, { method: 'GET', path, body: null }, timeoutMs);
    if ('problem' in reply) throw new Error(wordsOf(reply.problem));
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status} ${problemIn(reply)}`);
    return JSON.parse(reply.body.toString());
  };
  try {
    const [status, charts] = await Promise.all([bodyOf('/v1/status'), bodyOf('/v1/charts')]);
    if (!isStatus(status) || !isCharts(charts)) return gone(endpoint, 'not a raftchart node');
    return { endpoint, isReachable: true, status, charts };
  } catch (error) {
    return gone(endpoint, error instanceof SyntaxError ? 'not a raftchart node' : (error as Error).message);
  }
};

const gone = (endpoint: string, reason: string): LiveNode => ({ endpoint, isReachable: false, reason });

const isStatus = (body: unknown): body is NodeStatus => {
  const { id, role, peers, configuration } = (body ?? {}) as Partial<NodeStatus>;
  return (
    Number.isInteger(id) &&
    typeof role === 'string' &&
    Array.isArray(peers) &&
    Array.isArray(configuration?.voters)
  );
};

const isCharts = (body: unknown): body is readonly ChartStatus[] =>
  Array.isArray(body) && body.every((chart: Partial<ChartStatus>) => Array.isArray(chart?.taken));

const wordsOf = (problem: string): string => {
  if (problem === noAnswer) return `no answer within ${timeoutMs / 1000} s`;
  return problem === 'ECONNREFUSED' ? 'nothing is listening there' : problem;
};
