import { describe, expect, it } from 'vitest';
import { UnreadableLine } from '../../../src/verify/validate/etcd-lines.ts';
import { observedLine } from '../../../src/verify/validate/observed-lines.ts';
import { type ObservedOptions, ObservedValidator } from '../../../src/verify/validate/observed-validator.ts';
import { type Rejection, Unreplayable } from '../../../src/verify/validate/rejection.ts';
import type { Line } from './traced-runs.ts';

const judged = (lines: readonly Line[], options: ObservedOptions = {}) => {
  const validator = new ObservedValidator({
    without: ['preVote', 'leaderLease', 'leaseEnd', 'noop'],
    ...options,
  });
  let rejection: Rejection | null = null;
  for (const line of lines) {
    rejection = validator.take({ events: [observedLine(line)] });
    if (rejection !== null) break;
  }
  return { rejection, figures: validator.figures };
};

const voters = [1, 2, 3];
const started = (node: number): Line => ({
  node,
  what: 'started',
  voters,
  state: { role: 'follower', term: 0, votedFor: null, commitIndex: 0, log: [] },
});
const asks = { type: 'RequestVote', from: 1, to: 2, term: 1, lastLogIndex: 0, lastLogTerm: 0 };
const grants = { type: 'RequestVoteResponse', from: 2, to: 1, term: 1, voteGranted: true };
const append = {
  type: 'AppendEntries',
  from: 1,
  to: 2,
  term: 1,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [1, 1],
  leaderCommit: 0,
};
const acknowledges = { type: 'AppendEntriesResponse', from: 2, to: 1, term: 1, success: true, matchIndex: 2 };

/** Each kind of event, each once at least. */
const story: readonly Line[] = [
  ...voters.map(started),
  { node: 1, what: 'timeout', state: { role: 'candidate', term: 1, votedFor: 1 } },
  { node: 1, what: 'durable', state: { term: 1, votedFor: 1, lastIndex: 0 } },
  { node: 1, what: 'sent', message: asks },
  { node: 2, what: 'received', message: asks, state: { term: 1, votedFor: 2 - 1 } },
  { node: 2, what: 'durable' },
  { node: 2, what: 'sent', message: grants },
  { node: 1, what: 'received', message: grants, when: 'before', state: { role: 'candidate' } },
  { node: 1, what: 'state', state: { role: 'leader' } },
  { node: 1, what: 'proposed', commands: 2, state: { lastIndex: 2, lastTerm: 1, log: [1, 1] } },
  { node: 1, what: 'sent', message: append },
  { node: 1, what: 'durable' },
  { node: 2, what: 'received', message: { ...append, entries: 2 }, state: { lastIndex: 2, commitIndex: 0 } },
  { node: 2, what: 'durable', state: { lastIndex: 2 } },
  { node: 2, what: 'sent', message: acknowledges },
  { node: 1, what: 'received', message: acknowledges, state: { commitIndex: 2 } },
  { node: 1, what: 'timeout', timer: 'quorumCheck', state: { role: 'follower', term: 1 } },
  { node: 2, what: 'crashed' },
  { node: 2, what: 'restarted', state: { term: 1, votedFor: 1, log: [1, 1], commitIndex: 0 } },
];
const behind = (what: string, node: number) =>
  story.findLastIndex((line) => line.what === what && line.node === node) + 1;
const changed = (what: string, node: number, change: Line): readonly Line[] =>
  story.with(behind(what, node) - 1, { ...story[behind(what, node) - 1], ...change });

describe('what was seen of another implementation', () => {
  it('is accepted with each kind of event', () => {
    const { rejection, figures } = judged(story);
    expect(rejection).toBeNull();
    expect(figures).toMatchObject({ events: story.length, nodes: 3, unseen: 0, retaken: 0 });
  });

  it.each<[string, readonly Line[], RegExp]>([
    [
      'a commit that no majority holds',
      changed('proposed', 1, { state: { commitIndex: 1 } }),
      /commitIndex: 0 by the rules, 1 in the trace/,
    ],
    [
      'a log that is not what was sent',
      changed('restarted', 2, { state: { term: 1, log: [1, 2] } }),
      /on its disk, log: \[1,1\] by the rules, \[1,2\] in the trace/,
    ],
    [
      'a vote for two candidates',
      story.toSpliced(behind('sent', 2), 0, { node: 2, what: 'sent', message: { ...grants, to: 3 } }),
      /the rules ask for no RequestVoteResponse to node3 here/,
    ],
    [
      'a message that nobody has sent',
      story.toSpliced(3, 0, { node: 2, what: 'received', message: { ...append, term: 7 } }),
      /node1 has not sent it to node2/,
    ],
    [
      'entries that the leader does not have',
      changed('sent', 1, { message: { ...append, entries: [1, 1, 1] } }),
      /its log ends at 2, and the message reaches up to 3/,
    ],
    [
      'a commit index above the own one of its leader',
      changed('sent', 1, { message: { ...append, leaderCommit: 1 } }),
      /leaderCommit: at most 0 by the rules, 1 in the trace/,
    ],
    [
      'a term in an entry that is not the one in its log',
      changed('sent', 1, { message: { ...append, entries: [1, 0] } }),
      /its entry 2 is of term 1 by the rules, 0 in the trace/,
    ],
    [
      'an acknowledgement before it is durable',
      story.toSpliced(behind('durable', 2) - 1, 1),
      /it must wait until what it tells of is durable/,
    ],
    [
      'what is durable although nothing has been written so',
      changed('durable', 2, { state: { lastIndex: 3 } }),
      /no write leaves .* 3 entries/,
    ],
    [
      'an election timeout of a leader',
      story.toSpliced(behind('proposed', 1), 0, { node: 1, what: 'timeout' }),
      /no electionTimeout runs in a leader/,
    ],
    [
      'an event of a node that is down',
      story.slice(0, -1).concat({ node: 2, what: 'timeout' }),
      /it is not running/,
    ],
    ['a node whose start is not shown', story.slice(1), /does not show how node1 has started/],
  ])('is rejected for %s', (_, lines, reason) => {
    expect(judged(lines).rejection?.reasons.join('\n')).toMatch(reason);
  });

  it('is taken to write at once where no line tells what is durable', () => {
    const lines: readonly Line[] = [
      { ...started(1), voters: [1] },
      { node: 1, what: 'timeout' },
      { node: 1, what: 'state', state: { role: 'leader', term: 1 } },
      { node: 1, what: 'proposed', state: { lastIndex: 1, commitIndex: 1 } },
    ];
    expect(judged(lines).rejection).toBeNull();
    // Here the write of its vote is all that is durable.
    const told = lines.toSpliced(2, 0, { node: 1, what: 'durable' });
    expect(judged(told).rejection?.reasons).toEqual(['commitIndex: 0 by the rules, 1 in the trace']);
  });

  it('names the nearest rule of the chart', () => {
    const message = { ...grants, voteGranted: false };
    const { rejection } = judged(
      story.with(behind('sent', 2) - 1, {
        node: 2,
        what: 'sent',
        message: { ...acknowledges, success: false },
      }),
    );
    expect(rejection).toMatchObject({
      node: 2,
      observed: expect.stringMatching(/^it sends AppendEntriesResponse of term 1 \(.*\) to node1$/),
      nearest: {
        id: 'raft.follower/AppendEntries/2',
        rule: 'Raft paper §5.3; Figure 2, AppendEntries 3 to 5',
      },
    });
    const voted = story.findIndex(({ message: each }) => each === grants);
    expect(judged(story.with(voted, { node: 2, what: 'sent', message })).rejection).toMatchObject({
      reasons: ['voteGranted: true by the rules, false in the trace'],
      nearest: { id: 'raft.follower/RequestVote/2' },
    });
  });

  it('is taken from its first state on where lines are missing, and still never goes back', () => {
    const options = { isPartial: true };
    for (let from = 1; from < story.length - 2; from++) {
      const first = { ...story[from], voters };
      expect(
        judged([first, ...story.slice(from + 1)], options).rejection,
        `from line ${from + 1}`,
      ).toBeNull();
    }
    const back = [...story.slice(0, -2), { node: 2, what: 'state', state: { term: 0 } }];
    expect(judged(back, options).rejection?.reasons.join()).toMatch(/^term: 1 before, and 0 in the trace/);
  });

  it('learns the terms of a log that was not shown from what is sent', () => {
    const begin: readonly Line[] = [
      {
        node: 2,
        what: 'state',
        voters,
        state: { role: 'follower', term: 3, votedFor: null, commitIndex: 1, lastIndex: 4 },
      },
    ];
    const known = { ...append, term: 3, prevLogIndex: 3, prevLogTerm: 2, entries: [2], leaderCommit: 4 };
    const received: Line = { node: 2, what: 'received', message: known };
    const is = (state: Line): readonly Line[] => [...begin, received, { node: 2, what: 'state', state }];
    const options = { isPartial: true };
    expect(judged(is({ lastIndex: 4, commitIndex: 4 }), options)).toMatchObject({
      rejection: null,
      figures: { retaken: 1 },
    });
    // It may also have held others there.
    expect(judged(is({ lastIndex: 4, commitIndex: 1 }), options)).toMatchObject({
      rejection: null,
      figures: { retaken: 1 },
    });
  });

  it('tells of messages by the number of their entries alone: each that is told alike is the latest such one', () => {
    const told = { type: 'AppendEntries', from: 1, to: 2, term: 1, entries: 1 };
    const lines: Line[] = [
      { ...started(1), state: { role: 'leader', term: 1, votedFor: 1, log: [] } },
      started(2),
    ];
    for (let lastIndex = 1; lastIndex <= 3; lastIndex++) {
      lines.push(
        { node: 1, what: 'proposed' },
        { node: 1, what: 'sent', message: told },
        { node: 2, what: 'received', message: told, state: { lastIndex } },
      );
    }
    expect(judged(lines).rejection).toBeNull();
  });

  describe('tells of pipelined messages alike', () => {
    const told = { type: 'AppendEntries', from: 1, to: 2, term: 1, entries: 1 };
    const acknowledged = { type: 'AppendEntriesResponse', from: 2, to: 1, term: 1, success: true };
    const begin: readonly Line[] = [
      { ...started(1), state: { role: 'leader', term: 1, votedFor: 1, log: [] } },
      started(2),
    ];
    const proposed: Line = { node: 1, what: 'proposed' };
    const sent: Line = { node: 1, what: 'sent', message: told };
    const received = (state: Line): Line => ({ node: 2, what: 'received', message: told, state });
    const sentEach = [proposed, sent, proposed, sent, proposed, sent];

    it.each<[string, readonly Line[]]>([
      [
        'sent one by one, before any arrives',
        [...sentEach, ...[1, 2, 3].map((lastIndex) => received({ lastIndex }))],
      ],
      [
        'sent when all is appended',
        [
          { ...proposed, commands: 3 },
          ...[sent, sent, sent],
          ...[1, 2, 3].map((lastIndex) => received({ lastIndex })),
        ],
      ],
      [
        'that overtake one another and are sent again',
        [...sentEach, ...[0, 1, 1, 2, 2, 3].map((lastIndex) => received({ lastIndex }))],
      ],
      [
        'whose leader commits in between',
        [
          proposed,
          sent,
          received({ lastIndex: 1 }),
          { node: 2, what: 'sent', message: { ...acknowledged, matchIndex: 1 } },
          { ...proposed, commands: 2 },
          sent,
          {
            node: 1,
            what: 'received',
            message: { ...acknowledged, matchIndex: 1 },
            state: { commitIndex: 1 },
          },
          sent,
          received({ lastIndex: 2, commitIndex: 0 }),
          received({ lastIndex: 3, commitIndex: 1 }),
        ],
      ],
      [
        'of which the receiver tells less than the sender',
        [
          ...[0, 1, 2].flatMap((prevLogIndex) => [
            proposed,
            { ...sent, message: { ...told, prevLogIndex, prevLogTerm: Math.min(1, prevLogIndex) } },
          ]),
          ...[1, 2, 3].map((lastIndex) => received({ lastIndex })),
        ],
      ],
      [
        'with acknowledgements of which only some are sent, or arrive',
        [
          ...sentEach,
          ...[1, 2, 3].map((lastIndex) => received({ lastIndex })),
          { node: 2, what: 'sent', message: acknowledged },
          { node: 1, what: 'received', message: acknowledged, state: { commitIndex: 3 } },
        ],
      ],
    ])('%s: what some order allows is accepted', (_, lines) => {
      expect(judged([...begin, ...lines]).rejection).toBeNull();
    });

    it.each<[string, readonly Line[], RegExp]>([
      ['a log that grows by more than a message', [received({ lastIndex: 2 })], /lastIndex: /],
      [
        'a log that shrinks',
        [received({ lastIndex: 1 }), received({ lastIndex: 2 }), received({ lastIndex: 1 })],
        /lastIndex: /,
      ],
      [
        'a commit index that nobody had',
        [received({ lastIndex: 1 }), received({ commitIndex: 1 })],
        /commitIndex: 0 by the rules/,
      ],
    ])('and what no order allows is rejected: %s', (_, lines, reason) => {
      expect(judged([...begin, ...sentEach, ...lines]).rejection?.reasons.join('\n')).toMatch(reason);
    });

    it('and with too many ways to go on is not judged', () => {
      const silent: readonly Line[] = [proposed, sent, { node: 2, what: 'received', message: told }];
      const lines = [...begin, ...Array.from({ length: 100 }, () => silent).flat()];
      expect(() => judged(lines)).toThrow(/node2 may stand in more than 64 ways: tell its state/);
    });
  });

  it('has few ways to go on, however many requests for votes may have been ignored', () => {
    const heartbeat = { ...append, from: 3, to: 2, entries: 0 };
    const asked = { type: 'PreVote', from: 1, to: 2, term: 2, lastLogIndex: 0, lastLogTerm: 0 };
    const again: readonly Line[] = [
      { node: 2, what: 'received', message: heartbeat },
      { node: 2, what: 'received', message: asked },
    ];
    // Two ways each time would be a million.
    const lines = [started(2), ...Array.from({ length: 20 }, () => again).flat()];
    expect(judged(lines, { without: [] }).rejection).toBeNull();
    const answer = { type: 'PreVoteResponse', from: 2, to: 1, term: 2, voteGranted: true };
    expect(
      judged([...lines, { node: 2, what: 'sent', message: answer }], { without: [] }).rejection,
    ).toBeNull();
    const other = { ...answer, to: 3 };
    expect(
      judged([...lines, { node: 2, what: 'sent', message: other }], { without: [] }).rejection?.reasons,
    ).toEqual(['the rules ask for no PreVoteResponse to node3 here']);
  });

  it('with more entries than any memory holds cannot be judged', () => {
    const state = { role: 'follower', term: 1, votedFor: null, commitIndex: 0, lastIndex: 2 ** 40 };
    expect(() => judged([{ ...started(1), state }])).toThrow(Unreplayable);
    const message = { ...append, from: 3, to: 2, entries: 2 ** 40 };
    expect(() => judged([started(2), { node: 2, what: 'received', message }])).toThrow(Unreplayable);
  });

  it('of which any part is nonsense gives an unreadable line, an event that cannot be judged or a verdict, and nothing else', () => {
    let state = 7;
    const chance = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % below;
    };
    const nonsense = [null, -1, 1e300, 2 ** 53, 'x', [], {}, true, 0.5, undefined, [null], { term: -1 }, 99];
    for (let turn = 0; turn < 1500; turn++) {
      const lines = structuredClone(story) as Line[];
      let holder: Line = lines[chance(lines.length)]!;
      while (chance(3) > 0) {
        const inner = Object.values(holder).filter(
          (each) => typeof each === 'object' && each !== null,
        ) as Line[];
        if (inner.length === 0) break;
        holder = inner[chance(inner.length)]!;
      }
      const keys = Object.keys(holder);
      holder[keys[chance(keys.length)] ?? 'more'] = nonsense[chance(nonsense.length)];
      try {
        judged(JSON.parse(JSON.stringify(lines)) as Line[], { isPartial: chance(2) === 0 });
      } catch (error) {
        if (!(error instanceof UnreadableLine) && !(error instanceof Unreplayable)) throw error;
        expect((error as Error).message).not.toMatch(/\n/);
      }
    }
  });
});
