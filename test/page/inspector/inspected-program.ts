import { createWebSocketInspector } from '@statelyai/inspect';
import { createActor } from 'xstate';
import { createInspector } from '../../../src/entry/inspect.ts';
import { shop } from './shop.ts';

/**
 * A shop that is inspected at the address in `INSPECT_URL`: by Stately's own inspector, as programs are that know nothing of this package, or by
 * ours where `INSPECTOR` says so. Each line that it reads is sent to it as an event.
 */
const url = process.env.INSPECT_URL ?? '';
const { inspect } =
  process.env.INSPECTOR === 'raftchart'
    ? createInspector({ url, name: 'our shop' })
    : createWebSocketInspector({ url });
const actor = createActor(shop, { inspect });
actor.start();

process.stdin.on('data', (data) => {
  for (const line of data.toString().trim().split('\n')) actor.send(JSON.parse(line));
});
process.stdin.on('end', () => process.exit());
