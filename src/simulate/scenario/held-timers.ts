import type { TimerName } from '../../node/step.ts';
import type { Clock } from '../../ports/clock.ts';
import type { NodeId } from '../../raft/types.ts';
import { drivenTimerOf } from '../../verify/driven/driven-clock.ts';

class Timer {
  readonly name: TimerName;
  readonly run: () => void;

  constructor(name: TimerName, run: () => void) {
    this.name = name;
    this.run = run;
  }
}

/** The timers of the role charts of a cluster whose settings have `drivenTimes`: they expire only when somebody says so. All others run as usual. */
export class HeldTimers {
  readonly #armed = new Map<NodeId, Set<Timer>>();

  /** The clock of one process of `node`, in place of `clock`. */
  around(clock: Clock, node: NodeId): Clock {
    const armed = new Set<Timer>();
    this.#armed.set(node, armed);
    return {
      now: () => clock.now(),
      setTimeout: (run, delayMs) => {
        const name = drivenTimerOf(delayMs);
        if (name === null) return clock.setTimeout(run, delayMs);
        const timer = new Timer(name, run);
        armed.add(timer);
        return timer;
      },
      clearTimeout: (id) => {
        if (id instanceof Timer) armed.delete(id);
        else clock.clearTimeout(id);
      },
      defer: (run) => clock.defer(run),
    };
  }

  /** Those that run, oldest first. */
  armed(node: NodeId): readonly TimerName[] {
    return this.#timersOf(node).map(({ name }) => name);
  }

  /** What the timer does when it expires, which it has now; null: it does not run. */
  take(node: NodeId, name: TimerName): (() => void) | null {
    const timer = this.#timersOf(node).find((each) => each.name === name);
    if (timer === undefined) return null;
    this.#armed.get(node)!.delete(timer);
    return timer.run;
  }

  #timersOf(node: NodeId): readonly Timer[] {
    return [...(this.#armed.get(node) ?? [])];
  }
}
