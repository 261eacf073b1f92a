import { expect, test } from 'vitest';
import { readRecording } from '../../src/check/formats/read-recording.ts';

const dataOf = (text: string): readonly unknown[] => readRecording(text).events.map(({ data }) => data);

test('EDN is read with tags, comments, sets, characters and strings with escapes', () => {
  const text = `; a history
#jepsen.history.Op{:process 0, :type :invoke, :f :add, :value "a\\n\\u00e9\\"", :time 1, :index 0}
{:process 0 :type :ok :f :add :value "x" #_ :extra #_ {:ignored true} :error ["why" \\c]}
{:process :nemesis, :type :info, :f :kill, :value {:n1 :killed}}
{:process 1, :type :invoke, :f :read, :value #{1 2.5 -3 true nil sym}}`;
  expect(dataOf(text)).toEqual([
    { f: 'add', value: 'a\né"' },
    { f: 'add', value: 'x', error: ['why', 'c'] },
    { f: 'read', value: [1, 2.5, -3, true, null, 'sym'] },
  ]);
});

test('positions are lines where each event begins on one of its own, and else numbers', () => {
  const event = '{:process 0, :type :invoke, :f :read, :value nil}';
  const other = event.replace('0', '1');
  const places = (text: string) => {
    const recording = readRecording(text);
    return [recording.places.noun, recording.events.map(({ position }) => position)];
  };
  expect(places(`${event}\n\n${other}`)).toEqual(['line', [1, 3]]);
  expect(places(`${event} ${other}`)).toEqual(['event', [1, 2]]);
  expect(places(`[${event}\n ${other}]`)).toEqual(['event', [1, 2]]);
});

test('operations are ordered by time, and at equal times invocations come first', () => {
  const operations = [
    { clientId: 'a', input: { op: 'put', key: 'x', value: 1 }, call: 5, output: null, return: 10 },
    { clientId: 'a', input: { op: 'get', key: 'x' }, call: 10, output: 1, return: 12 },
    { clientId: 'b', input: { op: 'get', key: 'x' }, call: 11 },
  ];
  const expected = ['invoke 5', 'invoke 10', 'ok 10', 'invoke 11', 'ok 12'];
  const lines = operations.map((each) => JSON.stringify(each)).join('\n');
  for (const text of [JSON.stringify(operations), JSON.stringify(operations, null, 2), lines]) {
    const { events, places } = readRecording(text);
    expect(places.noun).toBe('time');
    expect(events.map(({ type }, index) => `${type} ${places.names![index]}`)).toEqual(expected);
  }
});

test("porcupine's logs: other lines are skipped, and a failure's reason is no value", () => {
  const log =
    'WARN  something else\nINFO  jepsen.util - 5\t:invoke\t:cas\t[0 3]\nINFO  jepsen.util - 5\t:info\t:cas\t:timed-out\n';
  const { events, initial } = readRecording(log);
  expect(events.map(({ process, position, data }) => [process, position, data])).toEqual([
    [5, 2, { f: 'cas', value: [0, 3] }],
    [5, 3, { f: 'cas' }],
  ]);
  expect(initial).toBeUndefined();
  expect(readRecording('{:process 0, :type :invoke, :f :get, :key "0", :value nil}').initial).toBe('');
});

test.for<readonly [name: string, text: string, message: string]>([
  ['nothing', '\n \n', 'line 1: an empty history'],
  ['bytes', 'a\0b', 'line 1: not a text: it has bytes that are zero'],
  [
    'prose',
    'once upon a time',
    'line 1: neither NDJSON nor EDN nor a log that porcupine reads: once upon a time',
  ],
  ['a map without its end', '{:process 0\n :type', 'line 1: the map that begins here has no end: expected }'],
  [
    'a vector without its end',
    '[{:process 0, :type :invoke}',
    'line 1: the vector that begins here has no end: expected ]',
  ],
  ['a string without its end', '{:process 0}\n{:f "rea', 'line 2: a string without its closing "'],
  ['a wrong bracket', '{:process 0 ]}', 'line 1: expected a value, not ]}'],
  ['a key without a value', '\n{:process}', 'line 2: a map with a key that has no value'],
  ['an unknown escape', '{:f "\\q"}', 'line 1: a string with the unknown escape \\q'],
  ['deep nesting', `{:a ${'['.repeat(10_000)}`, 'line 1: nested deeper than 100'],
  [
    'no map',
    '{:process 0, :type :invoke, :f :read}\n42',
    'line 2: expected an event with its fields, not 42',
  ],
  ['a wrong type', '{:process 0, :type :done}', 'line 1: type is "done", not one of invoke, ok, fail, info'],
  [
    'a wrong type in a vector',
    '[\n{:process 0, :type :done}]',
    'line 1: event 1: type is "done", not one of invoke, ok, fail, info',
  ],
  [
    'a log with a wrong type',
    'INFO  jepsen.util - 5\t:start\t:read\tnil',
    'line 1: expected :invoke, :ok, :fail or :info, not :start',
  ],
  [
    'a log with a cut value',
    'INFO  jepsen.util - 5\t:invoke\t:cas\t[1',
    'line 1: the vector that begins here has no end: expected ]',
  ],
  ['an operation without its input', '[{"clientId": 1, "call": 2}]', 'operation 1: input is missing'],
  [
    'an operation without its call',
    '{"clientId": 1, "input": 2, "call": "x"}',
    'line 1: call is "x", not a time in numbers',
  ],
  [
    'a return before its call',
    '[{"clientId": 1, "input": 2, "call": 3, "return": 1}]',
    'operation 1: return 1 is before call 3',
  ],
  [
    'a cut array',
    '[{"clientId": 1, "input": 2, "call": 3}',
    'line 1: not JSON: [{"clientId": 1, "input": 2, "call": 3}',
  ],
])('%s is unreadable, in one line', ([, text, message]) => {
  expect(() => readRecording(text)).toThrow(expect.objectContaining({ name: 'UnreadableHistory', message }));
});
