import type { NodeStatus } from '../../node/node.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';
import type { LiveNode } from '../../page/data/live-node.ts';

/** A node that is silent for this long is shown as gone. */
const timeoutMs = 1000;

/**
 * Polls each node of a live cluster while anybody is listening. Nodes are asked independently: one
 * that hangs delays no other.
 */
export class ClusterPoll {
  readonly #nodes: LiveNode[];
  readonly #intervalMs: number;
  readonly #listeners = new Set<(nodes: readonly LiveNode[]) => void>();
  #timers: NodeJS.Timeout[] = [];

  constructor(endpoints: readonly string[], intervalMs = 250) {
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
      void askNode(this.#nodes[at]!.endpoint).then((node) => {
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

const askNode = async (endpoint: string): Promise<LiveNode> => {
  const signal = AbortSignal.timeout(timeoutMs);
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${endpoint}${path}`, { signal, redirect: 'error' });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };
  try {
    const [status, charts] = await Promise.all([ask('/v1/status'), ask('/v1/charts')]);
    if (!isStatus(status) || !isCharts(charts)) return gone(endpoint, 'not a raftchart node');
    return { endpoint, isReachable: true, status, charts };
  } catch (error) {
    return gone(endpoint, reasonOf(error as Error));
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

/** What went wrong, without what fetch wraps around it. */
const reasonOf = (error: Error): string => {
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: string };
  return code === 'ECONNREFUSED' ? 'nothing is listening there' : (code ?? error.message);
};
