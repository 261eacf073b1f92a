import type { HistoryEvent } from '../../src/check/history.ts';
import type { Value } from '../../src/check/operation.ts';

/**
 * A second opinion that shares nothing with `src/check/` but the type of an event: tries every order of every
 * choice of open operations, over all keys at once, prefix by prefix. For a handful of operations only.
 */
export const bruteForceShortestPrefix = (events: readonly HistoryEvent[]): number | null => {
  for (let length = 1; length <= events.length; length += 1) {
    if (!hasOrder(events.slice(0, length))) return length;
  }
  return null;
};

interface Candidate {
  readonly invocation: HistoryEvent;
  completion: HistoryEvent | null;
  readonly start: number;
  end: number;
}

const hasOrder = (events: readonly HistoryEvent[]): boolean => {
  const all: Candidate[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === 'invoke') {
      all.push({ invocation: event, completion: null, start: index, end: Number.POSITIVE_INFINITY });
      continue;
    }
    if (event.type === 'info') continue;
    // An info leaves its operation open, so the one that completes is the latest of the process.
    const own = all.findLast(({ invocation }) => invocation.process === event.process)!;
    own.completion = event;
    own.end = index;
  }
  const relevant = all.filter(
    ({ invocation, completion }) => completion?.type !== 'fail' || invocation.f === 'cas',
  );
  return canFinish(relevant, new Map());
};

const canFinish = (remaining: readonly Candidate[], store: ReadonlyMap<unknown, Value>): boolean => {
  if (remaining.every(({ completion }) => completion === null)) return true;
  const firstEnd = Math.min(...remaining.map(({ end }) => end));
  return remaining.some((next) => {
    if (next.start > firstEnd) return false;
    const after = afterEffect(next, store);
    return after !== null && canFinish(without(remaining, next), after);
  });
};

const without = (list: readonly Candidate[], one: Candidate): readonly Candidate[] =>
  list.filter((other) => other !== one);

const afterEffect = (
  { invocation, completion }: Candidate,
  store: ReadonlyMap<unknown, Value>,
): ReadonlyMap<unknown, Value> | null => {
  const { f, key, value, from, to } = invocation;
  const now = store.get(key) ?? null;
  const holding = (next: Value): ReadonlyMap<unknown, Value> => new Map(store).set(key, next);
  if (f === 'read') return completion === null || completion.value === now ? store : null;
  if (f === 'write') return holding(value!);
  if (f === 'delete') {
    const { existed } = completion ?? {};
    return existed === undefined || existed === (now !== null) ? holding(null) : null;
  }
  if (f === 'append') return holding((now === null ? '' : String(now)) + String(value));
  if (completion?.type === 'fail') return now === from ? null : store;
  return now === from ? holding(to!) : null;
};
