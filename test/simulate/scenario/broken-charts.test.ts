import { describe, expect, it } from 'vitest';
import { withDecision, withGuards } from '../../../src/simulate/broken/broken-chart.ts';
import { logNotCompared, oldTermsCommitted } from '../../../src/simulate/broken/broken-charts.ts';
import { type UnderSessions, underSessions } from '../../../src/simulate/exactly-once.ts';
import type { Replacements } from '../../../src/simulate/node-parts.ts';
import { stories } from '../../../src/simulate/scenario/stories.ts';
import { type Story, steady } from '../../../src/simulate/scenario/story.ts';
import { get, put, remove } from '../../../src/simulate/scenario/story-client.ts';
import type { KvResult } from '../../../src/store/kv/kv-state-machine.ts';
import { prevTermNotCompared, quorumNotChecked } from '../../mutants/broken-rules.ts';
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
    { machine: logNotCompared },
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
    /^leader-isolation\.txt:\d+: expected within 700 ms: 1 is follower; got node1 is leader in term 1$/,
  ],
  [
    'leaders and followers in their lease hear vote requests (thesis §4.2.3)',
    { machine: withGuards({ isDisruptiveVote: () => false }) },
    'late-vote-request',
    /^late-vote-request\.txt:\d+: expected 1 is leader in term 1; got node1 is follower in term 2$/,
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

/** A story that expects nothing of the answers. */
const answers: Story = {
  name: 'answers',
  title: 'A client writes, reads and deletes',
  source: 'Raft paper §8',
  moral: 'what the client saw can be explained.',
  plan: steady,
  async tell(stage) {
    stage.start();
    await stage.untilLed();
    for (const operation of [put('x', '1'), get('x'), remove('x')]) await stage.done(operation);
  },
};

/** State machines that give other answers. */
const answering = (change: (result: KvResult) => KvResult): Replacements => {
  const sessions: UnderSessions = (stateMachine, results) =>
    underSessions(
      {
        ...stateMachine,
        apply: (command, position) => change(stateMachine.apply(command, position) as KvResult),
      },
      results,
    );
  return { sessions };
};

describe('a story that expects nothing of the answers', () => {
  const failureOf = async (replacements: Replacements) =>
    (await transcriptOf(answers, 1, replacements)).failure;

  it('holds', async () => {
    expect(await failureOf({})).toBeNull();
  });

  it('fails at its end when they are not linearizable', async () => {
    const absent = answering((result) => (result.type === 'found' ? { type: 'absent' } : result));
    expect(await failureOf(absent)).toMatch(/^Linearizability: .*; but client 2 completed read with null/);
    const nothing = answering((result) =>
      result.type === 'deleted' ? { ...result, existed: false } : result,
    );
    expect(await failureOf(nothing)).toMatch(
      /^Linearizability: .*; but client 3 completed delete with nothing/,
    );
  });
});
