import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/cli/diagram/sources.ts';

/**
 * To be imported by tests that start many processes: Node.js keeps what it has compiled for the next of them. Those that load a module
 * are killed once they have answered, before they would keep anything, so one that ends by itself loads the same beforehand.
 */
process.env.NODE_COMPILE_CACHE = join(packageRoot(), 'node_modules/.cache/compiled');

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
