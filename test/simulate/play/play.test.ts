import { describe, expect, it } from 'vitest';
import { Play } from '../../../src/simulate/play/play.ts';
import { traceLine } from '../../../src/trace/trace-line.ts';

const five = `nodes: 5
time: runs
seed: 3

start
rates delay=10ms..40ms loss=5%
`;

const traceOf = (play: Play): string => play.events.map(traceLine).join('\n');

const opened = async (): Promise<Play> => {
  const play = new Play(five);
  while (await play.playNext());
  return play;
};

describe('a play', () => {
  it('is played again, event for event, from the text of its story', async () => {
    const play = await opened();
    await play.runTo(700_123);
    const leader = play.frame.nodes.find(({ role }) => role === 'leader')!.id;
    await play.act(`propose ${leader} put x 1`);
    await play.step(40, 2_000_000);
    await play.act(`crash ${leader}`);
    for (let at = 1; at <= 50; at++) await play.runTo(play.nowUs + 16_667);
    await play.act(`restart ${leader}`);
    await play.act('partition 1 2 | 3 4 5');
    await play.runTo(3_000_000);

    const again = new Play(play.text);
    while (await again.playNext());
    await again.runTo(3_000_000);
    expect(traceOf(again)).toBe(traceOf(play));
    expect(again.frames).toEqual(play.frames);
    expect(again.text).toBe(play.text);
  });

  it('branches from any of its frames', async () => {
    const play = await opened();
    await play.runTo(400_000);
    await play.act('crash 1');
    await play.runTo(1_500_000);
    const at = play.frames.findIndex(({ atUs }) => atUs > 300_000);
    const branch = await Play.at(play.text, play.frames[at]!);
    expect(branch.frame).toEqual(play.frames[at]);
    await branch.act('crash 2');
    await branch.runTo(1_500_000);
    expect(branch.frame.nodes.map(({ isUp }) => isUp)).toEqual([true, false, true, true, true]);
  });
});
