import { beforeEach, describe, expect, it } from 'vitest';
import { InspectionLog, type LogLimits } from '../../../src/statechart/inspect/inspection-log.ts';
import type { News } from '../../../src/statechart/inspect/news.ts';
import type { ProgramMessage } from '../../../src/statechart/inspect/protocol.ts';

const actor = (sessionId: string, parentId: string | null = null, status = 'active'): ProgramMessage => ({
  type: '@xstate.actor',
  sessionId,
  parentId,
  name: `name of ${sessionId}`,
  definition: '{"id":"lamp","on":{}}',
  snapshot: { status },
});
const event = (sessionId: string, type = 'PRESS'): ProgramMessage => ({
  type: '@xstate.event',
  sessionId,
  sourceId: null,
  event: { type },
});
const snapshot = (sessionId: string, value: unknown, status = 'active'): ProgramMessage => ({
  type: '@xstate.snapshot',
  sessionId,
  event: { type: 'PRESS' },
  snapshot: { status, value },
});
const hello = (instance: string | null, takesEvents = true): ProgramMessage => ({
  type: '@raftchart.hello',
  name: 'shop',
  takesEvents,
  instance,
  origin: null,
});

describe('log of inspected programs', () => {
  let nowMs: number;
  let log: InspectionLog;

  const begin = (limits: Partial<LogLimits> = {}) => {
    nowMs = 1000;
    log = new InspectionLog({
      nowMs: () => nowMs,
      chartOf: () => ({ chart: 'lamp', problem: null }),
      limits,
    });
  };
  beforeEach(() => begin());

  const news = (after = 0) => log.after(after).map(({ text }) => JSON.parse(text) as News);
  /** Each in a few words. */
  const wordsOf = (each: News): string => {
    switch (each.kind) {
      case 'program':
        return `${each.number} program ${each.program} ${each.name} ${each.isConnected ? 'here' : 'gone'}`;
      case 'actor':
        return `${each.number} actor ${each.actor}`;
      case 'event':
        return `${each.number} event ${each.actor} ${each.event.type}`;
      case 'snapshot':
        return `${each.number} snapshot ${each.actor} ${String(each.snapshot.value)}`;
    }
  };
  const words = (after = 0) => news(after).map(wordsOf);

  it('numbers the news, says when, and names a program by its first actor', () => {
    const program = log.connect();
    nowMs = 2000;
    log.receive(program, actor('x:0'));
    log.receive(program, event('x:0'));
    log.receive(program, snapshot('x:0', 'on'));
    log.disconnect(program);
    log.disconnect(program);
    expect(words()).toEqual([
      '1 program 1 program 1 here',
      '2 actor x:0',
      '3 program 1 name of x:0 here',
      '4 event x:0 PRESS',
      '5 snapshot x:0 on',
      '6 program 1 name of x:0 gone',
    ]);
    expect(news().map(({ atMs }) => atMs)).toEqual([1000, 2000, 2000, 2000, 2000, 2000]);
    expect(words(4)).toEqual(['5 snapshot x:0 on', '6 program 1 name of x:0 gone']);
    expect(news()[1]).toMatchObject({
      chart: 'lamp',
      problem: null,
      parent: null,
      snapshot: { status: 'active' },
    });
  });

  it('does not name a program by an actor that another one started', () => {
    const program = log.connect();
    log.receive(program, actor('x:1', 'x:0'));
    log.receive(program, actor('x:0'));
    log.receive(program, actor('x:2'));
    expect(words()).toEqual([
      '1 program 1 program 1 here',
      '2 actor x:1',
      '3 actor x:0',
      '4 program 1 name of x:0 here',
      '5 actor x:2',
    ]);
  });

  it('forgets the oldest, but for what each actor is and does now', () => {
    begin({ news: 3 });
    const program = log.connect();
    log.receive(program, hello(null));
    log.receive(program, actor('x:0'));
    log.receive(program, actor('x:1', 'x:0'));
    for (const value of ['a', 'b', 'c']) log.receive(program, snapshot('x:0', value));
    for (let count = 0; count < 5; count += 1) log.receive(program, event('x:1'));
    expect(words()).toEqual([
      '2 program 1 shop here',
      '3 actor x:0',
      '4 actor x:1',
      '7 snapshot x:0 c',
      '10 event x:1 PRESS',
      '11 event x:1 PRESS',
      '12 event x:1 PRESS',
    ]);
    expect(words(6)).toEqual([
      '7 snapshot x:0 c',
      '10 event x:1 PRESS',
      '11 event x:1 PRESS',
      '12 event x:1 PRESS',
    ]);
    expect(words(11)).toEqual(['12 event x:1 PRESS']);
    expect(log.after(0, 2)).toHaveLength(2);
    expect(log.after(7, 2).map(({ number }) => number)).toEqual([10, 11]);
  });

  it('holds no more than so many characters, whatever comes', () => {
    begin({ characters: 20_000 });
    const program = log.connect();
    for (let count = 0; count < 2000; count += 1) {
      log.receive(program, actor(`x:${count}`));
      log.receive(program, snapshot(`x:${count}`, 'v'.repeat(1000)));
    }
    expect(log.after(0).reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(45_000);
  });

  it('refuses more actors than a program may have, unless some have stopped', () => {
    begin({ actors: 2 });
    const program = log.connect();
    log.receive(program, actor('x:0'));
    log.receive(program, actor('x:1'));
    expect(log.receive(program, actor('x:2'))).toEqual({ problem: 'name of x:0 has more than 2 actors' });
    expect(log.receive(program, event('x:3'))).toEqual({ problem: 'name of x:0 has more than 2 actors' });
    log.receive(program, snapshot('x:0', 'off', 'stopped'));
    expect(log.receive(program, actor('x:2'))).toBe(program);
  });

  it('keeps nothing of a stopped actor that made room for another', () => {
    begin({ actors: 1, news: 3 });
    const program = log.connect();
    log.receive(program, actor('x:0'));
    log.receive(program, snapshot('x:0', 'off', 'stopped'));
    for (let count = 0; count < 3; count += 1) log.receive(program, event('x:0'));
    log.receive(program, actor('x:1'));
    for (let count = 0; count < 3; count += 1) log.receive(program, event('x:1'));
    expect(words().filter((each) => /(actor|event|snapshot) x:0/.test(each))).toEqual([]);
  });

  it('shows an actor whose registration is missing, and says why it has no chart', () => {
    const program = log.connect();
    log.receive(program, event('x:9'));
    expect(news()[1]).toMatchObject({
      kind: 'actor',
      actor: 'x:9',
      chart: null,
      problem: expect.stringContaining('start raftchart view first'),
    });
  });

  it('knows a program that comes again by what it says of itself, and no other', () => {
    const first = log.connect();
    log.receive(first, hello('abc'));
    log.receive(first, actor('x:0'));
    const second = log.connect();
    expect(log.receive(second, hello('abc'))).toBe(second);
    log.disconnect(first);
    const third = log.connect();
    expect(log.receive(third, hello('abc'))).toBe(first);
    expect(log.receive(third, actor('x:0'))).toEqual({ problem: 'its program is not connected' });
    expect(words().at(-1)).toBe(`${log.newest} program 1 shop here`);
    const fourth = log.connect();
    expect(log.receive(fourth, hello('xyz'))).toBe(fourth);
    log.disconnect(fourth);
    const late = log.connect();
    log.receive(late, actor('x:0'));
    expect(log.receive(late, hello('xyz'))).toBe(late);
    const [nameless, another] = [log.connect(), log.connect()];
    log.receive(nameless, hello(null));
    log.disconnect(nameless);
    expect(log.receive(another, hello(null))).toBe(another);
  });

  it('forgets all of programs that went long ago', () => {
    begin({ gonePrograms: 1 });
    for (let count = 0; count < 3; count += 1) {
      const program = log.connect();
      log.receive(program, actor('x:0'));
      log.disconnect(program);
    }
    expect(new Set(news().map(({ program }) => program))).toEqual(new Set([3]));
  });

  it('still shows the program that went last, though it had come first', () => {
    begin({ gonePrograms: 1 });
    const [first, second] = [log.connect(), log.connect()];
    log.disconnect(second);
    log.disconnect(first);
    expect(new Set(news().map(({ program }) => program))).toEqual(new Set([first]));
  });

  it('says of an actor whose chart comes late how it stands now', () => {
    const program = log.connect();
    log.receive(program, actor('x:0'));
    log.receive(program, snapshot('x:0', 'on'));
    log.retellChart('lamp', null);
    expect(news().at(-1)).toMatchObject({ kind: 'actor', chart: 'lamp', snapshot: { value: 'on' } });
  });

  it('takes from our inspector how an actor stands when it tells of it again, from others only that it is there', () => {
    const [ours, forwarded, nameless] = [log.connect(), log.connect(), log.connect()];
    log.receive(ours, hello('abc'));
    log.receive(forwarded, { ...hello('xyz'), origin: 'http://localhost:5173' } as ProgramMessage);
    log.receive(nameless, hello(null));
    for (const program of [ours, forwarded, nameless]) {
      log.receive(program, actor('x:0'));
      log.receive(program, snapshot('x:0', 'on'));
      log.receive(program, actor('x:0', null, 'done'));
    }
    const told = news().filter(({ kind }) => kind === 'actor');
    expect(told.map(({ program, ...each }) => [program, 'snapshot' in each && each.snapshot])).toEqual([
      [ours, { status: 'active' }],
      [ours, { status: 'done' }],
      [forwarded, { status: 'active' }],
      [forwarded, { status: 'active', value: 'on' }],
      [nameless, { status: 'active' }],
      [nameless, { status: 'active', value: 'on' }],
    ]);
  });

  it('tells of a snapshot what is in it, as plain data of bounded size', () => {
    begin({ plain: { depth: 3, items: 9, characters: 4, parts: 99, allCharacters: 999 } });
    const program = log.connect();
    const long = 'abcdef';
    const parts = { value: long, context: { long }, output: [long], error: long };
    log.receive(program, {
      type: '@xstate.snapshot',
      sessionId: 'x:0',
      event: { type: 'PRESS', long },
      snapshot: { status: 'done', ...parts, other: 1 },
    });
    log.receive(program, {
      type: '@xstate.snapshot',
      sessionId: 'x:0',
      event: { type: 'PRESS' },
      snapshot: { status: 'x'.repeat(101) },
    });
    expect(news().slice(-2)).toMatchObject([
      {
        event: { type: 'PRES…', long: 'abcd…' },
        snapshot: {
          status: 'done',
          value: 'abcd…',
          context: { long: 'abcd…' },
          output: ['abcd…'],
          error: 'abcd…',
        },
      },
      { snapshot: {} },
    ]);
    expect(JSON.stringify(news())).not.toMatch(/other|xxx/);
  });

  it('knows whether anything is missing of what came after some news', () => {
    begin({ news: 3 });
    const program = log.connect();
    for (let count = 0; count < 5; count += 1) log.receive(program, event('x:0'));
    expect([log.newest - 4, log.newest - 3, log.newest].map((each) => log.isWholeAfter(each))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('says why an event cannot be sent', () => {
    const send = (program: number, id: string) =>
      log.sendingFault({ program, actor: id, event: { type: 'PRESS' } });
    const program = log.connect();
    log.receive(program, actor('x:0'));
    expect(send(7, 'x:0')).toEqual({ isUnknown: true, problem: 'program 7 has no actor x:0' });
    expect(send(program, 'x:1')).toEqual({ isUnknown: true, problem: 'program 1 has no actor x:1' });
    expect(send(program, 'x:0')?.problem).toMatch(
      /takes no events: it is not inspected by raftchart\/inspect/,
    );
    log.receive(program, hello(null));
    expect(send(program, 'x:0')).toBeNull();
    log.receive(program, snapshot('x:0', 'end', 'done'));
    expect(send(program, 'x:0')).toEqual({
      isUnknown: false,
      problem: 'name of x:0 takes no events: it is done',
    });
    log.disconnect(program);
    expect(send(program, 'x:0')).toEqual({ isUnknown: false, problem: 'shop is not connected any more' });
  });

  it('tells of the actors of a chart again that is not there after all', () => {
    const program = log.connect();
    log.receive(program, actor('x:0'));
    const before = log.newest;
    log.retellChart('lamp', 'it is not laid out');
    log.retellChart('lamp', 'it is not laid out');
    expect(news(before)).toMatchObject([
      { kind: 'actor', actor: 'x:0', chart: null, problem: 'it is not laid out' },
    ]);
  });

  it('calls whoever follows, until they stop', () => {
    let calls = 0;
    const stop = log.follow(() => {
      calls += 1;
    });
    log.connect();
    stop();
    log.connect();
    expect(calls).toBe(1);
  });
});
