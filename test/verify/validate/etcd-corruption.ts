import { isDeepStrictEqual } from 'node:util';
import type { Corruption } from './corruption.ts';
import type { Line } from './traced-runs.ts';

type Chance = (below: number) => number;

/** Makes a trace in etcd's format false in one place. */
export const etcdCorrupted = (
  lines: readonly Line[],
  kind: Corruption['kind'],
  chance: Chance,
): Corruption => {
  for (;;) {
    const changes = changesAt[kind](lines, chance(lines.length));
    if (changes.length > 0) return changes[chance(changes.length)]!();
  }
};

type Change = () => Corruption;

const nextOf = (lines: readonly Line[], at: number): number =>
  lines.findIndex(({ event }, later) => later > at && event.nid === lines[at]!.event.nid);

const changesAt: Readonly<
  Record<Corruption['kind'], (lines: readonly Line[], at: number) => readonly Change[]>
> = {
  field: (lines, at) => {
    const { event } = lines[at]!;
    const paths = [
      'state.term',
      'state.vote',
      'state.commit',
      'role',
      'log',
      ...(fieldsOf[event.msg?.type] ?? []),
    ]
      // Of several entries each is told with the log before the first one; a refusal names no match.
      .filter(
        (path) =>
          !(path === 'log' && event.name === 'Replicate') && !(path === 'msg.index' && event.msg.reject),
      );
    return paths.map((path) => () => {
      const changed = structuredClone(lines[at]!);
      const keys = path.split('.');
      const holder = keys.slice(0, -1).reduce((inner, key) => inner[key], changed.event);
      const last = keys.at(-1)!;
      holder[last] = otherThan(holder[last]);
      return { kind: 'field', text: `${event.name} ${path}`, lines: lines.with(at, changed) };
    });
  },
  drop: (lines, at) => {
    const { event } = lines[at]!;
    if (!isMissed(lines, at)) return [];
    return [() => ({ kind: 'drop', text: `drops ${event.name}`, lines: lines.toSpliced(at, 1) })];
  },
  swap: (lines, at) => {
    const { event } = lines[at]!;
    const other = event.name.startsWith('Send')
      ? receiptOf(lines, at)
      : isTold(lines, at)
        ? nextOf(lines, at)
        : -1;
    if (other < 0) return [];
    const text = `swaps ${event.name} and ${lines[other]!.event.name}`;
    return [() => ({ kind: 'swap', text, lines: lines.with(at, lines[other]!).with(other, lines[at]!) })];
  },
};

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  MsgVote: ['msg.term', 'msg.index', 'msg.logTerm'],
  MsgVoteResp: ['msg.term', 'msg.reject'],
  MsgApp: ['msg.term', 'msg.entries', 'msg.logTerm', 'msg.index', 'msg.commit'],
  MsgAppResp: ['msg.term', 'msg.index', 'msg.reject'],
};

const otherThan = (value: unknown): unknown => {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value === 'StateLeader') return 'StateFollower';
  if (value === 'StateFollower' || value === 'StateCandidate') return 'StateLeader';
  return value === '2' ? '3' : '2';
};

/** Whether what comes after this line needs it. What is lost on the network, or said again, is not missed. */
const isMissed = (lines: readonly Line[], at: number): boolean => {
  const { name } = lines[at]!.event;
  if (['InitState', 'BecomeCandidate', 'BecomeLeader', 'Replicate'].includes(name)) return true;
  if (name.startsWith('Send')) return receiptOf(lines, at) >= 0;
  if (name === 'Commit') {
    const before = lines.findLast(({ event }, earlier) => earlier < at && event.nid === lines[at]!.event.nid);
    return before!.event.state.commit !== lines[at]!.event.state.commit;
  }
  return name.startsWith('Receive') && isTold(lines, at);
};

/** Whether the next line of the node shows another state. */
const isTold = (lines: readonly Line[], at: number): boolean => {
  const next = nextOf(lines, at);
  if (next < 0) return false;
  const [a, b] = [lines[at]!.event, lines[next]!.event];
  return !isDeepStrictEqual([a.state, a.role, a.log], [b.state, b.role, b.log]) && b.name !== 'InitState';
};

/** Where a message that was sent just once arrives. */
const receiptOf = (lines: readonly Line[], at: number): number => {
  const { msg } = lines[at]!.event;
  const isSame = ({ event }: Line) => isDeepStrictEqual(event.msg, msg);
  if (lines.filter((line) => isSame(line) && line.event.name.startsWith('Send')).length !== 1) return -1;
  return lines.findIndex((line) => isSame(line) && line.event.name.startsWith('Receive'));
};
