import type { Clock } from '../../ports/clock.ts';

/** Calls `fn` in a task of its own, without the delay of a timer: a browser has no `setImmediate`. */
const deferByMessage = (fn: () => void): void => {
  const { port1, port2 } = new MessageChannel();
  const arrived = () => {
    port1.close();
    fn();
  };
  port1.addEventListener('message', arrived, { once: true });
  port1.start();
  port2.postMessage(null);
};

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, delayMs) => setTimeout(fn, delayMs),
  clearTimeout: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
  defer: typeof setImmediate === 'function' ? (fn) => void setImmediate(fn) : deferByMessage,
};
