import type { Configuration, Member, SeenDisk } from './configuration.ts';
import type { Entry, LogIndex, NodeId } from './types.ts';

/** The payload of an entry of kind `configuration`, and how a snapshot keeps one: JSON in UTF-8. */
export const encodeConfiguration = ({
  index,
  voters,
  outgoing,
  learners,
  members,
}: Configuration): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ index, voters, outgoing, learners, members }));

/** The configuration in `payload`; null: there is none. */
export const decodeConfiguration = (payload: Uint8Array): Configuration | null => {
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return null;
  }
  if (!isRecord(read)) return null;
  const { index, voters, outgoing, learners, members, ...rest } = read;
  if (Object.keys(rest).length > 0 || !isRecord(members)) return null;
  if (!Number.isSafeInteger(index) || (index as number) < 0) return null;
  if (!isMembers(voters) || !isMembers(outgoing) || !isMembers(learners) || voters.length === 0) return null;
  for (const [id, member] of Object.entries(members)) {
    if (!isNodeId(Number(id)) || !isMember(member)) return null;
  }
  return {
    index: index as LogIndex,
    voters,
    outgoing,
    learners,
    members: members as Configuration['members'],
  };
};

/** The configurations among `entries`, the first of which stands at `firstIndex`. */
export const configurationsIn = (entries: readonly Entry[], firstIndex: LogIndex): readonly Configuration[] =>
  entries.flatMap(({ kind, payload }, at) => {
    const configuration = kind === 'configuration' ? decodeConfiguration(payload) : null;
    return configuration?.index === firstIndex + at ? [configuration] : [];
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNodeId = (value: unknown): value is NodeId => Number.isSafeInteger(value) && (value as number) >= 1;

/** Ascending, each once. */
const isMembers = (value: unknown): value is readonly NodeId[] =>
  Array.isArray(value) &&
  value.every((id, at) => isNodeId(id) && (at === 0 || id > (value[at - 1] as number)));

/** A member has no other fields: what a later version adds must not be skipped. */
const isMember = (value: unknown): value is Member =>
  isRecord(value) &&
  hasOnly(value, memberFields) &&
  (value.peer === null || typeof value.peer === 'string') &&
  (value.client === null || typeof value.client === 'string') &&
  (value.logId === null || typeof value.logId === 'string') &&
  (value.seen === undefined || isSeen(value.seen)) &&
  (value.wasVoter === undefined || value.wasVoter === true);

const isSeen = (value: unknown): value is SeenDisk =>
  isRecord(value) &&
  hasOnly(value, ['start', 'run']) &&
  Number.isSafeInteger(value.start) &&
  typeof value.run === 'string';

const memberFields = ['peer', 'client', 'logId', 'seen', 'wasVoter'] satisfies (keyof Member)[];

const hasOnly = (value: Record<string, unknown>, fields: readonly string[]): boolean =>
  Object.keys(value).every((field) => fields.includes(field));
