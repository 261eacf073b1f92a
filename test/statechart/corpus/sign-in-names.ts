import { createMachine } from 'xstate';

/** Keys that become one where other characters than letters and digits are replaced. */
export const machine = createMachine({
  id: 'signInNames',
  initial: 'sign-in',
  states: {
    'sign-in': { on: { 'go-on': 'sign_in', go_on: 'sign in' } },
    sign_in: { on: { 'go on': 'sign in' } },
    'sign in': {
      initial: 'a-b',
      on: { back: 'sign-in' },
      states: { 'a-b': { on: { next: 'a_b' } }, a_b: { on: { next: 'a b' } }, 'a b': {} },
    },
    'sign in_a': { on: { back: 'sign-in' } },
    sign: { initial: 'in', states: { in: {}, in_a: {} } },
    'sign-': { initial: 'in', states: { in: {} } },
  },
  on: { rest: '.sign in_a', sign: '.sign', dash: '.sign-' },
});
