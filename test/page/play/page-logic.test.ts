import { describe, expect, it } from 'vitest';
import { partitionOf, selectionOf, storyOf, wordOf } from '../../../src/page/play/directives.ts';
import { cellsOf, termClass, windowOf } from '../../../src/page/play/ring/log-cells.ts';
import { fieldsOf, lookOf } from '../../../src/page/play/ring/message-look.ts';
import { innerStates, inWords, roleWords, troubles } from '../../../src/page/play/state-words.ts';
import {
  advanced,
  askedUntil,
  isNow,
  isRunningOut,
  spanOf,
  speeds,
  speedText,
  timeText,
} from '../../../src/page/play/time/playhead.ts';
import { Play } from '../../../src/simulate/play/play.ts';

const played = async (text: string): Promise<Play> => {
  const play = new Play(text);
  while (await play.playNext());
  return play;
};

describe('the playhead', () => {
  it('moves as fast as the speed says, and not on where nothing was drawn for long', () => {
    expect(advanced(1000, 20, 1 / 20)).toBe(2000);
    expect(advanced(0, 16, 100)).toBe(1_600_000);
    expect(advanced(0, 5000, 1)).toBe(100_000);
    expect(advanced(7, -3, 1)).toBe(7);
  });

  it('asks for little time at once, so that what is done now happens now', () => {
    expect(speeds.map((speed) => askedUntil(0, speed))).toEqual([
      1200, 3000, 6000, 15_000, 60_000, 240_000, 1_000_000, 1_000_000,
    ]);
  });

  it('asks before all is shown, and what it is ahead by then still counts as now', () => {
    expect([29_000, 31_000].map((endUs) => isRunningOut(0, endUs, 1))).toEqual([true, false]);
    expect([90_000, 91_000].map((endUs) => isNow(0, endUs, 1))).toEqual([true, false]);
    for (const speed of speeds) expect(isNow(0, askedUntil(0, speed), speed)).toBe(true);
  });

  it('has words for speeds and times', () => {
    expect(speeds.map(speedText)).toEqual([
      '1/50 ×',
      '1/20 ×',
      '1/10 ×',
      '1/4 ×',
      '1 ×',
      '4 ×',
      '20 ×',
      '100 ×',
    ]);
    expect(timeText(1_234_567)).toBe('1,234.6 ms');
  });

  it('has a timeline that grows by leaps', () => {
    expect([0, 600_000, 990_000, 1_400_000, 6_500_000].map(spanOf)).toEqual([
      500_000, 700_000, 1_500_000, 1_500_000, 7_000_000,
    ]);
  });
});

describe('a directive of the page', () => {
  it('names a message by its place among those of its kind on its link, and acts on that one', async () => {
    const play = await played(
      'nodes: 3\n\nstart\nelect 1\npropose 1 put x 1\npropose 1 put y 2\npropose 1 put z 3\n',
    );
    const { flights } = play.frame;
    const chosen = flights.filter(({ message }) => message.to === 2)[1]!;
    const which = selectionOf(chosen, flights);
    expect(which).toBe('from 1 to 2 AppendEntries nth 2');
    await play.act(`drop ${which}`);
    expect(play.frame.flights).toEqual(flights.filter((flight) => flight !== chosen));
  });

  it('partitions the nodes as they are grouped', () => {
    expect(partitionOf([0, 1, 0, 2, 1])).toBe('partition 1 3 | 2 5 | 4');
    expect(partitionOf([1, 1, 1])).toBe(null);
  });

  it('opens a story that can be played, whatever is chosen', async () => {
    const text = storyOf({ nodes: 9, spares: 2, seed: 7, isStepwise: false, without: ['pre-vote', 'noop'] });
    const play = await played(text);
    expect(play.frame.nodes.length).toBe(11);
    expect(play.story.seed).toBe(7);
    expect(
      (await played(storyOf({ nodes: 1, spares: 0, seed: 0, isStepwise: true, without: [] }))).done,
    ).toBe(1);
  });

  it('quotes a word with a space, and takes none that cannot be one', () => {
    expect(['x', ' a b ', '', '"', 'a\nb'].map(wordOf)).toEqual(['x', '"a b"', null, null, null]);
  });
});

describe('a log in the picture', () => {
  const text = 'nodes: 3\n\nstart\nelect 1\nslow-disk 1\npropose 1 put x 1\n';

  it('tells what is committed, applied and durable', async () => {
    const play = await played(text);
    expect(cellsOf(play.frame.nodes[0]!, 1, 9)).toEqual([
      { index: 1, term: 1, isCommitted: true, isApplied: true, isDurable: true },
      { index: 2, term: 1, isCommitted: false, isApplied: false, isDurable: false },
    ]);
    await play.act('sync 1');
    expect(cellsOf(play.frame.nodes[0]!, 2, 9)).toEqual([
      { index: 2, term: 1, isCommitted: false, isApplied: false, isDurable: true },
    ]);
  });

  it('is that of the disk where there is no process', async () => {
    const play = await played(text);
    await play.act('crash 1');
    expect(cellsOf(play.frame.nodes[0]!, 1, 9).map(({ index }) => index)).toEqual([1]);
  });

  it('begins at the same index for every node', async () => {
    const play = await played(`${text}sync 1 all\nstabilize\npropose 1 put y 1\n`);
    expect(windowOf(play.frame, 2)).toBe(2);
    expect(windowOf(play.frame, 9)).toBe(1);
  });

  it('has another colour for the next term, and none for term 0', () => {
    for (let term = 0; term < 30; term++) expect(termClass(term)).not.toBe(termClass(term + 1));
    expect(termClass(0)).toBe('term-none');
  });

  it('shows what a snapshot stands for without a term', async () => {
    const play = await played('nodes: 1\n\nstart\nelect 1\npropose 1 put x 1\nsnapshot 1\n');
    expect(cellsOf(play.frame.nodes[0]!, 1, 9).map(({ term, isDurable }) => [term, isDurable])).toEqual([
      [0, true],
      [0, true],
    ]);
  });
});

describe('a message in the picture', () => {
  it('is small if it is a heartbeat, hollow if it is a response, and marked if it refuses', () => {
    const to = { from: 1, to: 2, term: 3 };
    const beat = lookOf({
      ...to,
      type: 'AppendEntries',
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
      round: 1,
    });
    expect(beat).toMatchObject({ isSmall: true, isResponse: false, isRefusal: false, entries: 0 });
    const no = lookOf({ ...to, type: 'RequestVoteResponse', voteGranted: false });
    expect(no).toMatchObject({ shape: 'triangle', isResponse: true, isRefusal: true });
  });

  it('tells its fields in words', () => {
    expect(
      fieldsOf({
        type: 'AppendEntries',
        from: 1,
        to: 2,
        term: 3,
        prevLogIndex: 4,
        prevLogTerm: 2,
        entries: [{ term: 3, kind: 'noop', payload: new Uint8Array(0) }],
        leaderCommit: 4,
        round: 1,
      }),
    ).toEqual([
      ['term', '3'],
      ['prevLogIndex', '4'],
      ['prevLogTerm', '2'],
      ['entries', '1: t3 noop'],
      ['leaderCommit', '4'],
      ['round', '1'],
    ]);
  });
});

describe('a node in words', () => {
  it('is its role, what it is in, and what is wrong with it', async () => {
    const play = await played(
      'nodes: 3\ntime: runs\n\nstart\ntimeouts 1=150ms\npass 500ms\nclock 2 1.5\nfull-disk 2\npause 2\n',
    );
    const node = play.frame.nodes[1]!;
    expect(roleWords(node)).toMatch(/^(leader|follower), paused$/);
    expect(troubles(node)).toEqual(['paused', 'clock 1.5×', 'full disk']);
    expect(innerStates('follower.leased')).toEqual(['leased']);
    expect(innerStates('leader.{transfer.idle, configuration.catchingUp}')).toEqual([
      'configuration.catchingUp',
    ]);
    expect(innerStates('candidate')).toEqual([]);
    expect(inWords('electionTimeout')).toBe('election timeout');
  });
});
