/**
 * Virtual over real time of the simulator on one core, with all checks on: `node bench/simulate.ts [SECONDS]`.
 * For a profile of where the time goes: `node --cpu-prof --cpu-prof-dir=DIR bench/simulate.ts`, then
 * `node bench/simulate.ts --profile DIR`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPlan, generatePlan, noFaults } from '../src/simulate/generate-plan.ts';
import { calmPlan, type Plan } from '../src/simulate/plan.ts';
import { runSimulation } from '../src/simulate/run-simulation.ts';

interface Case {
  readonly name: string;
  readonly goal: number | null;
  readonly plan: (seed: number) => Plan;
}

const nodes = 5;
const idle = { ...calmPlan.clients, operationsPerSecond: 0 };

const cases: readonly Case[] = [
  {
    name: '5 nodes, 20 operations a second, no faults',
    goal: 100,
    plan: (seed) => generatePlan({ ...calmPlan, nodes, seed, durationMs: 60_000 }, noFaults),
  },
  {
    name: '5 nodes, idle, no faults',
    goal: 400,
    plan: (seed) => ({ ...calmPlan, nodes, seed, durationMs: 60_000, clients: idle }),
  },
  {
    name: '5 nodes, 20 operations a second, default faults',
    goal: 100,
    plan: (seed) => generatePlan({ ...defaultPlan, nodes, seed }),
  },
  {
    name: '3 nodes, 20 operations a second, default faults',
    goal: null,
    plan: (seed) => generatePlan({ ...defaultPlan, nodes: 3, seed }),
  },
];

/** Processor time, not the clock on the wall: others may use this machine as well. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const measure = async ({ name, goal, plan }: Case, seconds: number): Promise<void> => {
  await runSimulation(plan(1));
  let virtualMs = 0;
  let events = 0;
  let steps = 0;
  const started = cpuMs();
  for (let seed = 2; cpuMs() - started < seconds * 1000; seed++) {
    const { violation, endMs, figures } = await runSimulation(plan(seed));
    if (violation !== null) throw new Error(`seed ${seed}: ${violation.message}`);
    virtualMs += endMs;
    events += figures.events;
    steps += figures.steps;
  }
  const spent = cpuMs() - started;
  const ratio = `${(virtualMs / spent).toFixed(0)}x real time${goal === null ? '' : ` (goal ${goal}x)`}`;
  const rates = `${((events / spent) * 1000).toFixed(0)} events/s, ${((steps / spent) * 1000).toFixed(0)} checked steps/s`;
  console.log(`${name}: ${ratio}, ${rates}`);
};

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string; readonly functionName: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Self time by part of the program. */
const summarise = (directory: string): void => {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`there is no .cpuprofile in ${directory}`);
  const profile = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Profile;
  const parts = new Map(
    profile.nodes.map(({ id, callFrame }) => [id, partOf(callFrame.url, callFrame.functionName)]),
  );
  const times = new Map<string, number>();
  let total = 0;
  profile.samples.forEach((sample, at) => {
    const part = parts.get(sample)!;
    const time = profile.timeDeltas[at]!;
    times.set(part, (times.get(part) ?? 0) + time);
    total += time;
  });
  for (const [part, time] of [...times].sort(([, a], [, b]) => b - a)) {
    if (time / total > 0.005) console.log(`${((time / total) * 100).toFixed(1).padStart(5)} %  ${part}`);
  }
};

const partOf = (url: string, functionName: string): string => {
  const [, module] = /node_modules\/([^/]+)\//.exec(url) ?? [];
  if (module !== undefined) return module;
  const [, folder] = /\/((?:src|machines)\/[^/]+)/.exec(url) ?? [];
  return folder ?? (url === '' ? functionName : 'node');
};

const [first, directory] = process.argv.slice(2);
if (first === '--profile') summarise(directory ?? '.');
else for (const each of cases) await measure(each, Number(first ?? 5));
