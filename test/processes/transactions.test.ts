import { expect, it } from 'vitest';
import { checkModelled, modelled } from '../../src/check/models/built-in.ts';
import { Frames } from '../../src/store/client/frames/frames.ts';
import { RecordedTransactions } from './recorded-transactions.ts';
import { useCluster } from './use-cluster.ts';

/** The longer form: `KILLS=20 npx vitest run test/processes/transactions.test.ts`. */
const kills = Number(process.env.KILLS ?? 2);
const seed = Number(process.env.SEED ?? 1);

const { start } = useCluster('transactions');

it(
  `ranges, deletes and transactions of several keys are linearizable while the leader is killed ${kills} times (kill -9), by HTTP and by frames`,
  async () => {
    const cluster = await start({ size: 3 });
    const frames = new Frames();
    const load = new RecordedTransactions(cluster.endpoints, 6, seed, [undefined, frames.fetch]);
    try {
      for (let kill = 1; kill <= kills; kill++) {
        const goal = load.events.length + 300;
        while (load.events.length < goal) await new Promise((resolve) => setTimeout(resolve, 5));
        const leader = await cluster.leader();
        await cluster.end(leader, 'SIGKILL');
        await cluster.leader();
        cluster.start(leader);
        load.turnToOtherKeys();
      }
    } finally {
      await load.stop();
      frames.close();
    }
    expect(load.unexpected).toEqual([]);
    const verdict = checkModelled(modelled({ events: load.events, places: { noun: 'event' } }, 'kv-txn'));
    console.log(
      `${load.events.length} events, ${load.succeeded} transactions whose conditions held, ${load.events.filter(({ type }) => type === 'info').length} of unknown outcome`,
    );
    expect(verdict).toMatchObject({ result: 'linearizable' });
    expect(load.succeeded).toBeGreaterThan(5 * kills);
  },
  60_000 + kills * 30_000,
);
