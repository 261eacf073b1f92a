import type { NodeId } from '../raft/types.ts';
import type { Path, PathEvent, PathMessage, PathSet } from '../verify/paths/path.ts';
import { describeEvent } from '../verify/paths/path-markdown.ts';
import { toPathEntry } from '../verify/paths/path-message.ts';
import { capabilityNames } from './capabilities.ts';
import type { Expected, ExpectedAppends, ExpectedMessages } from './expected.ts';
import { pathsFlags } from './paths-flags.ts';
import { checkFit } from './paths-for.ts';
import { plan, type Question } from './plan.ts';
import type { AdapterRequest, Capabilities } from './protocol.ts';
import { vitestPreamble } from './vitest-preamble.ts';

/**
 * Generated tests as one TypeScript file for vitest, which tests whatever node `./adapter.ts` creates. What a node of these
 * capabilities does otherwise than the chart is allowed for, as by `raftchart conformance`. Throws `PathsUnfit` for paths of another chart.
 */
export const toVitest = (set: PathSet, has: Capabilities): string => {
  checkFit(set, has);
  const { version, chart, cover, paths } = set;
  const head = vitestPreamble({
    origin: `Chart ${chart}, format ${version}.`,
    flags: pathsFlags(cover, has).join(' '),
    has: capabilityNames.filter((name) => has[name]),
    hasNot: capabilityNames.filter((name) => !has[name]),
    hasSeparateHeartbeats: has.separateHeartbeats,
  });
  return [head, ...paths.map((path) => testOf(path, has)), '});', ''].join('\n');
};

const testOf = (path: Path, has: Capabilities): string => {
  const { id, title, voters, disk, settings } = path;
  const { steps } = plan(path, has);
  const name = JSON.stringify(`${title} [${id}]`);
  const rows = steps.flatMap(({ step, plan: next }) =>
    next.do === 'ask' ? [rowOf(next, voters, step.isDuplicate)] : [],
  );
  if (rows.length === 0) {
    const reasons = steps.map(({ plan: next }) => (next.do === 'ask' ? '' : next.reason));
    return `  it.skip(${name}, () => {}); // Not applicable: ${reasons[0]}.\n`;
  }
  return [
    `  it(${name}, () =>`,
    `    walk({ voters: ${JSON.stringify(voters)}, disk: '${disk}'${settings.leaseReads ? ', leaseReads: true' : ''} }, [`,
    ...rows,
    '    ]));',
    '',
  ].join('\n');
};

const rowOf = ({ request, expected }: Question, voters: readonly NodeId[], isDuplicate: boolean): string => {
  const event = eventOf(request);
  const what = `${describeEvent(event)}${isDuplicate ? ' (again)' : ''}`;
  return [
    `      [${JSON.stringify(what)},`,
    `        ${JSON.stringify(event)},`,
    `        ${JSON.stringify(expectationOf(expected, voters))}],`,
  ].join('\n');
};

const eventOf = (request: AdapterRequest): PathEvent => {
  const { do: type, ...rest } = request;
  return { type, ...rest } as PathEvent;
};

/** As `Expected` of the file. What is left out is not compared. */
const expectationOf = (
  { role, term, votedFor, commitIndex, log, messages }: Expected,
  voters: readonly NodeId[],
) => ({
  role,
  term,
  votedFor,
  commitIndex: range(commitIndex.min, commitIndex.max),
  ...(log && { log: log.terms, ...(log.begin.index > 0 && { logBegin: log.begin }) }),
  ...messagesOf(messages, voters),
});

const messagesOf = (messages: ExpectedMessages, voters: readonly NodeId[]) => {
  const { replies, alsoAllowed, mayBeSilent, isStaleAnswer, leader, appends, commitIndex } = messages;
  const wanted = replies.map((message) => replyOf(message, messages));
  const allowed = alsoAllowed.map((message) => replyOf(message, messages));
  const isFree = (reply: object) =>
    isStaleAnswer || (mayBeSilent && 'voteGranted' in reply && reply.voteGranted === false);
  const must = wanted.filter((reply) => !isFree(reply));
  const may = [...wanted.filter(isFree), ...allowed];
  return {
    ...(must.length > 0 && { replies: must }),
    ...(may.length > 0 && { mayReply: may }),
    ...(leader && {
      leads: {
        commitIndex,
        ...(appends.some(({ to }) => !voters.includes(to)) || appends.length < voters.length - 1
          ? { followers: appends.map(({ to }) => to) }
          : {}),
        entries: leader.entries.map(toPathEntry),
        ...(leader.begin.index > 0 && { begin: leader.begin }),
        ...appendsOf(appends),
      },
    }),
  };
};

/** The fields of a reply that count. */
const replyOf = (message: PathMessage, { hasHints, commitIndex }: ExpectedMessages) => {
  if (message.type !== 'AppendEntriesResponse') return message;
  const { matchIndex, prevLogIndex, conflictTerm, conflictIndex, ...rest } = message;
  return {
    ...rest,
    ...(message.success && { matchIndex: range(matchIndex, Math.max(matchIndex, commitIndex)) }),
    ...(hasHints && { prevLogIndex, conflictTerm, conflictIndex }),
  };
};

/** By addressee; whom nothing must be sent to is not in it. */
const appendsOf = (all: readonly ExpectedAppends[]) => {
  const to = Object.fromEntries(
    all.flatMap(({ to, how, messages, isRequired, below }): readonly (readonly [number, object])[] => {
      if (how === 'exact') return messages.length === 0 ? [] : [[to, { exactly: messages }]];
      return isRequired ? [[to, { some: true, ...(below !== null && { below }) }]] : [];
    }),
  );
  return Object.keys(to).length === 0 ? {} : { to };
};

const range = (min: number, max: number): number | readonly [number, number] =>
  min === max ? min : [min, max];
