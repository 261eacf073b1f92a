import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, Engine, type Request } from '../../../src/simulate/play/engine.ts';
import { linkTo } from '../../../src/simulate/play/link.ts';
import { traceLine } from '../../../src/trace/trace-line.ts';
import { staleRead } from './stale-read.ts';

const three = 'title: Three\nsource: nowhere\nnodes: 3\ntime: runs\nseed: 2\n\nstart\npass 100ms\ncrash 3\n';
const stepwise = 'start\ncampaign 1\nstabilize\n';

let engine: Engine;
beforeEach(() => {
  engine = new Engine();
});

const ask = async (...requests: readonly Request[]): Promise<Answer> => {
  let answer: Answer | null = null;
  for (const request of requests) answer = await engine.answer(request);
  return answer!;
};

const next: Request = { type: 'next' };
const open = (text: string): Request => ({ type: 'open', text });
const act = (directive: string): Request => ({ type: 'act', directive });

describe('the engine of the playground', () => {
  it('opens a story and plays nothing of it yet', async () => {
    const answer = await ask(open(three));
    expect(answer).toMatchObject({
      isNew: true,
      events: [],
      nowUs: 0,
      title: 'Three',
      source: 'nowhere',
      broken: null,
      isStepwise: false,
      done: 0,
      ahead: 3,
      next: 'start',
      failure: null,
      refusal: null,
      exported: null,
    });
    expect(answer.frames).toHaveLength(1);
    expect(answer.frames[0]!.nodes.map(({ isUp }) => isUp)).toEqual([false, false, false]);
  });

  it('plays a story directive by directive, and answers what is new each time', async () => {
    const opened = await ask(open(three));
    const started = await ask(next);
    expect(started).toMatchObject({ isNew: false, done: 1, ahead: 2, next: 'pass 100ms' });
    expect(started.told.map(({ what }) => what)).toContain(
      '3 nodes start; election timeouts 150 to 300 ms, heartbeats every 50 ms',
    );
    const passed = await ask(next);
    expect(passed.nowUs).toBe(100_000);
    const last = await ask(next);
    expect(last).toMatchObject({ done: 3, ahead: 0, next: null });
    expect(last.frames.at(-1)!.nodes[2]!.isUp).toBe(false);
    const frames = [opened, started, passed, last].flatMap((answer) => answer.frames);
    expect(frames.map(({ atUs }) => atUs)).toEqual(frames.map(({ atUs }) => atUs).toSorted((a, b) => a - b));
    expect(await ask(next)).toMatchObject({ frames: [], events: [], told: [] });
  });

  it('lets time pass, and step by step', async () => {
    const run = await ask(open(three), next, { type: 'run', untilUs: 400_000 });
    expect(run.nowUs).toBe(400_000);
    expect(run.frames.length).toBeGreaterThan(10);
    const step = await ask({ type: 'step' });
    expect(step.nowUs).toBeGreaterThan(400_000);
    expect(step.frames.length).toBeLessThanOrEqual(1);
    expect((await ask({ type: 'run', untilUs: 0 })).nowUs).toBe(step.nowUs);
  });

  it('does what somebody says in place of what the story had in store', async () => {
    const answer = await ask(open(three), next, { type: 'run', untilUs: 50_000 }, act('crash 1'));
    expect(answer).toMatchObject({ done: 3, ahead: 0, refusal: null });
    expect(answer.text).toMatch(/\nstart\nat 50ms\ncrash 1\n$/);
    expect(answer.frames.at(-1)!.nodes.map(({ isUp }) => isUp)).toEqual([false, true, true]);
  });

  it('branches from any moment that was played', async () => {
    const { text } = await ask(open(three), next, { type: 'run', untilUs: 500_000 }, act('crash 1'));
    const branch = await ask({ type: 'open', text, moment: { done: 1, atUs: 300_000 } });
    expect(branch).toMatchObject({ isNew: true, done: 1, ahead: 0, nowUs: 300_000, refusal: null });
    expect(branch.frames.at(-1)!.nodes.every(({ isUp }) => isUp)).toBe(true);
  });

  it('says what is broken on purpose', async () => {
    expect(await ask(open('broken: read-without-round\n\nstart\n'))).toMatchObject({
      broken: 'A leader answers reads without asking anybody whether it still leads.',
    });
  });

  it('opens what a link holds', async () => {
    const link = await linkTo(stepwise);
    expect(await ask({ type: 'openLink', link }, next, next, next)).toMatchObject({
      isStepwise: true,
      text: '\nstart\ncampaign 1\nstabilize\n',
      refusal: null,
    });
    expect(await ask({ type: 'openLink', link: link.slice(0, -3) })).toMatchObject({
      isNew: false,
      done: 3,
      refusal: 'the link is incomplete or was changed: copy all of it',
    });
  });

  it('makes a file of what was played', async () => {
    await ask(open(stepwise));
    const events = [await ask(next), await ask(next)].flatMap((answer) => answer.events);
    const trace = await ask({ type: 'export', as: 'trace' });
    expect(trace.exported).toBe(events.map((event) => `${traceLine(event)}\n`).join(''));
    const link = await ask({ type: 'export', as: 'link' });
    expect(await ask({ type: 'openLink', link: link.exported! })).toMatchObject({ ahead: 2 });
  });
});

describe('the engine refuses in one line, and stays as it was', () => {
  it('whatever is asked before a story is open', async () => {
    const requests: readonly Request[] = [
      { type: 'run', untilUs: 1 },
      { type: 'step' },
      next,
      act('start'),
      { type: 'export', as: 'story' },
    ];
    for (const request of requests)
      expect(await ask(request)).toMatchObject({
        refusal: 'no story is open: open one first',
        frames: [],
        exported: null,
      });
  });

  it('a text that is no story', async () => {
    await ask(open(stepwise), next);
    expect(await ask(open('nodes: none\n\nstart'))).toMatchObject({
      refusal: 'story:1: "none" is not the number of nodes: write a whole number up to 1000000',
      isNew: false,
      done: 1,
    });
  });

  it.each([
    ['strat', 'there is no verb "strat"; there are start, '],
    ['', 'there is no verb ""'],
    ['crash 9', 'there is no node 9, only 1 to 3'],
    ['campaign 1', 'campaign is not for this story: time runs here'],
    ['restart 1', 'node1 has not crashed'],
    ['crash 1\ncrash 2', 'there is no verb ""'],
    ['at 1ms', 'the story has lasted 250 ms already (at TIME)'],
  ])('the directive %j', async (directive, why) => {
    const before = await ask(open(three), next, { type: 'run', untilUs: 250_000 });
    const answer = await ask(act(directive));
    expect(answer.refusal).toContain(why);
    expect(answer.refusal).not.toContain('\n');
    expect(answer).toMatchObject({ frames: [], events: [], text: before.text, nowUs: 250_000 });
    expect(await ask(act('crash 2'))).toMatchObject({ refusal: null });
  });

  it.each(['pause 2 3', 'heal now', 'propose 1 put x 1 2', 'slow-link 1 to 2 5ms 6ms'])(
    'the directive %j, of which a part could be done',
    async (directive) => {
      const before = await ask(open(three), next, { type: 'run', untilUs: 250_000 });
      const refused = await ask(act(directive));
      expect(refused).toMatchObject({
        isNew: true,
        refusal: expect.stringContaining('is unexpected here: leave it out'),
        text: before.text,
        nowUs: 250_000,
      });
      expect(refused.frames.at(-1)).toEqual(before.frames.at(-1));
      const after = await ask({ type: 'run', untilUs: 600_000 });
      const plain = new Engine();
      for (const request of [open(three), next] as const) await plain.answer(request);
      const otherwise = await plain.answer({ type: 'run', untilUs: 600_000 });
      expect(after.frames.at(-1)).toEqual(otherwise.frames.at(-1));
    },
  );

  it('a directive of which a part could be done, between two events of the same time, with more of the story to come', async () => {
    const step = { type: 'step' } as const;
    const began = [open(three), next, { type: 'run', untilUs: 1000 }, step, step] as const;
    const before = await ask(...began);
    expect(await ask(act('heal now'))).toMatchObject({
      isNew: true,
      nowUs: before.nowUs,
      next: 'pass 100ms',
    });
    const after = await ask(next, step, step, { type: 'export', as: 'trace' });
    const plain = new Engine();
    for (const request of [...began, next, step, step] as const) await plain.answer(request);
    expect(after.exported).toBe((await plain.answer({ type: 'export', as: 'trace' })).exported);
  });

  it('a directive of the story that cannot be played', async () => {
    await ask(open('start\nrestart 1\n'), next);
    expect(await ask(next)).toMatchObject({
      refusal: 'node1 has not crashed: crash it first (restart N…)',
      done: 1,
    });
  });

  it.each([{ type: 'step' }, { type: 'run', untilUs: 1_000_000 }] as const)(
    'that time passes where it is held (%j)',
    async (request) => {
      const before = await ask(open(stepwise), next, next);
      const refused = await ask(request);
      expect(refused).toMatchObject({
        refusal: 'time is held, and nothing happens by itself: act on a node, a link or a message',
        frames: [],
        nowUs: before.nowUs,
      });
      expect(await ask(next)).toMatchObject({ refusal: null, done: 3 });
    },
  );

  it('to do anything after a violation but go back, and makes files of it', async () => {
    await ask(open(staleRead), ...Array.from({ length: 11 }, () => next));
    const violated = await ask(next);
    expect(violated).toMatchObject({ failure: expect.stringMatching(/^Read Safety: /), refusal: null });
    const acted = await ask(act('heal'));
    expect(acted.refusal).toBe(`${violated.failure}: go back to before that`);
    const later = await ask({ type: 'run', untilUs: 9_000_000 }, { type: 'step' }, next);
    expect(later).toMatchObject({ nowUs: violated.nowUs, frames: [], events: [] });
    for (const as of ['story', 'test', 'trace', 'sequence', 'link'] as const)
      expect((await ask({ type: 'export', as })).exported).not.toBe('');
    const back = await ask({ type: 'open', text: violated.text, moment: { done: 3, atUs: 1_100_000 } });
    expect(back).toMatchObject({ failure: null, nowUs: 1_100_000 });
    expect(await ask(act('heal'))).toMatchObject({ refusal: null });
  });

  it('to go to a moment that the story does not come to', async () => {
    await ask(open(stepwise), next);
    for (const moment of [
      { done: 4, atUs: 0 },
      { done: -1, atUs: 0 },
      { done: 1.5, atUs: 0 },
      { done: 2, atUs: Number.NaN },
    ])
      expect(await ask({ type: 'open', text: stepwise, moment })).toMatchObject({
        refusal: 'the story does not come to that moment: choose one that was shown',
        isNew: false,
        done: 1,
      });
  });
});
