import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LaterFormat } from '../../../src/ports/state-machine.ts';
import { type CommandKey, decodeEnvelope, encodeEnvelope } from '../../../src/store/sessions/envelope.ts';
import { encodeTable } from '../../../src/store/sessions/table-bytes.ts';
import { inSession, named, SessionList } from './list-machine.ts';

const limits = { ttlMs: 60_000, maxSessions: 4, maxAnswersPerSession: 3, maxBytes: 2500 };
const stepMs = 1000;

const key = fc.oneof(
  fc
    .record({
      session: fc.constantFrom('a', 'b', 'c'),
      sequence: fc.integer({ min: 1, max: 5 }),
      received: fc.nat(4),
    })
    .map(({ session, sequence, received }) => inSession(session, sequence, Math.min(received, sequence - 1))),
  fc.constantFrom('a', 'x', 'y').map(named),
);

interface Proposal {
  /** So many steps of log time pass before. */
  readonly steps: number;
  readonly key: CommandKey;
  readonly text: string;
  readonly stampMs: number;
  readonly ageMs: number;
}

const proposals = fc.array(
  fc.record({
    steps: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40 })),
    key,
    text: fc.constantFrom('p', 'q'),
    stampMs: fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constant(2 ** 47)),
    ageMs: fc.constantFrom(0, 0, 0, 29_999, 30_000),
  }),
  { maxLength: 60 },
);

/** The same decisions from the whole past, with nothing forgotten and no order kept: slow and plain. */
class Model {
  readonly applied: string[] = [];
  #nowMs = 0;
  #lastStampMs: number | null = null;
  #past: { id: string; sequence: number; text: string; result: string; index: number }[] = [];
  #sessions: { id: string; usedMs: number; received: number }[] = [];
  #index = 0;

  take({ steps, key, text, stampMs, ageMs }: Proposal): object {
    this.#index++;
    for (let step = 1; step <= steps; step++) this.#pass((this.#lastStampMs ?? 1_000_000) + stepMs);
    this.#pass(stampMs);
    this.#sessions = this.#sessions.filter(({ usedMs }) => this.#nowMs <= usedMs + limits.ttlMs);
    this.#past = this.#past.filter(({ id }) => this.#sessions.some((session) => session.id === id));
    const id = key.type === 'session' ? `session ${key.session}` : `name ${key.name}`;
    const sequence = key.type === 'session' ? key.sequence : 1;
    const session = this.#sessions.find((each) => each.id === id);
    if (session === undefined) {
      if (sequence > 1 || ageMs >= limits.ttlMs / 2) return { type: 'sessionExpired' };
      if (this.#sessions.length >= limits.maxSessions) return { type: 'sessionsFull', of: 'sessions' };
      if (this.#bytes() >= limits.maxBytes) return { type: 'sessionsFull', of: 'bytes' };
      this.#sessions.push({ id, usedMs: this.#nowMs, received: 0 });
      return this.#apply(id, sequence, text);
    }
    session.usedMs = this.#nowMs;
    session.received = Math.max(session.received, key.type === 'session' ? key.received : 0);
    if (sequence <= session.received) return { type: 'answerForgotten' };
    this.#past = this.#past.filter((each) => each.id !== id || each.sequence > session.received);
    const earlier = this.#past.find((each) => each.id === id && each.sequence === sequence);
    if (earlier?.text === text) {
      return { type: 'repeated', result: earlier.result, index: earlier.index, term: 1 };
    }
    if (earlier !== undefined) return { type: 'keyReused' };
    const kept = this.#past.filter((each) => each.id === id).length;
    if (kept >= limits.maxAnswersPerSession) return { type: 'sessionsFull', of: 'answers' };
    if (this.#bytes() >= limits.maxBytes) return { type: 'sessionsFull', of: 'bytes' };
    return this.#apply(id, sequence, text);
  }

  #pass(stampMs: number): void {
    if (this.#lastStampMs !== null && stampMs > this.#lastStampMs) {
      this.#nowMs += Math.min(stampMs - this.#lastStampMs, stepMs);
    }
    this.#lastStampMs = stampMs;
  }

  #apply(id: string, sequence: number, text: string): object {
    const result = `${this.applied.push(text)} ${text}`;
    this.#past.push({ id, sequence, text, result, index: this.#index });
    return { type: 'applied', result };
  }

  #bytes(): number {
    // The names here are of one character, and so is the kind.
    return this.#sessions.length * 202 + this.#past.reduce((sum, { result }) => sum + 120 + result.length, 0);
  }
}

it('any proposals, repeated in any way, are judged as a plain model judges them', () => {
  fc.assert(
    fc.property(proposals, (all) => {
      const sessions = new SessionList(limits);
      const model = new Model();
      for (const each of all) {
        sessions.wait(each.steps * stepMs);
        expect(sessions.send(each.key, each.text, each)).toEqual(model.take(each));
      }
      expect(sessions.list.applied).toEqual(model.applied);
    }),
    { numRuns: 500 },
  );
});

it('a table restored from its bytes goes on as the one that wrote them, and equal tables have equal bytes', () => {
  fc.assert(
    fc.property(proposals, proposals, (before, after) => {
      const sessions = new SessionList(limits);
      for (const each of before) sessions.send(each.key, each.text, each);
      const restored = sessions.restored();
      const bytes = () => [sessions, restored].map(({ machine }) => encodeTable(machine.table));
      expect(bytes()[0]).toEqual(bytes()[1]);
      expect(restored.machine.table.bytes).toBe(sessions.machine.table.bytes);
      for (const each of after) {
        expect(restored.send(each.key, each.text, each)).toEqual(sessions.send(each.key, each.text, each));
      }
      expect(bytes()[0]).toEqual(bytes()[1]);
    }),
  );
});

/**
 * Honest clients retry for as long as they like, up to four times the time to live, over leaders whose clocks disagree by any
 * amount; the network may keep an attempt back for a tenth of the time to live.
 */
it('no command is applied twice, however late it is sent again and however wrong the clocks of the leaders are', () => {
  const attempt = fc.record({
    client: fc.nat(5),
    passMs: fc.oneof(fc.nat(2000), fc.nat(40_000)),
    delayMs: fc.nat(6000),
    skewMs: fc.option(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { freq: 8 }),
    isAnswered: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 120 }), (attempts) => {
      const sessions = new SessionList({ ...limits, maxSessions: 100, maxBytes: 10 ** 6 });
      const clients = new Map<number, { name: string; sequence: number; sinceMs: number }>();
      let nowMs = 10 ** 10;
      let skewMs = 0;
      let changes = 0;
      let names = 0;
      for (const { client, passMs, delayMs, skewMs: changed, isAnswered } of attempts) {
        // Other commands tell of the time meanwhile.
        for (let left = passMs; left > 0; left -= 500) {
          nowMs += Math.min(left, 500);
          sessions.machine.table.pass(nowMs + skewMs);
        }
        if (changed !== null && changes++ < 10) skewMs = changed;
        const own = clients.get(client) ?? { name: `c${++names}`, sequence: 1, sinceMs: nowMs };
        clients.set(client, own);
        const ageMs = Math.max(0, nowMs - own.sinceMs - delayMs);
        const sent = { ageMs, stampMs: nowMs + skewMs };
        const text = `${own.name}.${own.sequence}`;
        const { type } = sessions.send(inSession(own.name, own.sequence, own.sequence - 1), text, sent);
        if (type === 'sessionExpired') clients.delete(client);
        else if (isAnswered) clients.set(client, { ...own, sequence: own.sequence + 1, sinceMs: nowMs });
      }
      expect(new Set(sessions.list.applied).size).toBe(sessions.list.applied.length);
    }),
    { numRuns: 500 },
  );
});

it('an envelope is read as it was written', () => {
  const name = fc.string({
    unit: fc.integer({ min: 33, max: 126 }).map((c) => String.fromCharCode(c)),
    minLength: 1,
    maxLength: 128,
  });
  const session = fc
    .record({ session: name, sequence: fc.integer({ min: 1, max: 2 ** 48 - 1 }), below: fc.nat(100) })
    .map(({ session, sequence, below }) => inSession(session, sequence, Math.max(0, sequence - 1 - below)));
  const envelope = fc.record({
    key: fc.oneof(session, name.map(named)),
    ageMs: fc.nat(2 ** 32 - 1),
    stampMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    command: fc.uint8Array(),
  });
  fc.assert(
    fc.property(envelope, (each) => {
      expect(decodeEnvelope(encodeEnvelope(each))).toEqual(each);
    }),
  );
});

it('bytes of any kind are applied, answered or refused, or stop the node as those of a later version', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(0xf5, 0x52, 0x43, 0x53, ...rest)),
    fc
      .tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 10, maxLength: 10 }), fc.uint8Array())
      .map(([kind, numbers, rest]) =>
        Uint8Array.of(0xf5, 0x52, 0x43, 0x53, kind, ...numbers, 1, 97, ...rest),
      ),
  );
  fc.assert(
    fc.property(fc.array(bytes), (all) => {
      const sessions = new SessionList(limits);
      for (const each of all) {
        try {
          sessions.apply(each);
        } catch (error) {
          expect(error).toBeInstanceOf(LaterFormat);
        }
      }
    }),
  );
});
