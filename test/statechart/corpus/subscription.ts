import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events: { type: 'subscribe' } | { type: 'pay'; cents: number } | { type: 'cancel' };
    tags: 'billable' | 'quiet' | 'shown to the customer';
    meta: { owner: string; rule?: string; since?: number; checks?: readonly { readonly name: string }[] };
    transitionMeta: { rule?: string; ticket?: number };
  },
}).createMachine({
  id: 'subscription',
  version: '2.3.0',
  description: 'From the trial to the last invoice.',
  meta: { owner: 'billing' },
  tags: ['quiet'],
  initial: 'trial',
  states: {
    trial: {
      description: 'Thirty days for free.',
      meta: { owner: 'sales', since: 2024, checks: [{ name: 'age' }, { name: 'country' }] },
      tags: ['quiet', 'shown to the customer'],
      on: {
        subscribe: {
          target: 'active',
          description: 'The customer decides.',
          meta: { rule: 'Terms, section 2', ticket: 41 },
        },
        cancel: 'ended',
      },
    },
    active: {
      tags: ['billable'],
      meta: { owner: 'billing', rule: 'Terms, section 3' },
      on: {
        pay: { description: 'Paid in advance: stays.' },
        cancel: { target: 'ended', meta: { ticket: 42 } },
      },
    },
    ended: { type: 'final', description: 'Nothing is charged any more.' },
  },
});
