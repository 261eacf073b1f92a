import type { AnyStateMachine } from 'xstate';
import { creatorOf } from '../read/xstate-internals.ts';

/**
 * The machine's config as JSON, as Stately Studio and `@statelyai/inspect` take it: names stay, functions go. A
 * function without a name becomes a name that says so, so that no edge loses its guard.
 */
export const toStately = (machine: AnyStateMachine): string => {
  const { context, ...config } = machine.config as { context?: unknown };
  const plain = typeof context === 'function' || context === undefined ? config : { context, ...config };
  return `${shortLists(JSON.stringify(serializable(plain, ''), null, 2))}\n`;
};

/** Lists of names in one line, as the formatter of this repository writes them. */
const shortLists = (json: string): string =>
  json.replace(
    /^(.*)\[\n\s+("[^\n]*"(?:,\n\s+"[^\n]*")*)\n\s+\]/gm,
    (whole, before: string, names: string) => {
      const line = `${before}[${names.replace(/,\n\s+/g, ', ')}]`;
      return line.length < 110 && !names.includes('": ') ? line : whole;
    },
  );

/** Values that a config may leave as functions, by their key: dropped, since their name stands beside them. */
const computed = new Set(['params', 'input', 'output', 'context']);

const serializable = (value: unknown, key: string): unknown => {
  if (typeof value === 'function') return inlineName(value, key);
  if (Array.isArray(value)) return value.map((each) => serializable(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, each]) => !(typeof each === 'function' && computed.has(name)))
      .map(([name, each]) => [name, serializable(each, name)]),
  );
};

const inlineName = (value: unknown, key: string): { readonly type: string } => {
  const creator = creatorOf(value);
  if (creator !== null) return { type: `inline ${creator}` };
  const { name } = value as { name?: string };
  return { type: name === undefined || name === '' || name === key ? `inline ${key}` : `inline ${name}` };
};
