import { describe, expect, it } from 'vitest';
import {
  and,
  assign,
  cancel,
  emit,
  enqueueActions,
  fromCallback,
  fromPromise,
  log,
  not,
  or,
  raise,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate';
import { diffCharts, isEmptyDiff } from '../../../src/statechart/compare/diff.ts';
import { diffToText } from '../../../src/statechart/compare/diff-text.ts';
import { walk } from '../../../src/statechart/read/walk.ts';

// biome-ignore lint/suspicious/noExplicitAny: a config of any shape, to be changed anywhere.
type Any = any;

const child = (delay: number) =>
  setup({}).createMachine({ id: 'child', after: { [delay]: { actions: log('late') } } });

/** All that one change can be made to: what `setup` takes, and the config. */
interface Parts {
  readonly given: Any;
  readonly config: Any;
}

const parts = (): Parts => ({
  given: {
    guards: {
      isOpen: () => true,
      isBig: (_: unknown, { than }: Any) => than > 3,
      isFine: and(['isOpen', not('isShut')]),
      isShut: () => false,
    },
    actions: {
      ring: raise({ type: 'RING' }, { delay: 100, id: 'bell' }),
      tell: (_: unknown, { text }: Any) => text,
    },
    delays: { soon: () => 100, later: 2000 },
    actors: { load: fromPromise(async () => 1), child: child(10) },
  },
  config: {
    id: 'shop',
    version: '1',
    context: { items: 0, prices: new Map([['tea', 3n]]) },
    output: () => 'sold',
    initial: { target: 'open', actions: 'ring' },
    states: {
      open: {
        entry: [assign({ items: () => 0 }), { type: 'tell', params: { text: 'open' } }],
        exit: [cancel('bell'), stopChild('helper')],
        invoke: { id: 'loader', src: 'load', systemId: 'loader', input: ({ context }: Any) => context.items },
        tags: ['public', 'bright'],
        meta: { colour: 'green' },
        description: 'Sells.',
        after: { soon: 'shut' },
        always: { guard: stateIn('#far'), target: 'shut' },
        on: {
          BUY: [
            { guard: { type: 'isBig', params: { than: 4 } }, target: 'done', meta: { seen: 1 } },
            { guard: ({ event }: Any) => event.count > 1, actions: emit({ type: 'SOLD', price: 3 }) },
            {
              guard: or(['isOpen', 'isShut']),
              actions: sendTo('till', { type: 'PAY', sum: 1 }, { delay: 5, id: 'pay' }),
            },
            { target: 'open', reenter: true },
          ],
          CALL: { actions: [raise({ type: 'RING' }, { delay: 30 }), log('called', 'shop')] },
          HELP: {
            actions: [
              spawnChild('child', { id: 'helper', systemId: 'one', input: { a: 1 } }),
              enqueueActions(({ enqueue }: Any) => enqueue('ring')),
            ],
          },
        },
      },
      shut: {
        id: 'far',
        type: 'parallel',
        states: {
          door: {
            initial: 'locked',
            states: {
              locked: {},
              broken: {},
              past: { type: 'history', history: 'shallow', target: 'locked' },
            },
          },
          light: {},
        },
        onDone: 'open',
      },
      done: { type: 'final', output: { sum: 1 } },
    },
  },
});

const chartOf = (change: (parts: Parts) => void) => {
  const made = parts();
  change(made);
  return walk(setup(made.given).createMachine(made.config) as never);
};

const before = chartOf(() => {});
const textOf = (change: (parts: Parts) => void): string =>
  diffToText(diffCharts(before, chartOf(change)), false);

type Row = readonly [what: string, change: (parts: Parts) => void, said: string];

const open = ({ config }: Parts): Any => config.states.open;

const changes: readonly Row[] = [
  ['the initial state', ({ config }) => (config.initial = 'shut'), '- initial: open'],
  ['an initial action', ({ config }) => (config.initial.actions = 'tell'), '+ initial actions: tell'],
  ['the initial context', ({ config }) => (config.context.prices = new Map([['tea', 4n]])), '4n'],
  ['the output of the machine', ({ config }) => (config.output = () => 'lost'), '() => "lost"'],
  [
    'the output of a final state',
    ({ config }) => (config.states.done.output.sum = 2),
    '+ output: {"sum": 2}',
  ],
  ['the version', ({ config }) => (config.version = '2'), '+ version: 2'],
  ['a tag', (parts) => (open(parts).tags = ['public']), '- tags: bright, public'],
  ['meta of a state', (parts) => (open(parts).meta.colour = 'red'), '+ meta: {"colour": "red"}'],
  ['a description', (parts) => (open(parts).description = 'Buys.'), '+ description: Buys.'],
  ['an inline assign', (parts) => (open(parts).entry[0] = assign({ items: () => 1 })), 'function ()=>1'],
  ['params of an action', (parts) => (open(parts).entry[1].params.text = 'shut'), '{"text": "shut"}'],
  ['the id of a cancel', (parts) => (open(parts).exit[0] = cancel('gong')), '"gong"'],
  ['the actor that is stopped', (parts) => (open(parts).exit[1] = stopChild('other')), '"other"'],
  ['the actor that is invoked', (parts) => (open(parts).invoke.src = 'child'), '+ invoke: child'],
  ['the id of an invoke', (parts) => (open(parts).invoke.id = 'l2'), 'id l2'],
  ['the systemId of an invoke', (parts) => (open(parts).invoke.systemId = 's2'), 'systemId s2'],
  [
    'the input of an invoke',
    (parts) => (open(parts).invoke.input = ({ context }: Any) => context.items + 1),
    'context.items + 1',
  ],
  ['a delay', (parts) => (open(parts).after = { later: 'shut' }), '+ open: after later → far'],
  ['the state of a stateIn', (parts) => (open(parts).always.guard = stateIn('#shop.done')), '#shop.done'],
  ['params of a guard', (parts) => (open(parts).on.BUY[0].guard.params.than = 5), 'isBig({"than": 5})'],
  ['a guard', (parts) => (open(parts).on.BUY[0].guard = 'isOpen'), '+ guard: isOpen'],
  ['meta of a transition', (parts) => (open(parts).on.BUY[0].meta.seen = 2), '+ meta: {"seen": 2}'],
  ['a target', (parts) => (open(parts).on.BUY[0].target = 'shut'), '+ target: shut'],
  [
    'an inline guard',
    (parts) => (open(parts).on.BUY[1].guard = ({ event }: Any) => event.count > 2),
    'event.count > 2',
  ],
  [
    'an emitted event',
    (parts) => (open(parts).on.BUY[1].actions = emit({ type: 'SOLD', price: 4 })),
    '"price": 4',
  ],
  ['or to and', (parts) => (open(parts).on.BUY[2].guard = and(['isOpen', 'isShut'])), 'and(isOpen, isShut)'],
  [
    'the event of a sendTo',
    (parts) =>
      (open(parts).on.BUY[2].actions = sendTo('till', { type: 'PAY', sum: 2 }, { delay: 5, id: 'pay' })),
    '"sum": 2',
  ],
  [
    'the receiver of a sendTo',
    (parts) =>
      (open(parts).on.BUY[2].actions = sendTo('bank', { type: 'PAY', sum: 1 }, { delay: 5, id: 'pay' })),
    '"bank"',
  ],
  [
    'the delay of a sendTo',
    (parts) =>
      (open(parts).on.BUY[2].actions = sendTo('till', { type: 'PAY', sum: 1 }, { delay: 6, id: 'pay' })),
    'delay: 6',
  ],
  ['reenter', (parts) => delete open(parts).on.BUY[3].reenter, '- reenter: yes'],
  [
    'the order of branches',
    (parts) => open(parts).on.BUY.splice(0, 0, ...open(parts).on.BUY.splice(1, 1)),
    'order: branch',
  ],
  [
    'the delay of a raise',
    (parts) => (open(parts).on.CALL.actions[0] = raise({ type: 'RING' }, { delay: 31 })),
    'delay: 31',
  ],
  ['the text of a log', (parts) => (open(parts).on.CALL.actions[1] = log('rang', 'shop')), '"rang"'],
  [
    'the input of a spawn',
    (parts) =>
      (open(parts).on.HELP.actions[0] = spawnChild('child', {
        id: 'helper',
        systemId: 'one',
        input: { a: 2 },
      })),
    '{"a": 2}',
  ],
  [
    'what is enqueued',
    (parts) => (open(parts).on.HELP.actions[1] = enqueueActions(({ enqueue }: Any) => enqueue('tell'))),
    'enqueue("tell")',
  ],
  ['an event that is forbidden', (parts) => (open(parts).on.LEAVE = undefined), '+ open: LEAVE'],
  [
    'the kind of a history',
    ({ config }) => (config.states.shut.states.door.states.past.history = 'deep'),
    '+ type: deep',
  ],
  [
    'the default of a history',
    ({ config }) => (config.states.shut.states.door.states.past.target = 'broken'),
    '+ initial: shut.door.broken',
  ],
  [
    'the order of regions',
    ({ config }) => (config.states.shut.states = { light: {}, door: config.states.shut.states.door }),
    '+ regions: light, door',
  ],
  ['the type of a state', ({ config }) => (config.states.shut.states.light.type = 'final'), '+ type: final'],
  ['a state', ({ config }) => (config.states.extra = {}), '+ extra'],
  ['what a guard does', ({ given }) => (given.guards.isOpen = () => false), '~ guard isOpen'],
  [
    'the parts of a guard',
    ({ given }) => (given.guards.isFine = and(['isOpen', 'isShut'])),
    '~ guard isFine',
  ],
  ['what an action does', ({ given }) => (given.actions.tell = () => {}), '~ action tell'],
  [
    'what a named raise raises',
    ({ given }) => (given.actions.ring = raise({ type: 'RING' }, { delay: 101, id: 'bell' })),
    'delay: 101',
  ],
  ['a delay function', ({ given }) => (given.delays.soon = () => 101), '~ delay soon'],
  ['what an actor does', ({ given }) => (given.actors.load = fromPromise(async () => 2)), '~ actor load'],
  ['the kind of an actor', ({ given }) => (given.actors.load = fromCallback(() => {})), '~ actor load'],
  ['a machine that is spawned', ({ given }) => (given.actors.child = child(11)), 'In the machine child'],
];

describe('the comparison of charts reports', () => {
  it.each(changes)('%s', (_, change, said) => {
    expect(textOf(change)).toContain(said);
  });

  it('each change alone', () => {
    for (const [what, change] of changes) {
      const { fields, states, transitions, names, children } = diffCharts(before, chartOf(change));
      const others = names.filter(({ change: how }) => how === 'changed');
      const found = fields.length + states.length + transitions.length + others.length + children.length;
      expect([what, found], what).toEqual([what, transitions.length === 2 ? 2 : 1]);
    }
  });
});

const reversed = (value: Any): Any => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  );
};

describe('the comparison of charts reports nothing', () => {
  it.each<readonly [string, (parts: Parts) => void]>([
    ['of what is made anew', () => {}],
    ['of another id', ({ config }) => Object.assign(config, { id: 'store' })],
    ['of the order of what is bound', ({ given }) => Object.assign(given, reversed(given))],
    [
      'of the order of keys in params and payloads',
      (parts) =>
        (open(parts).on.BUY[2].actions = sendTo('till', { sum: 1, type: 'PAY' }, { id: 'pay', delay: 5 })),
    ],
    ['of the order of events', (parts) => (open(parts).on = reversed(open(parts).on))],
    [
      'of the order of states',
      ({ config }) =>
        (config.states = { done: config.states.done, shut: config.states.shut, open: config.states.open }),
    ],
    ['of the order of tags', (parts) => open(parts).tags.reverse()],
    [
      'of comments and layout',
      (parts) => (open(parts).on.BUY[1].guard = ({ event }: Any) => /* so */ event.count > 1),
    ],
  ])('%s', (_, change) => {
    const diff = diffCharts(before, chartOf(change));
    expect(isEmptyDiff(diff), diffToText(diff, false)).toBe(true);
  });
});
