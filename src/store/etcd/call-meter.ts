import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { EtcdMetrics } from './call-metrics.ts';
import { codeUnanswered } from './unanswered.ts';

/** `/etcdserverpb.KV/Put` as the metrics have it: `KV/Put`. */
const methodAt = (path: string): string => path.slice(Math.max(path.indexOf('/'), path.lastIndexOf('.')) + 1);

/** Counts calls: those under way, and what became of each. Only methods that are offered get here, so nothing that a client makes up is counted. */
export class CallMeter {
  readonly #metrics: EtcdMetrics;
  readonly #streams = new Map<string, number>();
  #waiting = 0;

  constructor(metrics: EtcdMetrics) {
    this.#metrics = metrics;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get streams(): ReadonlyMap<string, number> {
    return this.#streams;
  }

  /** To be the first, so that it sees what the others refuse. */
  readonly interceptor: ServerInterceptor = ({ path, requestStream, responseStream }, call) => {
    const method = methodAt(path);
    const isStream = requestStream || responseStream;
    let startMs = 0;
    let isTold = false;
    const ended = (code: number): void => {
      if (isTold) return;
      isTold = true;
      this.#metrics.called(method, status[code]!, isStream ? null : (performance.now() - startMs) / 1000);
    };
    const entered = (change: 1 | -1): void => {
      if (isStream) this.#streams.set(method, (this.#streams.get(method) ?? 0) + change);
      else this.#waiting += change;
    };
    // What grpc-js refuses by itself, such as a message that is too long, passes no interceptor.
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (sent) => {
      ended(sent.code ?? status.UNKNOWN);
      sendStatus(sent);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, goOn) => {
            startMs = performance.now();
            entered(1);
            goOn(metadata);
          },
          // Of every call.
          onCancel: () => {
            entered(-1);
            ended(codeUnanswered(call));
          },
        }),
      // Its status follows once the client has read the answer.
      sendMessage: (message, next) => {
        if (!isStream) ended(status.OK);
        next(message);
      },
    });
  };
}
