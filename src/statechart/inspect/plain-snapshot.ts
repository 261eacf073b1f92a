import type { ActorSnapshot } from './news.ts';
import { type PlainLimits, plainValue } from './plain-value.ts';
import type { SentSnapshot } from './protocol.ts';

const maxStatusLength = 100;

/** What a page shows of a snapshot, as plain data. */
export const plainSnapshot = (
  { status, value, context, output, error }: SentSnapshot,
  limits: PlainLimits,
): ActorSnapshot => ({
  ...(typeof status === 'string' && status.length <= maxStatusLength ? { status } : {}),
  ...(value === undefined ? {} : { value: plainValue(value, limits) }),
  ...(context === undefined ? {} : { context: plainValue(context, limits) }),
  ...(output === undefined ? {} : { output: plainValue(output, limits) }),
  ...(error === undefined ? {} : { error: plainValue(error, limits) }),
});
