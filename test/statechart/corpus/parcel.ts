import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events:
      | { type: 'picked' }
      | { type: 'loaded' }
      | { type: 'delivered' }
      | { type: 'nobodyHome' }
      | { type: 'returned' };
  },
  actions: { notifySender: () => {}, leaveCard: () => {} },
}).createMachine({
  id: 'parcel',
  initial: 'registered',
  states: {
    registered: { on: { picked: 'travelling' } },
    travelling: {
      initial: 'sorting',
      on: { returned: 'returned' },
      states: {
        sorting: { on: { loaded: 'onTheVan' } },
        onTheVan: {
          on: { delivered: '#parcel.delivered', nobodyHome: { target: 'sorting', actions: 'leaveCard' } },
        },
      },
    },
    delivered: { type: 'final', entry: 'notifySender' },
    returned: { type: 'final', entry: 'notifySender' },
  },
});
