import type { Value } from '../operation.ts';
import type { SetInput } from './set.ts';
import type { SteppedOperation } from './stepped.ts';

/**
 * Whether a set to which elements are only added can have given its answers, in the history that ends with position `end`. Exact, and in
 * time that grows with the history alone, where trying orders would try every subset of the adds that nobody knows about.
 *
 * An element is there from its first add on, which is one moment between the first invocation and the first return of its adds. Each answer
 * puts moments of elements before or after its own. What is read as a whole must be a chain of ever larger sets; then there
 * are moments for all of it if and only if none has to be after its end: after the invocations of all that goes before it.
 */
export const canHaveGrown = (operations: readonly SteppedOperation[], end: number): boolean => {
  const { elements, reads, contains } = answersAt(operations, end);
  reads.sort((a, b) => a.seen.length - b.seen.length);
  /** The latest invocation of all that must be before what comes next. */
  let readsSoFar = 0;
  let elementsSoFar = 0;
  const present = new Set<Value>();
  const placeElement = (element: Value): boolean => {
    const added = elements.get(element);
    if (added === undefined) return false;
    added.earliest = Math.max(added.invokedAt, readsSoFar, added.absentFrom);
    elementsSoFar = Math.max(elementsSoFar, added.earliest);
    present.add(element);
    return added.earliest < added.returnsAt;
  };
  for (let next = 0; next < reads.length; ) {
    const { seen } = reads[next]!;
    const equal = reads.filter((read) => read.seen.length === seen.length);
    const isChain = equal.every((read) => isPart(present, read.seen) && isPart(new Set(seen), read.seen));
    if (!isChain || !seen.every((element) => present.has(element) || placeElement(element))) return false;
    if (equal.some(({ returnsAt }) => elementsSoFar >= returnsAt)) return false;
    readsSoFar = Math.max(readsSoFar, elementsSoFar, ...equal.map(({ invokedAt }) => invokedAt));
    next += equal.length;
  }
  for (const [element, { returnsAt }] of elements) {
    if (present.has(element)) continue;
    if (!placeElement(element) && returnsAt !== Number.POSITIVE_INFINITY) return false;
  }
  return contains.every(
    ({ element, returnsAt }) => (elements.get(element)?.earliest ?? returnsAt) < returnsAt,
  );
};

const isPart = (part: ReadonlySet<Value>, whole: readonly Value[]): boolean => {
  if (part.size > whole.length) return false;
  const all = new Set(whole);
  for (const element of part) if (!all.has(element)) return false;
  return true;
};

interface Added {
  /** From the first invocation of an add to the first return. */
  invokedAt: number;
  returnsAt: number;
  /** The latest invocation of what did not find it. */
  absentFrom: number;
  /** What must be before it has been invoked by then. */
  earliest: number;
}

/** What is known at `end`. An answer that has not come by then says nothing. */
const answersAt = (operations: readonly SteppedOperation[], end: number) => {
  const elements = new Map<Value, Added>();
  const reads: { readonly seen: readonly Value[]; readonly invokedAt: number; readonly returnsAt: number }[] =
    [];
  const contains: { readonly element: Value; readonly returnsAt: number }[] = [];
  const absent: { readonly element: Value; readonly invokedAt: number }[] = [];
  for (const { input, output, outcome, invokedAt, completedAt } of operations) {
    if (invokedAt > end) break;
    const { f, element } = input as SetInput;
    const isOpen = outcome === 'info' || completedAt > end;
    if (!isOpen && outcome === 'fail') continue;
    if (f === 'add') {
      const returnsAt = isOpen ? Number.POSITIVE_INFINITY : completedAt;
      const added = elements.get(element) ?? { invokedAt, returnsAt, absentFrom: 0, earliest: 0 };
      added.returnsAt = Math.min(added.returnsAt, returnsAt);
      elements.set(element, added);
    } else if (!isOpen && f === 'read') {
      reads.push({ seen: output as readonly Value[], invokedAt, returnsAt: completedAt });
    } else if (!isOpen && f === 'contains') {
      if (output === true) contains.push({ element, returnsAt: completedAt });
      else absent.push({ element, invokedAt });
    }
  }
  for (const { element, invokedAt } of absent) {
    const added = elements.get(element);
    if (added !== undefined) added.absentFrom = Math.max(added.absentFrom, invokedAt);
  }
  return { elements, reads, contains };
};
