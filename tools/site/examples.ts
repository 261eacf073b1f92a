import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleAnchor } from './addresses.ts';

/** One page with the programs of `examples/`, each as it runs. */
export const examplesText = (root: string): string => {
  const files = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));
  return [
    '# Examples',
    '',
    'Each runs in a checkout after `npm ci`, such as `node examples/embed.ts`, and `npm test` runs them all. [Embedding](../docs/embedding.md) tells of most.',
    '',
    ...files.flatMap((name) => [
      `## ${name} {#${exampleAnchor(name)}}`,
      '',
      '```ts',
      readFileSync(join(root, 'examples', name), 'utf8').trimEnd(),
      '```',
      '',
    ]),
  ].join('\n');
};
