import { TestModel } from '@xstate/test';
import { beforeAll, describe, expect, it } from 'vitest';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import type { RaftSnapshot } from '../../../src/node/step.ts';
import type { RaftInput } from '../../../src/raft/context.ts';
import { configurationsOf } from '../../../src/statechart/coverage/configuration.ts';
import { stateNameOf, topOf } from '../../../src/statechart/read/state-name.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import { type ChartEvent, events } from './events.ts';
import { LiveNode, quietMachine } from './live-node.ts';

const input: RaftInput = { id: 1, voters: [1, 2, 3] };

/** The state value and the context: what a chart is, without what XState keeps beside it. */
const serialize = ({ value, context }: RaftSnapshot): string => JSON.stringify([value, context]);

/**
 * Shortest paths lead to states, so that what changes nothing would be on none of them: to the traversal, a state is
 * another one by each event that leads to it.
 */
const serializeWithEvent = (snapshot: RaftSnapshot, event?: ChartEvent, before?: RaftSnapshot): string =>
  JSON.stringify([snapshot.value, snapshot.context, event ?? null, before?.value ?? null]);

/** What can happen in a state: timers run only in the states that have them. The option `filterEvents` is not looked at. */
const eventsIn = (snapshot: RaftSnapshot): readonly ChartEvent[] =>
  events.filter(
    ({ type }) =>
      !type.startsWith('xstate.after.') || snapshot._nodes.some(({ id }) => type.endsWith(`.${id}`)),
  );

/** Where it becomes endless: terms and logs grow without a bound. */
const isFarEnough = ({ context }: RaftSnapshot): boolean =>
  context.currentTerm > 1 || context.log.lastIndex > 1;

const options = {
  events: eventsIn,
  stopWhen: isFarEnough,
  limit: 50_000,
  serializeState: serializeWithEvent,
  // Two messages of a type are two events.
  serializeEvent: (event: ChartEvent) => JSON.stringify(event),
  stateMatcher: (snapshot: RaftSnapshot, name: string) => stateNameOf(snapshot) === name,
};

// The types of the beta do not fit those of the graph package that it runs with: `events` and `input` are missing.
const model = new TestModel<RaftSnapshot, ChartEvent, RaftInput>(quietMachine as never, options as never);

/** A chart never rests in the state that a node starts in: it leaves it in the same step. */
const passing = 'follower.starting';
/** A change of the members takes more entries than a log has here. */
const isChanging = (name: string): boolean =>
  name.includes('configuration.') && !name.includes('configuration.settled');
const states = configurationsOf(walk(raftMachine))
  .map(({ name }) => name)
  .filter((name) => name !== passing && !isChanging(name));

describe('the role chart, walked by @xstate/test', () => {
  let paths: ReturnType<typeof model.getShortestPaths>;
  beforeAll(() => {
    paths = model.getShortestPaths({ input } as never);
  });

  it('gets into every state in which no members change by a shortest path', () => {
    const reached = new Set(paths.flatMap(({ steps }) => steps.map(({ state }) => stateNameOf(state))));
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it('is the same live as in pure stepping, at every step of every path', () => {
    let compared = 0;
    for (const path of paths) {
      const node = new LiveNode(input);
      const isThere = (state: RaftSnapshot) => {
        expect(serialize(node.snapshot)).toBe(serialize(state));
        compared++;
      };
      const happen = ({ event }: { readonly event: ChartEvent }) => node.happen(event);
      path.testSync({
        events: Object.fromEntries(events.map(({ type }) => [type, happen])) as never,
        states: Object.fromEntries(states.map((name) => [name, isThere])),
      });
      node.stop();
    }
    expect(compared).toBe(paths.reduce((sum, { steps }) => sum + steps.length, 0));
  });

  it('fails a node that is not like the model, and tells the path', () => {
    const node = new LiveNode({ ...input, voters: [1, 2, 3, 4, 5] });
    const path = paths.find(({ steps }) =>
      steps.some(({ state }) => topOf(stateNameOf(state)) === 'leader'),
    )!;
    const happen = ({ event }: { readonly event: ChartEvent }) => node.happen(event);
    const test = () =>
      path.testSync({
        events: Object.fromEntries(events.map(({ type }) => [type, happen])) as never,
        states: { candidate: () => expect(stateNameOf(node.snapshot)).toBe('candidate') },
      });
    expect(test).toThrow(/expected 'preCandidate' to be 'candidate'[\s\S]*Path:[\s\S]*PreVoteResponse/);
    node.stop();
  });
});
