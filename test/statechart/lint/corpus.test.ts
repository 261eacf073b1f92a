import { describe, expect, it } from 'vitest';
import { lint } from '../../../src/statechart/lint/lint.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { corpus } from '../corpus/corpus.ts';

/**
 * What is found in machines that were written without a fault, and is true all the same. That a delay has no name is a matter of
 * taste, and only noted.
 */
const trueOfClean: Readonly<Record<string, readonly string[]>> = {
  'chat-room': ['unnamed-delay chatRoom.inside'],
};

/** What is found in those that have something to find. */
const trueOfOthers: Readonly<Record<string, readonly string[]>> = {
  // Who provides the actor is not known, but its end is waited for.
  'awaiting-implementations': ['invoke-without-onerror awaitingImplementations.working'],
  'cyclic-context': ['non-serializable-context cyclicContext'],
  'data-fetch': ['unnamed-delay dataFetch.waiting'],
  'door-alarm': ['unnamed-delay doorAlarm.ringing'],
  inventory: Array(5).fill('non-serializable-context inventory'),
  'menu-tree': ['reenter-trap menuTree.menu', 'reenter-trap menuTree.menu.first'],
  'pedestrian-light': ['green', 'yellow', 'red.walk', 'red.wait'].map(
    (state) => `unnamed-delay pedestrianLight.${state}`,
  ),
  'phone-call': Array(2).fill('unnamed-delay phoneCall.calling'),
  'sign-in-names': ['unreachable-state signInNames.sign.in_a'],
};

describe.each(corpus)('$name', ({ name, machine, isClean }) => {
  it(`has ${isClean ? 'no finding that is not true' : 'the findings that it should'}`, () => {
    const expected = (isClean ? trueOfClean : trueOfOthers)[name] ?? [];
    const found = lint(walk(machine)).map(({ rule, state }) => `${rule} ${state}`);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});
