import { setup } from 'xstate';

export const machine = setup({
  guards: { 'is "quoted"': () => true, "isn't \\ back": () => true, 'line\nbreak?': () => false },
  actions: { 'say "hi"': () => {}, "don't": () => {}, 'a\\b': () => {}, 'first\nsecond': () => {} },
  delays: { 'some "time"\n': 10 },
}).createMachine({
  id: 'quotedNames',
  description: 'Says "hello"\nin two lines, with a \\ in the second.',
  initial: 'say "hello"',
  states: {
    'say "hello"': {
      description: 'A "quoted" sentence.\nAnd a second line.',
      on: {
        'press "enter"': { target: "it's", guard: 'is "quoted"', actions: 'say "hi"' },
        'new\nline': { target: 'back\\\\slash', actions: 'first\nsecond' },
      },
    },
    "it's": { on: { next: { target: 'back\\\\slash', guard: "isn't \\ back", actions: "don't" } } },
    'back\\slash': { on: { next: { target: 'two\nlines', actions: 'a\\b' } } },
    'two\nlines': { on: { next: [{ guard: 'line\nbreak?', target: 'tab\there' }, { target: '🚦 go' }] } },
    'tab\there': { on: { next: '🚦 go' } },
    '🚦 go': { after: { 'some "time"\n': '👩‍👩‍👧 family' } },
    '👩‍👩‍👧 family': { on: { '🎉': '`tick` \'single\' "double"' } },
    '`tick` \'single\' "double"': { type: 'final' },
  },
});
