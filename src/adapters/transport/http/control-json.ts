import type { IncomingHttpHeaders } from 'node:http';
import { type Control, encodeControl, type Hello, type Join, type Welcome } from '../../codec/control.ts';
import { jsonName } from '../../codec/json-message.ts';
import { type Malformed, malformed } from '../../codec/malformed.ts';
import { isSpoken, otherVersionWords } from '../../codec/wire-versions.ts';

type Joined = Extract<Control, { type: 'Joined' }>;
export type Headers = Readonly<Record<string, string>>;

/** What is in every request, so that it can be told where it belongs. */
export const addressHeaders = ({ version, clusterId, from }: Hello | Join, to: number | null): Headers => ({
  'raft-version': `${version}`,
  'raft-cluster': encodeURIComponent(clusterId),
  'raft-from': `${from}`,
  ...(to === null ? {} : { 'raft-to': `${to}` }),
});

/** A `Hello` as headers. One that is null is left out; text is percent-encoded. */
export const helloHeaders = (hello: Hello): Headers => {
  const { incarnation, clientEndpoint, peerEndpoint, configurationIndex, logId, start, runs, firstMembers } =
    hello;
  return {
    ...addressHeaders(hello, hello.to),
    'raft-incarnation': encodeURIComponent(incarnation),
    ...(clientEndpoint === null ? {} : { 'raft-client-endpoint': encodeURIComponent(clientEndpoint) }),
    ...(peerEndpoint === null ? {} : { 'raft-peer-endpoint': encodeURIComponent(peerEndpoint) }),
    'raft-configuration-index': `${configurationIndex}`,
    'raft-log-id': logId,
    'raft-start': `${start}`,
    'raft-runs': runs.map((run) => `${run.start}:${run.tag}`).join(),
    'raft-first-members': firstMembers.join(),
  };
};

/** The frame of the `Hello` in `headers`, or why there is none. */
export const helloIn = (
  headers: IncomingHttpHeaders,
): { readonly hello: Hello; readonly frame: Uint8Array } | Malformed => {
  const address = addressIn(headers);
  if ('malformed' in address) return address;
  const needed = [
    'raft-to',
    'raft-incarnation',
    'raft-log-id',
    'raft-start',
    'raft-runs',
    'raft-first-members',
  ];
  const missing = needed.find((name) => typeof headers[name] !== 'string');
  if (missing !== undefined) return malformed(`the header ${missing} is missing`);
  const text = (name: string): string => headers[name] as string;
  const endpoint = (name: string) => (headers[name] === undefined ? null : decoded(text(name)));
  const hello: Hello = {
    type: 'Hello',
    ...address,
    to: numberIn(text('raft-to')),
    incarnation: decoded(text('raft-incarnation')) ?? '',
    clientEndpoint: endpoint('raft-client-endpoint'),
    peerEndpoint: endpoint('raft-peer-endpoint'),
    configurationIndex: numberIn((headers['raft-configuration-index'] as string | undefined) ?? '0'),
    logId: text('raft-log-id'),
    start: numberIn(text('raft-start')),
    runs: text('raft-runs')
      .split(',')
      .map((run) => {
        const [start = '', tag = ''] = run.split(':');
        return { start: numberIn(start), tag };
      }),
    firstMembers: text('raft-first-members').split(',').map(numberIn),
  };
  const frame = framed(hello);
  return 'malformed' in frame ? frame : { hello, ...frame };
};

/** The frame of the `Join` in `headers`, or why there is none. */
export const joinIn = (headers: IncomingHttpHeaders): { readonly frame: Uint8Array } | Malformed => {
  const address = addressIn(headers);
  return 'malformed' in address ? address : framed({ type: 'Join', ...address });
};

const addressIn = (
  headers: IncomingHttpHeaders,
): { readonly version: number; readonly clusterId: string; readonly from: number } | Malformed => {
  const missing = ['raft-version', 'raft-cluster', 'raft-from'].find(
    (name) => typeof headers[name] !== 'string',
  );
  if (missing !== undefined) return malformed(`the header ${missing} is missing`);
  const version = numberIn(headers['raft-version'] as string);
  if (!isSpoken(version)) return malformed(otherVersionWords(version));
  const clusterId = decoded(headers['raft-cluster'] as string);
  if (clusterId === null) return malformed('the header raft-cluster is not percent-encoded');
  return { version, clusterId, from: numberIn(headers['raft-from'] as string) };
};

/** What answers a `Hello` or a `Join`: all its fields. */
export const answerJson = (answer: Welcome | Joined): object =>
  Object.fromEntries(
    Object.entries(answer)
      .filter(([name]) => name !== 'type')
      .map(([name, value]) => [jsonName(name), value]),
  );

/** The frame of the answer in `json`, or what is wrong with it. */
export const frameOfAnswer = (
  type: 'Welcome' | 'Joined',
  json: unknown,
): { readonly frame: Uint8Array } | Malformed => {
  const fields = Object.entries((json ?? {}) as object).map(([name, value]) => [
    name.replaceAll(/_[a-z]/g, ([, letter]) => letter!.toUpperCase()),
    value,
  ]);
  return framed({ ...Object.fromEntries(fields), type });
};

/** Encodes what came from outside: what breaks the schema is the other side's fault here. */
export const framed = (control: Control): { readonly frame: Uint8Array } | Malformed => {
  try {
    return { frame: encodeControl(control) };
  } catch (error) {
    return malformed(`${control.type}: ${(error as Error).message.replace(/^.* must not be sent: /, '')}`);
  }
};

/** NaN for what is no number in decimal digits, which no schema takes. */
const numberIn = (text: string): number => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN);

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
