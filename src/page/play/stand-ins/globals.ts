/** What Node.js has and a browser lacks: imported before anything of the simulator. */
import { Buffer } from 'buffer';

const waiting: (() => void)[] = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => waiting.shift()?.();

const setImmediate = (run: (...values: never[]) => void, ...values: never[]): void => {
  waiting.push(() => run(...values));
  port2.postMessage(null);
};

Object.assign(globalThis, { Buffer, setImmediate });
