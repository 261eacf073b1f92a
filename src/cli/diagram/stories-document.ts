import { conditionForms } from '../../simulate/scenario/text/conditions.ts';
import { fields } from '../../simulate/scenario/text/text-story.ts';
import { verbs } from '../../simulate/scenario/text/verbs.ts';
import type { GeneratedFile } from './diagram-files.ts';
import { withPart } from './generated-part.ts';

/** `docs/stories.md`, with the tables of all that a story may say. */
export const storiesDocument = (root: string): GeneratedFile =>
  withPart(root, {
    path: 'docs/stories.md',
    begin: '<!-- language: generated from src/simulate/scenario/text by npm run fix -->',
    end: '<!-- language: end -->',
    content: [
      ...table(
        ['At the top', 'Meaning'],
        Object.entries(fields).map(([name, { means }]) => [`${name}:`, means]),
      ),
      '',
      ...table(
        ['Directive', 'What happens', 'Time'],
        Object.values(verbs).map(({ usage, does, only }) => [usage, does, only ?? 'held, runs']),
      ),
      '',
      ...table(
        ['Expectation', 'What must be so'],
        conditionForms.map(({ usage, means }) => [usage, means]),
      ),
    ].join('\n'),
  });

/** The first column is what may be written. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  row(head),
  `|${'---|'.repeat(head.length)}`,
  ...rows.map(([code, ...others]) => row([`\`${code}\``, ...others])),
];

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
