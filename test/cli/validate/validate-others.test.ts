import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterAll, describe, expect, it } from 'vitest';
import { etcdTraceSchema } from '../../verify/validate/etcd-schema.ts';
import { raftchart } from '../run-raftchart.ts';

const folder = mkdtempSync(join(tmpdir(), 'raftchart-others-'));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const file = (name: string, content: readonly unknown[] | string): string => {
  writeFileSync(
    path(name),
    typeof content === 'string' ? content : content.map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  return path(name);
};
const example = (name: string): string =>
  fileURLToPath(new URL(`../../../examples/trace-mapping/${name}`, import.meta.url));

const quiet = [
  '--duration',
  '1s',
  '--faults',
  'none',
  '--duplicate-rate',
  '0',
  '--changes',
  '0',
  '--spares',
  '0',
];
const started = { node: 1, what: 'started', voters: [1], state: { term: 0, lastIndex: 0 } };
const wrong = { node: 1, what: 'state', state: { term: 4, commitIndex: 2 } };

describe('raftchart validate, of another implementation', () => {
  it('names the line, the fields and the rule of a rejection: exit code 1', async () => {
    const bad = file('bad', [started, { node: 1, what: 'timeout' }, wrong]);
    expect(await raftchart('validate', bad, '--without', 'preVote')).toMatchObject({
      code: 1,
      stdout: [
        `rejected: ${bad}:3, node1`,
        '  its state: term 4, commitIndex 2',
        '  no rule allows that:',
        '    term: 1 by the rules, 4 in the trace',
        '    commitIndex: 0 by the rules, 2 in the trace',
        '  the nearest rule: raft.follower/after:electionTimeout/1',
        '    A whole election timeout passed without hearing from a leader or granting a vote. [Raft paper §5.2; Figure 2, Followers; thesis §9.6]',
        '',
      ].join('\n'),
    });
  });

  it('merges traces of one node each by their messages', async () => {
    const lines = readFileSync(example('raft.log'), 'utf8').split('\n').filter(Boolean);
    const traces = [3, 2, 1].map((id) =>
      file(`srv-${id}`, `${lines.filter((line) => line.includes(`"server": "srv-${id}"`)).join('\n')}\n`),
    );
    const flags = ['--mapping', example('mapping.json'), '--without', 'preVote,noop,leaderLease'];
    expect(await raftchart('validate', ...traces, ...flags)).toMatchObject({
      code: 0,
      stdout: 'accepted: 21 events of 3 nodes replayed\nnot looked at: 1 events of 1 kind: gc-pause (1)\n',
    });
  });

  it('knows whose trace it is, whatever stands before the first line that tells', async () => {
    const lines = readFileSync(example('raft.log'), 'utf8').split('\n').filter(Boolean);
    const own = (id: number) => lines.filter((line) => line.includes(`"server": "srv-${id}"`));
    const [first, ...others] = [2, 1, 3].map((id) =>
      file(`late-${id}`, ['{"logger": "http"}', ...own(id), ''].join('\n')),
    );
    const flags = ['--mapping', example('mapping.json'), '--without', 'preVote,noop,leaderLease'];
    const { code, stdout } = await raftchart('validate', first!, ...others, ...flags);
    expect(stdout).toMatch(/^accepted: 21 events of 3 nodes replayed\nnot looked at: 4 events of 2 kinds: /);
    expect(code).toBe(0);
    const twice = await raftchart('validate', first!, first!, ...flags);
    expect(twice.stderr).toMatch(/are both of node2; give one trace a node\n$/);
    expect(twice.code).toBe(2);
  });

  it('reads a log by the mapping of examples/trace-mapping, and rejects what is changed in it', async () => {
    const flags = ['--mapping', example('mapping.json'), '--without', 'preVote,noop,leaderLease'];
    expect(await raftchart('validate', example('raft.log'), ...flags)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^accepted: 21 events of 3 nodes replayed\nnot looked at: 2 events of 2 kinds: /,
      ),
    });
    const text = readFileSync(example('raft.log'), 'utf8');
    const early = file('early.log', text.replace('"commit": 2, "last": 2', '"commit": 1, "last": 2'));
    expect(await raftchart('validate', early, ...flags)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('commitIndex: 2 by the rules, 1 in the trace'),
    });
  });

  it('tells large ids apart by all their digits where a mapping has a table of them', async () => {
    const mapping = file(
      'm-large',
      JSON.stringify({
        node: { path: 'n', values: { '9007199254740993': 1, '9007199254740995': 2 } },
        what: { path: 'e', values: { up: 'started' } },
        fields: { voters: { value: [1, 2] } },
      }),
    );
    const log = (...ids: readonly string[]) =>
      file('large', ids.map((id) => `{"n": ${id}, "e": "up"}\n`).join(''));
    expect(
      await raftchart('validate', log('9007199254740993', '9007199254740995'), '--mapping', mapping),
    ).toMatchObject({ code: 0, stdout: 'accepted: 2 events of 2 nodes replayed\n' });
    expect(await raftchart('validate', log('9007199254740992'), '--mapping', mapping)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/:1: n: Invalid node: "9007199254740992" is not one of the values/),
    });
  });

  it.each<[string, () => readonly string[], RegExp]>([
    [
      'a line that is no JSON',
      () => [file('text', `${JSON.stringify(started)}\nhello\n{}\n`)],
      /^.*text:2: not JSON\n$/,
    ],
    [
      'an unknown kind',
      () => [file('kind', [{ ...started, what: 'begins' }])],
      /^.*kind:1: what: Invalid type: Expected \("started" \| .*\n$/,
    ],
    [
      'an unknown field',
      () => [file('field', [{ ...started, terms: 1 }])],
      /^.*field:1: terms: Invalid key: .*\n$/,
    ],
    [
      'a term below zero',
      () => [file('term', [{ ...started, state: { term: -1 } }])],
      /^.*term:1: state\.term: Invalid value: .*\n$/,
    ],
    [
      'a message that is missing',
      () => [file('none', [started, { node: 1, what: 'sent' }])],
      /^.*none:2: message: Invalid line: "sent" needs a message\n$/,
    ],
    [
      'a message of another node',
      () => [
        file('other', [
          started,
          { node: 1, what: 'sent', message: { type: 'TimeoutNow', from: 2, to: 1, term: 1 } },
        ]),
      ],
      /^.*other:2: message\.from: Invalid node: expected 1, got 2\n$/,
    ],
    [
      'entries that are nothing',
      () => [
        file('entries', [
          {
            node: 2,
            what: 'received',
            message: { type: 'AppendEntries', from: 1, to: 2, term: 1, entries: 'x' },
          },
        ]),
      ],
      /^.*entries:1: message\.entries: Invalid entries: .*\n$/,
    ],
    [
      'voters that are not told',
      () => [file('voters', [{ node: 1, what: 'started' }])],
      /^.*voters:1 cannot be replayed: the trace does not tell the voters of node1\n$/,
    ],
    [
      'a message of which too little is told',
      () => [
        file('little', [
          { ...started, voters: [1, 2] },
          { node: 1, what: 'received', message: { type: 'RequestVote', from: 2, to: 1, term: 1 } },
        ]),
      ],
      /^.*little:2 cannot be replayed: message\.lastLogIndex is missing, and no trace tells of its sender\n$/,
    ],
    [
      "a line of etcd's without its state",
      () => [file('etcd', [{ tag: 'trace', event: { name: 'Ready', nid: '1' } }])],
      /^.*etcd:1: event\.state: .*\n$/,
    ],
    [
      'two formats',
      () => [file('a', [started]), file('b', [{ tag: 'trace', event: {} }])],
      /^.*a and .*b are of different formats\n$/,
    ],
    [
      'two traces of one node',
      () => [file('a', [started]), file('c', [started])],
      /are both of node1; give one trace a node\n$/,
    ],
    ['a mapping that is not there', () => [path('a'), '--mapping', path('no')], /^.*no: ENOENT.*\n$/],
    [
      'a mapping that is no JSON',
      () => [path('a'), '--mapping', file('m1', '{')],
      /^.*m1: it is not JSON\n$/,
    ],
    [
      'a mapping without a node',
      () => [path('a'), '--mapping', file('m2', '{"what":{"path":"e","values":{}}}')],
      /^.*m2: node: .*\n$/,
    ],
    [
      'a mapping with an unknown key',
      () => [path('a'), '--mapping', file('m3', '{"node":"n","what":{"path":"e","values":{}},"nodes":1}')],
      /^.*m3: nodes: .*\n$/,
    ],
    [
      'a pattern that is none',
      () => [
        path('a'),
        '--mapping',
        file('m4', '{"node":{"path":"n","match":"("},"what":{"path":"e","values":{}}}'),
      ],
      /^.*m4: node.*\n$/,
    ],
    [
      'a value that the mapping does not know',
      () => [
        file('l5', [{ n: 1, e: 'x', r: 'BOSS' }]),
        '--mapping',
        file(
          'm5',
          '{"node":"n","what":{"path":"e","values":{"x":"state"}},"state":{"role":{"path":"r","values":{"L":"leader"}}}}',
        ),
      ],
      /^.*l5:1: r: Invalid role: "BOSS" is not one of the values of the mapping\n$/,
    ],
    [
      'a log of which the mapping finds nothing',
      () => [
        file('l6', [{ n: 1, e: 'y' }]),
        '--mapping',
        file('m6', '{"node":"n","what":{"path":"e","values":{"x":"state"}}}'),
      ],
      /^.*l6: no line tells of a node\n$/,
    ],
    [
      'a capability that there is not',
      () => [path('a'), '--without', 'magic'],
      /"magic" is not one of .*\n$/,
    ],
    ['--draw', () => [path('a'), '--draw', path('x.svg')], /^--draw is for traces of raftchart alone\n$/],
    ['--export', () => [path('a'), '--export', path('x')], /^--export is for traces of raftchart alone\n$/],
  ])('refuses %s in one line: exit code 2', async (_, words, message) => {
    const { code, stderr } = await raftchart('validate', ...words());
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(code).toBe(2);
  });
});

describe("--format writes traces as etcd's specification reads them", () => {
  const holdsFormat = (name: string): void => {
    const text = readFileSync(path(name), 'utf8');
    expect(text).toMatch(/\n$/);
    for (const line of text.slice(0, -1).split('\n')) v.parse(etcdTraceSchema, JSON.parse(line));
  };

  it.each(['etcd', 'etcd-persist'])('of a simulation, as %s', async (format) => {
    const name = `simulated-${format}`;
    expect(
      (await raftchart('simulate', '--seed', '3', ...quiet, '--trace', path(name), '--format', format)).code,
    ).toBe(0);
    holdsFormat(name);
    expect(await raftchart('validate', path(name))).toMatchObject({
      code: 0,
      stdout: /^accepted: \d+ events of 5 nodes/,
    });
  });

  it('with ids of 64 bits, as its servers have, each of which stays its own', async () => {
    await raftchart('simulate', '--seed', '3', ...quiet, '--trace', path('small-ids'), '--format', 'etcd');
    const id = (digit: string): string => `1380365815234772730${digit}`;
    const text = readFileSync(path('small-ids'), 'utf8');
    const large = text.replace(/"([1-5])"/g, (_, digit: string) => `"${id(digit)}"`);
    const { code, stdout } = await raftchart('validate', file('large-ids', large));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^accepted: \d+ events of 5 nodes/);
    for (const digit of '12345')
      expect(stdout).toMatch(new RegExp(`^node\\d is ${id(digit)} in the trace$`, 'm'));
    // Here the first node asks for votes in the name of another, which differs in the last digit alone.
    const bad = large.replace(/("name":"SendRequestVoteRequest".*?"from":)"\d+/, `$1"${id('9')}`);
    expect(await raftchart('validate', file('wrong-id', bad))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/:\d+: event\.msg\.from: Invalid node: .*\n$/),
    });
    const both = large.replaceAll(id('5'), '1');
    expect(await raftchart('validate', file('both-ids', both))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /:\d+: event: Invalid ids: 1 is one, and has come to stand for \d+, which is too large for a number\n$/,
      ),
    });
  });

  it('of a story', async () => {
    expect((await raftchart('scenario', 'election', '--trace', path('story'), '--format', 'etcd')).code).toBe(
      0,
    );
    holdsFormat('story');
    expect((await raftchart('validate', path('story'))).code).toBe(0);
  });

  it('of a trace that is accepted, and only then', async () => {
    const own = path('own.ndjson');
    await raftchart('simulate', '--seed', '3', ...quiet, '--trace', own);
    expect((await raftchart('validate', own, '--export', path('exported'), '--format', 'etcd')).code).toBe(0);
    expect(readFileSync(path('exported'), 'utf8')).toBe(readFileSync(path('simulated-etcd'), 'utf8'));
    const text = readFileSync(own, 'utf8');
    const bad = file(
      'bad-own',
      text.replace(/"type":"synced".*?"writes":1/, (found) => found.replace(/1$/, '7')),
    );
    expect((await raftchart('validate', bad, '--export', path('never'), '--format', 'etcd')).code).toBe(1);
    expect(existsSync(path('never'))).toBe(false);
  });

  it('says in one line what the format has no words for, and leaves no file: exit code 2', async () => {
    const crash = [
      '--duration',
      '3s',
      '--faults',
      'crash=500ms',
      '--duplicate-rate',
      '0',
      '--changes',
      '0',
      '--spares',
      '0',
    ];
    const { code, stderr } = await raftchart(
      'simulate',
      '--seed',
      '1',
      ...crash,
      '--trace',
      path('crashed'),
      '--format',
      'etcd',
    );
    expect(stderr).toMatch(/^cannot write .*crashed: node\d .*: use etcd-persist\n$/);
    expect(code).toBe(2);
    expect(existsSync(path('crashed'))).toBe(false);
  });

  it.each([
    ['simulate', '--seed', '1', '--format', 'etcd'],
    ['scenario', 'election', '--format', 'etcd'],
    ['validate', path('own.ndjson'), '--format', 'etcd'],
  ])('%s refuses --format without a file: exit code 2', async (...words) => {
    const { code, stderr } = await raftchart(...words);
    expect(stderr).toMatch(/--format needs --(trace|export)\n$/);
    expect(code).toBe(2);
  });
});
