import * as v from 'valibot';
import { AdapterUnusable } from './adapter.ts';
import type { AdapterRequest, AdapterResponse } from './protocol.ts';
import { responseSchema } from './protocol-schema.ts';

/**
 * Reads a line with which an adapter answers a request. Throws `AdapterUnusable`, in one line that says what was asked, what came and
 * what is wrong with it.
 */
export const parseAdapterLine = (line: string, request: AdapterRequest): AdapterResponse => {
  const unusable = (what: string) => new AdapterUnusable(`${what}; it was asked ${JSON.stringify(request)}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw unusable(
      `the adapter answered what is not JSON, one object on one line (all else goes to standard error): ${inOneLine(line)}`,
    );
  }
  const result = v.safeParse(responseSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'the line';
  throw unusable(
    `the adapter's answer is not of the protocol: ${where}: ${issue.message}, in ${inOneLine(around(issue.path?.at(-1)?.input) ?? line)}`,
  );
};

/** What is around the place that is wrong, or where it should be; undefined: nothing, or it is nested too deeply to be told. */
const around = (input: unknown): string | undefined => {
  try {
    return JSON.stringify(input);
  } catch {
    return undefined;
  }
};

/** What an adapter says, fit for a terminal: its control characters are escaped, and it is no longer than needed. */
export const inOneLine = (text: string): string => {
  const begin = text
    .slice(0, 201)
    .replace(
      /[\p{Cc}\p{Zl}\p{Zp}\uFEFF]/gu,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return begin.length <= 200 ? begin : `${begin.slice(0, 197)}…`;
};
