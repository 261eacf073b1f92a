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

const played = async (text: string): Promise<Play> => {
  const play = new Play(text);
  while (await play.playNext());
  return play;
};

const opened = (): Promise<Play> => played(five);

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

  it('branches between two events of the same time', async () => {
    const text = 'nodes: 5\ntime: runs\nseed: 2\n\nstart\nrates delay=5ms\n';
    const play = await played(text);
    await play.runTo(400_000);
    const middle = play.frames.find(({ atUs, events }, at, all) => {
      const [before, first, next] = [all[at - 2], all[at - 1], all[at + 1]];
      const isSecond =
        before !== undefined && before.atUs > 100_000 && before.atUs < atUs && first!.atUs === atUs;
      return isSecond && first!.events < events && next?.atUs === atUs && events < next.events;
    })!;
    const branch = await Play.at(play.text, middle);
    expect(branch.frame).toEqual(middle);
    await branch.act('mute 5');
    await branch.step(1, middle.atUs);
    await branch.act('crash 4');
    expect(branch.text).toMatch(/\nat \d+\.\d+ms\nstep 2\nmute 5\nstep 1\ncrash 4\n$/);
    await branch.runTo(400_000);
    const again = await played(branch.text);
    await again.runTo(400_000);
    expect(traceOf(again)).toBe(traceOf(branch));
  });

  it('branches from each of its frames, whether or not the virtual event before it left anything in the trace', async () => {
    const play = await played('time: runs\n\nstart\n');
    await play.runTo(12_000);
    const isUntold = play.frames.map(
      ({ atUs, events }, at, all) => atUs === all[at - 1]?.atUs && events === all[at - 1]!.events,
    );
    expect(isUntold).toContain(true);
    for (const frame of play.frames) expect((await Play.at(play.text, frame)).frame).toEqual(frame);
  });

  it('has nothing in store once somebody did something else, and no time between what was done at once', async () => {
    const play = new Play('time: runs\n\nstart\npass 5ms\npass 1s\ncrash 1\ncrash 2\n');
    while (play.done < 2) await play.playNext();
    await play.act('crash 3');
    await play.act('crash 2');
    expect({ ahead: play.ahead, next: play.next }).toEqual({ ahead: 0, next: null });
    expect(play.text).toMatch(/\nstart\npass 5ms\ncrash 3\ncrash 2\n$/);
  });

  it('goes no further where an expectation does not hold', async () => {
    const play = await played('time: runs\n\nstart\nexpect 1 is leader\npass 1s\n');
    await play.runTo(2_000_000);
    await play.step(1, 2_000_000);
    expect(await play.playNext()).toBe(false);
    expect(play).toMatchObject({
      done: 2,
      ahead: 1,
      nowUs: 0,
      failure: expect.stringMatching(/^expected 1 is leader; got /),
    });
    await expect(play.act('crash 1')).rejects.toThrow(`${play.failure}: go back to before that`);
  });

  it('stands still where time does, and where it is to go to no time', async () => {
    const held = await played('start\n');
    const sinceUs = held.nowUs;
    await held.runTo(1_000_000);
    await held.step(1, 1_000_000);
    expect(held.nowUs).toBe(sinceUs);
    const play = await opened();
    await play.runTo(10_000);
    await play.runTo(Number.NaN);
    expect(play.nowUs).toBe(10_000);
  });

  it('lasts ten minutes at most', async () => {
    const idle = 'nodes: 1\ntime: runs\n\nstart\npass 5ms\ncrash 1\n';
    const [one, other] = [await played(idle), await played(idle)];
    await one.runTo(1_200_000_000);
    await other.step(1_000, 1_200_000_000);
    for (const play of [one, other]) {
      expect(play.nowUs).toBe(600_000_000);
      for (const more of [play.act('restart 1'), play.step(1, 1_200_000_000), play.runTo(1_200_000_000)])
        await expect(more).rejects.toThrow('the play has lasted 10 minutes, which is as long as one may');
    }
  });

  it('leaves to its seed what its story leaves open', async () => {
    const [play, same, other] = [five, five, five.replace('seed: 3', 'seed: 4')].map(
      (text) => new Play(text),
    );
    for (const each of [play!, same!, other!]) {
      while (await each.playNext());
      await each.runTo(400_000);
    }
    expect(traceOf(same!)).toBe(traceOf(play!));
    expect(traceOf(other!)).not.toBe(traceOf(play!));
  });

  it('tells what the story, its clients and the nodes do, and why, but not each message', async () => {
    const play = await played(
      'start\nelect 1\nsay Look here\npropose 1 put x 1\nstabilize\nexpect told applied\ncut 1 to 2\n',
    );
    const told = play.told.map(({ who, what }) => `${who}: ${what}`);
    for (const each of [
      'story: Look here',
      'client: asks node1: put x=1',
      'client: is told by node1: stored (entry 2, term 1)',
      'node3: votes for node1 in term 1',
      '✓: told applied',
    ])
      expect(told).toContain(each);
    const note = play.told.at(-1)!;
    expect(note).toMatchObject({ why: null, frames: play.frames.length - 1, atUs: play.nowUs });
    expect(`${note.who} ${note.what}`).toBe('network loses all that node1 sends to node2');
    expect(play.told.find(({ what }) => what.startsWith('leads'))?.why?.rule).toContain('Raft paper §5.2');
    expect(told.join()).not.toContain('AppendEntries');
  });
});
