import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createActor, createMachine } from 'xstate';
import { raftMachine } from '../../../machines/raft/raft.machine.ts';
import { assess } from '../../../src/statechart/coverage/assessment.ts';
import { configurationsOf } from '../../../src/statechart/coverage/configuration.ts';
import { exclusionsOf } from '../../../src/statechart/coverage/exclusions.ts';
import { universeOf } from '../../../src/statechart/coverage/universe.ts';
import { stateNameOf } from '../../../src/statechart/read/state-name.ts';
import { walk } from '../../../src/statechart/read/walk.ts';
import type { TimedEvent } from '../../../src/trace/events.ts';
import { Coverage } from '../../../src/verify/coverage/coverage.ts';
import { lampChart } from './made-up-chart.ts';

const lampUniverse = universeOf(lampChart);
const excluded = exclusionsOf(lampUniverse);
/** The lamp is on, with its light as it starts; the fan has one state alone and is left out. */
const on = 'on.{light.dim}';
const raftUniverse = universeOf(walk(raftMachine));

const reachable = (state: string, event: string): readonly string[] =>
  lampUniverse.items
    .filter((item) => item.state === state && item.event === event && !excluded.items.has(item.id))
    .map(({ transition }) => transition?.id ?? 'nothing enabled');

describe('the configurations of a chart', () => {
  it('are those of the role chart, called as a snapshot is called', () => {
    const names = configurationsOf(walk(raftMachine)).map(({ name }) => name);
    expect(names).toEqual([
      'follower.starting',
      'follower.leased',
      'follower.unleased',
      'preCandidate',
      'candidate',
      ...['idle', 'catchingUp', 'handedOver'].flatMap((transfer) =>
        ['entering', 'settled', 'catchingUp.inTime', 'catchingUp.late', 'joint', 'leaving', 'removed'].map(
          (change) => `leader.{transfer.${transfer}, configuration.${change}}`,
        ),
      ),
    ]);
    const actor = createActor(raftMachine, { input: { id: 1, voters: [1, 2, 3] } });
    expect(names).toContain(stateNameOf(actor.getSnapshot()));
  });

  it('are all combinations of regions, and none in which the chart has ended', () => {
    const leaves = configurationsOf(lampChart).map((each) => each.leaves.map(({ key }) => key).join('+'));
    expect(leaves).toEqual(['off', 'dim+still', 'bright+still']);
  });
});

describe('the universe of a chart', () => {
  it('tries a branch without a guard first and lets nothing behind it be taken', () => {
    expect(reachable('off', 'PRESS')).toEqual(['lamp.off/PRESS/0']);
    expect(excluded.items.get('off · PRESS · lamp/PRESS/0')).toMatchObject({ kind: 'shadowed' });
    expect(excluded.items.get('off · PRESS · nothing enabled')).toMatchObject({ kind: 'shadowed' });
  });

  it('falls through guarded branches to the states around, down to nothing where none is without a guard', () => {
    expect(reachable(on, 'PRESS')).toEqual(['lamp.on/PRESS/0', 'lamp/PRESS/0', 'lamp/PRESS/1']);
    expect(reachable('off', 'SHAKE')).toEqual(['lamp/SHAKE/0', 'nothing enabled']);
  });

  it('asks every region of a parallel state', () => {
    expect(reachable(on, 'TURN')).toContain('lamp.on.light.dim/TURN/0');
    expect(reachable(on, 'TURN')).toContain('lamp.on.fan.still/TURN/0');
  });

  it('has timers only where their state is active, and eventless transitions with their refusal', () => {
    const timer = 'xstate.after.1000.lamp.on.light.dim';
    expect(reachable(on, timer)).toContain('lamp.on.light.dim/after:1000/0');
    expect(excluded.items.get(`off · ${timer} · nothing enabled`)).toMatchObject({ kind: 'timerNotArmed' });
    expect(reachable('off', '')).toEqual(['lamp.off/always/0', 'nothing enabled']);
    expect(reachable(on, '')).toEqual([]);
  });

  it('pairs a transition with those of the state that it leads to', () => {
    const pairs = new Set(lampUniverse.pairs.map(({ id }) => id));
    expect(pairs).toContain(
      'off · PRESS · lamp.off/PRESS/0 → on.{light.dim} · TURN · lamp.on.light.dim/TURN/0',
    );
    expect(pairs).not.toContain('off · PRESS · lamp.off/PRESS/0 → off · SHAKE · lamp/SHAKE/0');
  });

  it('looks at each of several regions by itself, so that their states add up', () => {
    const region = (event: string, first: string, second: string, alone = {}) => ({
      initial: first,
      states: { [first]: { on: { [event]: second } }, [second]: { on: { [event]: first, ...alone } } },
    });
    const chart = createMachine({
      id: 'room',
      type: 'parallel',
      on: { LEAVE: {} },
      states: {
        lamp: region('PRESS', 'off', 'on', { LEAVE: {} }),
        fan: region('TURN', 'still', 'turning'),
      },
    }) as unknown as AnyStateMachine;
    const universe = universeOf(walk(chart));
    const { items, pairs, idsOf, placesOf } = universe;
    const [off, still] = ['{lamp.off}', '{fan.still}'];
    expect(new Set(items.map(({ state }) => state))).toEqual(
      new Set([off, still, '{lamp.on}', '{fan.turning}']),
    );
    expect(placesOf('{lamp.off, fan.still}')).toEqual([off, still]);
    const [press, turn, leave] = ['room.lamp.off/PRESS/0', 'room.fan.still/TURN/0', 'room/LEAVE/0'];
    // What belongs to a region is seen there alone, also that nothing happens; what is around the regions, in each.
    expect(idsOf('{lamp.off, fan.still}', 'PRESS', press)).toEqual([`${off} · PRESS · ${press}`]);
    expect(items.map(({ id }) => id)).not.toContain(`${still} · PRESS · nothing enabled`);
    expect(idsOf('{lamp.off, fan.still}', 'LEAVE', leave)).toEqual([
      `${off} · LEAVE · ${leave}`,
      `${still} · LEAVE · ${leave}`,
    ]);
    const found = new Set(pairs.map(({ id }) => id));
    expect(found).toContain(`${off} · PRESS · ${press} → {lamp.on} · PRESS · room.lamp.on/PRESS/0`);
    expect(found).toContain(`${still} · LEAVE · ${leave} → ${still} · TURN · ${turn}`);
    expect(found).not.toContain(`${still} · LEAVE · ${leave} → ${off} · PRESS · ${press}`);
    // The lamp that is on takes LEAVE before the room does; the fan may be still while the lamp is off.
    const excludedHere = exclusionsOf(universe).items;
    expect(excludedHere.get(`{lamp.on} · LEAVE · ${leave}`)).toMatchObject({ kind: 'shadowed' });
    expect(excludedHere.get(`${still} · LEAVE · ${leave}`)).toBeUndefined();
    // Of two that are around the regions, a pair counts once.
    expect(found).toContain(`${off} · LEAVE · ${leave} → ${off} · LEAVE · ${leave}`);
    expect(found).not.toContain(`${still} · LEAVE · ${leave} → ${still} · LEAVE · ${leave}`);
  });

  it('names where each transition of the role chart leads as XState goes there', () => {
    const leadsTo = (id: string) => raftUniverse.items.find((item) => item.id === id)?.leadsTo;
    expect(leadsTo('leader.{transfer.idle} · Received · raft/Received/1')).toEqual(['follower.unleased']);
    expect(leadsTo('candidate · AppendEntries · raft.candidate/AppendEntries/0')).toEqual([
      'follower.leased',
    ]);
    expect(leadsTo('leader.{transfer.idle} · Applied · raft/Applied/0')).toEqual(['leader.{transfer.idle}']);
  });
});

/** A step of a trace: these transitions, each taken in its state, and where that led. */
const step = (
  after: string,
  ...taken: readonly (readonly [state: string, event: string, id: string])[]
): TimedEvent => {
  const summary = { term: 0, votedFor: null, lastIndex: 0, lastTerm: 0, commitIndex: 0, lastApplied: 0 };
  return {
    type: 'chart',
    atMs: 1,
    node: 1,
    before: { ...summary, state: taken[0]![0] },
    after: { ...summary, state: after },
    transitions: taken.map(([state, event, id]) => ({ state, event, id, rule: null, description: null })),
    effects: [],
  };
};

const assessmentOf = (...steps: readonly TimedEvent[]) => {
  const record = new Coverage(lampUniverse);
  for (const each of steps) record.addTraceEvent(each);
  return assess(lampUniverse, excluded, record.walked());
};

describe('an assessment', () => {
  it('counts each answer of a guard, and calls what was never walked by its name', () => {
    const { rows, unwalked, problems, shades } = assessmentOf(
      step(on, ['off', 'PRESS', 'lamp.off/PRESS/0'], [on, 'PRESS', 'lamp/PRESS/0']),
    );
    expect(problems).toEqual([]);
    expect(rows.map(({ name }) => name)).toEqual(['off', 'on', 'total']);
    expect(rows.at(-1)!.transitions.walked).toBe(2);
    // The branch before was asked in vain, the one that was taken was not.
    expect(unwalked.guards).not.toContain(`${on} · PRESS · lamp.on/PRESS/0 is false`);
    expect(unwalked.guards).toContain(`${on} · PRESS · lamp.on/PRESS/0 is true`);
    expect(unwalked.guards).toContain(`${on} · PRESS · lamp/PRESS/0 is false`);
    expect(unwalked.transitions).toContain(`${on} · TURN · lamp.on.light.dim/TURN/0`);
    expect(shades.get('lamp.off/PRESS/0')?.kind).toBe('both');
    expect(shades.get('lamp/PRESS/0')?.kind).toBe('oneWay');
    expect(shades.get('lamp.on.light.dim/TURN/0')?.kind).toBe('never');
  });

  it('counts a pair within a step and from one step to the next, and none across a crash', () => {
    const press = step(on, ['off', 'PRESS', 'lamp.off/PRESS/0']);
    const turn = step('on.{light.bright}', [on, 'TURN', 'lamp.on.light.dim/TURN/0']);
    const walked = (...steps: readonly TimedEvent[]) => assessmentOf(...steps).rows.at(-1)!.pairs.walked;
    expect(walked(press, turn)).toBe(1);
    expect(walked(press, { type: 'crashed', atMs: 1, node: 1 }, turn)).toBe(0);
  });

  it('reports transitions of another chart by their names', () => {
    const { problems } = assessmentOf(step('off', ['off', 'KICK', 'lamp.off/KICK/0']));
    expect(problems).toEqual(['walked, but not in this chart: off · KICK · lamp.off/KICK/0']);
  });

  it('fails what is excluded and was walked all the same', () => {
    const { problems } = assessmentOf(step('off', ['off', 'PRESS', 'lamp/PRESS/0']));
    expect(problems).toContain('excluded (shadowed), but walked: off · PRESS · lamp/PRESS/0');
  });
});
