import { describe, expect, it } from 'vitest';
import { LaterFormat } from '../../../src/ports/state-machine.ts';
import { encodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { inSession, named, SessionList, textCodec } from './list-machine.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('a command that is proposed again', () => {
  it.each([
    ['of a session', inSession('alice', 1)],
    ['with an idempotency key', named('order-17')],
  ])('%s is applied once, and gets the first answer with its position (thesis §6.3)', (_, key) => {
    const sessions = new SessionList();
    expect(sessions.send(key, 'a')).toEqual({ type: 'applied', result: '1 a' });
    sessions.send(named('other'), 'b');
    expect(sessions.send(key, 'a')).toEqual({ type: 'repeated', result: '1 a', index: 1, term: 1 });
    expect(sessions.list.applied).toEqual(['a', 'b']);
  });

  it.each([
    ['of a session', inSession('alice', 1)],
    ['with an idempotency key', named('order-17')],
  ])('%s but is another command is refused, and not applied', (_, key) => {
    const sessions = new SessionList();
    sessions.send(key, 'a');
    expect(sessions.send(key, 'b')).toEqual({ type: 'keyReused' });
    expect(sessions.send(key, 'a')).toMatchObject({ type: 'repeated', result: '1 a' });
    expect(sessions.list.applied).toEqual(['a']);
  });

  it('is refused once the client has said that it has the answer', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    sessions.send(inSession('alice', 2, 1), 'b');
    expect(sessions.send(inSession('alice', 1), 'a')).toEqual({ type: 'answerForgotten' });
    expect(sessions.send(inSession('alice', 2, 1), 'b')).toMatchObject({ type: 'repeated', result: '2 b' });
    expect(sessions.list.applied).toEqual(['a', 'b']);
  });
});

describe('the commands of one session', () => {
  it('may be under way at once and arrive in any order', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    for (const sequence of [4, 2, 3, 2, 4]) sessions.send(inSession('alice', sequence, 1), `a${sequence}`);
    expect(sessions.list.applied).toEqual(['a', 'a4', 'a2', 'a3']);
  });

  it('have nothing to do with an idempotency key or a session of another name', () => {
    const sessions = new SessionList();
    for (const key of [inSession('x', 1), named('x'), inSession('y', 1), named('sx')])
      sessions.send(key, 'a');
    expect(sessions.list.applied).toEqual(['a', 'a', 'a', 'a']);
  });
});

describe('a session', () => {
  it('is forgotten after an hour without use, in log time', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    sessions.wait(hour);
    expect(sessions.send(inSession('alice', 2, 1), 'b')).toMatchObject({ type: 'applied' });
    sessions.wait(hour + 1000);
    expect(sessions.machine.table.size).toBe(0);
    expect(sessions.machine.table.bytes).toBe(0);
  });

  it('that is forgotten is not opened again by a later command', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    sessions.send(inSession('alice', 2, 1), 'b');
    sessions.wait(hour + 1000);
    expect(sessions.send(inSession('alice', 2, 1), 'b')).toEqual({ type: 'sessionExpired' });
    expect(sessions.list.applied).toEqual(['a', 'b']);
  });

  it('that is forgotten is not opened again by its first command, sent again after so long', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    sessions.wait(hour + 1000);
    expect(sessions.send(inSession('alice', 1), 'a', { ageMs: hour })).toEqual({ type: 'sessionExpired' });
    expect(sessions.list.applied).toEqual(['a']);
  });

  it('is opened by a first command that has been on its way for less than half an hour', () => {
    const sessions = new SessionList();
    const ageMs = hour / 2;
    expect(sessions.send(inSession('alice', 1), 'a', { ageMs })).toEqual({ type: 'sessionExpired' });
    expect(sessions.send(inSession('alice', 1), 'a', { ageMs: ageMs - 1 })).toMatchObject({
      type: 'applied',
    });
  });

  it('is kept by each use, a repeated command included', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a');
    for (let round = 0; round < 5; round++) {
      sessions.wait(50 * minute);
      expect(sessions.send(inSession('alice', 1), 'a')).toMatchObject({ type: 'repeated' });
    }
  });

  it('is forgotten although one that is older has been used since', () => {
    const sessions = new SessionList();
    sessions.send(named('older'), 'a');
    sessions.send(named('unused'), 'b');
    sessions.wait(50 * minute);
    sessions.send(named('older'), 'a');
    sessions.wait(20 * minute);
    expect([...sessions.machine.table.sessions].map(({ id }) => id)).toEqual(['kolder']);
  });

  it('is forgotten when a thousand others are at the same moment, a few per command', () => {
    const sessions = new SessionList();
    for (let nth = 0; nth < 1000; nth++) sessions.send(named(`key${nth}`), 'a');
    sessions.wait(hour, minute);
    sessions.wait(1000);
    expect(sessions.machine.table.size).toBe(1000 - 64);
    // It is still in the table, and forgotten all the same.
    expect(sessions.send(named('key999'), 'b')).toMatchObject({ type: 'applied' });
    sessions.wait(20_000);
    expect(sessions.machine.table.size).toBe(1);
  });
});

describe("the log's own time", () => {
  it('moves by a minute at most for a stamp from the far future, so that nothing expires', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a', { stampMs: 1_000_000 });
    sessions.send(named('x'), 'x', { stampMs: 2 ** 47 });
    expect(sessions.machine.table.time.nowMs).toBe(minute);
    expect(sessions.send(inSession('alice', 1), 'a')).toMatchObject({ type: 'repeated' });
  });

  it('goes on as before once the clock from the far future is gone', () => {
    const sessions = new SessionList();
    sessions.send(named('x'), 'x', { stampMs: 2 ** 47 });
    sessions.send(named('y'), 'y', { stampMs: 1_000_000 });
    sessions.send(named('z'), 'z', { stampMs: 1_005_000 });
    expect(sessions.machine.table.time.nowMs).toBe(5000);
    sessions.wait(hour + 1000);
    expect(sessions.machine.table.size).toBe(0);
  });

  it('never goes back', () => {
    const sessions = new SessionList();
    sessions.send(named('x'), 'x', { stampMs: 1_000_000 });
    sessions.send(named('y'), 'y', { stampMs: 1_010_000 });
    sessions.send(named('z'), 'z', { stampMs: 500_000 });
    expect(sessions.machine.table.time.nowMs).toBe(10_000);
  });

  it('passes by a minute at most in a pause, however long: what it expires lives longer', () => {
    const sessions = new SessionList();
    sessions.send(inSession('alice', 1), 'a', { stampMs: 1_000_000 });
    const later = { stampMs: 1_000_000 + 48 * hour };
    expect(sessions.send(inSession('alice', 1), 'a', later)).toMatchObject({ type: 'repeated' });
  });
});

describe('a table without room', () => {
  it('refuses a new session by name, and goes on serving those that it has', () => {
    const sessions = new SessionList({ maxSessions: 2 });
    sessions.send(inSession('alice', 1), 'a');
    sessions.send(named('x'), 'x');
    expect(sessions.send(inSession('bob', 1), 'b')).toEqual({ type: 'sessionsFull', of: 'sessions' });
    expect(sessions.send(named('y'), 'y')).toEqual({ type: 'sessionsFull', of: 'sessions' });
    expect(sessions.send(inSession('alice', 2, 1), 'a2')).toMatchObject({ type: 'applied' });
    expect(sessions.send(named('x'), 'x')).toMatchObject({ type: 'repeated' });
    expect(sessions.list.applied).toEqual(['a', 'x', 'a2']);
  });

  it('takes new ones again once the others have expired: refused commands let time pass, too', () => {
    const sessions = new SessionList({ maxSessions: 1 });
    sessions.send(named('x'), 'x', { stampMs: 0 });
    let attempts = 0;
    for (let stampMs = minute; ; stampMs += minute, attempts++) {
      if (sessions.send(named('y'), 'y', { stampMs }).type === 'applied') break;
    }
    expect(attempts).toBe(60);
    expect(sessions.list.applied).toEqual(['x', 'y']);
  });

  it('refuses a session one answer too many, until the client says which it has', () => {
    const sessions = new SessionList({ maxAnswersPerSession: 2 });
    sessions.send(inSession('alice', 1), 'a1');
    sessions.send(inSession('alice', 2), 'a2');
    expect(sessions.send(inSession('alice', 3), 'a3')).toEqual({ type: 'sessionsFull', of: 'answers' });
    expect(sessions.send(inSession('alice', 3, 1), 'a3')).toMatchObject({ type: 'applied' });
    expect(sessions.list.applied).toEqual(['a1', 'a2', 'a3']);
  });

  it('refuses what would go beyond its bytes, until answers are acknowledged', () => {
    const sessions = new SessionList({ maxBytes: 1000 });
    sessions.send(inSession('alice', 1), 'a'.repeat(1000));
    expect(sessions.send(inSession('alice', 2), 'a2')).toEqual({ type: 'sessionsFull', of: 'bytes' });
    expect(sessions.send(named('x'), 'x')).toEqual({ type: 'sessionsFull', of: 'bytes' });
    expect(sessions.send(inSession('alice', 2, 1), 'a2')).toMatchObject({ type: 'applied' });
    expect(sessions.list.applied).toHaveLength(2);
  });

  it('says the limits that it cannot keep', () => {
    expect(() => new SessionList({ maxSessions: 0 })).toThrow('maxSessions is a whole number above 0: 0');
    expect(() => new SessionList({ maxAnswersPerSession: 65_536 })).toThrow(
      'maxAnswersPerSession is at most 65535',
    );
  });
});

describe('a command without an envelope', () => {
  it('is applied each time, as before there were sessions', () => {
    const sessions = new SessionList();
    for (const text of ['a', 'a', '']) sessions.apply(textCodec.encode(text));
    expect(sessions.list.applied).toEqual(['a', 'a', '']);
    expect(sessions.machine.table).toMatchObject({ size: 0, time: { nowMs: 0, lastStampMs: null } });
  });
});

describe('bytes that claim to be an envelope', () => {
  it('are not applied if they are cut short or changed', () => {
    const key = inSession('alice', 1);
    const whole = encodeEnvelope({ key, ageMs: 0, stampMs: 5, command: new Uint8Array() });
    for (let length = 4; length < whole.length; length++) {
      const sessions = new SessionList();
      expect(sessions.apply(whole.subarray(0, length))).toEqual({ type: 'malformedEnvelope' });
      expect(sessions.list.applied).toEqual([]);
    }
    for (const [at, byte] of [
      [4, 0],
      [15, 0],
      [16, 32],
      [16, 0xe9],
    ] as const) {
      const sessions = new SessionList();
      expect(sessions.apply(whole.with(at, byte))).toEqual({ type: 'malformedEnvelope' });
    }
  });

  it('and are of a kind that only a later version knows are not passed over', () => {
    const sessions = new SessionList();
    const key = inSession('alice', 1);
    const whole = encodeEnvelope({ key, ageMs: 0, stampMs: 5, command: new Uint8Array() });
    expect(() => sessions.apply(whole.with(4, 3))).toThrow(LaterFormat);
    expect(() => sessions.apply(whole.with(4, 3).subarray(0, 5))).toThrow(
      /^entry \d+ has an envelope of kind 3, which is not known here: a newer raftchart wrote it, start that one$/,
    );
    expect(sessions.list.applied).toEqual([]);
  });
});
