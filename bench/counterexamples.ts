/**
 * How long it takes to find a counterexample for each broken rule, one run at a time: `node bench/counterexamples.ts [RULE…]`. Prints, for several
 * first seeds, the median of the seconds, and the virtual events, which are the same everywhere.
 */
import { brokenRules } from '../src/simulate/broken/broken-rules.ts';
import { findCounterexample } from '../src/simulate/counterexample/find-counterexample.ts';
import { median } from './quantile.ts';

const firstSeeds = [1, 1001, 2001, 3001, 4001];
const goalSeconds = 20;

const asked = process.argv.slice(2);
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
};
let isSlow = false;
for (const rule of brokenRules.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const seconds: number[] = [];
  const processor: number[] = [];
  const lines: string[] = [];
  let misfits = 0;
  for (const firstSeed of firstSeeds) {
    const started = performance.now();
    const cpu = cpuSeconds();
    const { found, searched, shrunk, events, misfits: unfit } = await findCounterexample(rule, { firstSeed });
    seconds.push((performance.now() - started) / 1000);
    processor.push(cpuSeconds() - cpu);
    misfits += unfit;
    const what =
      found === null
        ? 'nothing found'
        : `${found.failure.violation.property}, weight ${found.failure.weight}, ${found.story.split('\n').length} lines`;
    lines.push(
      `  ${seconds.at(-1)!.toFixed(1)} s: ${searched} runs searched, ${shrunk} to shrink, ${events} events: ${what}`,
    );
  }
  isSlow ||= median(seconds) > goalSeconds;
  console.log(
    `${rule.name}: median ${median(seconds).toFixed(1)} s (processor ${median(processor).toFixed(1)} s; goal ${goalSeconds}), misfits ${misfits}`,
  );
  for (const line of lines) console.log(line);
}
process.exitCode = isSlow ? 1 : 0;
