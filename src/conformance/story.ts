import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../raft/messages.ts';
import type { SequenceEvent } from '../trace/sequence.ts';
import { messageLabel } from '../trace/trace-sequence.ts';
import { testedNode } from '../verify/paths/model-node.ts';
import { describeRequest } from './describe.ts';
import type { Finding } from './finding.ts';
import { plan, type Question } from './plan.ts';
import type { AdapterMessage, AdapterRequest, AdapterResponse, Capabilities } from './protocol.ts';

/** The names sort so that the peers stand between the two. */
const should = `expected: node ${testedNode}`;
const did = `observed: node ${testedNode}`;
const nameOf = (id: number): string => (id === testedNode ? did : `node ${id}`);

/**
 * A finding as a sequence diagram: what the node was told, what it should have answered on the left, and what it did on the right. `time`
 * is the number of the request.
 */
export const storyOf = (finding: Finding, has: Capabilities): readonly SequenceEvent[] => {
  const { path, requests, exchanges } = finding;
  const { start, steps } = plan(path, has);
  const questions: readonly Question[] = [
    { request: requests[0]!, expected: start },
    ...steps.flatMap(({ plan: step }) => (step.do === 'ask' ? [step] : [])),
  ];
  // An adapter may be told more than the path says, or less: of that nothing is expected here.
  let next = 0;
  let term = 0;
  return requests.flatMap((request, time) => {
    const at = questions.findIndex(
      (each, nth) =>
        (nth === next || (nth > next && request.do === 'deliver')) && isSameRequest(each.request, request),
    );
    const question = questions[at];
    if (question !== undefined) next = at + 1;
    term = question?.expected.term ?? term;
    const row: Row = { time, term };
    return [
      ...told(request, row),
      ...(question === undefined ? [] : expectedEvents(question, row)),
      ...observedEvents(exchanges[time]?.answer, question, row),
      ...wrongEvents(finding, time, row),
    ];
  });
};

/** Whether these are one request, whatever `prevLogIndex` the leader had chosen that an answer repeats. */
const isSameRequest = (a: AdapterRequest, b: AdapterRequest): boolean =>
  isDeepStrictEqual(withoutPrev(a), withoutPrev(b));

const withoutPrev = (request: AdapterRequest): AdapterRequest =>
  request.do === 'deliver' && request.message.type === 'AppendEntriesResponse'
    ? { ...request, message: { ...request.message, prevLogIndex: 0 } }
    : request;

interface Row {
  readonly time: number;
  readonly term: number;
}

const mark = (node: string, label: string, row: Row): SequenceEvent => ({
  kind: 'state-change',
  node,
  label,
  ...row,
});

const message = (from: string, to: string, sent: AdapterMessage, row: Row): SequenceEvent => ({
  kind: 'message-delivered',
  from,
  to,
  label: labelOf(sent),
  ...row,
});

/** What an adapter leaves out is not made up. */
const labelOf = (sent: AdapterMessage): string =>
  sent.type === 'AppendEntriesResponse' && sent.success && sent.matchIndex === undefined
    ? `${sent.type} t${sent.term} yes`
    : messageLabel(sent as Message);

const told = (request: AdapterRequest, row: Row): readonly SequenceEvent[] =>
  request.do === 'deliver'
    ? [should, did].map((node) => message(`node ${request.message.from}`, node, request.message, row))
    : [should, did].map((node) => ({
        kind: request.do === 'timeout' ? 'timer' : 'members',
        node,
        label: request.do === 'timeout' ? request.timer : describeRequest(request),
        ...row,
      }));

const expectedEvents = ({ expected }: Question, row: Row): readonly SequenceEvent[] => {
  const { role, term, votedFor, commitIndex, log, messages } = expected;
  const appends = messages.appends.flatMap((each) => (each.how === 'exact' ? each.messages : []));
  const vague = messages.appends.filter(({ how, isRequired }) => how !== 'exact' && isRequired);
  return [
    ...[...messages.replies, ...appends].map((each) => message(should, nameOf(each.to), each, row)),
    ...vague.map(
      ({ to }): SequenceEvent => ({
        kind: 'message-delivered',
        from: should,
        to: nameOf(to),
        label: 'AppendEntries',
        ...row,
      }),
    ),
    mark(should, stateText(role, term, votedFor, commitIndex.min, log?.terms), row),
  ];
};

const observedEvents = (
  answer: AdapterResponse | Error | undefined,
  question: Question | undefined,
  row: Row,
): readonly SequenceEvent[] => {
  if (answer === undefined) return [];
  if (answer instanceof Error) return [mark(did, 'no answer', row)];
  if (!answer.ok) return [mark(did, 'it cannot do that', row)];
  const { role, term, votedFor, commitIndex, log } = answer.state;
  const shownLog = question !== undefined && question.expected.log === null ? undefined : log;
  return [
    ...answer.sent.map((each) => message(did, nameOf(each.to), each, row)),
    mark(did, stateText(role, term, votedFor, commitIndex, shownLog), row),
  ];
};

/** What is not compared is left out. */
const stateText = (
  role: string,
  term: number,
  votedFor: number | null,
  commitIndex: number,
  log: readonly number[] | undefined,
): string =>
  [
    `${role}, term ${term}`,
    `vote ${votedFor ?? 'none'}`,
    `commit ${commitIndex}`,
    ...(log === undefined ? [] : [`log ${log.length === 0 ? 'empty' : log.join(' ')}`]),
  ].join(', ');

/** Where something is wrong, and of what kind it is. */
const wrongEvents = (finding: Finding, time: number, row: Row): readonly SequenceEvent[] => {
  const { failsAfter, requests, differences, later, lost } = finding;
  const told = time + 1;
  const losing = lost.length === 0 ? 0 : requests.slice(0, failsAfter).findLastIndex(isRestart) + 1;
  const wrong = [
    ...(told === losing ? lost : []),
    ...(told === failsAfter ? differences : []),
    ...(told === requests.length && later !== null ? later.differences : []),
  ];
  if (wrong.length === 0) return [];
  const kinds = [...new Set(wrong.map(({ kind }) => kind))].join(', ');
  return [{ kind: 'wrong', node: did, label: `wrong: ${kinds}`, ...row }];
};

const isRestart = (request: AdapterRequest): boolean => request.do === 'restart';
