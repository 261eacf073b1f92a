import type { Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { LogLimit } from '../../ports/log-limit.ts';
import { PassingSet } from '../../ports/passing-set.ts';
import type { TokenFile } from '../http/access/token-file.ts';
import { includes, type Permission } from '../http/access/tokens.ts';
import { type EtcdError, etcdErrors } from './etcd-error.ts';

/** A call, as far as it tells whose it is. */
export interface Caller {
  readonly metadata: Metadata;
  getPeer(): string;
}

interface Held {
  readonly caller: Caller;
  readonly needed: Permission;
  readonly cut: (error: EtcdError) => void;
}

/** Who may ask for what: the tokens are those of the client API. docs/etcd.md, Tokens */
export class EtcdAccess {
  readonly #tokens: TokenFile | null;
  readonly #log: Log;
  readonly #logLimit: LogLimit;
  readonly #held = new PassingSet<Held>();

  /** `tokens` null: no token is needed. */
  constructor(tokens: TokenFile | null, clock: Clock, log: Log) {
    this.#tokens = tokens;
    this.#log = log;
    this.#logLimit = new LogLimit(clock);
    tokens?.onChange(() => this.#cutRevoked());
  }

  get isOpen(): boolean {
    return this.#tokens === null;
  }

  /** Throws an `EtcdError` for a caller who may not do what needs this permission. */
  admit(caller: Caller, needed: Permission | null): void {
    const refusal = needed === null ? null : this.#refusalOf(caller, needed);
    if (refusal === null) return;
    const unlogged = this.#logLimit.take('refusals');
    if (unlogged !== null)
      this.#log.warn({ remote: caller.getPeer(), answer: refusal.details, unlogged }, 'a request is refused');
    throw refusal;
  }

  /** Calls `cut` once the caller's token no longer allows it. Returns a function that ends that. */
  whileAllowed(caller: Caller, needed: Permission | null, cut: Held['cut']): () => void {
    if (needed === null || this.#tokens === null) return () => {};
    const held: Held = { caller, needed, cut };
    this.#held.add(held);
    return () => void this.#held.delete(held);
  }

  /** What a client that has logged in sends from then on: its password, which is a token. The name may be any. */
  tokenFor(name: string, password: string): string {
    if (this.#tokens === null) throw etcdErrors.authNotEnabled();
    if (name === '') throw etcdErrors.userEmpty();
    if (this.#tokens.tokens.bearerOf(`Bearer ${password}`) === null) throw etcdErrors.authFailed();
    return password;
  }

  #refusalOf({ metadata }: Caller, needed: Permission): EtcdError | null {
    if (this.#tokens === null) return null;
    const authorization = authorizationIn(metadata);
    if (authorization === null) return etcdErrors.userEmpty();
    const bearer = this.#tokens.tokens.bearerOf(authorization);
    if (bearer === null) return etcdErrors.invalidToken();
    return includes(bearer.permission, needed) ? null : etcdErrors.permissionDenied();
  }

  #cutRevoked(): void {
    for (const { caller, needed, cut } of this.#held) {
      const refusal = this.#refusalOf(caller, needed);
      if (refusal !== null) cut(refusal);
    }
  }
}

/** As an HTTP header. Clients of etcd send what `Authenticate` gave them as `token`, or bare as `authorization`. */
const authorizationIn = (metadata: Metadata): string | null => {
  const [token = metadata.get('authorization')[0]] = metadata.get('token');
  if (typeof token !== 'string' || token === '') return null;
  return /^Bearer /i.test(token) ? token : `Bearer ${token}`;
};
