import { expect, it } from 'vitest';
import type { Configuration } from '../../src/raft/configuration.ts';
import {
  configurationsIn,
  decodeConfiguration,
  encodeConfiguration,
} from '../../src/raft/configuration-payload.ts';
import { type Entry, emptyPayload } from '../../src/raft/types.ts';

const whole: Configuration = {
  index: 7,
  voters: [1, 2, 30],
  outgoing: [1, 2],
  learners: [4],
  members: {
    1: { peer: 'one:1', client: null, logId: null },
    30: { peer: null, client: null, logId: 'c' },
    2: { peer: 'two:1', client: 'http://two:2', logId: 'b', seen: { start: 3, run: 'r3' } },
    4: { peer: 'four:1', client: null, logId: 'd', wasVoter: true },
  },
};
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const [one, two] = [whole.members[1]!, whole.members[2]!];
const withMember = (member: unknown, id = '1') => ({ ...whole, members: { ...whole.members, [id]: member } });

it.each([
  ['joint, with addresses and disks', whole],
  ['the first one, of one node', { index: 0, voters: [1], outgoing: [], learners: [], members: {} }],
])('a configuration comes back as it was: %s', (_, configuration) => {
  expect(decodeConfiguration(encodeConfiguration(configuration))).toEqual(configuration);
});

it.each<[string, unknown]>([
  ['null', null],
  ['a list', []],
  ['a number', 7],
  ['more than there is to one', { ...whole, more: 1 }],
  ...(['index', 'voters', 'outgoing', 'learners', 'members'] as const).map((name): [string, unknown] => {
    const { [name]: _, ...rest } = whole;
    return [`no ${name}`, rest];
  }),
  ['a negative index', { ...whole, index: -1 }],
  ['an index between two', { ...whole, index: 1.5 }],
  ['nobody who votes', { ...whole, voters: [] }],
  ...(['voters', 'outgoing', 'learners'] as const).flatMap((name): [string, unknown][] => [
    [`${name} that are no list`, { ...whole, [name]: { length: 1 } }],
    [`${name} not ascending`, { ...whole, [name]: [2, 1] }],
    [`one of ${name} twice`, { ...whole, [name]: [2, 2] }],
    [`0 among ${name}`, { ...whole, [name]: [0, 1] }],
    [`text among ${name}`, { ...whole, [name]: ['1'] }],
  ]),
  ['members as a list', { ...whole, members: [] }],
  ['members that are null', { ...whole, members: null }],
  ['a member without a node', withMember(one, 'x')],
  ['member 0', withMember(one, '0')],
  ['a member that is text', withMember('one:1')],
  ['a member that is null', withMember(null)],
  ['a member that is nowhere', withMember({ client: null, logId: null })],
  ['a client address that is a number', withMember({ ...one, client: 1 })],
  ['a disk that is a number', withMember({ ...one, logId: 1 })],
  ['wasVoter that is false', withMember({ ...one, wasVoter: false })],
  ['a start number without a run', withMember({ ...two, seen: { start: 3 } })],
  ['a run without a start number', withMember({ ...two, seen: { run: 'r3' } })],
  ['a start number that is text', withMember({ ...two, seen: { start: '3', run: 'r3' } })],
  ['more than there is to a member', withMember({ ...one, more: 1 })],
  [
    'more than there is to where a disk had come to',
    withMember({ ...two, seen: { start: 3, run: 'r3', more: 1 } }),
  ],
  ['nothing where a disk had come to', withMember({ ...two, seen: null })],
])('what is none is taken for none: %s', (_, value) => {
  expect(decodeConfiguration(bytesOf(value))).toBeNull();
});

it('neither text that is not JSON nor bytes that are no text are one', () => {
  expect(decodeConfiguration(new TextEncoder().encode('{"index":'))).toBeNull();
  const broken = encodeConfiguration(whole);
  broken[new TextDecoder().decode(broken).indexOf('one:1')] = 0xff;
  expect(decodeConfiguration(broken)).toBeNull();
});

it('counts among entries only where it stands at its own index, and is of their kind', () => {
  const entry = (kind: Entry['kind'], index: number): Entry => ({
    term: 1,
    kind,
    payload: kind === 'noop' ? emptyPayload : encodeConfiguration({ ...whole, index }),
  });
  const entries = [
    entry('noop', 5),
    entry('configuration', 6),
    entry('command', 7),
    entry('configuration', 9),
    entry('configuration', 9),
  ];
  expect(configurationsIn(entries, 5).map(({ index }) => index)).toEqual([6, 9]);
});
