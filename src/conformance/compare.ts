import { isDeepStrictEqual } from 'node:util';
import type { Term } from '../raft/types.ts';
import { compareMessages } from './compare-messages.ts';
import type { Difference } from './difference.ts';
import type { Expected, ExpectedLog } from './expected.ts';
import type { AdapterResponse } from './protocol.ts';

type Answer = Extract<AdapterResponse, { ok: true }>;

/** The state of the node: once it differs, what follows means nothing. */
export const compareState = (expected: Expected, { state, timers }: Answer): readonly Difference[] => {
  const differences: Difference[] = [];
  const hold = (kind: Difference['kind'], isEqual: boolean, want: unknown, got: unknown) => {
    if (!isEqual) differences.push({ kind, text: `${kind}: expected ${show(want)}, got ${show(got)}` });
  };
  hold('role', state.role === expected.role, expected.role, state.role);
  hold('term', state.term === expected.term, expected.term, state.term);
  hold('votedFor', state.votedFor === expected.votedFor, expected.votedFor, state.votedFor);
  const { min, max } = expected.commitIndex;
  hold(
    'commitIndex',
    state.commitIndex >= min && state.commitIndex <= max,
    min === max ? min : `${min} to ${max}`,
    state.commitIndex,
  );
  if (expected.log !== null) {
    const { begin, terms } = expected.log;
    const from = state.logBegin ?? { index: 0, term: 0 };
    const isSame = isDeepStrictEqual(state.log, terms) && isDeepStrictEqual(from, begin);
    hold('log', isSame, logWords(begin, terms), logWords(from, state.log));
  }
  if (expected.timers !== null) {
    const got = [...new Set(timers ?? [])].sort();
    hold('timers', isDeepStrictEqual(got, [...expected.timers]), expected.timers, got);
  }
  return differences;
};

/** What left the node. The order of messages to different peers is free. */
export const compareSent = (expected: Expected, { sent }: Answer): readonly Difference[] =>
  compareMessages(expected.messages, sent);

/** The entry after which a log begins is in brackets. */
const logWords = ({ index, term }: ExpectedLog['begin'], terms: readonly Term[] | undefined) =>
  index === 0 ? terms : [`[${index}/t${term}]`, ...(terms ?? [])];

const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nobody';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  return String(value);
};
