import { createMachine } from 'xstate';

export const machine = createMachine({});
