import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { getOperation } from '../../../src/cli/client/operations.ts';
import {
  distrustOf,
  parseGivenEndpoint,
  parseGivenEndpoints,
  type Reach,
  reachOf,
} from '../../../src/cli/client/reach.ts';
import { runSession } from '../../../src/cli/client/session.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-reach-'));
afterAll(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode });
  return path;
};
const authority = await makeAuthority('a');
const made = async () => makeCertificate(authority, { name: 'c', uri: null, hosts: [], days: 1 });
const [alice, bob] = [await made(), await made()];
const ca = write('ca.crt', authority.cert);
const token = write('token', 'secret-token\n');
const files = { cert: write('a.crt', alice.cert), key: write('a.key', alice.key) };

describe('where nodes are', () => {
  it.each([
    ['127.0.0.1:8001', {}, 'http://127.0.0.1:8001'],
    ['127.0.0.1:8001', { cacert: ca }, 'https://127.0.0.1:8001'],
    [':8001', { ...files }, 'https://127.0.0.1:8001'],
    ['https://raft.example:8001/', {}, 'https://raft.example:8001'],
    ['http://[::1]:8001', {}, 'http://[::1]:8001'],
  ])('%s with %j is %s', (text, flags, endpoint) => {
    expect(reachOf([parseGivenEndpoint(text)], flags).endpoints).toEqual([endpoint]);
  });

  it.each([
    ['https://a:1,http://b:1', { cacert: ca }, ['https://a:1', 'http://b:1']],
    ['http://a:1,b:1', { cacert: ca }, ['http://a:1', 'https://b:1']],
    ['https://a:1,b:1', {}, ['https://a:1', 'https://b:1']],
    ['https://a:1,http://a:1', {}, ['https://a:1', 'http://a:1']],
    ['http://a:1,b:1', {}, ['http://a:1', 'http://b:1']],
  ])(
    '%s with %j are %j: only what is named so is asked in the clear beside HTTPS',
    (text, flags, endpoints) => {
      expect(reachOf(parseGivenEndpoints(text), flags).endpoints).toEqual(endpoints);
    },
  );

  it.each(['ftp://a:1', 'https://', 'https://a', 'https://a:1/path', ''])('is not %j', (text) => {
    expect(() => parseGivenEndpoint(text)).toThrow(/^expected host:port such as /);
  });

  it.each<[string, string, object, RegExp]>([
    [
      'http with an authority',
      'http://a:1',
      { cacert: ca },
      /^--cacert, --cert and --key are for https, but each address in --endpoints has http:\/\/ in front$/,
    ],
    ['a key without its certificate', 'a:1', { key: files.key }, /^--cert and --key belong together/],
    [
      'the key of another',
      'a:1',
      { cert: files.cert, key: write('b.key', bob.key) },
      /b\.key is not the key of --cert .*a\.crt/,
    ],
    [
      'a key that is none',
      'a:1',
      { cert: files.cert, key: write('x.key', 'hello') },
      /x\.key is not a private key in PEM/,
    ],
    [
      'a key for everybody',
      'a:1',
      { cert: files.cert, key: write('open.key', alice.key, 0o644) },
      /^--key: .*open\.key is open to every user/,
    ],
    ['no such authority', 'a:1', { cacert: '/nowhere' }, /^--cacert: cannot read \/nowhere: ENOENT/],
    ['an authority that is none', 'a:1', { cacert: token }, /^--cacert: .* holds no certificate in PEM$/],
    ['no such token', 'a:1', { tokenFile: '/nowhere' }, /^--token-file: cannot read \/nowhere: ENOENT/],
    [
      'a token for everybody',
      'a:1',
      { tokenFile: write('open', 'x', 0o644) },
      /^--token-file: .*open is open to every user/,
    ],
    [
      'the file of hashes',
      'a:1',
      { tokenFile: write('hashes', 'sha256:00 read a\n') },
      /holds no token: expected the one line/,
    ],
  ])('is refused in one line with %s', (_, text, flags, line) => {
    const act = () => reachOf([parseGivenEndpoint(text)], flags);
    expect(act).toThrow(line);
    expect(act).not.toThrow(/\n/);
  });
});

describe('an endpoint that a node has named', () => {
  const reach = (text: string, flags: object): Reach => reachOf(parseGivenEndpoints(text), flags).reach;

  it.each<[string, Reach, string, boolean]>([
    ['without protection anywhere', reach('a:1', {}), 'http://b:1', true],
    ['with a token where it was given', reach('a:1,b:1', { tokenFile: token }), 'http://b:1', true],
    ['with a token elsewhere', reach('a:1', { tokenFile: token }), 'http://b:1', false],
    [
      'with a token elsewhere, by public authorities',
      reach('https://a:1', { tokenFile: token }),
      'https://b:1',
      false,
    ],
    [
      'with a token elsewhere, by an own authority',
      reach('a:1', { tokenFile: token, cacert: ca }),
      'https://b:1',
      true,
    ],
    ['without TLS after TLS', reach('https://a:1', {}), 'http://b:1', false],
    ['without TLS where TLS was given', reach('https://a:1', {}), 'http://a:1', false],
    [
      'with a token where it was given in other words',
      reach('https://A.example:443', { tokenFile: token }),
      'https://a.example',
      true,
    ],
    [
      'with a token in the clear, where only HTTPS was given',
      reach('https://a:1,http://b:1', { tokenFile: token, cacert: ca }),
      'http://a:1',
      false,
    ],
    [
      'with a token in the clear, where a person has named it so beside HTTPS',
      reach('https://a:1,http://b:1', { tokenFile: token, cacert: ca }),
      'http://b:1',
      true,
    ],
    ['with a token on another port', reach('a:1', { tokenFile: token }), 'http://a:2', false],
  ])('is asked %s: %#', (_, by, endpoint, isAsked) => {
    expect(distrustOf(by, endpoint) === null).toBe(isAsked);
  });
});

describe('a token', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listen = async (answer: () => [status: number, body: string]) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const [status, body] = answer();
      response.writeHead(status, { 'x-raft-node': '1', connection: 'close' }).end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { asked, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  };

  it('is sent to the leader that a follower names only if a person has named it as well', async () => {
    const leader = await listen(() => [200, 'value']);
    const follower = await listen(() => [
      421,
      JSON.stringify({ error: 'not_leader', leader: 'node1', endpoint: leader.endpoint }),
    ]);
    const get = (endpoints: readonly string[]) => {
      const { reach } = reachOf(endpoints.map(parseGivenEndpoint), { tokenFile: token });
      return runSession(getOperation('x', 'linearizable'), {
        endpoints,
        isTargeted: false,
        timeoutMs: 20_000,
        reach,
      });
    };
    const end = await get([follower.endpoint]);
    expect(end).toMatchObject({
      state: 'unreachable',
      problem: expect.stringMatching(/the token is not sent to http:.*: to allow it, add it to --endpoints$/),
    });
    expect(leader.asked).toEqual([]);
    expect(follower.asked[0]).toBe('Bearer secret-token');
    expect((await get([follower.endpoint, leader.endpoint])).state).toBe('succeeded');
    expect(leader.asked).toEqual(['Bearer secret-token']);
  });
});
