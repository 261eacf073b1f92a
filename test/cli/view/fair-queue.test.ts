import { expect, it } from 'vitest';
import { FairQueue } from '../../../src/cli/view/fair-queue.ts';

it('queue runs one task at a time, and those who ask take turns', async () => {
  const queue = new FairQueue();
  const ran: string[] = [];
  let running = 0;
  const task = (name: string) => async (): Promise<string> => {
    running += 1;
    expect(running).toBe(1);
    await Promise.resolve();
    running -= 1;
    ran.push(name);
    return name;
  };
  const busy = ['a1', 'a2', 'a3', 'a4'].map((name) => queue.run(1, task(name)));
  const others = [queue.run(2, task('b1')), queue.run(2, task('b2')), queue.run(3, task('c1'))];
  expect(await Promise.all([...busy, ...others])).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']);
  expect(ran).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

it('queue goes on after a task that fails, and after a pause', async () => {
  const queue = new FairQueue();
  const failing = queue.run(1, () => Promise.reject(new Error('no')));
  const next = queue.run(1, async () => 'next');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(await queue.run(2, async () => 'later')).toBe('later');
});
