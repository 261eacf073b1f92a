import { expect, test } from 'vitest';
import { parseHistory, parseHistoryLines } from '../../src/check/parse-history.ts';

const line = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify(fields);
const write = { process: 0, type: 'invoke', f: 'write', key: 'x', value: 'a' };

test('a history is operations with the lines of their events', async () => {
  const lines = [
    line(write),
    line({ process: 'c', type: 'invoke', f: 'cas', key: 7, from: null, to: 'a', time: 12 }),
    line({ process: 0, type: 'ok' }),
    '',
    line({ process: 'c', type: 'info', f: 'cas', key: 7, value: null }),
    line({ process: 'c', type: 'invoke', f: 'read', key: 'x', value: null }),
  ];
  const history = parseHistory(`${lines.join('\n')}\n`);
  expect(history).toEqual({
    eventCount: 5,
    operations: [
      {
        process: 0,
        f: 'write',
        key: 'x',
        value: 'a',
        from: null,
        to: null,
        existed: null,
        outcome: 'ok',
        invokedAt: 1,
        completedAt: 3,
      },
      {
        process: 'c',
        f: 'cas',
        key: 7,
        value: null,
        from: null,
        to: 'a',
        existed: null,
        outcome: 'info',
        invokedAt: 2,
        completedAt: 5,
      },
      {
        process: 'c',
        f: 'read',
        key: 'x',
        value: null,
        from: null,
        to: null,
        existed: null,
        outcome: 'info',
        invokedAt: 6,
        completedAt: Number.POSITIVE_INFINITY,
      },
    ],
  });
  async function* arriving() {
    yield* lines;
  }
  expect(await parseHistoryLines(arriving())).toEqual(history);
});

test('an ok delete tells whether there was a value; elsewhere the field means nothing', () => {
  const told = (type: string, f: string, existed: unknown) => {
    const call = { process: 0, f, key: 'x', value: 'a', existed };
    const lines = [line({ ...call, type: 'invoke' }), line({ ...call, type })];
    return parseHistory(lines.join('\n')).operations[0]!.existed;
  };
  expect(told('ok', 'delete', true)).toBe(true);
  expect(told('ok', 'delete', false)).toBe(false);
  expect(told('ok', 'delete', null)).toBeNull();
  expect(told('fail', 'delete', true)).toBeNull();
  expect(told('info', 'delete', 'unknown')).toBeNull();
  expect(told('ok', 'write', true)).toBeNull();
});

test('events of a nemesis and blank lines are skipped', () => {
  const history = parseHistory(
    `\r\n${line({ process: 'nemesis', type: 'info', f: 'kill', value: ['n1'] })}\r\n`,
  );
  expect(history).toEqual({ eventCount: 0, operations: [] });
});

test.for<readonly [name: string, lines: readonly string[], message: string]>([
  ['no JSON', ['{"process"'], 'line 1: not JSON: {"process"'],
  ['no object', ['[1]'], 'line 1: not a JSON object: [1]'],
  [
    'no process',
    [line({ ...write, process: undefined })],
    'line 1: process is missing (a number or a string)',
  ],
  [
    'an unknown type',
    [line({ ...write, type: 'done' })],
    'line 1: type is "done", not one of invoke, ok, fail, info',
  ],
  [
    'an unknown f',
    ['', line({ ...write, f: 'increment' })],
    'line 2: f is "increment", not one of read, write, cas, append, delete',
  ],
  ['no f', [line({ ...write, f: undefined })], 'line 1: an invocation needs f'],
  [
    'no key',
    [line({ ...write, key: undefined })],
    'line 1: an invocation needs a key; the model register is for one object without keys',
  ],
  ['a key that is null', [line({ ...write, key: null })], 'line 1: key is null, not a string or a number'],
  [
    'a structured value',
    [line({ ...write, value: ['a', 'b'] })],
    'line 1: value is ["a","b"], not a string, a number, true, false or null',
  ],
  [
    'a number that JSON cannot hold',
    [`{"process":0,"type":"invoke","f":"write","key":"x","value":9007199254740993}`],
    'line 1: value is beyond 2^53; write it as a string',
  ],
  [
    'an existed that is neither true nor false',
    [line({ ...write, f: 'delete' }), line({ ...write, type: 'ok', f: 'delete', existed: 1 })],
    'line 2: existed is 1, not true or false',
  ],
  ['a write without value', [line({ ...write, value: undefined })], 'line 1: a write needs a value'],
  [
    'an append without value',
    [line({ ...write, f: 'append', value: undefined })],
    'line 1: an append needs a value',
  ],
  ['an append of a number', [line({ ...write, f: 'append', value: 1 })], 'line 1: an append needs a string'],
  ['a cas without to', [line({ ...write, f: 'cas', from: 'a' })], 'line 1: a cas needs from and to'],
  [
    'an ok read without value',
    [line({ ...write, f: 'read' }), line({ process: 0, type: 'ok' })],
    'line 2: an ok read needs a value (null for an absent key)',
  ],
  [
    'a second invocation',
    [line(write), line({ ...write, f: 'read' })],
    'line 2: process 0 invokes read while its write of line 1 is open',
  ],
  [
    'a completion of nothing',
    [line({ ...write, type: 'ok' })],
    'line 1: ok by process 0, which has nothing open',
  ],
  [
    'a completion after an info',
    [line(write), line({ ...write, type: 'info' }), line({ ...write, type: 'ok' })],
    'line 3: ok by process 0, which has nothing open',
  ],
  [
    'another f',
    [line(write), line({ ...write, type: 'ok', f: 'read' })],
    'line 2: f differs from the invocation in line 1',
  ],
  [
    'another key',
    [line(write), line({ ...write, type: 'ok', key: 'y' })],
    'line 2: key differs from the invocation in line 1',
  ],
  [
    'another value',
    [line(write), line({ ...write, type: 'ok', value: 'b' })],
    'line 2: value differs from the invocation in line 1',
  ],
  [
    'appends to a number',
    [line(write), line({ ...write, process: 1, value: 5 }), line({ ...write, process: 2, f: 'append' })],
    'line 3: key "x" has appends and values that are no strings (the other: line 2)',
  ],
])('%s is unreadable, in one line', ([, lines, message]) => {
  expect(() => parseHistory(lines.join('\n'))).toThrow(
    expect.objectContaining({ name: 'UnreadableHistory', message }),
  );
});
