import { and, assign, cancel, log, not, or, raise, stateIn } from 'xstate';

const count = (key: string) =>
  assign(({ context }) => ({ [key]: ((context as Record<string, number>)[key] ?? 0) + 1 }));

/** The chart of each is a place where XState and SCXML mean different things by the same words, or where names are not what SCXML takes. */
export const edgeMachines: readonly (readonly [name: string, config: object])[] = [
  [
    'an event whose name starts with that of another',
    {
      id: 'dotted',
      initial: 'a',
      states: {
        a: { on: { go: 'b', 'go.on': 'c', 'go.on.further': 'd' } },
        b: { on: { go: 'a', '*': 'c' } },
        c: { on: { 'go.*': 'd', go: 'a' } },
        d: { on: { 'go.on': 'a', 'go.on.*': 'b', 'go.*': 'c', '*': 'd' } },
      },
    },
  ],
  [
    'wildcards that are written before what is more exact',
    {
      id: 'order',
      context: {},
      initial: 'a',
      states: {
        a: { on: { '*': 'b', 'key.*': 'c', 'key.up': { guard: () => true, target: 'd' }, 'key.up.*': 'a' } },
        b: { on: { '*': { guard: () => false, target: 'c' }, 'key.*': 'a' } },
        c: { on: { 'key.up': undefined, '*': 'd' } },
        d: { on: { back: 'a' } },
      },
      on: { 'key.down': '.d', 'key.up': '.a' },
    },
  ],
  [
    'a state with regions that handles what a region handles',
    {
      id: 'regions',
      context: { outer: 0, inner: 0 },
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          on: {
            go: { actions: count('outer') },
            some: { actions: count('outer') },
            leave: 'out',
            '*': { actions: count('star') },
          },
          states: {
            left: {
              initial: 'a',
              states: {
                a: {
                  on: {
                    go: { target: 'b', actions: count('inner') },
                    leave: 'b',
                    some: { guard: stateIn('#right'), actions: count('inner') },
                  },
                },
                b: { on: { back: 'a', 'some.*': 'a' } },
              },
            },
            right: {
              initial: 'c',
              states: { c: { on: { go: 'd' } }, d: { id: 'right', on: { back: 'c', other: undefined } } },
            },
          },
        },
        out: { on: { back: 'both', '*': 'both' } },
      },
      on: {
        go: { actions: count('root') },
        other: { actions: count('root') },
        some: { actions: count('root') },
      },
    },
  ],
  [
    'transitions to the state itself',
    {
      id: 'selves',
      context: { entered: 0, left: 0 },
      initial: 'box',
      on: { root: { target: '.box' } },
      states: {
        box: {
          entry: count('entered'),
          exit: count('left'),
          initial: 'one',
          on: {
            self: 'box',
            again: { target: 'box', reenter: true },
            child: '.two',
            childAgain: { target: '.two', reenter: true },
          },
          states: {
            one: {
              entry: count('one'),
              on: {
                next: 'two',
                stay: { target: 'one', actions: count('stayed') },
                anew: { target: 'one', reenter: true },
              },
            },
            two: {
              initial: 'in',
              on: { up: '#selves.box', inSelf: 'two' },
              states: { in: { on: { next: 'on' } }, on: {} },
            },
          },
        },
      },
    },
  ],
  [
    'regions that start anew',
    {
      id: 'anew',
      type: 'parallel',
      on: {
        all: { target: ['.left.b', '.right.d'] },
        left: { target: '.left.b' },
        again: { target: '.left', reenter: true },
      },
      states: {
        left: {
          initial: 'a',
          states: { a: { on: { next: 'b', over: '#anew.right.d' } }, b: { on: { next: 'a' } } },
        },
        right: {
          initial: 'c',
          on: { self: 'right', selfAgain: { target: 'right', reenter: true } },
          states: { c: { on: { next: 'd' } }, d: {} },
        },
      },
    },
  ],
  [
    'ends',
    {
      id: 'ends',
      context: { got: null, left: 0 },
      initial: 'work',
      exit: count('left'),
      output: ({ event }: { event: { output: unknown } }) => event.output,
      states: {
        work: {
          initial: 'a',
          onDone: { target: 'more', actions: assign({ got: ({ event }) => event.output }) },
          states: {
            a: { on: { go: 'done', other: 'done2' } },
            done: { type: 'final', output: { kind: 'plain' } },
            done2: { type: 'final', output: ({ context }: { context: { left: number } }) => context.left },
          },
        },
        more: {
          type: 'parallel',
          onDone: 'over',
          states: {
            x: {
              initial: 'x1',
              states: { x1: { on: { go: 'x2' } }, x2: { type: 'final', entry: raise({ type: 'told' }) } },
            },
            y: { initial: 'y1', states: { y1: { on: { told: 'y2', other: 'y2' } }, y2: { type: 'final' } } },
            z: { type: 'final' },
          },
        },
        over: { type: 'final', entry: [raise({ type: 'restart' }), count('entered')], output: 'end' },
      },
      on: { restart: '.work' },
    },
  ],
  [
    'a root with regions that ends',
    {
      id: 'both',
      type: 'parallel',
      context: { seen: 0 },
      exit: count('left'),
      states: {
        x: { initial: 'x1', states: { x1: { on: { go: 'x2' } }, x2: { type: 'final' } } },
        y: {
          initial: 'y1',
          always: {
            guard: and([stateIn({ x: 'x2' }), ({ context }) => context.seen < 3]),
            actions: count('seen'),
          },
          states: { y1: { on: { go: 'y2', other: 'y2' } }, y2: { type: 'final' } },
        },
      },
    },
  ],
  [
    'timers, events to come and their end',
    {
      id: 'time',
      context: { ticks: 0 },
      initial: 'idle',
      states: {
        idle: {
          entry: [
            raise({ type: 'wake' }, { delay: 50, id: 'alarm' }),
            raise({ type: 'ring', loud: true } as { type: 'ring' }, { delay: 20 }),
          ],
          on: { wake: 'awake', stop: { actions: cancel('alarm') }, ring: { actions: count('ticks') } },
          after: { 100: 'late', 10: { actions: count('ticks') }, 1: { guard: () => false, target: 'late' } },
        },
        awake: {
          initial: 'a',
          after: { 100: 'idle' },
          states: { a: { after: { 100: 'b', 60: { actions: count('ticks') } } }, b: {} },
        },
        late: {
          entry: [raise({ type: 'wake' }, { delay: 30, id: 'alarm' }), log('late')],
          on: { wake: 'idle', '*': 'awake' },
        },
      },
    },
  ],
  [
    'histories with and without anything to remember',
    {
      id: 'past',
      context: { first: 0 },
      initial: 'out',
      states: {
        out: { on: { deep: 'in.deep', shallow: 'in.shallow', lead: 'in.lead', both: 'pair.asBefore' } },
        in: {
          initial: { target: 'a', actions: count('first') },
          on: { out: 'out', both: 'pair' },
          states: {
            a: {
              initial: 'a1',
              states: {
                a1: { on: { next: 'a2', over: '#past.in.b.b2' } },
                a2: { on: { next: '#past.in.b' } },
              },
            },
            b: { initial: 'b1', states: { b1: { on: { next: 'b2' } }, b2: { on: { next: '#past.in.a' } } } },
            deep: { type: 'history', history: 'deep', target: 'b' },
            shallow: { type: 'history' },
            lead: { type: 'history', target: 'b.b2' },
          },
        },
        pair: {
          type: 'parallel',
          on: { out: 'out', deep: '#past.in.deep' },
          states: {
            x: { initial: 'x1', states: { x1: { on: { next: 'x2' } }, x2: {} } },
            y: { initial: 'y1', states: { y1: { on: { over: 'y2' } }, y2: {} } },
            asBefore: { type: 'history', history: 'deep' },
          },
        },
      },
    },
  ],
  [
    'names that SCXML would take for lists, ids or events of its own',
    {
      id: 'names ', // ends in a space
      initial: 'a b',
      states: {
        'a b': { on: { 'go on': 'c"d', x_x0041_: '_x0041_', 'done.state.x': "it's" } },
        'c"d': { initial: 'A', on: { 'go  on': 'a b', error: 'a b', 'a..b': '_x0041_' }, states: { A: {} } },
        _x0041_: { on: { 'error.execution': 'a b', '.a': "it's", 'a.': 'c"d', '1.5': 'a b' } },
        "it's": { on: { 'a:b': 'a b', 'a\nb': '_x0041_', 'done.invoke.x': 'c"d' }, after: { '0.5': 'a b' } },
      },
    },
  ],
  [
    'guards of guards and of states',
    {
      id: 'guards',
      type: 'parallel',
      context: { n: 0 },
      states: {
        x: {
          initial: 'a',
          states: {
            a: {
              on: {
                go: { guard: or([stateIn('#why'), stateIn({ y: { c: 'c2' } })]), target: 'b' },
                up: { actions: count('n') },
              },
            },
            b: {
              on: {
                go: { guard: not(and([stateIn({ y: 'c' }), ({ context }) => context.n < 2])), target: 'a' },
              },
            },
          },
        },
        y: {
          initial: 'c',
          states: {
            c: { initial: 'c1', on: { over: 'd' }, states: { c1: { on: { in: 'c2' } }, c2: {} } },
            d: { id: 'why', on: { over: 'c' } },
          },
        },
      },
    },
  ],
];
