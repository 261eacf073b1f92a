import { describe, expect, it } from 'vitest';
import { DurableOutbox } from '../../src/node/durable-outbox.ts';
import type { Message } from '../../src/raft/messages.ts';

const message = (term: number): Message => ({
  type: 'RequestVoteResponse',
  from: 1,
  to: 2,
  term,
  voteGranted: true,
});

const started = () => {
  const left: number[] = [];
  const outbox = new DurableOutbox(({ term }) => left.push(term));
  return {
    outbox,
    left,
    persist: (currentTerm: number, lastIndex: number) => outbox.persist({ currentTerm, lastIndex }),
    send: (...terms: readonly number[]) => {
      for (const term of terms) outbox.send(message(term));
    },
  };
};

describe('the outbox (Raft paper §5.1, Figure 2: persistent state is updated before responding)', () => {
  it('lets a message leave at once while nothing waits for the disk', () => {
    const { outbox, left, persist, send } = started();
    send(1);
    expect(left).toEqual([1]);
    persist(2, 0);
    outbox.durable(1);
    send(2);
    expect(left).toEqual([1, 2]);
  });

  it('holds a message back until every write before it is durable, and those after it do not matter', () => {
    const { outbox, left, persist, send } = started();
    persist(1, 1);
    send(1);
    persist(1, 2);
    send(2, 3);
    persist(1, 3);
    send(4);
    expect(left).toEqual([]);
    outbox.durable(1);
    expect(left).toEqual([1]);
    outbox.durable(2);
    expect(left).toEqual([1, 2, 3]);
    outbox.durable(3);
    expect(left).toEqual([1, 2, 3, 4]);
  });

  it('lets nothing pass a message that waits, though nothing was written after that', () => {
    const { outbox, left, persist, send } = started();
    persist(1, 1);
    send(1);
    send(2);
    expect(left).toEqual([]);
    outbox.durable(1);
    expect(left).toEqual([1, 2]);
  });

  it('numbers the writes from 1 on, and answers each of them with its own term and index, several at once', () => {
    const { outbox, persist } = started();
    expect([persist(1, 4), persist(1, 5), persist(2, 3)]).toEqual([1, 2, 3]);
    expect(outbox.durable(2)).toEqual([
      { type: 'Persisted', term: 1, lastIndex: 4 },
      { type: 'Persisted', term: 1, lastIndex: 5 },
    ]);
    expect(persist(2, 4)).toBe(4);
    expect(outbox.durable(3)).toEqual([{ type: 'Persisted', term: 2, lastIndex: 3 }]);
    expect(outbox.durable(4)).toEqual([{ type: 'Persisted', term: 2, lastIndex: 4 }]);
  });

  it.each([
    ['again', 1],
    ['that was never asked for', 3],
  ])('stops for a write that is durable %s: that is our own bug', (_, sequence) => {
    const { outbox, persist } = started();
    persist(1, 1);
    persist(1, 2);
    outbox.durable(1);
    expect(() => outbox.durable(sequence)).toThrow('durable rises');
  });
});
