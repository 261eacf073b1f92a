import { expect, it } from 'vitest';
import { type AnyActorLogic, createActor, createMachine } from 'xstate';
import { supervisorMachine } from '../../src/node/supervisor.ts';

/** Notes its start and its end, and errs when it is told to. */
const worker = (name: string, notes: string[]): AnyActorLogic =>
  createMachine({
    entry: () => notes.push(`${name} starts`),
    exit: () => notes.push(`${name} ends`),
    on: {
      Fail: {
        actions: () => {
          throw new Error(`${name} failed`);
        },
      },
    },
  });

const started = () => {
  const notes: string[] = [];
  const failures: string[] = [];
  const actors = ['a', 'b'].map((name) => ({ systemId: name, logic: worker(name, notes) }));
  const root = createActor(supervisorMachine(actors, (error) => failures.push(error.message)));
  root.subscribe({ error: () => {} });
  root.start();
  return { root, notes, failures };
};

it('a supervisor runs the actors that it began with, and others as they are needed', () => {
  const { root, notes } = started();
  root.send({ type: 'Needed', actor: { systemId: 'c', logic: worker('c', notes) } });
  expect(notes).toEqual(['a starts', 'b starts', 'c starts']);
  expect(root.system.get('c')).toBeDefined();
  root.send({ type: 'Unneeded', systemId: 'a' });
  root.send({ type: 'Unneeded', systemId: 'c' });
  expect(['a', 'b', 'c'].map((name) => root.system.get(name) !== undefined)).toEqual([false, true, false]);
  // One that comes back is another actor of that name.
  root.send({ type: 'Needed', actor: { systemId: 'a', logic: worker('a', notes) } });
  expect(notes.filter((note) => note === 'a starts')).toHaveLength(2);
  root.send({ type: 'Unneeded', systemId: 'nobody' });
  expect(root.getSnapshot().value).toBe('running');
});

it.each(['a', 'c'])('a supervisor reports once that %s has failed, whenever it was started', (name) => {
  const { root, notes, failures } = started();
  root.send({ type: 'Needed', actor: { systemId: 'c', logic: worker('c', notes) } });
  root.system.get(name)!.send({ type: 'Fail' });
  expect(failures).toEqual([`${name} failed`]);
  expect(root.getSnapshot().value).toBe('failed');
});
