import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { logIdPattern, maxRuns } from '../../../ports/disk.ts';
import type { SnapshotChunk } from '../../../ports/snapshot-store.ts';
import { type Entry, emptyPayload, type NodeId } from '../../../raft/types.ts';
import { payloadJson, shownPayload } from '../../codec/json-payload.ts';
import type { MemoryDisk } from '../memory.ts';
import type { MemorySnapshot } from '../memory-snapshots.ts';

/** Everything that one node stores. */
export interface NodeState {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly disk: MemoryDisk;
}

const formatName = 'raftchart-json';
const formatVersion = 1;

/** The file of `state`: indented JSON, with the CRC-32 of all that stands before it in its last line but one. docs/storage.md */
export const stateText = ({ nodeId, clusterId, disk }: NodeState): string => {
  const { claim, hardState, baseIndex, baseTerm, entries, snapshot } = disk;
  const peers = [...claim.peers].sort(([a], [b]) => a - b);
  const lines: readonly (readonly [name: string, value: string])[] = [
    ['format', JSON.stringify(formatName)],
    ['version', `${formatVersion}`],
    ['node_id', `${nodeId}`],
    ['cluster_id', JSON.stringify(clusterId)],
    ['log_id', JSON.stringify(claim.logId)],
    ['start', `${claim.start}`],
    ['runs', listed(claim.runs.map(({ start, tag }) => spaced({ start, tag })))],
    [
      'members',
      claim.members === null ? 'null' : listed(claim.members.map(({ id, peer }) => spaced({ id, peer }))),
    ],
    ['peers', listed(peers.map(([id, { logId, start, run }]) => spaced({ id, log_id: logId, start, run })))],
    ['current_term', `${hardState.currentTerm}`],
    ['voted_for', `${hardState.votedFor}`],
    ['snapshot', snapshot === null ? 'null' : snapshotText(snapshot)],
    ['base_index', `${baseIndex}`],
    ['base_term', `${baseTerm}`],
    ['log', listed(entries.map((entry, at) => `{ "index": ${baseIndex + 1 + at}, ${entryText(entry)} }`))],
  ];
  const body = `{\n${lines.map(([name, value]) => `  "${name}": ${value},`).join('\n')}`;
  return `${body}\n  "crc32": ${crc32(body)}\n}\n`;
};

const listed = (items: readonly string[], indent = '  '): string =>
  items.length === 0 ? '[]' : `[\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}]`;

/** On one line, with a space between what belongs apart. */
const spaced = (fields: object): string =>
  `{ ${Object.entries(fields)
    .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`)
    .join(', ')} }`;

/** An entry never changes, and the whole log is written again and again. */
const entryTexts = new WeakMap<Entry, string>();

const entryText = (entry: Entry): string => {
  const known = entryTexts.get(entry);
  if (known !== undefined) return known;
  const { term, kind, payload } = entry;
  const text = `"term": ${term}, "kind": "${kind}"${kind === 'noop' ? '' : payloadText(payload)}`;
  entryTexts.set(entry, text);
  return text;
};

/** Whatever is no text comes exactly, and beside it what of it can be read. */
const payloadText = (payload: Uint8Array): string => {
  const json = payloadJson(payload);
  if ('text' in json) return `, "text": ${JSON.stringify(json.text)}`;
  return `, "payload": "${json.payload}", "shows": ${JSON.stringify(shownPayload(payload))}`;
};

const chunkTexts = new WeakMap<SnapshotChunk, string>();

const chunkText = (chunk: SnapshotChunk): string => {
  const known = chunkTexts.get(chunk);
  if (known !== undefined) return known;
  const text = `"${Buffer.from(chunk.bytes).toString('base64')}"`;
  chunkTexts.set(chunk, text);
  return text;
};

const snapshotText = ({ info, chunks }: MemorySnapshot): string => {
  const fields = [
    `"index": ${info.index}`,
    `"term": ${info.term}`,
    `"configuration": "${Buffer.from(info.configuration).toString('base64')}"`,
    `"chunks": ${listed(chunks.map(chunkText), '    ')}`,
  ];
  return `{\n${fields.map((field) => `    ${field}`).join(',\n')}\n  }`;
};

const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const logId = v.pipe(v.string(), v.regex(logIdPattern, '16 bytes in hexadecimal'));
const tag = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/, '4 bytes in hexadecimal'));
const base64 = v.pipe(
  v.string(),
  v.base64('base64'),
  v.transform((text) => Buffer.from(text, 'base64')),
);

const stateSchema = v.object({
  node_id: positive,
  cluster_id: v.string(),
  log_id: logId,
  start: natural,
  runs: v.pipe(v.array(v.object({ start: positive, tag })), v.maxLength(maxRuns)),
  members: v.nullable(v.array(v.object({ id: positive, peer: v.nullable(v.string()) }))),
  peers: v.array(v.object({ id: positive, log_id: logId, start: positive, run: tag })),
  current_term: natural,
  voted_for: v.nullable(positive),
  snapshot: v.nullable(
    v.object({
      index: positive,
      term: positive,
      configuration: base64,
      chunks: v.pipe(v.array(base64), v.minLength(1)),
    }),
  ),
  base_index: natural,
  base_term: natural,
  log: v.array(
    v.object({
      index: positive,
      term: positive,
      kind: v.picklist(['command', 'noop', 'configuration']),
      text: v.optional(v.string()),
      payload: v.optional(base64),
    }),
  ),
});

type Stored = v.InferOutput<typeof stateSchema>;
type StoredEntry = Stored['log'][number];

/** A file that a newer program wrote. */
export interface NewerFormat {
  readonly newerFormat: number;
}

/** What the file `text` holds, or what is wrong with it. Reads whatever was edited with care: all but its checksum may be written in any way that means the same. */
export const parseState = (text: string): NodeState | NewerFormat | string => {
  let json: Partial<Record<string, unknown>> | null;
  try {
    json = JSON.parse(text);
  } catch {
    return 'this is not JSON: it is torn, or was edited';
  }
  if (json?.format !== formatName) return `this is no state of a node: its format is not "${formatName}"`;
  const { version } = json;
  if (typeof version === 'number' && version > formatVersion) return { newerFormat: version };
  const end = /"crc32": (\d+)\s*\}\s*$/.exec(text);
  if (end === null) return 'it does not end with its checksum';
  const checksum = crc32(text.slice(0, end.index).trimEnd());
  if (Number(end[1]) !== checksum)
    return `it does not match its checksum, so it is torn or was edited (a deliberate edit needs "crc32": ${checksum})`;
  const parsed = v.safeParse(stateSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return `${v.getDotPath(issue) ?? 'it'} is not as it should be: ${issue.message}`;
  }
  return stateOf(parsed.output);
};

const stateOf = (stored: Stored): NodeState | string => {
  const { base_index: baseIndex, base_term: baseTerm, current_term: currentTerm, snapshot } = stored;
  if ((baseIndex === 0) !== (baseTerm === 0)) return 'one of base_index and base_term is 0';
  if ((snapshot?.index ?? 0) < baseIndex) return 'base_index is not covered by a snapshot';
  if (currentTerm < Math.max(baseTerm, stored.log.at(-1)?.term ?? 0))
    return 'current_term is below a term of the log';
  const entries: Entry[] = [];
  let term = baseTerm;
  for (const [at, entry] of stored.log.entries()) {
    const fault = entryFault(entry, baseIndex + 1 + at, term);
    if (fault !== null) return `log[${at}]: ${fault}`;
    term = entry.term;
    entries.push({ term, kind: entry.kind, payload: payloadOf(entry) });
  }
  const latestRun = stored.runs.at(-1);
  if (latestRun !== undefined && stored.start < latestRun.start)
    return 'start is below that of the latest run';
  return {
    nodeId: stored.node_id,
    clusterId: stored.cluster_id,
    disk: {
      hardState: { currentTerm, votedFor: stored.voted_for },
      baseIndex,
      baseTerm,
      entries,
      claim: {
        logId: stored.log_id,
        start: stored.start,
        runs: stored.runs,
        members: stored.members,
        peers: new Map(stored.peers.map(({ id, log_id, start, run }) => [id, { logId: log_id, start, run }])),
      },
      snapshot: snapshot === null ? null : snapshotOf(snapshot),
    },
  };
};

const payloadOf = ({ text, payload }: StoredEntry): Uint8Array =>
  payload ?? (text === undefined ? emptyPayload : Buffer.from(text, 'utf8'));

const entryFault = (entry: StoredEntry, index: number, termBefore: number): string | null => {
  if (entry.index !== index) return `index ${entry.index} where ${index} belongs`;
  if (entry.term < termBefore) return `term ${entry.term} after term ${termBefore}`;
  const has = [entry.text, entry.payload].filter((each) => each !== undefined).length;
  if (has !== (entry.kind === 'noop' ? 0 : 1))
    return entry.kind === 'noop'
      ? 'a noop has neither text nor payload'
      : 'it needs either a text or a payload';
  return null;
};

const snapshotOf = ({
  index,
  term,
  configuration,
  chunks: parts,
}: NonNullable<Stored['snapshot']>): MemorySnapshot => {
  let sizeBytes = 0;
  let checksum = 0;
  const chunks = parts.map((bytes) => {
    const chunk = { offset: sizeBytes, bytes, checksum: crc32(bytes) };
    sizeBytes += bytes.length;
    checksum = crc32(bytes, checksum);
    return chunk;
  });
  return { info: { index, term, configuration: new Uint8Array(configuration), sizeBytes, checksum }, chunks };
};
