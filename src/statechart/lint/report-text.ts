import type { Finding, Severity } from './finding.ts';
import { type LintedMachine, ruleSheets, summaryOf } from './report.ts';

const colors: Readonly<Record<Severity, number>> = { error: 31, warning: 33, info: 36 };
const words: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** Findings by machine and state, for people. */
export const lintText = (machines: readonly LintedMachine[], isColored: boolean): string => {
  const paint = (code: number, text: string) => (isColored ? `\u001b[${code}m${text}\u001b[0m` : text);
  const parts = machines
    .filter(({ findings }) => findings.length > 0)
    .map((machine) => machineText(machine, paint));
  return `${[...parts, summaryOf(machines)].join('\n')}\n`;
};

type Paint = (code: number, text: string) => string;

const bold = 1;
const dim = 2;

const machineText = ({ label, chart, findings }: LintedMachine, paint: Paint): string => {
  const title = chart === null ? paint(bold, label) : `${paint(bold, label)} ${paint(dim, `(${chart})`)}`;
  const states = [...Map.groupBy(findings, ({ state }) => state)].map(([state, own]) =>
    [
      `  ${state === null ? 'the module' : paint(bold, oneLine(state))}`,
      ...own.map((each) => findingText(each, paint)),
    ].join('\n'),
  );
  return `${title}\n${states.join('\n')}\n`;
};

const findingText = ({ severity, rule, message, place }: Finding, paint: Paint): string => {
  const docs = ruleSheets.find(({ name }) => name === rule)?.docs ?? '';
  const at = place === null ? '' : `${place.path}:${place.line} `;
  return [
    `    ${paint(colors[severity], words[severity])} ${paint(bold, rule)}`,
    `      ${oneLine(message)}`,
    `      ${paint(dim, `${at}${docs}`)}`,
  ].join('\n');
};

/** A name may hold line breaks. */
const oneLine = (text: string): string => text.replaceAll('\n', '\\n');
