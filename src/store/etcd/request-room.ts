import type { ServiceDefinition } from '@grpc/grpc-js';
import { ByteBudget } from '../http/byte-budget.ts';
import { etcdErrors } from './etcd-error.ts';

/** How large all requests are together that are under way. */
export class RequestRoom {
  readonly #budget: ByteBudget;
  /** Of requests that were read. */
  readonly #bytes = new WeakMap<object, number>();

  constructor(maxBytes: number) {
    this.#budget = new ByteBudget(maxBytes);
  }

  /** `service`, so that it is known how large each request is. */
  measuring(service: ServiceDefinition): ServiceDefinition {
    const measured = Object.entries(service).map(([name, method]) => {
      const requestDeserialize = (bytes: Buffer): unknown => {
        const request = method.requestDeserialize(bytes) as object;
        this.#bytes.set(request, bytes.length);
        return request;
      };
      return [name, { ...method, requestDeserialize }];
    });
    return Object.fromEntries(measured) as ServiceDefinition;
  }

  /** Returns what is to be called once the request is answered. Throws an `EtcdError` where there is no room for it. */
  enter(request: object): () => void {
    const bytes = this.#bytes.get(request) ?? 0;
    if (!this.#budget.take(bytes)) throw etcdErrors.tooManyRequests();
    return () => this.#budget.give(bytes);
  }
}
