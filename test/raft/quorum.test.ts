import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstConfiguration } from '../../src/raft/configuration.ts';
import { hasQuorum, quorumIndex } from '../../src/raft/quorum.ts';
import { votersOf } from './contexts.ts';

const configurationOf = (size: number) => firstConfiguration(votersOf(size));

/** Voters 1 to 3 make room for 3 to 5. */
const joint = { ...firstConfiguration([3, 4, 5]), index: 7, outgoing: [1, 2, 3] };

describe('quorum', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [5, 3],
    [7, 4],
  ])('of %i voters is %i of them (paper §5.2)', (size, majority) => {
    const configuration = configurationOf(size);
    for (let present = 0; present <= size; present++) {
      expect(hasQuorum(configuration, votersOf(present))).toBe(present >= majority);
    }
  });

  it('counts a voter once however often it is named (paper §5.2)', () => {
    expect(hasQuorum(configurationOf(3), [1, 1, 1])).toBe(false);
    expect(hasQuorum(configurationOf(5), [2, 2, 3, 3])).toBe(false);
  });

  it.each([
    [[3, 4], false],
    [[1, 3], false],
    [[1, 2, 4, 5], true],
    [[1, 3, 4], true],
    [[3, 1], false],
    [[1, 2, 3], false],
  ])('while joint needs a majority of old and new: %j is %s (thesis §4.3)', (ids, expected) => {
    expect(hasQuorum(joint, ids)).toBe(expected);
  });

  it('while joint has an index only where both majorities have it (thesis §4.3)', () => {
    const at: Readonly<Record<number, number>> = { 1: 9, 2: 5, 3: 8, 4: 4, 5: 2 };
    expect(quorumIndex(joint, (id) => at[id]!)).toBe(4);
    expect(quorumIndex(joint, (id) => ({ ...at, 5: 6, 2: 1, 1: 1 })[id]!)).toBe(1);
  });

  it('does not count a node that is no voter', () => {
    expect(hasQuorum(configurationOf(3), [1, 8, 9])).toBe(false);
  });

  it.each([
    [[4], 4],
    [[4, 9], 4],
    [[9, 4, 7], 7],
    [[9, 1, 2, 8, 3], 3],
    [[7, 6, 5, 4, 3, 2, 1], 4],
  ])('index of voters at %j is %i (paper §5.3)', (indexes, expected) => {
    expect(quorumIndex(configurationOf(indexes.length), (id) => indexes[id - 1]!)).toBe(expected);
  });

  it('index is the highest that a majority has reached, whatever the order (paper §5.3)', () => {
    const sizes = fc.constantFrom(1, 2, 3, 5, 7);
    const anyIndexes = sizes.chain((size) => fc.array(fc.nat(20), { minLength: size, maxLength: size }));
    fc.assert(
      fc.property(anyIndexes, (indexes) => {
        const configuration = configurationOf(indexes.length);
        const reached = (index: number) => configuration.voters.filter((id) => indexes[id - 1]! >= index);
        const index = quorumIndex(configuration, (id) => indexes[id - 1]!);
        expect(hasQuorum(configuration, reached(index))).toBe(true);
        expect(hasQuorum(configuration, reached(index + 1))).toBe(false);
      }),
    );
  });
});
