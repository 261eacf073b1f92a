/**
 * The explorer: states, time, rate and memory of a set of clusters, on one core.
 * Run: node bench/explore.ts [seconds for each, 300 by default] [part of a name]
 */
import type { ExploreOptions } from '../src/verify/explore/cluster-event.ts';
import { explore } from '../src/verify/explore/explore.ts';

const base: ExploreOptions = {
  nodes: 3,
  spares: 0,
  maxTerm: 2,
  maxLog: 1,
  messages: 4,
  loss: false,
  duplicates: false,
  crashes: 0,
  transfers: 0,
  reads: 0,
  snapshots: 0,
  reconfigurations: 0,
  disk: 'prompt',
};

/** Any number of messages. */
const open = { loss: true, duplicates: true } as const;
const slow = { maxTerm: 1, disk: 'slow' } as const;
const election = { nodes: 4, maxTerm: 1, maxLog: 0, loss: true } as const;

const clusters: readonly (readonly [string, Partial<ExploreOptions>])[] = [
  ['3 nodes, term 2, log 1, 2 messages', { messages: 2 }],
  ['3 nodes, term 2, log 1, 3 messages', { messages: 3 }],
  ['3 nodes, term 2, log 1, 4 messages', {}],
  ['3 nodes, term 1, log 1, 4 messages', { maxTerm: 1 }],
  ['3 nodes, term 1, log 1, 3 messages, loss', { maxTerm: 1, messages: 3, loss: true }],
  ['3 nodes, term 1, log 1, 4 messages, loss', { maxTerm: 1, loss: true }],
  ['3 nodes, term 1, log 1, 3 messages, duplicates', { maxTerm: 1, messages: 3, duplicates: true }],
  ['3 nodes, term 1, log 1, 3 messages, crash', { maxTerm: 1, messages: 3, crashes: 1 }],
  ['3 nodes, term 1, log 1, loss and duplicates', { ...open, maxTerm: 1 }],
  ['3 nodes, term 2, log 1, loss and duplicates', open],
  ['3 nodes, term 2, log 1, loss and duplicates, crash', { ...open, crashes: 1 }],
  ['3 nodes, term 2, log 2, loss and duplicates', { ...open, maxLog: 2 }],
  ['3 nodes, term 3, log 1, loss and duplicates', { ...open, maxTerm: 3 }],
  ['4 nodes, term 1, log 1, loss and duplicates', { ...open, nodes: 4, maxTerm: 1 }],
  ['4 nodes, election, 3 messages, loss', { ...election, messages: 3 }],
  ['4 nodes, election, 4 messages, loss', { ...election, messages: 4 }],
  ['3 nodes, term 1, log 1, 1 message, slow disk', { ...slow, messages: 1 }],
  ['3 nodes, term 1, log 1, 2 messages, slow disk', { ...slow, messages: 2 }],
  ['3 nodes, term 1, log 1, 2 messages, loss, slow disk', { ...slow, messages: 2, loss: true }],
  ['3 nodes, term 1, log 1, 2 messages, crash, slow disk', { ...slow, messages: 2, crashes: 1 }],
  ['3 nodes, term 1, log 1, 3 messages, slow disk', { ...slow, messages: 3 }],
  ['3 nodes, term 2, log 1, 1 message, slow disk', { ...slow, maxTerm: 2, messages: 1 }],
  ['2 nodes, term 2, log 1, 4 messages, slow disk', { ...slow, nodes: 2, maxTerm: 2 }],
];

const seconds = Number(process.argv[2] ?? 300);
const wanted = process.argv[3] ?? '';

console.log(
  `${'cluster'.padEnd(56)}${'outcome'.padEnd(11)}${'states'.padStart(11)}${'edges'.padStart(12)}` +
    `${'depth'.padStart(6)}${'s'.padStart(8)}${'states/s'.padStart(10)}${'B/state'.padStart(8)}`,
);
for (const [name, options] of clusters) {
  if (!name.includes(wanted)) continue;
  const { outcome, figures } = explore({ ...base, ...options }, { limits: { seconds } });
  console.log(
    `${name.padEnd(56)}${outcome.padEnd(11)}${String(figures.states).padStart(11)}${String(figures.edges).padStart(12)}` +
      `${String(figures.depth ?? '-').padStart(6)}${figures.seconds.toFixed(1).padStart(8)}` +
      `${(figures.states / figures.seconds).toFixed(0).padStart(10)}${(figures.bytes / figures.states).toFixed(0).padStart(8)}`,
  );
}
