import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KnownNodes } from '../../../src/store/client/known-nodes.ts';
import { FakeNodes, json } from './fake-nodes.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Answers with the members that have these client addresses, or refuses to. */
const membersAt = (...clients: string[]): Response =>
  json(200, { members: Object.fromEntries(clients.map((client, at) => [at + 1, { client }])) });

const knownBy = (nodes: FakeNodes, ...endpoints: string[]): KnownNodes =>
  new KnownNodes(endpoints, { fetch: nodes.fetch, token: 'secret' }, 1000);

/** What was asked has been answered, and looked at. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('known nodes are tried in this order: the last that answered, those that members name, those that were given', async () => {
  const nodes = new FakeNodes(() => membersAt('http://b', 'http://c/'));
  const known = knownBy(nodes, 'http://a', 'http://b/');
  expect(known.list()).toEqual(['http://a', 'http://b']);
  known.answered('http://c');
  await settled();
  expect(known.list()).toEqual(['http://c', 'http://b', 'http://a']);
});

it('known nodes are asked for the members every 30 seconds at most, with the token', async () => {
  const tokens: (string | null)[] = [];
  const nodes = new FakeNodes((_method, _url, { headers }) => {
    tokens.push(new Headers(headers).get('authorization'));
    return membersAt();
  });
  const known = knownBy(nodes, 'http://a');
  known.answered('http://a');
  known.opened('http://b');
  vi.advanceTimersByTime(29_999);
  known.answered('http://b');
  expect(nodes.asked).toEqual(['GET http://a/v1/members']);
  vi.advanceTimersByTime(1);
  known.answered('http://b');
  expect(nodes.asked).toEqual(['GET http://a/v1/members', 'GET http://b/v1/members']);
  expect(tokens).toEqual(['Bearer secret', 'Bearer secret']);
});

it('known nodes stay known when a node does not say who the members are', async () => {
  const answers = [membersAt('http://b'), json(401, { error: 'unauthorized' })];
  const known = knownBy(new FakeNodes(() => answers.shift()!), 'http://a');
  known.answered('http://a');
  await settled();
  vi.advanceTimersByTime(30_000);
  known.answered('http://a');
  await settled();
  expect(answers).toEqual([]);
  expect(known.list()).toEqual(['http://a', 'http://b']);
});

it('known nodes over HTTPS name none over HTTP: a token would go out in the clear', async () => {
  const known = knownBy(new FakeNodes(() => membersAt('http://b', 'https://c', 'nonsense')), 'https://a');
  known.answered('https://a');
  await settled();
  expect(known.list()).toEqual(['https://a', 'https://c']);
});
