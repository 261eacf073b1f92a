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
      `the adapter answered what is not JSON, one object on one line (all else goes to standard error): ${shortened(line)}`,
    );
  }
  const result = v.safeParse(responseSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'the line';
  // What is around the place, or where it should be.
  const around = JSON.stringify(issue.path?.at(-1)?.input) ?? line;
  throw unusable(
    `the adapter's answer is not of the protocol: ${where}: ${issue.message}, in ${shortened(around)}`,
  );
};

const shortened = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 197)}…`);
