import type { FunctionName, HistoryEvent } from '../../src/check/history.ts';

/**
 * A history in short: one event an entry, `process type f [arguments]` on key x, or on the key after an @.
 * For example `'1 invoke write a'`, `'1 ok write'`, `'2 ok read null'`, `'2 invoke cas a b @y'`, `'1 ok delete found'`, `'1 ok delete nothing'`.
 */
export const events = (...lines: readonly string[]): readonly HistoryEvent[] => lines.map(eventOf);

const eventOf = (line: string): HistoryEvent => {
  const words = line.split(' ').filter((word) => !word.startsWith('@'));
  const key =
    line
      .split(' ')
      .find((word) => word.startsWith('@'))
      ?.slice(1) ?? 'x';
  const [process, type, f, ...values] = words as [string, HistoryEvent['type'], FunctionName, ...string[]];
  const common = { process: Number(process), type, f, key };
  const [first, second] = values.map((value) => (value === 'null' ? null : value === '""' ? '' : value));
  if (f === 'cas' && first !== undefined) return { ...common, from: first, to: second! };
  if (f === 'delete' && first !== undefined) return { ...common, existed: first === 'found' };
  return first === undefined ? common : { ...common, value: first };
};
