import { type Answer, methodNotAllowed, refusal } from './answer.ts';

/** How busy a server is. */
export interface HttpLoad {
  readonly connections: number;
  /** Requests that wait for their answers, beside the one that asks for this. */
  readonly waiting: number;
}

/** What is measured of the node and of its server, and what `GET /metrics` answers. */
export interface HttpMetrics {
  readonly contentType: string;
  text(load: HttpLoad): Promise<string>;
  /** A request was answered. `operation` is one of a few words. Must not throw. */
  answered(operation: string, status: number, seconds: number): void;
}

const unmeasured = refusal(
  404,
  'not_found',
  'nothing is measured here: the node was started with --metrics off',
);

/** What `/metrics` answers, before there is a node as well: how far a start has got is worth knowing. Never rejects. */
export const metricsAnswer = async (
  metrics: HttpMetrics | null,
  method: string | undefined,
  load: () => HttpLoad,
): Promise<Answer> => {
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  if (metrics === null) return unmeasured;
  try {
    const body = await metrics.text(load());
    return { status: 200, contentType: metrics.contentType, body, headers: [] };
  } catch (error) {
    return refusal(500, 'metrics_failed', (error as Error).message);
  }
};
