import type { Clock } from '../ports/clock.ts';
import type { SnapshotStore } from '../ports/snapshot-store.ts';
import type { SimulatedProcess } from './process.ts';

/** `snapshots`, calling `promised` each time that somebody begins to wait for a promise: to restore one begins with reading it. */
export const promisingStore = (snapshots: SnapshotStore, promised: () => void): SnapshotStore => {
  const telling =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      promised();
      return call(...args);
    };
  return {
    get latest() {
      return snapshots.latest;
    },
    get receiving() {
      return snapshots.receiving;
    },
    read: telling(() => snapshots.read()),
    save: telling((position, data) => snapshots.save(position, data)),
    receive: telling((info, chunk) => snapshots.receive(info, chunk)),
    install: telling((info) => snapshots.install(info)),
  };
};

/** The clock of `process`: what is deferred may keep a promise. */
export const promisingClock = (process: SimulatedProcess, promised: () => void): Clock => ({
  now: () => process.now(),
  setTimeout: (fn, delayMs) => process.setTimeout(fn, delayMs),
  clearTimeout: (id) => process.clearTimeout(id),
  defer: (fn) =>
    process.defer(() => {
      promised();
      fn();
    }),
});
