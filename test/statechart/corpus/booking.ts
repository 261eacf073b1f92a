import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { guest: string; nights: number; reference: string };
    events: { type: 'confirm' } | { type: 'decline' };
    input: { guest: string; nights?: number };
    output: { state: string };
  },
}).createMachine({
  id: 'booking',
  context: ({ input, self }) => ({ guest: input.guest, nights: input.nights ?? 1, reference: self.id }),
  initial: 'offered',
  states: {
    offered: { on: { confirm: 'confirmed', decline: 'declined' } },
    confirmed: { type: 'final' },
    declined: { type: 'final' },
  },
  output: { state: 'closed' },
});
