import { describe, expect, it } from 'vitest';
import {
  createActor,
  createMachine,
  fromCallback,
  fromEventObservable,
  fromObservable,
  fromPromise,
  fromTransition,
  setup,
} from 'xstate';
import { chosenMachine, machinesOf } from '../../../src/cli/machine/find-machines.ts';

const machine = createMachine({ id: 'one' });
const other = setup({}).createMachine({ id: 'two' });

const chosen = (exports: Readonly<Record<string, unknown>>, name: string | null = null): string => {
  try {
    return String(chosenMachine(exports, name, 'a.ts').id);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the machine of a module', () => {
  it.each<[string, Readonly<Record<string, unknown>>, string | null, string]>([
    ['is its only one', { limit: 3, machine }, null, 'one'],
    ['may be made by setup', { other }, null, 'two'],
    ['may be its default export', { default: machine }, null, 'one'],
    ['counts once under two names', { default: machine, machine }, null, 'one'],
    ['is the one that is named', { machine, other }, 'other', 'two'],
    ['is chosen as default', { default: other, machine }, 'default', 'two'],
    ['may stand in an object', { machines: { machine, deep: { other } } }, 'machines.deep.other', 'two'],
    ['may be the only one of an object that is named', { a: { machine }, other }, 'a', 'one'],
    ['may be what an actor runs', { service: createActor(machine) }, 'service', 'one'],
    ['is found in an object that is the default export', { default: { machine } }, null, 'one'],
    ['is found in a list', { list: [machine, other] }, 'list.1', 'two'],
    ['is what module.exports is', { default: machine, 'module.exports': machine }, null, 'one'],
    [
      'is found in a compiled CommonJS module',
      {
        default: { __esModule: true, default: machine, other },
        'module.exports': { __esModule: true, default: machine, other },
      },
      'default',
      'one',
    ],
  ])('%s', (_, exports, name, id) => {
    expect(chosen(exports, name)).toBe(id);
  });

  const circle: Record<string, unknown> = { machine };
  circle.self = circle;
  const failing = {
    get broken(): never {
      throw new Error('never read');
    },
  };

  it('is found beside values that lead back to themselves, or that fail when they are read', () => {
    expect(chosen({ failing, circle })).toBe('one');
    expect(chosen({ failing, machine }, 'failing.broken')).toBe(
      'a.ts exports no machine called failing.broken; it has machine',
    );
  });

  it('is found beside proxies that refuse whatever they are asked', () => {
    const refuse = (): never => {
      throw new Error('asked');
    };
    const proxy = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
    expect(chosen({ default: proxy, machine })).toBe('one');
    expect(chosen({ default: proxy })).toBe('a.ts exports no XState 5 machine');
    expect(chosen({ proxy }, 'proxy')).toBe('a.ts exports no machine called proxy');
  });

  it('is found once though many values stand beside it', () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => ({ at }));
    expect(chosen({ machine, numbers })).toBe('one');
  });

  it.each<[string, Readonly<Record<string, unknown>>, string | null, string]>([
    ['nothing', {}, null, 'a.ts exports nothing: export the machine from it'],
    ['no machine', { limit: 3 }, null, 'a.ts exports no XState 5 machine'],
    [
      'several',
      { machine, other, default: machine },
      null,
      'a.ts exports several machines; choose one as a.ts#NAME: machine, other',
    ],
    [
      'several in what is named',
      { machines: { machine, other } },
      'machines',
      'a.ts#machines holds several machines; choose one as a.ts#NAME: machines.machine, machines.other',
    ],
    [
      'another name',
      { machine, other },
      'third',
      'a.ts exports no machine called third; it has machine, other',
    ],
    [
      'nothing by the name of a method that every object has',
      { machine },
      'toString',
      'a.ts exports no machine called toString; it has machine',
    ],
    [
      'a function that makes one',
      { makeMachine: () => machine },
      null,
      'a.ts exports no XState 5 machine: makeMachine is a function: if it makes a machine, export that',
    ],
    [
      'a promise',
      { load: fromPromise(async () => 1) },
      'load',
      'a.ts#load is actor logic of the kind promise, not a state machine',
    ],
    [
      'a callback',
      { load: fromCallback(() => {}) },
      null,
      'a.ts exports no XState 5 machine: load is actor logic of the kind callback, not a state machine',
    ],
    [
      'a transition',
      { load: fromTransition((state: number) => state, 0) },
      'load',
      'a.ts#load is actor logic of the kind transition, not a state machine',
    ],
    [
      'an observable',
      { load: fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => {} }) })) },
      'load',
      'a.ts#load is actor logic of the kind observable, not a state machine',
    ],
    [
      'an observable of events',
      { load: fromEventObservable(() => ({ subscribe: () => ({ unsubscribe: () => {} }) })) },
      'load',
      'a.ts#load is actor logic of the kind observable, not a state machine',
    ],
    [
      'a machine of XState 4',
      { light: { __xstatenode: true, id: 'light', config: {}, options: {} } },
      null,
      'a.ts exports no XState 5 machine: light is a machine of XState 4, and these tools read XState 5: see https://stately.ai/docs/migration',
    ],
  ])('is refused in a line where it exports %s', (_, exports, name, line) => {
    expect(chosen(exports, name)).toBe(line);
  });

  it('has the name under which people know it', () => {
    const found = machinesOf({ default: machine, light: machine, all: { machine, other } });
    expect(found.map(({ name, machine: { id } }) => [name, id])).toEqual([
      ['light', 'one'],
      ['all.other', 'two'],
    ]);
  });
});
