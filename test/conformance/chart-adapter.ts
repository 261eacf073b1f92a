import type { Adapter } from '../../src/conformance/adapter.ts';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import type {
  AdapterMessage,
  AdapterRequest,
  AdapterResponse,
  AdapterState,
} from '../../src/conformance/protocol.ts';
import type { Dispensable } from '../../src/verify/paths/chart-without.ts';
import { NodeModel } from '../../src/verify/paths/model-node.ts';
import type { ModelStep } from '../../src/verify/paths/modelled-node.ts';

export interface Answer {
  readonly state: AdapterState;
  readonly sent: readonly AdapterMessage[];
}

/** Answers as the chart without `lacks` does, unless `bend` makes it answer otherwise; `bend` may also throw. */
export class ChartAdapter implements Adapter {
  readonly requests: AdapterRequest[] = [];
  readonly #bend: (answer: Answer, request: AdapterRequest) => Answer;
  readonly #lacks: readonly Dispensable[];
  #model: NodeModel | null = null;
  #step: ModelStep | null = null;

  constructor(
    bend: (answer: Answer, request: AdapterRequest) => Answer = (answer) => answer,
    lacks: readonly Dispensable[] = [],
  ) {
    this.#bend = bend;
    this.#lacks = lacks;
  }

  async ask(request: AdapterRequest): Promise<AdapterResponse> {
    this.requests.push(request);
    if (request.do === 'init') {
      this.#model = new NodeModel({ ...request, lacks: this.#lacks });
      this.#step = this.#model.start();
    } else if (request.do !== 'state') {
      const { do: type, ...rest } = request;
      this.#step = this.#model!.take(this.#step!.node, { type, ...rest } as never);
    }
    const { role, term, votedFor, commitIndex, logBegin, log, sent, timers } = this.#step!.expect;
    const state = { role, term, votedFor, commitIndex, logBegin, log };
    const answer = this.#bend({ state, sent }, request);
    return {
      ok: true,
      ...answer,
      timers,
      ...(request.do === 'init' && {
        implementation: { name: 'chart', version: '1' },
        capabilities: chartCapabilities,
      }),
    };
  }
}
