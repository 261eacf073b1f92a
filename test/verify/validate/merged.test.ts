import { describe, expect, it } from 'vitest';
import { parseTraceLine, StateFiller } from '../../../src/trace/parse-trace.ts';
import { briefTraceLine } from '../../../src/trace/trace-line.ts';
import { type TraceSource, validateTraces } from '../../../src/verify/validate/validate-traces.ts';
import { type Line, traced } from './traced-runs.ts';

const nodes = [1, 2, 3, 4, 5];
const lines = await traced({ seed: 3, durationMs: 4000, faults: 'default,crash=600ms' });

/** What node `id` writes of itself: it does not know when it lost power, nor what became of its messages. */
const ownLines = (id: number): readonly Line[] =>
  lines
    .filter(({ type, node, message }) => {
      if (type === 'sent') return message.from === id;
      return node === id && ['chart', 'synced', 'started', 'interrupted'].includes(type);
    })
    .map((line) => (line.type === 'started' ? { ...line, mayFollowKill: true } : line));

const sourceOf = (id: number, own: readonly Line[]): TraceSource => {
  const states = new StateFiller();
  return {
    name: `node${id}`,
    node: id,
    events: own
      .map((line, at) => ({
        event: states.fill(parseTraceLine(JSON.stringify(line), at + 2)!),
        line: at + 1,
      }))
      .values(),
  };
};

const whole = (ids: readonly number[]) => validateTraces(ids.map((id) => sourceOf(id, ownLines(id))));

describe('traces of single nodes', () => {
  it('are merged so that every message is handled after it was sent, whatever their order', () => {
    for (const order of [nodes, nodes.toReversed(), [3, 1, 5, 2, 4]]) {
      const { rejected, figures } = whole(order);
      expect(rejected).toBeNull();
      expect(figures.unreplayed).toBe(0);
      expect(figures.steps).toBeGreaterThan(1000);
    }
  });

  it('may be those of some nodes: what the others send cannot be checked', () => {
    expect(whole([2, 4]).rejected).toBeNull();
  });

  it('are rejected for a message that its sender has not sent', () => {
    const ids = [1, 2, 3, 4, 5];
    const sources = ids.map((id) => {
      const own = ownLines(id);
      const isSent = ({ type, message }: Line) =>
        type === 'sent' && message.type === 'RequestVoteResponse' && message.voteGranted;
      const at = own.findIndex(isSent);
      return sourceOf(id, at < 0 ? own : own.toSpliced(at, 1));
    });
    expect(validateTraces(sources).rejected).not.toBeNull();
  });

  it('may lack the last lines of runs that were killed', () => {
    // Of each run that is followed by another, the last lines are gone.
    const sources = nodes.map((id) => {
      const own = ownLines(id);
      return sourceOf(
        id,
        own.filter((_, at) => !own.slice(at + 1, at + 8).some(({ type }) => type === 'started')),
      );
    });
    const { rejected, figures } = validateTraces(sources);
    expect(rejected).toBeNull();
    expect(figures.unseen).toBeGreaterThan(0);
  });

  it('may not lack lines in the middle of a run, unless they are called partial', () => {
    const without = (id: number) => {
      const own = ownLines(id);
      const at = own.findIndex(({ type, step }) => type === 'chart' && step === 40);
      return sourceOf(id, own.toSpliced(at, 1));
    };
    const sources = () => [without(1), ...[2, 3, 4, 5].map((id) => sourceOf(id, ownLines(id)))];
    expect(validateTraces(sources()).rejected).not.toBeNull();
    const { rejected, figures } = validateTraces(sources(), { isPartial: true });
    expect(rejected).toBeNull();
    // The rest of that run is not replayed, everything else is.
    expect(figures.unreplayed).toBeGreaterThan(10);
    expect(figures.unreplayed).toBeLessThan(figures.steps / 2);
  });

  it('of a killed run, a later one must not have an earlier term', () => {
    const own = nodes
      .map(ownLines)
      .find((each) => each.filter(({ type, state }) => type === 'started' && state.term > 0).length > 0)!;
    const last = own.findLastIndex(({ type }) => type === 'started');
    const line = structuredClone(own[last]!);
    line.found.hardState = { currentTerm: 0, votedFor: null };
    expect(validateTraces([sourceOf(line.node, own.with(last, line))]).rejected?.rejection.reasons).toEqual([
      expect.stringMatching(/^its disk held term \d before$/),
    ]);
  });
});

describe('a brief trace, as a running node writes it', () => {
  /** Instead of messages it tells to whom they left, in one line for several. */
  const briefly = (id: number): readonly Line[] => {
    const brief: Line[] = [];
    for (const line of ownLines(id)) {
      const before = brief.at(-1);
      if (line.type !== 'sent')
        brief.push(JSON.parse(briefTraceLine(parseTraceLine(JSON.stringify(line), 2)!)));
      else if (before?.type === 'left') before.to.push(line.message.to);
      else brief.push({ atMs: line.atMs, type: 'left', node: id, to: [line.message.to] });
    }
    return brief;
  };
  const judge = (change: (own: readonly Line[]) => readonly Line[] = (own) => own, changed = 2) =>
    validateTraces(nodes.map((id) => sourceOf(id, id === changed ? change(briefly(id)) : briefly(id))))
      .rejected;
  const place = (own: readonly Line[], isIt: (line: Line) => boolean) =>
    own.findIndex((line, at) => at > 100 && isIt(line));

  it('is accepted, and a fraction as long', () => {
    expect(judge()).toBeNull();
    const [brief, whole] = [briefly(2), ownLines(2)].map((each) => JSON.stringify(each).length);
    expect(brief).toBeLessThan(whole! / 2);
  });

  it.each<[string, (own: readonly Line[]) => readonly Line[], RegExp]>([
    [
      'a message that the chart does not send',
      (own) => {
        const at = place(own, ({ type }) => type === 'left');
        return own.with(at, { ...own[at]!, to: [...own[at]!.to, 1] });
      },
      /^a message leaves to node1, and the chart sends nothing here$/,
    ],
    [
      'a message that does not leave',
      (own) =>
        own.toSpliced(
          place(own, ({ type }) => type === 'left'),
          1,
        ),
      /^first, .* must leave$|has not sent it/,
    ],
    [
      'another state',
      (own) => {
        const at = place(own, ({ type }) => type === 'chart');
        return own.with(at, { ...own[at]!, after: { ...own[at]!.after, lastIndex: 99 } });
      },
      /^lastIndex after it: \d+ by the rules, 99/,
    ],
    [
      'a change of the state that it leaves out',
      (own) => {
        const at = place(own, ({ type, after }) => type === 'chart' && after.lastIndex !== undefined);
        const { lastIndex: _, ...after } = own[at]!.after;
        return own.with(at, { ...own[at]!, after });
      },
      /^lastIndex after it: \d+ by the rules, \d+ in the trace/,
    ],
    [
      'another transition',
      (own) => {
        const at = place(own, ({ type, transitions }) => type === 'chart' && transitions.length > 0);
        return own.with(at, { ...own[at]!, transitions: ['raft.follower/Proposed/0'] });
      },
      /^the chart takes .*, the trace says raft.follower\/Proposed\/0$/,
    ],
  ])('is rejected for %s', (_, change, reason) => {
    expect(judge(change)?.rejection.reasons.join()).toMatch(reason);
  });

  it('is rejected for one command more than the leader took', () => {
    const takesIt = ({ input, after }: Line) => input?.type === 'Proposed' && after.lastIndex !== undefined;
    const leader = nodes.find((id) => place(briefly(id), takesIt) >= 0)!;
    const rejected = judge((own) => {
      const at = place(own, takesIt);
      const line = structuredClone(own[at]!);
      line.input.proposals[0][2]++;
      return own.with(at, line);
    }, leader);
    expect(rejected?.rejection.reasons.join()).toMatch(
      /^lastIndex after it: \d+ by the rules, \d+ in the trace/,
    );
  });
});
