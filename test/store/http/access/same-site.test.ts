import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { strangeIn } from '../../../../src/store/http/access/same-site.ts';

const names = new Set(['raft.example']);
const json = { 'content-type': 'application/json' };
const errorOf = (method: string, headers: IncomingHttpHeaders): string | null =>
  strangeIn(method, headers, names)?.error ?? null;

describe('a request', () => {
  it.each([
    '127.0.0.1:8001',
    '[::1]:8001',
    '10.1.2.3',
    'localhost:8001',
    'LOCALHOST',
    'node1.localhost:8001',
    'raft.example:8001',
    'Raft.Example.',
  ])('may come to %s', (host) => {
    expect(errorOf('GET', { host })).toBeNull();
  });

  it.each([
    'evil.example:8001',
    'raft.example.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example@127.0.0.1',
    '127.0.0.1:8001, evil.example',
    '2130706433',
    '[::1',
  ])('to %s is refused: a page could have made the name point here (DNS rebinding)', (host) => {
    expect(errorOf('GET', { host })).toBe('host_not_allowed');
  });

  it.each([{}, { host: '' }])('without a host is refused: %j', (headers) => {
    expect(strangeIn('GET', headers, names)).toEqual({
      error: 'host_not_allowed',
      message: 'the request names no host: send a Host header',
    });
  });

  it.each([
    ['http://127.0.0.1:8001', null],
    ['https://127.0.0.1:8001', null],
    ['http://127.0.0.1:8002', 'origin_not_allowed'],
    ['http://evil.example', 'origin_not_allowed'],
    ['null', 'origin_not_allowed'],
    ['', 'origin_not_allowed'],
    ['127.0.0.1:8001', 'origin_not_allowed'],
    ['file://127.0.0.1:8001', 'origin_not_allowed'],
  ])('of a page of %s gets %s', (origin, error) => {
    expect(errorOf('GET', { host: '127.0.0.1:8001', origin })).toBe(error);
    expect(errorOf('PUT', { host: '127.0.0.1:8001', origin })).toBe(error);
  });

  it('that a browser says comes from another site is refused', () => {
    expect(errorOf('GET', { host: 'localhost', 'sec-fetch-site': 'cross-site' })).toBe('origin_not_allowed');
    expect(errorOf('GET', { host: 'localhost', 'sec-fetch-site': 'same-origin' })).toBeNull();
  });

  it.each<[string, IncomingHttpHeaders, string | null]>([
    ['POST', {}, null],
    ['POST', { origin: 'http://localhost' }, 'not_from_a_form'],
    ['POST', { 'sec-fetch-site': 'same-origin' }, 'not_from_a_form'],
    ['POST', { 'sec-fetch-mode': 'no-cors' }, 'not_from_a_form'],
    ['POST', { 'content-type': '' }, 'not_from_a_form'],
    ['POST', { 'content-type': 'application/x-www-form-urlencoded' }, 'not_from_a_form'],
    ['POST', { 'content-type': 'text/plain; application/json' }, 'not_from_a_form'],
    ['POST', { 'content-type': 'application/jsonp' }, 'not_from_a_form'],
    ['POST', json, null],
    ['POST', { 'content-type': 'Application/JSON; charset=utf-8' }, null],
    ['POST', { 'x-raft-request': '1', origin: 'http://localhost' }, null],
    // A form cannot send these, and curl -T goes on working.
    ['PUT', {}, null],
    ['DELETE', {}, null],
    ['GET', {}, null],
  ])('%s with %j gets %s', (method, headers, error) => {
    expect(errorOf(method, { host: 'localhost', ...headers })).toBe(error);
  });
});
