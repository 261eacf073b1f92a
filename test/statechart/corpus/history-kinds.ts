import { createMachine } from 'xstate';

export const machine = createMachine({
  id: 'historyKinds',
  initial: 'outside',
  states: {
    outside: {
      on: {
        toPlain: 'inside.plain',
        toTrue: 'inside.yes',
        toShallow: 'inside.shallow',
        toDeep: 'inside.deep',
      },
    },
    inside: {
      initial: 'a',
      on: { leave: 'outside', lead: '#historyKinds.inside.lead' },
      states: {
        a: { initial: 'a1', on: { step: 'b' }, states: { a1: { on: { inner: 'a2' } }, a2: {} } },
        b: { initial: 'b1', on: { step: 'a' }, states: { b1: { on: { inner: 'b2' } }, b2: {} } },
        plain: { type: 'history' },
        yes: { type: 'history', history: true, target: 'b' },
        shallow: { type: 'history', history: 'shallow', target: 'b.b2' },
        deep: { type: 'history', history: 'deep', target: '#historyKinds.inside.a.a2' },
        lead: { history: 'deep' },
      },
    },
  },
});
