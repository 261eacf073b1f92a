import { expect, test } from 'vitest';
import { chartCapabilities } from '../../src/conformance/capabilities.ts';
import type { AdapterMessage, AdapterRequest } from '../../src/conformance/protocol.ts';
import { runConformance } from '../../src/conformance/run-conformance.ts';
import { generatedPathsFor } from '../verify/generated-paths.ts';
import { makingMs } from '../verify/made-once.ts';
import { type Answer, ChartAdapter } from './chart-adapter.ts';

type Deliver = Extract<AdapterRequest, { do: 'deliver' }>;

/** What a node would answer at once that waits for its disk only where its term or its vote has changed. */
const answerAtOnce = ({ message }: Deliver, { state }: Answer): AdapterMessage | null => {
  const reply = { from: message.to, to: message.from, term: state.term };
  switch (message.type) {
    case 'AppendEntries':
      return {
        ...reply,
        type: 'AppendEntriesResponse',
        success: true,
        prevLogIndex: message.prevLogIndex,
        matchIndex: message.prevLogIndex + message.entries.length,
      };
    case 'RequestVote':
      return state.votedFor === message.from
        ? { ...reply, type: 'RequestVoteResponse', voteGranted: true }
        : null;
    default:
      return null;
  }
};

/** The node of the chart, but what answers to this message leaves before what it speaks for is durable, once its `term` is. */
const eager = (type: 'AppendEntries' | 'RequestVote'): ChartAdapter => {
  let durableTerm = 0;
  let before: Answer['state'] | null = null;
  return new ChartAdapter((answer, request) => {
    const { state, sent } = answer;
    const hasChanged = before?.log?.length !== state.log?.length || before?.votedFor !== state.votedFor;
    before = state;
    if (request.do === 'init') durableTerm = 0;
    if (request.do === 'durable' || sent.length > 0) durableTerm = state.term;
    if (request.do !== 'deliver' || request.message.type !== type) return answer;
    if (sent.length > 0 || durableTerm !== state.term || !hasChanged) return answer;
    const early = answerAtOnce(request, answer);
    return early === null ? answer : { state, sent: [early] };
  });
};

test.each([
  ['AppendEntries', 'AppendEntriesResponse of term 1: accepted up to 2'],
  ['RequestVote', 'RequestVoteResponse of term 2: granted'],
] as const)(
  'an answer to %s that leaves before its write is durable is found, though the term was',
  async (type, early) => {
    const set = generatedPathsFor(chartCapabilities);
    const slow = set.paths.filter(({ disk }) => disk === 'slow');
    const report = await runConformance(eager(type), { ...set, paths: slow });
    const findings = report.rules.flatMap(({ subjects }) => subjects.flatMap((each) => each.findings));
    const texts = findings.flatMap(({ differences }) => differences.map(({ text }) => text));
    expect(texts).toContain(`to 2 expected nothing, got ${early}`);
    expect(findings.map(({ breaks }) => breaks)).toContain('durability');
  },
  makingMs,
);
