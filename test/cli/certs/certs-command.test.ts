import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, describe, expect, it } from 'vitest';
import { identityFault } from '../../../src/adapters/tls/node-identity.ts';
import { raftchart } from '../run-raftchart.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-certs-'));
afterAll(() => rmSync(directory, { recursive: true }));
const out = join(directory, 'certs');
const read = (name: string): string => readFileSync(join(out, name), 'utf8');
const certs = (...flags: readonly string[]) => raftchart('certs', '--out', out, ...flags);

describe('raftchart certs', () => {
  it('makes an authority, and a certificate for each node and client, whose keys only their owner reads', async () => {
    const { code, stdout } = await certs('--cluster-id', 'shop', '--nodes', '1,2', '--client', 'alice');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
    const authority = new X509Certificate(read('ca.crt'));
    expect(authority.ca).toBe(true);
    for (const name of ['node1', 'node2', 'client-alice']) {
      const cert = new X509Certificate(read(`${name}.crt`));
      expect(cert.checkIssued(authority) && cert.verify(authority.publicKey)).toBe(true);
      expect(cert.ca).toBe(false);
      expect(statSync(join(out, `${name}.key`)).mode & 0o777).toBe(0o600);
    }
    const { subjectAltName } = new X509Certificate(read('node2.crt'));
    expect(identityFault(subjectAltName, 'shop', 2)).toBeNull();
    expect(new X509Certificate(read('client-alice.crt')).subjectAltName).toBeUndefined();
  });

  it('writes all files, whoever reads its output leaves first', async () => {
    const other = join(directory, 'piped');
    const program = new URL('../../../src/cli/raftchart.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, 'certs', '--out', other, '--nodes', '1,2,3,4,5'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout!.destroy();
    await once(child, 'exit');
    expect(readdirSync(other)).toHaveLength(12);
  });

  it('makes certificates that two ends of a connection take from each other', async () => {
    const of = (name: string) => ({
      cert: read(`${name}.crt`),
      key: read(`${name}.key`),
      ca: read('ca.crt'),
    });
    const server = createServer({
      ...of('node1'),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    });
    const accepted = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const socket = connect({ ...of('node2'), host: '127.0.0.1', port });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect([socket.authorized, (await accepted).authorized]).toEqual([true, true]);
    socket.destroy();
    server.close();
  });

  it('adds to an authority that is there, and replaces nothing unless told to', async () => {
    const [authority, node1] = [read('ca.crt'), read('node1.crt')];
    const refused = await certs('--nodes', '3,1');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^\S+node1\.crt is there already: .*--force\n$/);
    expect((await certs('--nodes', '3', '--days', '2')).code).toBe(0);
    const node3 = new X509Certificate(read('node3.crt'));
    expect(node3.checkIssued(new X509Certificate(authority))).toBe(true);
    const daysOf = (cert: X509Certificate) => (Date.parse(cert.validTo) - Date.now()) / (24 * 60 * 60 * 1000);
    expect(daysOf(node3)).toBeCloseTo(2, 1);
    expect(daysOf(new X509Certificate(node1))).toBeCloseTo(365, 1);
    chmodSync(join(out, 'node1.key'), 0o644);
    expect((await certs('--nodes', '1', '--force')).code).toBe(0);
    expect(read('node1.crt')).not.toBe(node1);
    expect(statSync(join(out, 'node1.key')).mode & 0o777).toBe(0o600);
    expect(read('ca.crt')).toBe(authority);
  });

  it('makes nodes 1 to 3 unless told otherwise, and none for a client that comes later', async () => {
    const flags = ['certs', '--out', join(directory, 'by-default')];
    const made = async (...more: readonly string[]) => {
      const { code, stdout } = await raftchart(...flags, ...more);
      expect(code).toBe(0);
      return stdout.match(/[\w-]+(?=\.crt)/g);
    };
    expect(await made()).toEqual(['ca', 'node1', 'node2', 'node3']);
    expect(await made('--client', 'bob')).toEqual(['client-bob']);
  });

  it.each([
    [['--nodes', '1,1'], /--nodes.*expected ids such as 1,2,3/],
    [['--nodes', '0'], /--nodes.*expected ids such as 1,2,3/],
    [['--hosts', 'a b'], /--hosts.*expected names such as/],
    [['--days', '0'], /--days.*expected 1 to 3650 days/],
  ])('refuses %j in one line', async (flags, line) => {
    const { code, stdout, stderr } = await certs(...flags);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([
    ['damaged', 'nonsense'],
    ['half gone', null],
  ])('refuses an authority that is %s', async (name, key) => {
    const other = join(directory, name);
    mkdirSync(other);
    writeFileSync(join(other, 'ca.crt'), read('ca.crt'));
    if (key !== null) writeFileSync(join(other, 'ca.key'), key);
    const { code, stderr } = await raftchart('certs', '--out', other);
    expect(stderr).toMatch(
      /^(?:the authority cannot be read: |\S.* are not an authority made by raftchart certs: )[^\n]+\n$/,
    );
    expect(code).toBe(2);
  });
});
