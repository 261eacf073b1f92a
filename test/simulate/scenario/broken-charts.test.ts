import { describe, expect, it } from 'vitest';
import type { Replacements } from '../../../src/simulate/node-parts.ts';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { withDecision, withGuards } from '../../mutants/broken-chart.ts';
import { oldTermsCommitted, prevTermNotCompared, quorumNotChecked } from '../../mutants/broken-rules.ts';
import { transcriptOf } from './golden-transcripts.ts';

/** What is broken, the story that shows it, and what that story then says. */
const broken: readonly (readonly [string, Replacements, string, RegExp])[] = [
  [
    'a node votes twice in a term (paper §5.2)',
    {
      machine: withGuards(
        { votedForAnother: () => false },
        withDecision('grantVote', (_, __, right) => right),
      ),
    },
    'restart-keeps-term',
    /a vote stays for its term/,
  ],
  [
    'a vote is not written to disk (Figure 2, Persistent state)',
    {
      storage: (storage) => ({
        ...storage,
        append: (write) => storage.append({ ...write, hardState: { ...write.hardState, votedFor: null } }),
      }),
    },
    'restart-keeps-term',
    /Durable Before Promised/,
  ],
  [
    'a log that is behind gets votes (paper §5.4.1)',
    { machine: withGuards({ isLogBehind: () => false }) },
    'election-restriction',
    /Leader Completeness/,
  ],
  [
    'replicas of old terms are counted (paper §5.4.2, Figure 8)',
    { machine: oldTermsCommitted },
    'figure-8',
    /expected: and yet it has not committed it/,
  ],
  [
    'a leader without a majority goes on (thesis §6.2)',
    { machine: quorumNotChecked },
    'leader-isolation',
    /expected within 700 ms: node1 notices that nobody answers/,
  ],
  [
    'leaders and followers in their lease hear vote requests (thesis §4.2.3)',
    { machine: withGuards({ isDisruptiveVote: () => false }) },
    'late-vote-request',
    /expected: no term has risen/,
  ],
  [
    'the term of the entry before is not compared (paper §5.3)',
    { machine: prevTermNotCompared },
    'figure-7',
    /Log Matching/,
  ],
];

describe('a story fails when', () => {
  it.each(broken)('%s', async (_, replacements, name, expected) => {
    const story = stories.find((each) => each.name === name)!;
    const { failure } = await transcriptOf(story, 1, replacements);
    expect(failure).toMatch(expected);
  });
});
