import { expect, it } from 'vitest';
import { ClientSession } from '../../../src/store/sessions/client-session.ts';

it('a session whose first command was given up is over, since nobody knows whether it was opened', () => {
  const session = new ClientSession('s');
  expect([session.take(), session.take()]).toEqual([1, null]);
  session.givenUp(1);
  expect([session.isOver, session.take()]).toEqual([true, null]);
});

it('an open session goes on after a command that was given up, and says that it does not care for its answer', () => {
  const session = new ClientSession('s');
  session.answered(session.take()!);
  expect([session.take(), session.take(), session.received]).toEqual([2, 3, 1]);
  session.givenUp(2);
  expect([session.isOver, session.received, session.take()]).toEqual([false, 2, 4]);
});
