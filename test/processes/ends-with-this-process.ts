import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();

// Nor does a program that fails midway leave any behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `child`, which is killed when this process ends, whatever it ends by but a signal. */
export const endsWithThisProcess = <Child extends ChildProcess>(child: Child): Child => {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
};
