import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { lintMachine } from '../../../src/cli/lint/lint-machine.ts';
import { projectOf, removeProjects } from '../machine/module-folder.ts';

vi.mock('../../../src/cli/machine/typescript-compiler.ts', () => ({ findTypeScript: () => null }));
removeProjects();

const lintIn = (comment: string) => {
  const folder = projectOf({
    'lamp.ts': `import { createMachine } from 'xstate';
${comment}
export const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { PRESS: 'on' } }, on: {} } });
`,
  });
  return lintMachine(join(folder, 'lamp.ts'), { loadTimeout: 60_000, verbose: false, settings: {} });
};

it('lint finds faults without TypeScript, but no lines', async () => {
  const { findings } = await lintIn('');
  expect(findings.map(({ rule, place }) => [rule, place])).toEqual([['dead-end', null]]);
});

it('lint without TypeScript takes comments about a whole file, and refuses those about the next line', async () => {
  const { findings } = await lintIn('// raftchart-lint-disable dead-end -- it stays on');
  expect(findings).toEqual([]);
  await expect(lintIn('// raftchart-lint-disable-next-line dead-end -- it stays on')).rejects.toThrow(
    /lamp\.ts: raftchart-lint-disable-next-line needs TypeScript to find what is in the next line: npm install /,
  );
});
