import * as v from 'valibot';
import type { AdapterRequest } from '../../conformance/protocol.ts';
import { requestSchema } from '../../conformance/protocol-schema.ts';

/** One line of the kit. Throws an `Error` of one line that says what is wrong with it. */
export const parseRequest = (line: string): AdapterRequest => {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    throw new Error('the line is not JSON');
  }
  const parsed = v.safeParse(requestSchema, found);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue) ?? 'the request'}: ${issue.message}`);
};
