import { createMachine } from 'xstate';

interface Cycle {
  readonly name: string;
  itself?: Cycle;
}

const cycle: Cycle = { name: 'round' };
cycle.itself = cycle;

export const machine = createMachine({
  id: 'cyclicContext',
  context: { cycle },
  meta: { cycle },
  initial: 'going',
  states: { going: { on: { round: 'going' } } },
});
