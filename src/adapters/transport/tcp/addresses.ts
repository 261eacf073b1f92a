import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type Log, silentLog } from '../../../ports/log.ts';

/** Finds all addresses of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/**
 * All addresses of a name. `localhost` is both loopback addresses, whatever this machine's files say of it: who
 * listens on it and who dials it then meet. Source: RFC 6761 §6.3.
 */
export const addressesOf: Resolve = async (host) =>
  host === 'localhost' ? loopback : await lookup(host, { all: true });

const loopback: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** How long a dial waits for a lookup; the rest of its time is for the connection. */
const patienceMs = 250;
/** A lookup that takes longer is reported. */
const slowMs = 1000;
/** After this time a second lookup may begin beside one that has no answer. */
const giveUpMs = 20_000;
/** A name is reported at most once in this time. */
const logMs = 10_000;

interface Name {
  /** The result of the last lookup that succeeded. */
  known: readonly LookupAddress[] | null;
  running: Promise<readonly LookupAddress[]> | null;
  /** How often it was dialled: each dial begins with another address. */
  dials: number;
  loggedMs: number;
}

export interface LookupsOptions {
  readonly log: Log;
  /** Default: as the machine does. */
  readonly resolve?: Resolve;
}

/**
 * Looks up the names of peers. A dial waits a quarter of a second for a name server. Then it uses the addresses that were found before, or fails while the lookup
 * goes on, so that a later dial finds the answer. So a slow name server delays only the first connection.
 */
export class Lookups {
  readonly #log: Log;
  readonly #resolve: Resolve;
  readonly #names = new Map<string, Name>();

  constructor({ log, resolve = addressesOf }: LookupsOptions) {
    this.#log = log;
    this.#resolve = resolve;
  }

  /** For `net.connect`, which tries one address after the other (RFC 8305, "Happy Eyeballs"). */
  readonly lookup: LookupFunction = (host, _options, done) => {
    this.#addressesFor(host).then(
      (addresses) => done(null, [...addresses]),
      (error) => done(error, []),
    );
  };

  async #addressesFor(host: string): Promise<readonly LookupAddress[]> {
    const name = this.#nameOf(host);
    name.running ??= this.#start(host, name);
    const patience = after(patienceMs);
    const inTime = await Promise.race([name.running.catch((error: Error) => error), patience.over]);
    patience.end();
    const addresses = inTime === null || inTime instanceof Error ? name.known : inTime;
    if (addresses !== null) return rotated(addresses, name.dials++);
    throw inTime ?? new Error(`the lookup of ${host} takes longer than ${patienceMs} ms`);
  }

  #nameOf(host: string): Name {
    const known = this.#names.get(host);
    if (known !== undefined) return known;
    const name: Name = { known: null, running: null, dials: 0, loggedMs: Number.NEGATIVE_INFINITY };
    this.#names.set(host, name);
    return name;
  }

  #start(host: string, name: Name): Promise<readonly LookupAddress[]> {
    const startMs = performance.now();
    const took = () => Math.round(performance.now() - startMs);
    const running = this.#resolve(host).then((addresses) => {
      if (addresses.length === 0) throw new Error('it has no address');
      return addresses;
    });
    const over = (): void => {
      clearTimeout(slow);
      clearTimeout(giveUp);
      if (name.running === running) name.running = null;
    };
    const slow = setTimeout(
      () =>
        this.#warn(
          host,
          name,
          `the lookup of ${host} takes longer than ${slowMs} ms: check the name servers`,
        ),
      slowMs,
    ).unref();
    const giveUp = setTimeout(over, giveUpMs).unref();
    running.then(
      (addresses) => {
        over();
        name.known = addresses;
        if (took() >= slowMs)
          this.#log.info({ host, tookMs: took() }, `the lookup of ${host} took ${took()} ms`);
      },
      (error: NodeJS.ErrnoException) => {
        over();
        const going = name.known === null ? '' : '; it is dialled where it was before';
        this.#warn(host, name, `the lookup of ${host} failed: ${error.code ?? error.message}${going}`);
      },
    );
    return running;
  }

  #warn(host: string, name: Name, words: string): void {
    const now = performance.now();
    if (now - name.loggedMs < logMs) return;
    name.loggedMs = now;
    this.#log.warn({ host }, words);
  }
}

/** For one dial of a node that joins, before it has a transport. It logs nothing, since the node says what it waits for. */
export const lookupsOfOneDial = (): Lookups => new Lookups({ log: silentLog });

/** Each dial begins with another address: if the first addresses do not answer, a dial ends before it reaches the last one. */
const rotated = (addresses: readonly LookupAddress[], by: number): readonly LookupAddress[] => {
  const at = by % addresses.length;
  return [...addresses.slice(at), ...addresses.slice(0, at)];
};

const after = (ms: number): { readonly over: Promise<null>; readonly end: () => void } => {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), ms);
  return { over: promise, end: () => clearTimeout(timer) };
};
