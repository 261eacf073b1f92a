import type { Key, Operation, Value } from './operation.ts';
import { type Places, placeName } from './recording.ts';
import type { Verdict } from './verdict-of-keys.ts';
import type { Violation } from './violation.ts';

export interface Wording {
  readonly places: Places;
  /** A value that a key may hold. */
  readonly describeState: (state: Value) => string;
}

const usual: Wording = { places: { noun: 'line' }, describeState: (state) => quoted(state) };

/** A verdict for a person; ends with a newline. */
export const verdictText = (verdict: Verdict, wording: Wording = usual): string => {
  const { operationCount, keyCount, configurationCount } = verdict;
  const size = `${counted(operationCount, 'operation')} on ${counted(keyCount, 'key')}`;
  if (verdict.result === 'linearizable') return `linearizable: ${size}\n`;
  const undecided = `undecided within ${counted(configurationCount, 'configuration')}: ${keys(verdict.undecidedKeys)}`;
  if (verdict.result === 'unknown') return `unknown: ${size}\n${undecided}\n`;
  const [first, ...others] = verdict.violations;
  const lines = [`not linearizable: ${size}`, '', ...violationLines(first, wording)];
  if (others.length > 0) {
    const places = others
      .map(({ key, position }) => `${quoted(key)} at ${placeOf(wording, position)}`)
      .join(', ');
    lines.push('', `also not linearizable: ${places}`);
  }
  if (verdict.undecidedKeys.length > 0) lines.push('', undecided);
  return `${lines.join('\n')}\n`;
};

/** A verdict as one line of JSON. An operation that never completed has `completedAt` null. */
export const verdictJson = (verdict: Verdict): string =>
  JSON.stringify(verdict, (name, value) =>
    name === 'effects' ? undefined : typeof value === 'bigint' ? String(value) : value,
  );

/** The most concurrent operations that are listed one by one. */
const maxListed = 20;

const violationLines = (violation: Violation, wording: Wording): readonly string[] => {
  const { key, position, operation, concurrent } = violation;
  const listed = concurrent.slice(-maxListed);
  const omitted = concurrent.length - listed.length;
  return [
    firstLine(position, wording),
    `  key ${quoted(key)}: ${operationText(operation, wording)}`,
    ...expected(violation, wording).map((line) => `  ${line}`),
    ...(concurrent.length === 0 ? ['  Nothing else was under way.'] : ['  Concurrent with it:']),
    ...(omitted > 0 ? [`    ${omitted} earlier ones, and`] : []),
    ...listed.map((other) => `    ${operationText(other, wording)}`),
  ];
};

const firstLine = (position: number, { places }: Wording): string => {
  if (places.noun === 'time') {
    return `What had happened up to time ${placeName(places, position)} cannot be explained; without that return it can.`;
  }
  return `The first ${counted(position, places.noun)} cannot be explained; one ${places.noun} less can.`;
};

const expected = (
  { operation, possibleValues }: Violation,
  { describeState }: Wording,
): readonly string[] => {
  if (possibleValues === null) return [];
  if (operation.outcome === 'fail' && operation.f !== 'cas')
    return ['It failed, but what others saw needs it.'];
  const { values, isComplete } = possibleValues;
  if (values.length === 0) {
    return isComplete
      ? ['Whatever the key held, the operations before it cannot be explained without it.']
      : ['What the key can have held meanwhile was too much to find out.'];
  }
  const list = values.map(describeState).join(', ');
  return [`The key can only have held ${list}${isComplete ? '' : ', and perhaps others'} meanwhile.`];
};

/** An operation with where it begins and ends. */
export const operationText = (operation: Operation, wording: Wording): string => {
  const { process, invokedAt, completedAt, outcome } = operation;
  const { places } = wording;
  const begins = placeOf(wording, invokedAt);
  const what = `process ${process} ${called(operation)}`;
  if (outcome === 'info') {
    const how =
      completedAt === Number.POSITIVE_INFINITY
        ? 'never completed'
        : `info in ${placeOf(wording, completedAt)}`;
    return `${what}, ${begins}, ${how}`;
  }
  const span = `${placeName(places, invokedAt)}-${placeName(places, completedAt)}`;
  return `${what}, ${places.noun}s ${span}, ${outcome}`;
};

const placeOf = ({ places }: Wording, position: number): string =>
  `${places.noun} ${placeName(places, position)}`;

/** What was called, and what came of it. */
export const called = ({ f, value, from, to, existed, outcome, text }: Operation): string => {
  if (text !== undefined) return text;
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
