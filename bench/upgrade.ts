import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { previousVersion } from '../test/processes/previous-version.ts';
import { nodeProgram, ProcessCluster } from '../test/processes/process-cluster.ts';
import { RecordedLoad } from '../test/processes/recorded-load.ts';
import { Gaps, restartEach } from '../test/processes/rolling-restart.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const rounds = Number(process.env.ROUNDS ?? 5);

const previous = previousVersion();
if (previous === null) process.exit(1);
const directory = temporaryDirectory();

/** The longest gap between two acknowledged writes of four clients, in milliseconds, while a follower was restarted, the other one, and then the leader. */
const gapsOf = async (name: string, from: string, to: string): Promise<readonly number[]> => {
  const dataDir = join(directory, name);
  mkdirSync(dataDir);
  const flags = ['--log-level', 'warn'];
  const cluster = await ProcessCluster.start({ size: 3, dataDir, flags, program: from });
  const load = new RecordedLoad(cluster.endpoints, 4, 1);
  const gaps = new Gaps();
  load.onWritten = () => gaps.note();
  // The first writes open sessions and connections.
  await new Promise((resolve) => setTimeout(resolve, 500));
  gaps.takeLongest();
  const longest: number[] = [];
  await restartEach(cluster, to, () => {
    longest.push(gaps.takeLongest());
  });
  await load.stop();
  await cluster.stop();
  rmSync(dataDir, { recursive: true });
  return longest;
};

const kinds = [
  ['restarted, version before', previous.node, previous.node],
  ['upgraded to this version', previous.node, nodeProgram],
  ['restarted, this version', nodeProgram, nodeProgram],
  ['rolled back to the version before', nodeProgram, previous.node],
] as const;
const found = new Map<string, (readonly number[])[]>(kinds.map(([name]) => [name, []]));
for (let round = 1; round <= rounds; round++)
  for (const [name, from, to] of kinds) found.get(name)!.push(await gapsOf(`${round} ${name}`, from, to));

console.log(
  `longest gap between acknowledged writes of 4 clients, three durable processes, ${rounds} rounds; ms, all rounds`,
);
for (const [name, all] of found) {
  const of = (steps: readonly number[]) =>
    all
      .flatMap((each) => steps.map((step) => each[step]!))
      .toSorted((a, b) => a - b)
      .map((ms) => ms.toFixed(0))
      .join(' ');
  console.log(`${name}: a follower ${of([0, 1])}; the leader ${of([2])}`);
}
rmSync(previous.folder, { recursive: true });
