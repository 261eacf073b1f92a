import type { Clock } from '../../../ports/clock.ts';
import type { Log } from '../../../ports/log.ts';
import { LogLimit } from '../../../ports/log-limit.ts';
import { PassingSet } from '../../../ports/passing-set.ts';
import { type Answer, refusal } from '../answer.ts';
import type { ClientRequest } from '../carrier.ts';
import { type Operation, permissionFor } from '../operation.ts';
import { type HostNames, strangeIn } from './same-site.ts';
import type { TokenFile } from './token-file.ts';
import { includes, type Permission } from './tokens.ts';

/** A long answer, whose token may be revoked before it ends. */
interface Held {
  readonly authorization: string | undefined;
  readonly needed: Permission;
  readonly cut: () => void;
}

/** Who may ask for what. docs/security.md */
export class Access {
  readonly #tokens: TokenFile | null;
  readonly #names: HostNames;
  readonly #log: Log;
  readonly #logLimit: LogLimit;
  readonly #held = new PassingSet<Held>();

  /** `tokens` null: no token is needed. */
  constructor(tokens: TokenFile | null, names: HostNames, clock: Clock, log: Log) {
    this.#tokens = tokens;
    this.#names = names;
    this.#log = log;
    this.#logLimit = new LogLimit(clock);
    tokens?.onChange(() => this.#cutRevoked());
  }

  /** The answer to a request that is refused; null: it may go on. */
  refusalOf({ method, headers, socket }: ClientRequest, operation: Operation): Answer | null {
    const needed = permissionFor[operation];
    // Probes have neither names nor tokens, and learn little.
    if (needed === null) return null;
    const strange = strangeIn(method!, headers, this.#names);
    if (strange !== null)
      return this.#refused(
        socket,
        refusal(strange.error === 'not_from_a_form' ? 415 : 403, strange.error, strange.message),
      );
    const refused = this.#refusalOfToken(headers.authorization, needed);
    return refused === null ? null : this.#refused(socket, refused);
  }

  /** Calls `cut` once the request's token no longer allows `operation`. Returns a function that ends that. */
  whileAllowed({ headers }: ClientRequest, operation: Operation, cut: () => void): () => void {
    const needed = permissionFor[operation];
    if (needed === null || this.#tokens === null) return () => {};
    const held: Held = { authorization: headers.authorization, needed, cut };
    this.#held.add(held);
    // The token may have been revoked since the request was let in.
    if (this.#refusalOfToken(held.authorization, needed) !== null) cut();
    return () => void this.#held.delete(held);
  }

  #refusalOfToken(authorization: string | undefined, needed: Permission): Answer | null {
    if (this.#tokens === null) return null;
    if (authorization === undefined) return tokenMissing;
    if (!/^Bearer(?: |$)/i.test(authorization)) return otherScheme;
    const bearer = this.#tokens.tokens.bearerOf(authorization);
    if (bearer === null) return tokenUnknown;
    if (includes(bearer.permission, needed)) return null;
    return refusal(
      403,
      'forbidden',
      `this needs a token for ${needed}; the token of ${bearer.name} is for ${bearer.permission}`,
      challenge(`error="insufficient_scope", scope="${needed}"`),
    );
  }

  #cutRevoked(): void {
    for (const { authorization, needed, cut } of this.#held)
      if (this.#refusalOfToken(authorization, needed) !== null) cut();
  }

  #refused({ remoteAddress }: ClientRequest['socket'], answer: Answer): Answer {
    const unlogged = this.#logLimit.take('refusals');
    if (unlogged !== null)
      this.#log.warn(
        { remote: remoteAddress ?? 'unknown', answer: String(answer.body), unlogged },
        'a request is refused',
      );
    return answer;
  }
}

/** RFC 6750 §3. */
const challenge = (more = ''): readonly string[] => [
  'www-authenticate',
  `Bearer realm="raftchart"${more === '' ? '' : `, ${more}`}`,
];

const tokenMissing = refusal(
  401,
  'token_missing',
  'a token is needed: send Authorization: Bearer TOKEN',
  challenge(),
);
/** It is not repeated: a token that was sent without a scheme would be logged. */
const otherScheme = refusal(
  401,
  'token_missing',
  'a token is needed, and this request has another kind of Authorization: send Authorization: Bearer TOKEN',
  challenge(),
);
const tokenUnknown = refusal(
  401,
  'token_unknown',
  'this token is unknown: it was mistyped or revoked',
  challenge('error="invalid_token"'),
);
