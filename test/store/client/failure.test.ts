import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../../../src/cli/certs/make-certificates.ts';
import { failureOf } from '../../../src/store/client/failure.ts';
import { StoreClient } from '../../../src/store/client/store-client.ts';

const failed = (cause: object): Error => Object.assign(new TypeError('fetch failed'), { cause });

describe('why a request has failed', () => {
  it.each([
    ['a refused connection', { code: 'ECONNREFUSED', syscall: 'connect' }, 'ECONNREFUSED', true],
    ['an unknown host', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }, 'ENOTFOUND', true],
    [
      'no way to the host, while it connects',
      { code: 'EHOSTUNREACH', syscall: 'connect' },
      'EHOSTUNREACH',
      true,
    ],
    ['no way to the host any more', { code: 'EHOSTUNREACH', syscall: 'read' }, 'EHOSTUNREACH', false],
    [
      'no address of the host that can be reached',
      { code: 'ENETUNREACH', errors: [{ syscall: 'connect' }, { syscall: 'connect' }] },
      'ENETUNREACH',
      true,
    ],
    ['a connection that broke', { code: 'ECONNRESET', syscall: 'read' }, 'ECONNRESET', false],
    ['what a browser says', {}, 'fetch failed', false],
  ])('%s', (_, cause, reason, isNotSent) => {
    expect(failureOf('https://a', failed(cause))).toEqual({ reason, isNotSent, isLasting: false });
  });

  it('a certificate that is not trusted, in a sentence with the remedy', async () => {
    const { cert, key } = await makeCertificate(await makeAuthority('unknown'), {
      name: 'node',
      uri: null,
      hosts: ['127.0.0.1'],
      days: 1,
    });
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new StoreClient({ endpoints: [endpoint], timeoutMs: 20_000 });
    const refusal = {
      code: 'unreachable',
      message: `no node can be reached: the certificate of ${endpoint} was not issued by an authority that this client trusts: see \`fetch\` in docs/client.md`,
    };
    await expect(client.put('k', '')).rejects.toMatchObject(refusal);
    await expect(client.watch({ key: 'k' }).next()).rejects.toMatchObject(refusal);
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
