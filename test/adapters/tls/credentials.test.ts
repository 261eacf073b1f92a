import { chmodSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Credentials, type CredentialsOptions } from '../../../src/adapters/tls/credentials.ts';
import { identityUri } from '../../../src/adapters/tls/node-identity.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { silentLog } from '../../../src/ports/log.ts';
import { VirtualClock } from '../transport/virtual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-tls-'));
afterAll(() => rmSync(directory, { recursive: true }));
const files = {
  cert: join(directory, 'n.crt'),
  key: join(directory, 'n.key'),
  ca: join(directory, 'ca.crt'),
};
const identity = { clusterId: 'raftchart', node: 1 };
const dayMs = 24 * 60 * 60 * 1000;
const nowMs = Date.now();

const made = (authority: KeyPair, of = identity, days = 30, at = nowMs): Promise<KeyPair> =>
  makeCertificate(authority, { name: 'n', uri: identityUri(of), hosts: ['127.0.0.1'], days }, at);
let authority: KeyPair;
let first: KeyPair;
let second: KeyPair;
beforeAll(async () => {
  authority = await makeAuthority('a');
  [first, second] = await Promise.all([made(authority), made(authority)]);
});
const put = ({ cert, key }: KeyPair): void => {
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  chmodSync(files.key, 0o600);
};

describe('credentials', () => {
  let clock: VirtualClock;
  let said: (readonly [string, Readonly<Record<string, unknown>>])[];
  const open = (more: Partial<CredentialsOptions> = {}): Credentials => {
    const say = (fields: Readonly<Record<string, unknown>>, message: string) =>
      void said.push([message, fields]);
    const log = { ...silentLog, info: say, warn: say, error: say };
    return new Credentials({ files, identity, clock, log, wallClock: () => nowMs, ...more });
  };
  beforeEach(() => {
    clock = new VirtualClock();
    said = [];
    put(first);
    writeFileSync(files.ca, authority.cert);
  });

  it('are read when they are sound', () => {
    const credentials = open();
    expect(credentials.expiresMs).toBeGreaterThan(nowMs + 29 * dayMs);
    expect(said).toEqual([]);
    credentials.close();
  });

  it.each<[string, () => void | Promise<void>, RegExp]>([
    ['a file that is not there', () => unlinkSync(files.key), /^cannot read .*n\.key: ENOENT/],
    ['no PEM', () => writeFileSync(files.cert, 'hello'), /n\.crt holds no certificate in PEM$/],
    [
      'a damaged one',
      () => writeFileSync(files.cert, first.cert.replace(/MII/, 'MIA')),
      /holds a damaged certificate/,
    ],
    [
      'a key that everybody may read',
      () => chmodSync(files.key, 0o644),
      /n\.key is open to every user of this machine \(mode 644\): chmod o= .*n\.key$/,
    ],
    ['no key', () => writeFileSync(files.key, first.cert), /n\.key is not a private key in PEM/],
    [
      'the key of another one',
      () => writeFileSync(files.key, second.key),
      /n\.key is not the key of .*n\.crt/,
    ],
    [
      'one that has expired',
      async () => put(await made(authority, identity, 1, nowMs - 2 * dayMs)),
      / expired on /,
    ],
    [
      'one of tomorrow',
      async () => put(await made(authority, identity, 9, nowMs + dayMs)),
      /is not valid before/,
    ],
    [
      'one of another node',
      async () => put(await made(authority, { ...identity, node: 2 })),
      /cannot be used by node1: it is issued to node2, not to node1$/,
    ],
    [
      'one of another cluster',
      async () => put(await made(authority, { ...identity, clusterId: 'other' })),
      /it is issued to a node of cluster other/,
    ],
    [
      'one of another authority of the same name',
      async () => writeFileSync(files.ca, (await makeAuthority('a')).cert),
      /does not come from an authority in .*ca\.crt/,
    ],
  ])('are refused in one line for %s', async (_, spoil, line) => {
    await spoil();
    expect(() => open()).toThrow(line);
    expect(() => open()).toThrow(/^[^\n]*$/);
  });

  it('are read anew when the files have changed, and who uses them is told', () => {
    const credentials = open();
    const { context } = credentials;
    let changes = 0;
    credentials.onChange(() => changes++);
    clock.advance(5000);
    expect(changes).toBe(0);
    put(second);
    clock.advance(1000);
    expect(changes).toBe(1);
    expect(credentials.context).not.toBe(context);
    credentials.close();
  });

  it('are read anew when a link leads to other files, as Kubernetes swaps them', () => {
    const link = join(directory, 'linked.crt');
    writeFileSync(join(directory, 'other.crt'), first.cert);
    symlinkSync(files.cert, link);
    const credentials = open({ files: { ...files, cert: link } });
    let changes = 0;
    credentials.onChange(() => changes++);
    unlinkSync(link);
    symlinkSync(join(directory, 'other.crt'), link);
    clock.advance(1000);
    expect(changes).toBe(1);
    credentials.close();
  });

  it('stay as they were while the new files are no use, which is said once', () => {
    const credentials = open();
    const { context } = credentials;
    writeFileSync(files.cert, second.cert);
    clock.advance(3000);
    credentials.reload();
    expect(credentials.context).toBe(context);
    expect(said.map(([message]) => message)).toEqual(['certificates are not reloaded']);
    writeFileSync(files.key, second.key);
    clock.advance(1000);
    expect(credentials.context).not.toBe(context);
    credentials.close();
  });

  it('that expire soon are reported, once a day', () => {
    let now = nowMs + 20 * dayMs;
    const credentials = open({ wallClock: () => now });
    expect(said.map(([message]) => message)).toEqual(['the certificate expires soon: replace it']);
    clock.advance(60_000);
    expect(said).toHaveLength(1);
    now += dayMs;
    clock.advance(1000);
    expect(said).toHaveLength(2);
    now += 20 * dayMs;
    clock.advance(1000);
    expect(said.at(-1)?.[0]).toBe('the certificate has expired: replace it');
    credentials.close();
  });

  it('are looked at no more once they are closed', () => {
    const credentials = open();
    credentials.close();
    put(second);
    clock.advance(5000);
    expect(said).toEqual([]);
  });
});
