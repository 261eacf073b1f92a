import { Buffer } from 'node:buffer';

/** The body of a compare-and-swap. null means "absent". */
export interface CasRequest {
  readonly from: Uint8Array | null;
  readonly to: Uint8Array | null;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads `{"from": string | null, "to": string | null}`, both required and nothing else beside them. Returns a
 * sentence for the client if it is anything else.
 */
export const parseCasRequest = (body: Uint8Array): CasRequest | string => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(body));
  } catch {
    return 'the body is not JSON in UTF-8';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return 'the body must be an object {"from", "to"}';
  }
  const fields = parsed as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    if (name !== 'from' && name !== 'to') return `unknown field ${JSON.stringify(name.slice(0, 40))}`;
  }
  const from = valueIn(fields.from);
  if (from === undefined) return '"from" must be a string, or null for "absent"';
  const to = valueIn(fields.to);
  if (to === undefined) return '"to" must be a string, or null for "absent"';
  return { from, to };
};

/** A lone surrogate has no UTF-8: encoding it would silently store another value. */
const valueIn = (field: unknown): Uint8Array | null | undefined => {
  if (field === null) return null;
  return typeof field === 'string' && field.isWellFormed() ? Buffer.from(field) : undefined;
};
