import * as v from 'valibot';
import type { NodeId } from '../../raft/types.ts';

const schema = v.strictObject({ target: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))) });
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads `{"target": 2}`, or `{}` for any. Returns a sentence for the client if it is anything else. */
export const parseTransferRequest = (body: Uint8Array): { readonly target: NodeId | null } | string => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(body));
  } catch {
    return 'the body is not JSON in UTF-8';
  }
  // valibot takes an array for an object.
  const { success, output } = v.safeParse(schema, Array.isArray(parsed) ? null : parsed);
  return success
    ? { target: output.target ?? null }
    : 'the body must be {"target": ID} or {}, and nothing else';
};
