/** How busy the port of etcd's clients is. */
export interface EtcdLoad {
  readonly connections: number;
  /** Requests with one answer that wait for it. */
  readonly waiting: number;
  /** Open streams, by method. One that has been open has a number from then on. */
  readonly streams: ReadonlyMap<string, number>;
  readonly watches: number;
}

/** What is measured of etcd's clients. Must not throw. */
export interface EtcdMetrics {
  /** Called once, when the port is opened. */
  observeEtcd(load: () => EtcdLoad): void;
  /**
   * A call has ended. `method`: one that is offered, such as `KV/Put`. `code`: gRPC's name, such as `UNAVAILABLE`.
   * `seconds`: until it was answered; null: it is a stream, which lasts as long as its client wants.
   */
  called(method: string, code: string, seconds: number | null): void;
}
