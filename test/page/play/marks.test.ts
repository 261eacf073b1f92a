import { describe, expect, it } from 'vitest';
import {
  addReigns,
  type Mark,
  marksBetween,
  type Reign,
  thinned,
} from '../../../src/page/play/time/marks.ts';
import type { Frame } from '../../../src/simulate/play/frame.ts';
import { Play } from '../../../src/simulate/play/play.ts';

const marksOf = ({ frames }: Play): readonly string[] =>
  frames
    .slice(1)
    .flatMap((frame, at) => marksBetween(frames[at]!, frame).map(({ kind, what }) => `${kind}: ${what}`));

const played = async (text: string): Promise<Play> => {
  const play = new Play(text);
  while (await play.playNext());
  return play;
};

describe('marks of a timeline', () => {
  it('tell who leads, what is committed, what fails and what is mended', async () => {
    const play = await played(
      'nodes: 3\n\nstart\nelect 1\npropose 1 put x 1\nstabilize\ncut 1 to 2\nheal\ncrash 3\nrestart 3\n',
    );
    expect(marksOf(play)).toEqual([
      'election: node1 leads term 1',
      'commit: entry 1 is committed',
      'commit: entry 2 is committed',
      'fault: 1 link is cut',
      'mended: 1 link is mended',
      'fault: node3 crashes',
      'mended: node3 starts again',
    ]);
  });

  it('tell of a disk, a clock and a pause', async () => {
    const play = await played(
      'nodes: 3\ntime: runs\n\nstart\npass 400ms\npause 1\nresume 1\nfull-disk 2\nslow-disk 3 20ms\nclock 2 2\nclock 2 1\n',
    );
    expect(marksOf(play).filter((mark) => /^(fault|mended)/.test(mark))).toEqual([
      'fault: node1 is paused',
      'mended: node1 goes on',
      'fault: node2 has a full disk',
      'fault: node3 has a slow disk',
      'fault: node2 has a clock that runs 2 times as fast',
      'mended: node2 has a right clock again',
    ]);
  });

  it('are at most one of a kind a column', () => {
    const marks: Mark[] = Array.from({ length: 1000 }, (_, at) => ({
      kind: 'commit',
      atUs: at,
      what: `${at}`,
    }));
    const kept = thinned([...marks, { kind: 'fault', atUs: 0, what: 'x' }], 1000, 10);
    expect(kept.length).toBe(11);
    expect(kept[0]!.what).toBe('99');
  });
});

describe('reigns', () => {
  it('follow each other as leaders do, and end with a crash', async () => {
    const { frames } = await played('nodes: 3\n\nstart\nelect 1\ncrash 1\nelect 2\n');
    const reigns: Reign[] = [];
    const positions = frames.map((_, at) => at);
    addReigns(reigns, frames.slice(0, 5) as Frame[], positions, 0);
    addReigns(reigns, frames, positions, 5);
    expect(reigns.map(({ leader, term }) => [leader, term])).toEqual([
      [null, 0],
      [1, 1],
      [null, 0],
      [2, 2],
    ]);
  });
});
