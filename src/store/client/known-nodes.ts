import { addressIn, type Fields, jsonOf } from './answers.ts';
import { authorization, type Reaching } from './asking.ts';
import type { Endpoints } from './watching.ts';

/** How often the members of the cluster are asked for again. */
const membersEveryMs = 30_000;

/** The nodes that a client may ask: those that it was given, and those that members have named. */
export class KnownNodes implements Endpoints {
  readonly #given: readonly string[];
  readonly #reaching: Reaching;
  readonly #timeoutMs: number;
  #named: readonly string[] = [];
  /** The endpoint of the last answer: most likely the leader's. */
  #last: string | null = null;
  #askedForMembersMs = Number.NEGATIVE_INFINITY;

  /** Throws `RangeError` for an endpoint that is none. `timeoutMs`: for each request for the members, a whole number. */
  constructor(endpoints: readonly string[], reaching: Reaching, timeoutMs: number) {
    this.#given = endpoints.map(originOf);
    if (endpoints.length === 0)
      throw new RangeError('a client needs an endpoint, such as http://127.0.0.1:8001');
    this.#reaching = reaching;
    this.#timeoutMs = timeoutMs;
  }

  /** The node that answered last first, then those that members have named, then those that were given. */
  list(): readonly string[] {
    const last = this.#last === null ? [] : [this.#last];
    return [...new Set([...last, ...this.#named, ...this.#given])];
  }

  opened(endpoint: string): void {
    this.#askForMembers(endpoint);
  }

  /** A node there has answered a request. */
  answered(endpoint: string): void {
    this.#last = endpoint;
    this.#askForMembers(endpoint);
  }

  /** Now and then. Nothing waits for it, nor fails with it: those that are known will do. */
  #askForMembers(endpoint: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#askedForMembersMs < membersEveryMs) return;
    this.#askedForMembersMs = nowMs;
    const { fetch, token } = this.#reaching;
    fetch(`${endpoint}/v1/members`, {
      method: 'GET',
      headers: authorization(token),
      redirect: 'manual',
      signal: AbortSignal.timeout(this.#timeoutMs),
    })
      .then(async (response) => {
        const body = jsonOf(new Uint8Array(await response.arrayBuffer()));
        if (response.status === 200) this.#named = clientsIn(body, endpoint);
      })
      .catch(() => {});
  }
}

const originOf = (endpoint: string): string => {
  const url = addressIn(endpoint);
  if (url?.pathname === '/') return url.origin;
  throw new RangeError(
    `an endpoint is a base address such as http://127.0.0.1:8001, not ${JSON.stringify(endpoint)}`,
  );
};

/** The client addresses of members, of the same kind as the one that was asked: no token goes out in the clear. */
const clientsIn = (body: Fields | null, askedAt: string): readonly string[] => {
  const { members = {} } = (body ?? {}) as {
    readonly members?: Readonly<Record<string, { readonly client?: unknown }>>;
  };
  return Object.values(members).flatMap(({ client }) => {
    const url = addressIn(client);
    return url?.protocol === new URL(askedAt).protocol ? [url.origin] : [];
  });
};
