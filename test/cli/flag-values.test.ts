import { describe, expect, it } from 'vitest';
import {
  endpointUrl,
  parseDrift,
  parseDuration,
  parseEndpoint,
  parseEndpoints,
  parseLongDuration,
  parseNodeId,
  parsePeers,
  parseRange,
} from '../../src/cli/flag-values.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['1.5s', 1500],
    ['1m', 60_000],
    ['250', 250],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '0', '0ms', '-1', '2h', '1e3', ' 5', '5 s', 's', 'Infinity', '0.1ms'])(
    'refuses "%s"',
    (text) =>
      expect(() => parseDuration(text)).toThrow(`expected a duration such as 500ms, 2s or 1m, got "${text}"`),
  );
});

describe('parseDuration and parseLongDuration', () => {
  it.each([parseDuration, parseLongDuration])('name the longest wait (%o)', (parse) => {
    expect(parse('35791m')).toBe(35_791 * 60_000);
    expect(() => parse('35792m')).toThrow('expected at most 35791m, got "35792m"');
  });
});

describe('parseLongDuration', () => {
  it.each([
    ['5ms', 5],
    ['0.01s', 10],
    ['50', 50],
  ])('%s is %i ms', (text, ms) => expect(parseLongDuration(text)).toBe(ms));

  it.each(['5', '49', '1.5'])('takes %s for what lacks its unit', (text) =>
    expect(() => parseLongDuration(text)).toThrow(/^"[\d.]+" is \d+ ms: say [\d.]+s or [\d.]+ms$/),
  );
});

describe('parseDrift', () => {
  it.each([
    ['0', 0],
    ['0.1', 0.1],
    ['.05', 0.05],
    ['0.999', 0.999],
  ])('%s', (text, fraction) => expect(parseDrift(text)).toBe(fraction));

  it.each(['', '1', '1.0', '-0.1', '10%', '0,1', '1e-1', '0x0', 'NaN', '.'])('refuses "%s"', (text) =>
    expect(() => parseDrift(text)).toThrow(
      `expected a fraction from 0 to below 1 such as 0.1, got "${text}"`,
    ),
  );
});

describe('parseRange', () => {
  it('takes a minimum below a maximum', () => expect(parseRange('150-300')).toEqual({ min: 150, max: 300 }));

  it.each(['', '150', '300-150', '150-150', '0-5', 'a-b', '1-2-3', '-5-10'])('refuses "%s"', (text) =>
    expect(() => parseRange(text)).toThrow(/^expected a range/),
  );
});

describe('parseEndpoint', () => {
  it.each([
    ['127.0.0.1:8001', '127.0.0.1', 8001],
    [':8001', '127.0.0.1', 8001],
    ['localhost:8001', 'localhost', 8001],
    ['[::1]:8001', '::1', 8001],
    ['http://db-1.example:80/', 'db-1.example', 80],
    ['http://[::1]:8001', '::1', 8001],
  ])('%s', (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ host, port });
    expect(parseEndpoint(endpointUrl({ host, port }))).toEqual({ host, port });
  });

  it.each(['', '8001', 'localhost', '::1:8001', 'a:b', 'a:70000', 'https://a:1', 'a:1/x', 'a b:1', 'u@a:1'])(
    'refuses "%s"',
    (text) => expect(() => parseEndpoint(text)).toThrow(/^expected host:port/),
  );

  it('several are separated by commas', () => {
    expect(parseEndpoints(':8001, localhost:8002')).toHaveLength(2);
    expect(() => parseEndpoints(':8001,')).toThrow('got ""');
  });
});

describe('parsePeers', () => {
  it('takes ids, ids with addresses, and both mixed', () => {
    expect(parsePeers('2,3')).toEqual({ 2: null, 3: null });
    expect(parsePeers('2=[::1]:7002, 3')).toEqual({ 2: { host: '::1', port: 7002 }, 3: null });
  });

  it.each(['', '2,', 'a', '2=', '2=x', '0', '2,2', '2=:1=:2', '-1', '1000'])('refuses "%s"', (text) =>
    expect(() => parsePeers(text)).toThrow(/^(expected|node 2 is listed twice)[^\n]*$/),
  );
});

it('parseNodeId takes 1 to 999', () => {
  expect(parseNodeId('12')).toBe(12);
  for (const text of ['0', '1000', '-1', '1.5', 'x', ''])
    expect(() => parseNodeId(text)).toThrow(/^expected a node's id/);
});
