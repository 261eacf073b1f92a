import { setup } from 'xstate';

export const machine = setup({
  types: {} as {
    events:
      | { type: 'parsed' }
      | { type: 'stored' }
      | { type: 'indexed' }
      | { type: 'mailed' }
      | { type: 'again' };
  },
}).createMachine({
  id: 'batchImport',
  initial: 'importing',
  states: {
    importing: {
      type: 'parallel',
      onDone: { target: 'imported', description: 'All three are done.' },
      states: {
        file: {
          initial: 'parsing',
          states: {
            parsing: { on: { parsed: 'storing' } },
            storing: { on: { stored: 'stored' } },
            stored: { type: 'final' },
          },
        },
        search: {
          initial: 'indexing',
          states: { indexing: { on: { indexed: 'indexed' } }, indexed: { type: 'final' } },
        },
        mail: {
          initial: 'writing',
          states: { writing: { on: { mailed: 'sent' } }, sent: { type: 'final' } },
        },
      },
    },
    imported: { on: { again: 'importing' } },
  },
});
