import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
} from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/adapters/system/clock.ts';
import { Credentials } from '../../../../src/adapters/tls/credentials.ts';
import { identityUri } from '../../../../src/adapters/tls/node-identity.ts';
import { type KeyPair, makeAuthority, makeCertificate } from '../../../../src/cli/certs/make-certificates.ts';
import { ask } from '../../../../src/cli/client/leader.ts';
import { parseGivenEndpoint, plainReach, type Reach, reachOf } from '../../../../src/cli/client/reach.ts';
import { silentLog } from '../../../../src/ports/log.ts';
import { Access } from '../../../../src/store/http/access/access.ts';
import { TokenFile } from '../../../../src/store/http/access/token-file.ts';
import { newToken, type Permission, permissions } from '../../../../src/store/http/access/tokens.ts';
import type { Operation } from '../../../../src/store/http/operation.ts';
import { SecuredConnections } from '../../../../src/store/http/secured-connections.ts';
import type { HttpApi, HttpOptions } from '../../../../src/store/http/server.ts';
import { until } from '../../../adapters/transport/until.ts';
import { malformedRequest, seededDice } from '../malformed-requests.ts';
import { exchangeOn, exchangeRaw, statusOf } from '../raw-client.ts';
import { SingleNode, serve } from '../single-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'raftchart-access-'));
afterAll(() => rmSync(directory, { recursive: true }));
const write = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

let node: SingleNode;
let api: HttpApi;
const open: { close(): void }[] = [];
beforeEach(() => {
  node = new SingleNode();
});
afterEach(async () => {
  await api.close(0);
  for (const each of open.splice(0)) each.close();
});

const json = { 'content-type': 'application/json' };
const send = async (
  method: string,
  path: string,
  { headers = json, body = null }: { headers?: Record<string, string>; body?: string | null } = {},
) => {
  const response = await fetch(`http://127.0.0.1:${api.port}${path}`, { method, headers, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text };
};
const errorIn = (body: string): string => (JSON.parse(body) as { error: string }).error;

/** What a token must allow for each operation there is, and a request for it: one that a new operation lacks fails the types. */
const requests: Readonly<
  Record<Operation, readonly [needed: Permission | null, method: string, path: string, body?: string]>
> = {
  get: ['read', 'GET', '/v1/kv/x'],
  list: ['read', 'GET', '/v2/kv?prefix=x'],
  leases: ['read', 'GET', '/v2/leases'],
  // Of one that is let in nothing follows: it makes no sense.
  watch: ['read', 'GET', '/v2/watch?revision=x'],
  leader: ['read', 'GET', '/v1/leader'],
  members: ['read', 'GET', '/v1/members'],
  status: ['read', 'GET', '/v1/status'],
  charts: ['read', 'GET', '/v1/charts'],
  metrics: ['read', 'GET', '/metrics'],
  put: ['write', 'PUT', '/v1/kv/x', '1'],
  delete: ['write', 'DELETE', '/v1/kv/x'],
  cas: ['write', 'POST', '/v1/kv/x/cas', '{"from":null,"to":"1"}'],
  txn: ['write', 'POST', '/v2/txn', '{}'],
  lease: ['write', 'POST', '/v2/leases', '{"ttl":60}'],
  compact: ['admin', 'POST', '/v2/compact', '{"revision":1}'],
  transfer: ['admin', 'POST', '/v1/leader', '{}'],
  change_members: ['admin', 'POST', '/v1/members', '{"changes":[{"type":"remove","node":1}]}'],
  backup: ['admin', 'GET', '/v1/backup'],
  livez: [null, 'GET', '/livez'],
  readyz: [null, 'GET', '/readyz'],
  openapi: [null, 'GET', '/v2/openapi.json'],
  other: ['read', 'GET', '/v1/nothing'],
};

describe('an API with tokens', () => {
  const made = permissions.map((permission) => ({ permission, ...newToken(permission, `${permission}er`) }));
  const file = join(directory, 'tokens');
  let tokens: TokenFile;
  beforeEach(async () => {
    write('tokens', made.map(({ line }) => line).join('\n'));
    tokens = new TokenFile(file, systemClock, silentLog);
    open.push(tokens);
    api = await serve(node, { tokens });
  });
  const bearer = (token: string) => ({ ...json, authorization: `Bearer ${token}` });

  it.each(Object.entries(requests).map(([name, [needed, ...request]]) => [name, needed, request] as const))(
    'lets nobody %s without a token for it (%s)',
    async (_, needed, [method, path, body = null]) => {
      const statuses = [];
      for (const headers of [json, bearer('nonsense'), ...made.map(({ token }) => bearer(token))])
        statuses.push((await send(method, path, { headers, body })).status);
      const rank = needed === null ? -1 : permissions.indexOf(needed);
      const expected = [401, 401, 403, 403, 403].map((refused, at) =>
        needed === null || at - 2 >= rank ? 'answered' : refused,
      );
      expect(statuses.map((status) => ([401, 403].includes(status) ? status : 'answered'))).toEqual(expected);
    },
  );

  it('says what is missing, and does nothing', async () => {
    const missing = await send('PUT', '/v1/kv/x', { body: '1' });
    expect(errorIn(missing.body)).toBe('token_missing');
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="raftchart"');
    const unknown = await send('PUT', '/v1/kv/x', { headers: bearer('x'), body: '1' });
    expect(errorIn(unknown.body)).toBe('token_unknown');
    const low = await send('PUT', '/v1/kv/x', { headers: bearer(made[0]!.token), body: '1' });
    expect(JSON.parse(low.body)).toEqual({
      error: 'forbidden',
      message: 'this needs a token for write; the token of reader is for read',
    });
    expect(low.headers.get('www-authenticate')).toContain('scope="write"');
    expect(node.submitted).toBe(0);
  });

  it('asks for one before there is a node as well', async () => {
    await api.close(0);
    const { open: openApi } = await import('../single-node.ts');
    api = await openApi({ tokens });
    expect((await send('GET', '/v1/status')).status).toBe(401);
    expect((await send('GET', '/livez')).status).toBe(200);
  });

  it('takes a token back while its backup is on its way', async () => {
    const admin = made[2]!;
    let release = (): void => {};
    const chunk = new Promise<void>((resolve) => {
      release = resolve;
    });
    await api.close(0);
    let isCut = false;
    const warnings: string[] = [];
    api = await serve(node, {
      tokens,
      log: { ...silentLog, warn: (fields, message) => void warnings.push(`${message}: ${fields.error}`) },
      backups: {
        clusterId: 'c',
        program: 'p',
        openSnapshot: () => ({
          info: {
            index: 1,
            term: 1,
            sizeBytes: 1e9,
            configuration: new Uint8Array(0),
            checksum: 0,
          } as never,
          chunkAt: (offset) => {
            release();
            return { offset, bytes: new Uint8Array(64 * 1024), isLast: false } as never;
          },
          release: () => {
            isCut = true;
          },
        }),
      },
    });
    const response = await fetch(`http://127.0.0.1:${api.port}/v1/backup`, {
      headers: bearer(admin.token),
    }).catch((error: Error) => error);
    if (response instanceof Error || response.status !== 200)
      throw new Error(`no backup: ${response instanceof Error ? response : await response.text()}`);
    await chunk;
    const reading = response.arrayBuffer().then(
      () => 'all of it',
      () => 'cut',
    );
    writeFileSync(file, made[0]!.line);
    tokens.reload();
    expect(await reading).toBe('cut');
    expect(warnings).toEqual(['a backup broke off: its token was revoked, or no longer allows it']);
    expect(isCut).toBe(true);
  });

  it.each([`Basic ${Buffer.from('root:secret').toString('base64')}`, 'Digest realm="x"', 'secret-token'])(
    'says which scheme it expects, and repeats nothing, where it is sent %j',
    async (authorization) => {
      const { status, headers, body } = await send('GET', '/v1/status', { headers: { authorization } });
      expect({ status, ...JSON.parse(body) }).toEqual({
        status: 401,
        error: 'token_missing',
        message:
          'a token is needed, and this request has another kind of Authorization: send Authorization: Bearer TOKEN',
      });
      expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    },
  );

  it('cuts an answer that begins when its token has been taken back already', () => {
    const access = new Access(tokens, new Set(), systemClock, silentLog);
    const request = { headers: bearer(made[2]!.token) } as unknown as IncomingMessage;
    let cuts = 0;
    access.whileAllowed(request, 'backup', () => cuts++);
    expect(cuts).toBe(0);
    writeFileSync(file, made[0]!.line);
    tokens.reload();
    access.whileAllowed(request, 'backup', () => cuts++);
    expect(cuts).toBe(2);
  });

  it('takes other tokens when the file changes, none where it is empty, and keeps the old ones while it cannot be read', async () => {
    const late = newToken('read', 'late');
    appendFileSync(file, `\n${late.line}\n`);
    tokens.reload();
    expect((await send('GET', '/v1/status', { headers: bearer(late.token) })).status).toBe(200);
    const statusOf = async ({ token }: { readonly token: string }) =>
      (await send('GET', '/v1/status', { headers: bearer(token) })).status;
    // The line of a token is deleted, and another one spoilt, in one edit.
    writeFileSync(file, `nonsense\n${late.line}\n`);
    tokens.reload();
    expect([await statusOf(late), await statusOf(made[0]!)]).toEqual([200, 401]);
    rmSync(file);
    tokens.reload();
    expect(await statusOf(late)).toBe(200);
    writeFileSync(file, '', { mode: 0o600 });
    tokens.reload();
    expect(await statusOf(late)).toBe(401);
    writeFileSync(file, late.line);
    tokens.reload();
    expect((await send('GET', '/v1/status', { headers: bearer(made[2]!.token) })).status).toBe(401);
  });

  it('refuses a file to which everybody may write', () => {
    chmodSync(file, 0o666);
    expect(() => new TokenFile(file, systemClock, silentLog)).toThrow(
      /tokens is open to every user of this machine \(mode 666\): chmod o= /,
    );
    chmodSync(file, 0o644);
    new TokenFile(file, systemClock, silentLog).close();
  });
});

describe('an API that a web page is made to send requests to', () => {
  beforeEach(async () => {
    api = await serve(node, { hostNames: new Set(['raft.example']) });
  });
  const raw = async (head: string, body = ''): Promise<number> =>
    statusOf(
      await exchangeRaw(
        api.port,
        `${head}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      ),
    );

  it.each(['GET', 'PUT', 'DELETE'])(
    'refuses a %s to a name that was made to point to it (DNS rebinding)',
    async (method) => {
      expect(await raw(`${method} /v1/kv/x HTTP/1.1\r\nhost: evil.example:8001`)).toBe(403);
      expect(await raw(`${method} http://127.0.0.1/v1/kv/x HTTP/1.1\r\nhost: evil.example`)).toBe(403);
      expect(node.submitted + node.reads).toBe(0);
      expect(await raw(`${method} /v1/kv/x HTTP/1.1\r\nhost: raft.example`)).not.toBe(403);
    },
  );

  it.each([
    ['text/plain', '{"changes":[{"type":"remove","node":1}]}'],
    ['application/x-www-form-urlencoded', 'changes=1'],
    ['multipart/form-data; boundary=b', '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--b--'],
  ])('refuses what a form sends as %s', async (type, body) => {
    for (const path of ['/v1/members', '/v1/leader', '/v1/kv/x/cas'])
      expect(await raw(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}`, body)).toBe(415);
    expect([node.submitted, node.changes.length, node.transfers.length]).toEqual([0, 0, 0]);
  });

  it('refuses a write of another origin', async () => {
    const head = 'PUT /v1/kv/x HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example';
    expect(await raw(head, '1')).toBe(403);
    expect(node.submitted).toBe(0);
  });

  it('takes a file from curl -T as ever', async () => {
    expect(await raw('PUT /v1/kv/x HTTP/1.1\r\nhost: localhost', '1')).toBe(200);
  });

  it.each(Object.values(requests).map(([, ...request]) => request))(
    'protects its answer to %s %s',
    async (method, path, body) => {
      const { headers } = await send(method, path, { body: body ?? null });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    },
  );
});

describe('an API over TLS', () => {
  let ours: KeyPair;
  let ca: string;
  beforeAll(async () => {
    ours = await makeAuthority('ours');
    ca = write('ca.crt', ours.cert);
    const server = await makeCertificate(ours, { name: 'n', uri: null, hosts: ['127.0.0.1'], days: 1 });
    write('n.crt', server.cert);
    write('n.key', server.key);
  });
  const certOf = async (name: string, authority: KeyPair, nowMs = Date.now()) => {
    const made = await makeCertificate(authority, { name, uri: null, hosts: [], days: 1 }, nowMs);
    return { cert: write(`${name}.crt`, made.cert), key: write(`${name}.key`, made.key) };
  };
  const start = async (clientCa: string | null, limits = {}, more: Partial<HttpOptions> = {}) => {
    const files = { cert: join(directory, 'n.crt'), key: join(directory, 'n.key'), ca: clientCa };
    const tls = new Credentials({ files, identity: null, clock: systemClock, log: silentLog });
    open.push(tls);
    api = await serve(node, { ...more, tls, limits });
    return tls;
  };
  const reach = (flags: Parameters<typeof reachOf>[1] = { cacert: ca }): Reach =>
    reachOf([parseGivenEndpoint(`https://127.0.0.1:${api.port}`)], flags).reach;
  const get = async (by: Reach, scheme = 'https') => {
    const endpoint = `${scheme}://127.0.0.1:${api.port}`;
    const reply = await ask(
      { ...by, given: new Set([endpoint]) },
      endpoint,
      { method: 'GET', path: '/v1/status', body: null },
      5000,
    );
    if ('problem' in reply) return reply.problem;
    return reply.status === 200 ? 200 : (JSON.parse(reply.body.toString()) as { message: string }).message;
  };

  /** A connection over which something was asked. */
  const heldBy = async ({ tls }: Reach): Promise<TLSSocket> => {
    const socket = connectTls({ host: '127.0.0.1', port: api.port, secureContext: tls! });
    socket.on('error', () => {}).write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket.resume(), 'data');
    return socket;
  };

  it('answers who trusts it, and tells who does not, or speaks HTTP', async () => {
    await start(null);
    expect(await get(reach())).toBe(200);
    const theirs = write('theirs.crt', (await makeAuthority('theirs')).cert);
    expect(await get(reach({ cacert: theirs }))).toMatch(
      /^the certificate of https:.* was not issued by an authority that this client trusts: see --cacert$/,
    );
    expect(await get(reach(), 'http')).toMatch(/^http:\/\/127\.0\.0\.1:\d+ speaks HTTPS: use https:\/\/$/);
  });

  it.each(['http', 'https'])('logs where a request came from that it refuses, over %s', async (scheme) => {
    const tokens = new TokenFile(write('one', newToken('read', 'bob').line), systemClock, silentLog);
    open.push(tokens);
    const warnings: unknown[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
    if (scheme === 'https') await start(null, {}, { tokens, log });
    else api = await serve(node, { tokens, log });
    expect(await get(scheme === 'https' ? reach() : plainReach, scheme)).toMatch(/^a token is needed/);
    expect(warnings).toEqual([
      { remote: '127.0.0.1', answer: expect.stringContaining('token_missing'), unlogged: 0 },
    ]);
  });

  it('is told apart from one without', async () => {
    api = await serve(node);
    expect(await get(reach())).toMatch(/^https:.* does not speak TLS 1\.3: use http:\/\//);
  });

  it.each(['', 'host:\r\n', 'host: \r\n'])(
    'refuses a request with the Host line %j in words',
    async (line) => {
      await start(null);
      const socket = connectTls({ host: '127.0.0.1', port: api.port, ca: ours.cert });
      const received = await exchangeOn(
        socket,
        `GET /v1/status HTTP/1.1\r\n${line}connection: close\r\n\r\n`,
      );
      expect(statusOf(received)).toBe(403);
      expect(received).toMatch(
        /\{"error":"host_not_allowed","message":"the request names no host: send a Host header"\}$/,
      );
    },
  );

  it('refuses a node that comes as a client, though the authority is the same', async () => {
    await start(ca);
    const uri = identityUri({ clusterId: 'raftchart', node: 2 });
    const pair = await makeCertificate(ours, { name: 'n', uri, hosts: ['127.0.0.1'], days: 1 });
    const files = { cert: write('as-node.crt', pair.cert), key: write('as-node.key', pair.key) };
    expect(await get(reach({ cacert: ca, ...files }))).toBe(
      'this client is refused: its certificate is that of node2, not that of a client: make one with raftchart certs --client NAME',
    );
    expect(node.reads).toBe(0);
  });

  it('answers only clients of the authority, once it asks for one', async () => {
    const tls = await start(ca);
    const alice = await certOf('alice', ours);
    const theirs = await makeAuthority('theirs');
    const mallory = await certOf('mallory', theirs);
    const old = await certOf('old', ours, Date.now() - 3 * 24 * 60 * 60 * 1000);
    expect(await get(reach({ cacert: ca, ...alice }))).toBe(200);
    expect(await get(reach())).toBe('this client is refused: it shows no certificate');
    expect(await get(reach({ cacert: ca, ...mallory }))).toMatch(
      /its certificate comes from no authority that this node trusts/,
    );
    expect(await get(reach({ cacert: ca, ...old }))).toBe(
      'this client is refused: its certificate has expired',
    );
    const byAlice = reach({ cacert: ca, ...alice });
    expect(node.reads).toBe(0);
    const held = await heldBy(byAlice);
    // The authority of alice is taken out of use.
    writeFileSync(ca, theirs.cert);
    tls.reload();
    await once(held, 'close');
    writeFileSync(ca, ours.cert);
    expect(await get(byAlice)).toMatch(/^this client is refused: /);
    tls.reload();
    expect(await get(byAlice)).toBe(200);
  });

  it('refuses TLS 1.2', async () => {
    await start(null);
    const socket = connectTls({ host: '127.0.0.1', port: api.port, ca: ours.cert, maxVersion: 'TLSv1.2' });
    const [error] = await once(socket, 'error');
    expect(String((error as NodeJS.ErrnoException).code)).toMatch(/PROTOCOL_VERSION/);
  });

  it('is asked by no client that would speak TLS 1.2', async () => {
    const { cert, key } = await makeCertificate(ours, {
      name: 'n',
      uri: null,
      hosts: ['127.0.0.1'],
      days: 1,
    });
    api = await serve(node);
    const older = createTlsServer({ cert, key, maxVersion: 'TLSv1.2' });
    await once(older.listen(0, '127.0.0.1'), 'listening');
    const { port } = older.address() as AddressInfo;
    const socket = connectTls({ host: '127.0.0.1', port, secureContext: reach().tls! });
    const [error] = await once(socket, 'error');
    expect(String((error as NodeJS.ErrnoException).code)).toMatch(/PROTO/);
    older.close();
  });

  it('is reached beside 1,000 handshakes that nobody finishes, holds a bounded number of them, and cuts nobody else for them', async () => {
    await start(null, { maxConnections: 400 });
    const held = await heldBy(reach());
    const sockets: Socket[] = [];
    let left = 0;
    for (let at = 0; at < 1000; at++) {
      const socket = connectTcp(api.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('close', () => {
        left += 1;
      });
      // Some have begun.
      if (at % 2 === 0) socket.write('\x16\x03\x01\x02\x00\x01', 'latin1');
      sockets.push(socket);
      await once(socket, 'connect');
    }
    const begunMs = performance.now();
    expect(await get(reach())).toBe(200);
    expect(performance.now() - begunMs).toBeLessThan(2000);
    expect(left).toBeGreaterThanOrEqual(899);
    expect(held.closed).toBe(false);
    held.destroy();
    for (const socket of sockets) socket.destroy();
  });

  it('holds a bounded number of connections to which it says that it speaks HTTPS, and ends those that nobody else does', async () => {
    const credentials = await start(null);
    const secured = new SecuredConnections({
      credentials,
      maxHandshakes: 10,
      handshakeMs: 5000,
      clock: systemClock,
      log: silentLog,
      accept: () => {},
    });
    const taken: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (raw) => {
      taken.push(raw);
      secured.open(raw);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => {}).resume();
      socket.write('G');
      return socket;
    });
    await until(() => taken.length === 200);
    await new Promise((resolve) => setImmediate(resolve));
    const left = taken.filter(({ destroyed }) => !destroyed);
    expect(left.length).toBeLessThanOrEqual(10);
    await Promise.all(left.map((raw) => once(raw, 'close')));
    for (const socket of sockets) socket.destroy();
    secured.close();
    server.close();
  });

  it.each([
    ['has not begun', ''],
    ['has begun', '\x16\x03\x01\x02\x00\x01'],
  ])('ends a handshake that takes too long and %s', async (_, bytes) => {
    await start(null, { handshakeTimeoutMs: 50 });
    const socket = connectTcp(api.port, '127.0.0.1');
    socket.write(bytes, 'latin1');
    socket.resume();
    await once(socket, 'close');
  });

  it('outlives 20,000 malformed requests, and stores nothing', async () => {
    await start(null);
    const secureContext = createSecureContext({ ca: ours.cert });
    const dice = seededDice(20);
    const accepted: string[] = [];
    const counted = 20_000;
    let sent = 0;
    let session: Buffer | undefined;
    const worker = async (): Promise<void> => {
      while (sent < counted) {
        sent += 1;
        const { kind, bytes } = malformedRequest(dice);
        const socket = connectTls({
          host: '127.0.0.1',
          port: api.port,
          secureContext,
          ...(session ? { session } : {}),
        });
        socket.on('session', (ticket) => {
          session = ticket;
        });
        const received = await exchangeOn(socket, bytes);
        const status = statusOf(received);
        if (status !== 0 && status < 400) accepted.push(`${kind}: ${received.slice(0, 100)}`);
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    expect(accepted).toEqual([]);
    expect(node.submitted).toBe(0);
    expect(await get(reach())).toBe(200);
  }, 300_000);
});
