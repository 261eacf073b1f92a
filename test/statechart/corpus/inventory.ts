import { assign, setup } from 'xstate';

class Warehouse {
  readonly town: string;

  constructor(town: string) {
    this.town = town;
  }
}

interface Shelf {
  readonly name: string;
  beside?: Shelf;
}

const left: Shelf = { name: 'left' };
const right: Shelf = { name: 'right', beside: left };
left.beside = right;

/** The context holds what JSON cannot. */
export const machine = setup({
  types: {} as {
    context: {
      stock: Map<string, number>;
      sold: Set<string>;
      serial: bigint;
      since: Date;
      warehouse: Warehouse;
      note: string | undefined;
      shelf: Shelf;
      pattern: RegExp;
      notANumber: number;
      endless: number;
      mark: symbol;
      price: () => number;
    };
    events: { type: 'sell'; article: string } | { type: 'count' };
  },
}).createMachine({
  id: 'inventory',
  context: {
    stock: new Map([['bolt', 12]]),
    sold: new Set(['nut']),
    serial: 12_345_678_901_234_567_890n,
    since: new Date(0),
    warehouse: new Warehouse('Delft'),
    note: undefined,
    shelf: left,
    pattern: /bolt/g,
    notANumber: Number.NaN,
    endless: Number.POSITIVE_INFINITY,
    mark: Symbol('mark'),
    price: () => 3,
  },
  initial: 'open',
  states: {
    open: {
      on: {
        sell: {
          guard: ({ context, event }) => (context.stock.get(event.article) ?? 0) > 0,
          actions: assign({ sold: ({ context, event }) => new Set([...context.sold, event.article]) }),
        },
        count: 'counting',
      },
    },
    counting: { on: { count: 'open' } },
  },
});
