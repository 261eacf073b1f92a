import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The wire version that the copy speaks. */
export const previousWireVersion = 3;
/** The last commit that speaks it and no later one. */
const lastCommit = '8dc54261aeef1ba14f6380d9f474f57cc4d72e6f';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A copy of raftchart as it was when it spoke wire version 3, with the packages that are installed here. */
export interface PreviousVersion {
  /** Of the copy: whoever asked for it removes it. */
  readonly folder: string;
  readonly node: string;
  readonly client: string;
}

/** Null, and a line that says so, where the history of this clone does not go back so far, or there is none. */
export const previousVersion = (): PreviousVersion | null => {
  const git = (...args: readonly string[]): Buffer =>
    execFileSync('git', args, {
      cwd: root,
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  let archive: Buffer;
  try {
    archive = git('archive', lastCommit, 'src', 'machines', 'package.json');
  } catch {
    console.log(
      `skipped: this clone does not have commit ${lastCommit.slice(0, 7)}; git fetch --unshallow gets it`,
    );
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), 'raftchart-previous-'));
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const others = otherDependencies(folder);
  if (others.length > 0)
    console.log(`the previous version runs on other packages than its own: ${others.join(', ')}`);
  const program = (name: string) => join(folder, 'src', 'cli', name);
  return { folder, node: program('raft-node.ts'), client: program('raft-client.ts') };
};

/** What it asks for by another version than the one that is installed. */
const otherDependencies = (folder: string): readonly string[] => {
  const wantedIn = (directory: string): Record<string, string> => {
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(directory, 'package.json'), 'utf8'),
    );
    return { ...dependencies, ...peerDependencies };
  };
  const here = wantedIn(root);
  return Object.entries(wantedIn(folder)).flatMap(([name, version]) =>
    here[name] === version ? [] : [`${name} ${here[name] ?? 'missing'} instead of ${version}`],
  );
};
