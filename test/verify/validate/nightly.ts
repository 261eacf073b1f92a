import { Dice } from '../../../src/simulate/dice.ts';
import { corrupted } from './corruption.ts';
import { judged, traced } from './traced-runs.ts';

/** 1,000 traces of simulated runs, and each made false in one place: how many of them are accepted. `TRACES=100` looks at fewer. */
const traces = Number(process.env.TRACES ?? 1000);
const kinds = ['field', 'drop', 'swap'] as const;
const stream = new Dice(1, 'corruption').stream(0);
const chance = (below: number) => stream.between(0, below - 1);
const rejected = { field: 0, drop: 0, swap: 0 };
const tried = { field: 0, drop: 0, swap: 0 };
const missed: string[] = [];
let accepted = 0;
let steps = 0;
for (let seed = 1; seed <= traces; seed++) {
  const lines = await traced({
    seed,
    durationMs: 2000,
    nodes: [3, 5, 7][seed % 3]!,
    leaseReads: seed % 4 === 0,
    ...(seed % 5 === 0 ? { faults: 'default,lostDisk=1s' } : {}),
  });
  const whole = judged(lines);
  steps += whole.steps;
  if (whole.rejection === null) accepted++;
  else console.log(`seed ${seed} is rejected: ${JSON.stringify(whole.rejection)}`);
  const kind = kinds[seed % kinds.length]!;
  const false_ = corrupted(lines, kind, chance);
  tried[kind]++;
  if (judged(false_.lines).rejection === null) missed.push(`seed ${seed}: ${false_.text}`);
  else rejected[kind]++;
}
console.log(`${accepted} of ${traces} traces accepted, ${steps} steps of charts replayed`);
const all = rejected.field + rejected.drop + rejected.swap;
console.log(`${all} of ${traces} corrupted ones rejected (${((100 * all) / traces).toFixed(1)} %)`);
for (const kind of kinds) console.log(`  ${kind}: ${rejected[kind]} of ${tried[kind]}`);
for (const each of missed) console.log(`accepted all the same: ${each}`);
process.exitCode = accepted === traces && all >= 0.99 * traces ? 0 : 1;
