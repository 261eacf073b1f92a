import type { Verdict } from './check-history.ts';
import type { Key, Operation, Value } from './operation.ts';
import type { Violation } from './violation.ts';

/** A verdict for a person; ends with a newline. */
export const verdictText = (verdict: Verdict): string => {
  const { operationCount, keyCount, configurationCount } = verdict;
  const size = `${counted(operationCount, 'operation')} on ${counted(keyCount, 'key')}`;
  if (verdict.result === 'linearizable') return `linearizable: ${size}\n`;
  const undecided = `undecided within ${counted(configurationCount, 'configuration')}: ${keys(verdict.undecidedKeys)}`;
  if (verdict.result === 'unknown') return `unknown: ${size}\n${undecided}\n`;
  const [first, ...others] = verdict.violations;
  const lines = [`not linearizable: ${size}`, '', ...violationLines(first)];
  if (others.length > 0) {
    const places = others.map(({ key, position }) => `${quoted(key)} at line ${position}`).join(', ');
    lines.push('', `also not linearizable: ${places}`);
  }
  if (verdict.undecidedKeys.length > 0) lines.push('', undecided);
  return `${lines.join('\n')}\n`;
};

/** A verdict as one line of JSON. An operation that never completed has `completedAt` null. */
export const verdictJson = (verdict: Verdict): string => JSON.stringify(verdict);

/** The most concurrent operations that are listed one by one. */
const maxListed = 20;

const violationLines = (violation: Violation): readonly string[] => {
  const { key, position, operation, concurrent } = violation;
  const listed = concurrent.slice(-maxListed);
  const omitted = concurrent.length - listed.length;
  return [
    `The first ${counted(position, 'line')} cannot be explained; one line less can.`,
    `  key ${quoted(key)}: ${described(operation)}`,
    `  ${expected(violation)}`,
    ...(concurrent.length === 0 ? ['  Nothing else was under way.'] : ['  Concurrent with it:']),
    ...(omitted > 0 ? [`    ${omitted} earlier ones, and`] : []),
    ...listed.map((other) => `    ${described(other)}`),
  ];
};

const expected = ({ operation, possibleValues: { values, isComplete } }: Violation): string => {
  if (operation.outcome === 'fail' && operation.f !== 'cas')
    return 'It failed, but what others saw needs it.';
  if (values.length === 0) {
    return isComplete
      ? 'Whatever the key held, the operations before it cannot be explained without it.'
      : 'What the key can have held meanwhile was too much to find out.';
  }
  const list = values.map(quoted).join(', ');
  return `The key can only have held ${list}${isComplete ? '' : ', and perhaps others'} meanwhile.`;
};

const described = (operation: Operation): string => {
  const { process, invokedAt, completedAt, outcome } = operation;
  if (outcome === 'info') {
    const how = completedAt === Number.POSITIVE_INFINITY ? 'never completed' : `info in line ${completedAt}`;
    return `process ${process} ${called(operation)}, line ${invokedAt}, ${how}`;
  }
  return `process ${process} ${called(operation)}, lines ${invokedAt}-${completedAt}, ${outcome}`;
};

const called = ({ f, value, from, to, existed, outcome }: Operation): string => {
  if (f === 'read') return outcome === 'ok' ? `read ${quoted(value)}` : 'read';
  if (f === 'cas') return `cas ${quoted(from)} to ${quoted(to)}`;
  if (f !== 'delete') return `${f} ${quoted(value)}`;
  return existed === null ? 'delete' : `delete of ${existed ? 'a value' : 'nothing'}`;
};

const quoted = (value: Value): string => {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 25)}…${text.slice(-25)}`;
};

const keys = (list: readonly Key[]): string => list.map(quoted).join(', ');

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
