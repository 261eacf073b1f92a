import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { AdapterSession } from '../../../src/cli/adapter/adapter-session.ts';
import type { AdapterRequest, AdapterResponse } from '../../../src/conformance/protocol.ts';
import { pathSettings } from '../../../src/verify/paths/model-node.ts';
import type { Path, PathEvent } from '../../../src/verify/paths/path.ts';
import { randomPaths } from '../../verify/driven/random-paths.ts';

const init = { do: 'init', version: 1, id: 1, voters: [1, 2, 3], disk: 'prompt', settings: pathSettings };

const initOf = ({ voters, disk, settings }: Path): AdapterRequest => ({
  do: 'init',
  version: 1,
  id: 1,
  voters,
  disk,
  settings,
});

const requestOf = ({ type, ...rest }: PathEvent): AdapterRequest => ({ do: type, ...rest }) as AdapterRequest;

const ask = async (session: AdapterSession, request: unknown): Promise<AdapterResponse> => {
  const line = await session.answer(typeof request === 'string' ? request : JSON.stringify(request));
  expect(line).not.toContain('\n');
  return JSON.parse(line) as AdapterResponse;
};

describe('the adapter of this repository’s node', () => {
  test('answers each step of a path with what the model does', async () => {
    const session = new AdapterSession();
    for (const path of randomPaths(12, 40)) {
      expect(await ask(session, initOf(path))).toMatchObject({ ok: true, capabilities: { preVote: true } });
      for (const { event, expect: due } of path.steps) {
        const { role, term, votedFor, commitIndex, logBegin, log, sent, timers } = due;
        const begin = logBegin.index > 0 ? { logBegin } : {};
        const state = { role, term, votedFor, commitIndex, ...begin, log };
        expect(await ask(session, requestOf(event)), path.id).toEqual({ ok: true, state, sent, timers });
        expect(await ask(session, { do: 'state' })).toEqual({ ok: true, state, sent: [], timers: [] });
      }
    }
  });

  test('says what is wrong with a line, and goes on', async () => {
    const session = new AdapterSession();
    const log = { lastLogIndex: 0, lastLogTerm: 0, leadershipTransfer: false };
    const vote = { type: 'RequestVote', from: 2, to: 1, term: 1, ...log };
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ['', /the line is not JSON/],
      ['{', /the line is not JSON/],
      ['null', /the request/],
      [{ do: 'state' }, /init must come first/],
      [{ ...init, version: 2 }, /version/],
      [{ ...init, id: 4 }, /voters: node4 is not among them/],
      [init, /^$/],
      [{ do: 'dance' }, /do: /],
      [{ do: 'deliver', message: { ...vote, type: 'Vote' } }, /message\.type: /],
      [{ do: 'deliver', message: { ...vote, term: -1 } }, /message\.term: /],
      [{ do: 'deliver', message: { ...vote, to: 2 } }, /from and to are the same node/],
      [{ do: 'deliver', message: { ...vote, extra: 1 } }, /message\.extra: /],
      [{ do: 'propose', commands: [] }, /commands: /],
      [{ do: 'propose', commands: [1] }, /commands\.0: /],
      [{ do: 'timeout', timer: 'quorumCheck' }, /a timer that expires is armed/],
      [{ do: 'timeout', timer: 'lunch' }, /timer: /],
    ];
    for (const [request, error] of wrong) {
      const answer = await ask(session, request);
      expect(answer.ok ? '' : answer.error, JSON.stringify(request)).toMatch(error);
    }
    expect(await ask(session, { do: 'deliver', message: vote })).toMatchObject({
      ok: true,
      state: { term: 1, votedFor: 2 },
      sent: [{ type: 'RequestVoteResponse', to: 2, voteGranted: true }],
    });
  });

  test('answers line by line as a program, and ends with its input', () => {
    const lines = [init, { do: 'timeout', timer: 'electionTimeout' }, 'nonsense', { do: 'restart' }];
    const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/raftchart.ts', 'adapter'], {
      input,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const answers = stdout.trimEnd().split('\n');
    expect(answers.map((line) => (JSON.parse(line) as AdapterResponse).ok)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
