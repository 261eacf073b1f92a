/** Loaded into a node: names that end in `.slow.test` are those of this machine, and every lookup of one takes 1.5 s. */
import promises from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { lookup } = promises;
promises.lookup = (async (host: string, options: object) => {
  if (!host.endsWith('.slow.test')) return lookup(host, options);
  await sleep(1500);
  return [{ address: '127.0.0.1', family: 4 }];
}) as typeof lookup;
syncBuiltinESMExports();
