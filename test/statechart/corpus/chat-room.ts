import { assign, forwardTo, fromCallback, sendTo, setup } from 'xstate';

export const machine = setup({
  types: {} as {
    context: { lines: readonly string[] };
    events:
      | { type: 'join' }
      | { type: 'leave' }
      | { type: 'say'; text: string }
      | { type: 'heard'; text: string }
      | { type: 'ping' };
  },
  actors: {
    connection: fromCallback<{ type: 'say'; text: string } | { type: 'ping' }>(({ receive, sendBack }) => {
      receive((event) => {
        if (event.type === 'say') sendBack({ type: 'heard', text: event.text });
      });
      return () => {};
    }),
  },
}).createMachine({
  id: 'chatRoom',
  context: { lines: [] },
  initial: 'outside',
  states: {
    outside: { on: { join: 'inside' } },
    inside: {
      invoke: { id: 'connection', src: 'connection' },
      on: {
        say: { actions: forwardTo('connection') },
        ping: { actions: sendTo('connection', { type: 'ping' }, { delay: 10 }) },
        heard: { actions: assign({ lines: ({ context, event }) => [...context.lines, event.text] }) },
        leave: 'outside',
      },
    },
  },
});
