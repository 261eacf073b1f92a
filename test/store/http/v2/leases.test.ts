import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServedNode } from './served.ts';

let clockMs = 1_700_000_000_000;
let served: ServedNode;
beforeEach(async () => {
  served = await ServedNode.open({ wallClock: () => clockMs });
});
afterEach(() => served.close());

const grant = (body: object) => served.ask('POST', '/v2/leases', body);

describe('a lease', () => {
  it('is granted with an id of its own, or the one that is given', async () => {
    const { status, body } = await grant({ ttl: 60 });
    expect({ status, body }).toMatchObject({ status: 200, body: { ttl: 60, index: 2, revision: 1 } });
    expect(body.id).toMatch(/^[1-9]\d{0,18}$/);
    expect((await grant({ ttl: 1, id: '9223372036854775807' })).body).toMatchObject({
      id: '9223372036854775807',
      ttl: 2,
    });
    expect(await grant({ ttl: 60, id: body.id })).toMatchObject({
      status: 409,
      body: { error: 'lease_exists' },
    });
  });

  it('is shown with its keys and what is left of it, and its time begins anew when it is kept alive', async () => {
    await grant({ ttl: 60, id: '7' });
    await served.ask('PUT', '/v2/kv/b?lease=7', '1');
    await served.ask('PUT', '/v2/kv/a?lease=7', '1');
    clockMs += 4000;
    await served.put('c', '1');
    expect((await served.get('/v2/leases/7')).body).toMatchObject({
      id: '7',
      ttl: 60,
      remaining: 56,
      key_count: 2,
      more: false,
      keys: [{ key: 'a' }, { key: 'b' }],
    });
    expect(await served.ask('POST', '/v2/leases/7/keepalive')).toMatchObject({
      status: 200,
      body: { id: '7', ttl: 60 },
    });
    expect((await served.get('/v2/leases/7')).body.remaining).toBe(60);
  });

  it('takes its keys with it when it is revoked', async () => {
    await grant({ ttl: 60, id: '7' });
    await served.ask('PUT', '/v2/kv/a?lease=7', '1');
    expect(await served.ask('DELETE', '/v2/leases/7')).toMatchObject({
      status: 200,
      body: { id: '7', revision: 3 },
    });
    expect((await served.get('/v2/kv')).body.count).toBe(0);
  });

  it.each([
    ['GET', '/v2/leases/7'],
    ['DELETE', '/v2/leases/7'],
    ['POST', '/v2/leases/7/keepalive'],
    ['PUT', '/v2/kv/a?lease=7'],
  ])('that does not exist is not found: %s %s', async (method, path) => {
    const answer = await served.ask(method, path, method === 'PUT' ? '1' : null);
    expect(answer).toMatchObject({ status: 404, body: { error: 'lease_not_found' } });
  });

  it.each([
    [{}, 'ttl: is missing'],
    [{ ttl: 0 }, 'ttl: must be at least 1'],
    [{ ttl: 1.5 }, 'ttl: must be an integer'],
    [{ ttl: 9_000_000_001 }, 'ttl: must be at most 9000000000'],
    [{ ttl: 5, id: 7 }, 'id: expected string, got 7'],
    [{ ttl: 5, id: '0' }, 'id: must be a decimal number in quotes'],
  ])('%o is not granted: %s', async (body, message) => {
    expect(await grant(body)).toMatchObject({ status: 400, body: { message } });
  });

  it('is named by a decimal number', async () => {
    expect(await served.get('/v2/leases/abc')).toMatchObject({
      status: 400,
      body: { message: 'the id of a lease is a decimal number from 1 to 2^63 - 1' },
    });
    expect((await served.get('/v2/leases/7/other')).status).toBe(404);
  });
});

describe('the list of leases', () => {
  it('has them in the order of their ids', async () => {
    for (const id of ['30', '4', '100']) await grant({ ttl: 60, id });
    expect((await served.get('/v2/leases')).body).toMatchObject({
      count: 3,
      more: false,
      leases: [
        { id: '4', ttl: 60, remaining: 60 },
        { id: '30', ttl: 60 },
        { id: '100', ttl: 60 },
      ],
    });
    expect((await served.get('/v2/leases?after=30')).body.leases).toMatchObject([{ id: '100' }]);
  });
});

describe('a compaction', () => {
  it.each([
    [{ revision: 9 }, 409, 'future_revision'],
    [{ revision: 0 }, 400, 'bad_request'],
    [{}, 400, 'bad_request'],
  ])('to %o is refused with %i %s', async (body, status, error) => {
    expect(await served.ask('POST', '/v2/compact', body)).toMatchObject({ status, body: { error } });
  });

  it('is not done twice', async () => {
    await served.put('a', '1');
    await served.ask('POST', '/v2/compact', { revision: 2 });
    expect(await served.ask('POST', '/v2/compact', { revision: 2 })).toMatchObject({
      status: 410,
      body: { error: 'compacted', oldest: 2 },
    });
  });
});
