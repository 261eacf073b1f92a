import { createMachine } from 'xstate';

/** Control characters, text that runs from right to left, marks that turn text round, half of a surrogate pair. */
export const machine = createMachine({
  id: 'strange\u0001characters',
  initial: 'bell\u0007',
  states: {
    'bell\u0007': { on: { '\u0000nul': 'שלום' } },
    שלום: { on: { مرحبا: 'turned \u202eround' } },
    'turned \u202eround': { on: { '\u2066isolated': 'zero\u200bwidth' } },
    'zero\u200bwidth': { on: { '\ufeff': 'half \ud83d pair' } },
    'half \ud83d pair': { on: { '\udea6': 'not\uffffa character' } },
    'not\uffffa character': { on: { '\u001b[31mred': 'separated\u2028lines' } },
    'separated\u2028lines': { on: { '\r\n': 'carriage\rreturn' } },
    'carriage\rreturn': { on: { '\u0085': 'e\u0301' } },
    'e\u0301': { on: { composed: 'é' } },
    é: { on: { '\u00a0': 'bell\u0007' } },
  },
});
