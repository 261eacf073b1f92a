/** Our own bug: stops the node (design rule 10). Says what was expected, with both values. */
export function assert(holds: boolean, expected: string, actual?: unknown, other?: unknown): asserts holds {
  if (!holds) throw new AssertionFailed(expected, actual, other);
}

export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';

  constructor(expected: string, actual: unknown, other: unknown) {
    super(`expected: ${expected}; found ${JSON.stringify(actual)} against ${JSON.stringify(other)}`);
  }
}
