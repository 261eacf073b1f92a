import { assign, fromPromise, setup } from 'xstate';

interface User {
  readonly name: string;
  readonly isAdmin: boolean;
}

export const machine = setup({
  types: {} as {
    context: { email: string; user: User | null; problem: string | null };
    events: { type: 'submit'; email: string } | { type: 'retry' } | { type: 'logOut' };
  },
  actors: {
    authenticate: fromPromise<User, { email: string }>(async ({ input }) => ({
      name: input.email,
      isAdmin: input.email.startsWith('root@'),
    })),
  },
  guards: { isAdmin: (_, params: { user: User }) => params.user.isAdmin },
  actions: {
    keepUser: assign({ user: (_, params: { user: User }) => params.user }),
    keepProblem: assign({ problem: (_, params: { error: unknown }) => String(params.error) }),
  },
}).createMachine({
  id: 'loginForm',
  context: { email: '', user: null, problem: null },
  initial: 'idle',
  states: {
    idle: {
      on: { submit: { target: 'checking', actions: assign({ email: ({ event }) => event.email }) } },
    },
    checking: {
      invoke: {
        id: 'authentication',
        src: 'authenticate',
        input: ({ context }) => ({ email: context.email }),
        onDone: [
          {
            guard: { type: 'isAdmin', params: ({ event }) => ({ user: event.output }) },
            target: 'administrating',
            actions: { type: 'keepUser', params: ({ event }) => ({ user: event.output }) },
          },
          {
            target: 'loggedIn',
            actions: { type: 'keepUser', params: ({ event }) => ({ user: event.output }) },
          },
        ],
        onError: {
          target: 'refused',
          actions: { type: 'keepProblem', params: ({ event }) => ({ error: event.error }) },
        },
      },
    },
    loggedIn: { on: { logOut: 'idle' } },
    administrating: { on: { logOut: 'idle' } },
    refused: { on: { retry: 'idle' } },
  },
});
