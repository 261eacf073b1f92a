import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/cli/diagram/sources.ts';

/**
 * To be imported by tests that start many processes that load a module: those are killed once they have answered, before Node.js would keep
 * what it has compiled, so one that ends by itself loads the same beforehand.
 */
const child = join(packageRoot(), 'src/cli/machine');
execFileSync(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module';
await import(${JSON.stringify(join(child, 'machine-child.ts'))});
const { machineTasks } = await import(${JSON.stringify(join(child, 'machine-tasks.ts'))});
await machineTasks.read();
createRequire(${JSON.stringify(child)})('typescript');
process.exit();`,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
