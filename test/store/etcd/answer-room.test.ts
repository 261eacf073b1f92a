import { describe, expect, it } from 'vitest';
import { AnswerRoom } from '../../../src/store/etcd/answer-room.ts';

const pair = (valueBytes: number) => ({ key: Buffer.from('key'), value: Buffer.alloc(valueBytes) }) as never;

describe('the room for answers', () => {
  it.each<[string, Parameters<AnswerRoom['hold']>[0], number]>([
    ['nothing', {}, 0],
    ['pairs', { kvs: [pair(100), pair(200)] }, 2 * 67 + 300],
    ['a pair before a put', { prev_kv: pair(100) }, 67 + 100],
    ['pairs that were deleted', { prev_kvs: [pair(100), pair(0)] }, 2 * 67 + 100],
    ['keys of a lease', { keys: [Buffer.alloc(10), Buffer.alloc(20)] }, 30],
    [
      'answers within an answer',
      {
        responses: [
          { response_range: { kvs: [pair(100)] } as never },
          { response_txn: { responses: [{ response_put: { prev_kv: pair(200) } }] } as never },
        ],
      },
      2 * 67 + 300,
    ],
  ])('counts %s, until they are sent', (_, answer, bytes) => {
    const room = new AnswerRoom({ maxAnswerBytes: 1000, maxAnswersBytes: 1000 });
    const sent = room.hold(answer);
    expect(room.heldBytes).toBe(bytes);
    sent();
    expect(room.heldBytes).toBe(0);
  });

  it('takes answers up to its bounds, of each and of all together', () => {
    const room = new AnswerRoom({ maxAnswerBytes: 167, maxAnswersBytes: 334 });
    expect(() => room.admit({ kvs: [pair(101)] })).toThrow(
      'raftchart: the answer has about 168 bytes, more than 167: ask for fewer keys at a time, with limit',
    );
    const largest = { kvs: [pair(100)] };
    room.hold(largest);
    expect(() => room.admit(largest)).not.toThrow();
    const sent = room.hold(largest);
    expect(() => room.admit({ kvs: [pair(0)] })).toThrow('etcdserver: too many requests');
    // A write is answered all the same, and then there is more than there should be.
    const sentToo = room.hold({ prev_kv: pair(0) });
    expect(() => room.admit({ kvs: [] })).not.toThrow();
    sentToo();
    sent();
    expect(() => room.admit(largest)).not.toThrow();
  });
});
