import { OpenOperations } from './open-operations.ts';
import type { Outcome, ProcessId } from './operation.ts';
import { isFields, type RecordedEvent } from './recording.ts';

/** An invocation with its completion. */
export interface Pair {
  readonly process: ProcessId;
  readonly f: string;
  readonly input: unknown;
  /** Undefined unless the outcome is ok. */
  readonly output: unknown;
  readonly outcome: Outcome;
  readonly invokedAt: number;
  /** Infinity if the history ends before. */
  readonly completedAt: number;
}

/** In order of invocation. Throws `UnreadableHistory`. */
export const pairsOf = (events: readonly RecordedEvent[]): readonly Pair[] => {
  const pairs: { -readonly [Field in keyof Pair]: Pair[Field] }[] = [];
  const open = new OpenOperations<(typeof pairs)[number]>();
  for (const { process, type, data, position } of events) {
    if (type !== 'invoke') {
      const pair = open.complete(process, type, position);
      pair.outcome = type;
      pair.completedAt = position;
      if (type === 'ok') pair.output = data;
      continue;
    }
    const f = isFields(data) && typeof data.f === 'string' ? data.f : 'operation';
    open.refuseSecond(process, f, position);
    const pair: Pair = {
      process,
      f,
      input: data,
      output: undefined,
      outcome: 'info',
      invokedAt: position,
      completedAt: Number.POSITIVE_INFINITY,
    };
    open.add(pair);
    pairs.push(pair);
  }
  return pairs;
};
