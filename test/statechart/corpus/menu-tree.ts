import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events:
      | { type: 'self' }
      | { type: 'selfAgain' }
      | { type: 'child' }
      | { type: 'childAgain' }
      | { type: 'up' }
      | { type: 'upAgain' }
      | { type: 'stay' };
  },
  actions: { enterMenu: () => {}, leaveMenu: () => {}, enterItem: () => {}, leaveItem: () => {} },
}).createMachine({
  id: 'menuTree',
  initial: 'menu',
  states: {
    menu: {
      entry: 'enterMenu',
      exit: 'leaveMenu',
      initial: 'first',
      on: {
        self: 'menu',
        selfAgain: { target: 'menu', reenter: true },
        child: '.second',
        childAgain: { target: '.second', reenter: true },
        stay: { reenter: true, actions: () => {} },
      },
      states: {
        first: {
          entry: 'enterItem',
          exit: 'leaveItem',
          on: {
            self: { target: 'first', reenter: false },
            selfAgain: { target: 'first', reenter: true },
            up: { target: '#menuTree.menu', reenter: false },
            upAgain: { target: '#menuTree.menu', reenter: true },
          },
        },
        second: { on: { up: '#menuTree.menu' } },
      },
    },
  },
});
