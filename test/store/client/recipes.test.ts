import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../../src/store/client/client.ts';
import type { Lock } from '../../../src/store/client/lock.ts';
import { runExample } from '../../examples/run-example.ts';
import { ProcessCluster } from '../../processes/process-cluster.ts';

/** The longer form: `KILLS=20 npx vitest run test/store/client/recipes.test.ts`. */
const kills = Number(process.env.KILLS ?? 2);
const ttlSeconds = 5;

let dataDir: string;
let cluster: ProcessCluster;
let clients: Client[];

// One for all tests: their keys differ, and each leaves it whole.
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'raftchart-recipes-'));
  cluster = await ProcessCluster.start({ size: 3, dataDir, flags: ['--log-level', 'warn'] });
});

afterAll(async () => {
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

beforeEach(() => {
  clients = [];
});

afterEach(() => {
  for (const client of clients) client.close();
});

const newClient = (): Client => {
  const endpoints = cluster.endpoints.map((endpoint) => `http://${endpoint}`);
  const client = new Client({ endpoints, timeoutMs: 30_000 });
  clients.push(client);
  return client;
};

/** Kills the leader, and starts it again, so many times; each time once `goes` says that there was some progress. */
const killing = async (goes: () => number): Promise<void> => {
  for (let kill = 0; kill < kills; kill++) {
    const before = goes();
    await until(() => goes() > before + 3);
    const leader = await cluster.leader();
    await cluster.end(leader, 'SIGKILL');
    await cluster.leader();
    cluster.start(leader);
  }
  const last = goes();
  await until(() => goes() > last + 3);
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** What a lock protects: takes nothing under a token lesser than one that it has seen. */
class Protected {
  token = 0;
  taken = 0;
  holders = 0;

  take(token: number): boolean {
    if (token < this.token) return false;
    this.token = token;
    this.taken++;
    return true;
  }
}

it('a client that knows one follower writes and reads all the same', async () => {
  const leader = await cluster.leader();
  const endpoint = cluster.endpoints[leader % 3]!;
  const client = new Client({ endpoints: [`http://${endpoint}`], timeoutMs: 30_000 });
  clients.push(client);
  for (const value of ['', 'x', 'y'.repeat(100_000)]) {
    await client.put('a', value);
    expect((await client.get('a'))?.text()).toBe(value);
  }
});

it('the program of the documentation does what it says', async () => {
  const lines = await runExample('store-client', `http://${cluster.endpoints[0]}`);
  expect(lines).toEqual([
    'visit 1',
    '0 jobs are left from before',
    'added: sweep the floor',
    'with the broom: sweep the floor',
    'taken',
  ]);
});

it('the program that writes by frames does what it says, at a follower too', async () => {
  const leader = await cluster.leader();
  const lines = await runExample('many-writes', `http://${cluster.endpoints[leader % 3]}`);
  expect(lines).toEqual(['1000 written', '1000 there', '1000 deleted']);
});

describe('through kills of the leader', () => {
  it('a lock has one holder at a time, and its tokens grow', async () => {
    const resource = new Protected();
    const tokens: number[] = [];
    let isOver = false;
    const contend = async (client: Client): Promise<void> => {
      while (!isOver) {
        const held = await client.lock('door', { ttlSeconds });
        tokens.push(held.token);
        // Nobody else may think that it holds it, as long as this one still may.
        if (!held.lost.aborted) expect(resource.take(held.token)).toBe(true);
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (!held.lost.aborted) expect(resource.take(held.token)).toBe(true);
        await held.release();
      }
    };
    const contenders = [1, 2, 3, 4].map(() => contend(newClient()));
    await killing(() => tokens.length);
    isOver = true;
    await Promise.all(contenders);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(tokens.length);
    console.log(`${kills} kills: ${tokens.length} holders of the lock, tokens up to ${tokens.at(-1)}`);
  }, 600_000);

  it('an election has one leader at a time, whom its observers see', async () => {
    const led: string[] = [];
    const seen: (string | null)[] = [];
    const watching = newClient();
    const aborter = new AbortController();
    const observed = (async () => {
      for await (const leader of watching.election('chief').observe(aborter.signal))
        seen.push(leader?.text() ?? null);
    })();
    let isOver = false;
    let leading: Lock | null = null;
    const campaign = async (client: Client, name: string): Promise<void> => {
      for (let nth = 1; !isOver; nth++) {
        const value = `${name}.${nth}`;
        const held = await client.election('chief').campaign(value, { ttlSeconds });
        expect(leading?.lost.aborted ?? true).toBe(true);
        leading = held;
        led.push(value);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await held.release();
      }
    };
    const campaigns = ['a', 'b', 'c'].map((name) => campaign(newClient(), name));
    await killing(() => led.length);
    isOver = true;
    await Promise.all(campaigns);
    await until(() => seen.at(-1) === null);
    aborter.abort();
    await observed;
    // Whoever led shortly may not have been seen; nobody was seen who did not lead, or in another order.
    const order = seen.filter((value) => value !== null).map((value) => led.indexOf(value));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
    console.log(`${kills} kills: ${led.length} leaders, ${order.length} of them seen`);
  }, 600_000);

  it('a queue gives each item to one taker, once', async () => {
    const added: string[] = [];
    const taken: string[] = [];
    let isOver = false;
    const adding = async (client: Client, name: string): Promise<void> => {
      const queue = client.queue('jobs');
      for (let nth = 1; !isOver; nth++) {
        await queue.add(`${name}.${nth}`);
        added.push(`${name}.${nth}`);
      }
    };
    const aborter = new AbortController();
    const taking = async (client: Client): Promise<void> => {
      const queue = client.queue('jobs');
      while (!aborter.signal.aborted) {
        const item = await queue.take(aborter.signal).catch((error) => {
          if (aborter.signal.aborted) return null;
          throw error;
        });
        if (item !== null) taken.push(item.text());
      }
    };
    const takers = [1, 2, 3].map(() => taking(newClient()));
    const adders = ['a', 'b'].map((name) => adding(newClient(), name));
    await killing(() => taken.length);
    isOver = true;
    await Promise.all(adders);
    await until(() => taken.length >= added.length);
    aborter.abort();
    await Promise.all(takers);
    expect(taken.toSorted()).toEqual(added.toSorted());
    // Of one adder, in its order, but for what several takers report at once.
    console.log(`${kills} kills: ${added.length} items added, ${taken.length} taken`);
  }, 600_000);
});
