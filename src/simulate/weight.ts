import { delayOfTimer } from '../statechart/read/xstate-internals.ts';
import type { TimedEvent } from '../trace/events.ts';
import { belongsToHeartbeat } from './heartbeat.ts';

/**
 * How much a reader has to follow: messages that arrived, timers that expired, faults. A heartbeat, its answer and
 * its timer are not counted, nor is what the disk or the state machine reports.
 */
export class Weight {
  deliveries = 0;
  timeouts = 0;
  faults = 0;
  /** When each of them happened. */
  readonly #timesMs: number[] = [];
  #lastProgressMs = 0;

  get total(): number {
    return this.deliveries + this.timeouts + this.faults;
  }

  /**
   * What happened until `roundMs` after some node last entered a term or committed something. For a cluster that hangs forever, this is
   * the way into it and one round of it; the rest says the same again and again.
   */
  totalOfWait(roundMs: number): number {
    const endMs = this.#lastProgressMs + roundMs;
    return this.#timesMs.filter((atMs) => atMs <= endMs).length;
  }

  /** Takes one event of a run. */
  add(event: TimedEvent): void {
    const before = this.total;
    this.#count(event);
    for (let count = before; count < this.total; count++) this.#timesMs.push(event.atMs);
    if (event.type !== 'chart') return;
    const { before: was, after: is } = event;
    if (is.term > was.term || is.commitIndex > was.commitIndex) this.#lastProgressMs = event.atMs;
  }

  #count(event: TimedEvent): void {
    switch (event.type) {
      case 'delivered':
        if (!belongsToHeartbeat(event.message)) this.deliveries++;
        return;
      case 'chart':
        for (const { event: type } of event.transitions) {
          const delay = delayOfTimer(type);
          if (delay !== null && delay !== 'heartbeatInterval') this.timeouts++;
        }
        return;
      case 'lost':
        if (!belongsToHeartbeat(event.message)) this.faults++;
        return;
      case 'faultBegins':
        this.faults++;
        return;
      default:
    }
  }
}
