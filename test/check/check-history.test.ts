import { describe, expect, test } from 'vitest';
import { checkHistory, GrowingHistory } from '../../src/check/check-history.ts';
import { historyOf } from '../../src/check/history.ts';
import type { Verdict } from '../../src/check/verdict-of-keys.ts';
import { events } from './history-events.ts';
import { largeHistory, withStaleRead } from './large-histories.ts';

const check = (...lines: readonly string[]): Verdict => checkHistory(historyOf(events(...lines)));

const expectLinearizable = (...lines: readonly string[]): void => {
  expect(check(...lines)).toMatchObject({ result: 'linearizable' });
};

/** The last line given must be the one that ends the shortest non-linearizable prefix. */
const expectViolation = (...lines: readonly string[]): Extract<Verdict, { result: 'notLinearizable' }> => {
  const verdict = check(...lines);
  expect(verdict).toMatchObject({ result: 'notLinearizable', violations: [{ position: lines.length }] });
  return verdict as Extract<Verdict, { result: 'notLinearizable' }>;
};

describe('reads and writes (Herlihy & Wing 1990, Figure 1)', () => {
  test('a read may return a write that overlaps it, or the value before', () => {
    const start = ['1 invoke write a', '2 invoke read'];
    expectLinearizable(...start, '2 ok read a', '1 ok write');
    expectLinearizable(...start, '2 ok read null', '1 ok write');
    expectViolation(...start, '2 ok read b');
  });

  test('a read after a write has ended does not return the value before', () => {
    expectLinearizable('1 invoke write a', '1 ok write', '2 invoke read', '2 ok read a');
    expectViolation('1 invoke write a', '1 ok write', '2 invoke read', '2 ok read null');
  });

  test('once one read has seen a write under way, a later one sees it too', () => {
    const start = ['1 invoke write a', '2 invoke read', '2 ok read a', '3 invoke read'];
    expectLinearizable(...start, '3 ok read a', '1 ok write');
    expectViolation(...start, '3 ok read null');
  });

  test('two readers do not see two concurrent writes in different orders', () => {
    const start = [
      '1 invoke write a',
      '2 invoke write b',
      '1 ok write',
      '2 ok write',
      '3 invoke read',
      '3 ok read a',
    ];
    expectLinearizable(...start, '4 invoke read', '4 ok read a');
    expectViolation(...start, '4 invoke read', '4 ok read b');
  });

  test('values of different types are different', () => {
    const number = { process: 1, f: 'write', key: 'x', value: 1 } as const;
    const read = { process: 2, f: 'read', key: 'x' } as const;
    const verdict = checkHistory(
      historyOf([
        { ...number, type: 'invoke' },
        { ...number, type: 'ok' },
        { ...read, type: 'invoke' },
        { ...read, type: 'ok', value: '1' },
      ]),
    );
    expect(verdict.result).toBe('notLinearizable');
  });
});

describe('cas', () => {
  test('an ok cas found its from', () => {
    expectLinearizable(
      '1 invoke cas null a',
      '1 ok cas',
      '1 invoke cas a b',
      '1 ok cas',
      '2 invoke read',
      '2 ok read b',
    );
    expectViolation('1 invoke cas a b', '1 ok cas');
  });

  test('an ok cas to the same value found that value', () => {
    expectLinearizable('1 invoke write a', '1 ok write', '2 invoke cas a a', '2 ok cas');
    expectViolation('1 invoke write b', '1 ok write', '2 invoke cas a a', '2 ok cas');
  });

  test('of two concurrent cas from the same value only one succeeds', () => {
    const start = ['1 invoke cas null a', '2 invoke cas null b', '1 ok cas'];
    expectLinearizable(...start, '2 fail cas');
    expectViolation(...start, '2 ok cas');
  });

  test('a failed cas found another value', () => {
    expectViolation('1 invoke cas null a', '1 fail cas');
    expectLinearizable('1 invoke write b', '2 invoke cas null a', '2 fail cas', '1 ok write');
    expectLinearizable('1 invoke write b', '1 info write', '2 invoke cas null a', '2 fail cas');
  });

  test('a write is hidden by a write that overlaps it, not by a cas', () => {
    const around = (...overlapping: readonly string[]) => [
      ...['1 invoke write a', ...overlapping, '1 ok write', '3 invoke read', '3 ok read b'],
    ];
    expectLinearizable(...around('2 invoke write b', '2 ok write'));
    expectViolation(...around('2 invoke cas null b', '2 ok cas'));
  });

  test('a failed cas may have found what was appended to an unseen value', () => {
    const start = ['1 invoke cas null c', '2 invoke append b', '2 ok append', '2 invoke cas b a'];
    expectLinearizable(...start, '2 fail cas');
    expectViolation(...start.slice(1), '2 fail cas');
  });

  test('a failed cas may have found an unseen write that another had already overwritten', () => {
    expectLinearizable(
      ...['1 invoke write a', '2 invoke write b', '2 ok write', '3 invoke read', '1 ok write'],
      ...['1 invoke cas a a', '1 fail cas'],
    );
  });
});

describe('fail and info', () => {
  test('a failed write never happened', () => {
    expectLinearizable('1 invoke write a', '1 fail write', '2 invoke read', '2 ok read null');
    expectViolation('1 invoke write a', '1 fail write', '2 invoke read', '2 ok read a');
  });

  test('a read of a write that is going to fail is refuted only when it fails', () => {
    const { violations } = expectViolation(
      '1 invoke write a',
      '2 invoke read',
      '2 ok read a',
      '1 fail write',
    );
    expect(violations[0].operation).toMatchObject({ process: 1, f: 'write', outcome: 'fail' });
  });

  test('an info may take effect late, once, or never', () => {
    const start = ['1 invoke write a', '1 info write', '2 invoke read', '2 ok read null'];
    expectLinearizable(...start);
    const late = [...start, '3 invoke write b', '3 ok write', '3 invoke read', '3 ok read a'];
    expectLinearizable(...late);
    expectViolation(...late, '3 invoke write b', '3 ok write', '3 invoke read', '3 ok read a');
  });

  test('as many infos of one value may take effect as there were', () => {
    const info = (process: number) => [`${process} invoke write a`, `${process} info write`];
    const round = ['9 invoke read', '9 ok read a', '9 invoke delete', '9 ok delete'];
    expectLinearizable(...info(1), ...info(2), ...round, ...round);
    expectViolation(...info(1), ...info(2), ...round, ...round, '9 invoke read', '9 ok read a');
  });

  test('what never completed is as an info', () => {
    expectLinearizable('1 invoke write a', '2 invoke read', '2 ok read null', '2 invoke read', '2 ok read a');
  });

  test('an info read has no consequence', () => {
    expectLinearizable('1 invoke read', '1 info read', '1 invoke read', '1 ok read null');
  });
});

describe('a delete that tells whether there was a value', () => {
  const written = ['1 invoke write a', '1 ok write', '2 invoke delete'];

  test('found what a write has left', () => {
    expectLinearizable(...written, '2 ok delete found', '3 invoke read', '3 ok read null');
    expectViolation(...written, '2 ok delete nothing');
    expectLinearizable(...written, '2 ok delete');
  });

  test('found nothing on a key that was never written, or is deleted', () => {
    expectLinearizable('1 invoke delete', '1 ok delete nothing');
    expectViolation('1 invoke delete', '1 ok delete found');
    const deleted = [...written, '2 ok delete found', '3 invoke delete'];
    expectLinearizable(...deleted, '3 ok delete nothing');
    expectViolation(...deleted, '3 ok delete found');
  });

  test('of two at once one finds the value, and only one', () => {
    const start = [...written, '3 invoke delete', '2 ok delete found'];
    expectLinearizable(...start, '3 ok delete nothing');
    expectViolation(...start, '3 ok delete found');
  });

  test('may have found what an open write, cas or append left, which nobody read', () => {
    for (const open of ['write a', 'cas null a', 'append a']) {
      const start = [`1 invoke ${open}`, `1 info ${open.split(' ')[0]}`, '2 invoke delete'];
      expectLinearizable(...start, '2 ok delete found');
      expectLinearizable(...start, '2 ok delete nothing');
      expectViolation(...start, '2 ok delete found', '2 invoke delete', '2 ok delete found');
    }
  });

  test('may have found an unseen write that another had already overwritten', () => {
    expectLinearizable(
      ...['1 invoke write a', '2 invoke write null', '2 ok write', '3 invoke delete', '1 ok write'],
      '3 ok delete found',
    );
  });

  test('finds an empty text as well as any other', () => {
    expectLinearizable('1 invoke write ""', '1 ok write', '2 invoke delete', '2 ok delete found');
    expectLinearizable('1 invoke append ""', '1 ok append', '2 invoke delete', '2 ok delete found');
  });

  test('explains a read of null only until it tells that it found nothing', () => {
    const start = ['2 invoke delete', '1 invoke append x', '1 ok append', '1 invoke read', '1 ok read null'];
    expectLinearizable(...start, '2 ok delete found');
    expectViolation(...start, '2 ok delete nothing');
  });

  test('is told with what the key can have held', () => {
    const { violations } = expectViolation(...written, '2 ok delete nothing');
    expect(violations[0]).toMatchObject({
      operation: { f: 'delete', existed: false },
      possibleValues: { values: ['a'], isComplete: true },
    });
  });
});

describe('delete and append', () => {
  test('a delete leaves null', () => {
    const start = ['1 invoke write a', '1 ok write', '1 invoke delete', '1 ok delete', '2 invoke read'];
    expectLinearizable(...start, '2 ok read null');
    expectViolation(...start, '2 ok read a');
  });

  test('an append to null starts a string, and each appears once', () => {
    const start = ['1 invoke append a', '2 invoke append b', '1 ok append', '2 ok append', '3 invoke read'];
    expectLinearizable(...start, '3 ok read ab');
    expectLinearizable(...start, '3 ok read ba');
    expectViolation(...start, '3 ok read a');
    expectViolation(...start, '3 ok read aba');
  });

  test('an append of the empty string makes an absent key an empty one', () => {
    expectLinearizable('1 invoke append ""', '1 ok append', '1 invoke read', '1 ok read ""');
    expectViolation('1 invoke append ""', '1 ok append', '1 invoke read', '1 ok read null');
  });

  test('an info append may come later than others', () => {
    const start = ['1 invoke append a', '1 info append', '2 invoke append b', '2 ok append', '2 invoke read'];
    expectLinearizable(...start, '2 ok read b', '2 invoke read', '2 ok read ba');
    expectViolation(...start, '2 ok read b', '2 invoke read', '2 ok read ab');
  });
});

describe('verdicts', () => {
  test('a violation names the operation, what was concurrent and what the key can have held', () => {
    const { violations } = expectViolation(
      ...[
        '1 invoke write a',
        '1 ok write',
        '2 invoke write b',
        '3 invoke write c',
        '3 info write',
        '4 invoke read',
      ],
      ...['2 ok write', '4 ok read null'],
    );
    expect(violations[0].operation).toMatchObject({ process: 4, f: 'read', value: null });
    expect(violations[0].concurrent.map(({ process }) => process)).toEqual([2, 3]);
    expect(violations[0].possibleValues?.isComplete).toBe(true);
    expect(violations[0].possibleValues?.values.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('what the key can have held includes an old info, not an old overwritten write', () => {
    const { violations } = expectViolation(
      ...[
        '3 invoke write c',
        '3 info write',
        '1 invoke write a',
        '1 ok write',
        '2 invoke write b',
        '2 ok write',
      ],
      ...['4 invoke read', '4 ok read null'],
    );
    expect(violations[0].possibleValues).toEqual({ values: ['b', 'c'], isComplete: true });
  });

  test('what the key can have held leaves out what another operation has replaced', () => {
    const { violations } = expectViolation(
      ...[
        '1 invoke write a',
        '1 ok write',
        '2 invoke cas a b',
        '2 ok cas',
        '4 invoke read',
        '4 ok read null',
      ],
    );
    expect(violations[0].possibleValues).toEqual({ values: ['b'], isComplete: true });
  });

  test('keys are checked apart, and the earliest violation comes first', () => {
    const verdict = check(
      ...['1 invoke read @y', '2 invoke read @x', '2 ok read b @x', '1 ok read a @y'],
      ...['1 invoke read @z', '1 ok read null @z'],
    );
    expect(verdict).toMatchObject({
      result: 'notLinearizable',
      keyCount: 3,
      operationCount: 3,
      eventCount: 6,
      violations: [
        { key: 'x', position: 3 },
        { key: 'y', position: 4 },
      ],
    });
  });

  test('a history without events is linearizable', () => {
    expect(check()).toMatchObject({ result: 'linearizable', operationCount: 0, keyCount: 0 });
  });

  test('with too few configurations allowed the answer is unknown, with the keys left', () => {
    const lines = ['1 invoke write a', '1 ok write', '1 invoke read', '1 ok read null'];
    const verdict = checkHistory(historyOf(events(...lines)), { maxConfigurations: 1 });
    expect(verdict).toMatchObject({ result: 'unknown', undecidedKeys: ['x'] });
  });

  test('a growing history gives the same verdict as a whole one, at each event', () => {
    const all = largeHistory({
      seed: 7,
      operationCount: 60,
      clientCount: 4,
      keyCount: 2,
      infoShare: 0.1,
      mix: { read: 2, write: 1, cas: 1 },
    });
    const forged = withStaleRead(all, 0.5).events;
    const growing = new GrowingHistory();
    for (const [index, event] of forged.entries()) {
      growing.add(event);
      const whole = checkHistory(historyOf(forged.slice(0, index + 1)));
      expect(growing.check().result).toBe(whole.result);
    }
    expect(growing.check().result).toBe('notLinearizable');
  });
});

describe('10,000 operations by 10 clients', () => {
  const size = { seed: 1, operationCount: 10_000, clientCount: 10 };
  const registers = { ...size, keyCount: 5, mix: { read: 2, write: 1, cas: 1, delete: 1 } } as const;

  test.for([0, 0.1])(
    'are checked in seconds, with a share of %d infos, and one stale read is found',
    { timeout: 30_000 },
    (infoShare) => {
      const all = largeHistory({ ...registers, infoShare });
      expect(checkHistory(historyOf(all)).result).toBe('linearizable');
      const forged = withStaleRead(all, 0.9);
      expect(checkHistory(historyOf(forged.events))).toMatchObject({
        result: 'notLinearizable',
        violations: [{ position: forged.position }],
      });
    },
  );

  test('are checked with hundreds of infos of five values on one key', () => {
    const all = largeHistory({
      ...size,
      keyCount: 1,
      valueCount: 5,
      infoShare: 0.05,
      mix: { read: 1, write: 1, cas: 1 },
    });
    expect(checkHistory(historyOf(all)).result).toBe('linearizable');
  }, 30_000);
});
