import type { Fields, RecordedEvent } from '../../src/check/recording.ts';
import { ClientError } from '../../src/store/client/client-error.ts';
import type { Fetch } from '../../src/store/client/fetching.ts';
import type { Keys, KeyValuePair } from '../../src/store/client/key-value.ts';
import { StoreClient } from '../../src/store/client/store-client.ts';
import type { Condition, TxnStep, TxnStepResult } from '../../src/store/client/txn.ts';
import { Chance } from './chance.ts';

const keysAtOnce = 4;
/** The most that a client waits before its next operation. */
const pauseMs = 20;

/** Errors after which it is certain that nothing was done. */
const nothingDone: ReadonlySet<string> = new Set(['timed_out', 'unreachable', 'overloaded']);

/**
 * Programs that read, write, delete and compare several keys at once, through failures. What they saw is a history for `raftchart check --model kv-txn`:
 * docs/histories.md.
 */
export class RecordedTransactions {
  readonly events: RecordedEvent[] = [];
  /** Answers that no program should get. */
  readonly unexpected: string[] = [];
  readonly #programs: Promise<void>[];
  readonly #clients: StoreClient[] = [];
  #period = 0;
  #isStopping = false;

  /** Each program reaches the nodes by one of `ways`, in turn; undefined: by HTTP. */
  constructor(
    endpoints: readonly string[],
    programs: number,
    seed: number,
    ways: readonly (Fetch | undefined)[],
  ) {
    this.#programs = Array.from({ length: programs }, (_, at) => {
      const way = ways[at % ways.length];
      const client = new StoreClient({
        endpoints: endpoints.map((endpoint) => `http://${endpoint}`),
        ...(way === undefined ? {} : { fetch: way }),
      });
      this.#clients.push(client);
      return this.#run(at, client, new Chance(seed + at));
    });
  }

  /** Transactions that were done, and whose conditions held. */
  get succeeded(): number {
    return this.events.filter(({ type, data }) => type === 'ok' && (data as Fields).succeeded === true)
      .length;
  }

  /** From now on other keys are used: a history is checked fast if few operations are joined. */
  turnToOtherKeys(): void {
    this.#period++;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#programs);
    for (const client of this.#clients) client.close();
  }

  async #run(process: number, client: StoreClient, chance: Chance): Promise<void> {
    const seen = new Map<string, KeyValuePair>();
    for (let nth = 1; !this.#isStopping; nth++) {
      const drawn = draw(`${this.#period}.`, `${process}:${nth}`, seen, chance);
      this.#record(process, 'invoke', drawn.recorded);
      try {
        const told = await drawn.ask(client);
        this.#record(process, 'ok', told.fields);
        for (const pair of told.pairs) seen.set(pair.key, pair);
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        const isCertain = nothingDone.has(error.code);
        if (!isCertain && error.code !== 'unknown_outcome')
          this.unexpected.push(`${String(drawn.recorded.f)}: ${error.code}: ${error.message}`);
        this.#record(process, isCertain ? 'fail' : 'info', {});
      }
      await new Promise((resolve) => setTimeout(resolve, chance.fraction() * pauseMs));
    }
  }

  #record(process: number, type: RecordedEvent['type'], data: Fields): void {
    this.events.push({ process, type, data, position: this.events.length + 1 });
  }
}

interface Told {
  readonly fields: Fields;
  /** What is known of keys now. */
  readonly pairs: readonly KeyValuePair[];
}

interface Drawn {
  readonly recorded: Fields;
  readonly ask: (client: StoreClient) => Promise<Told>;
}

const draw = (
  prefix: string,
  value: string,
  seen: ReadonlyMap<string, KeyValuePair>,
  chance: Chance,
): Drawn => {
  const drawKey = () => `${prefix}${chance.below(keysAtOnce)}`;
  const key = drawKey();
  const kind = chance.fraction();
  if (kind < 0.25)
    return {
      recorded: { f: 'put', key, value },
      ask: async (client) => {
        const written = await client.put(key, value);
        return { fields: written.isDone ? { revision: written.revision } : {}, pairs: [] };
      },
    };
  if (kind < 0.55) return range(kind < 0.35 ? { key } : { prefix });
  if (kind < 0.65) {
    const keys = kind < 0.6 ? { key } : { from: key, to: drawKey() };
    return {
      recorded: { f: 'delete', ...keys },
      ask: async (client) => ({ fields: { deleted: await client.deleteAll(keys) }, pairs: [] }),
    };
  }
  return transaction(key, drawKey(), prefix, value, seen, chance);
};

const range = (keys: Keys): Drawn => ({
  recorded: { f: 'range', ...keys },
  ask: async (client) => {
    const { pairs, count, revision } = await client.page(keys, { pageSize: 1000 });
    return { fields: { pairs: pairs.map(pairFields), count, revision }, pairs };
  },
});

/** What is compared, what is written together, and a read of all of it. */
const transaction = (
  key: string,
  other: string,
  prefix: string,
  value: string,
  seen: ReadonlyMap<string, KeyValuePair>,
  chance: Chance,
): Drawn => {
  const pair = seen.get(key);
  const when: readonly Condition[] =
    pair === undefined
      ? [{ key, version: 0 }]
      : chance.fraction() < 0.5
        ? [{ key, modRevision: pair.modRevision }]
        : [{ key, value: pair.text() }];
  const written = [...new Set([key, other])];
  const steps: readonly TxnStep[] = [
    ...written.map((each, at) => ({ put: each, value: `${value}.${at + 1}` })),
    { range: { prefix } },
  ];
  const otherwise: readonly TxnStep[] =
    chance.fraction() < 0.7 ? [{ range: { prefix } }] : [{ delete: { key: other } }, { range: { key } }];
  return {
    recorded: {
      f: 'txn',
      compare: when as readonly Fields[],
      success: steps.map(stepFields),
      failure: otherwise.map(stepFields),
    },
    ask: async (client) => {
      const { succeeded, results, revision } = await client.txn({ when, do: steps, else: otherwise });
      const pairs = results.flatMap((each) => (each.type === 'range' ? each.pairs : []));
      return { fields: { succeeded, results: results.map(resultFields), revision }, pairs };
    },
  };
};

const stepFields = (step: TxnStep): Fields => {
  if ('put' in step) return { f: 'put', key: step.put, value: step.value };
  return 'delete' in step ? { f: 'delete', ...step.delete } : { f: 'range', ...step.range };
};

const resultFields = (result: TxnStepResult): Fields => {
  switch (result.type) {
    case 'put':
      return {};
    case 'delete':
      return { deleted: result.deleted };
    case 'range':
      return { pairs: result.pairs.map(pairFields), count: result.count };
  }
};

const pairFields = ({ key, version, createRevision, modRevision, text }: KeyValuePair): Fields => ({
  key,
  value: text(),
  version,
  createRevision,
  modRevision,
});
