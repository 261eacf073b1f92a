import type { ServiceDefinition } from '@grpc/grpc-js';
import { ByteBudget } from '../http/byte-budget.ts';
import { etcdErrors } from './etcd-error.ts';

/** How many requests are under way at once, and how large they are together. */
export class RequestRoom {
  readonly #mostRequests: number;
  readonly #budget: ByteBudget;
  /** Of requests that were read. */
  readonly #bytes = new WeakMap<object, number>();
  #requests = 0;

  constructor({ maxRequests, maxBytes }: { readonly maxRequests: number; readonly maxBytes: number }) {
    this.#mostRequests = maxRequests;
    this.#budget = new ByteBudget(maxBytes);
  }

  get requests(): number {
    return this.#requests;
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
    if (this.#requests >= this.#mostRequests || !this.#budget.take(bytes)) throw etcdErrors.tooManyRequests();
    this.#requests++;
    return () => {
      this.#requests--;
      this.#budget.give(bytes);
    };
  }
}
