import type { TimedEvent } from './events.ts';
import { isHeartbeat } from './heartbeat.ts';

/**
 * How much a reader has to follow: messages that arrived, timers that expired, faults. A heartbeat, its answer and
 * its timer are not counted, nor is what the disk or the state machine reports.
 */
export class Weight {
  deliveries = 0;
  timeouts = 0;
  faults = 0;

  get total(): number {
    return this.deliveries + this.timeouts + this.faults;
  }

  /** Takes one event of a run. */
  add(event: TimedEvent): void {
    switch (event.type) {
      case 'delivered':
        if (!isHeartbeat(event.message)) this.deliveries++;
        return;
      case 'chart':
        for (const { event: type } of event.transitions) {
          if (type.startsWith('xstate.after.') && !type.startsWith('xstate.after.heartbeatInterval'))
            this.timeouts++;
        }
        return;
      case 'lost':
        if (!isHeartbeat(event.message)) this.faults++;
        return;
      case 'faultBegins':
        this.faults++;
        return;
      default:
    }
  }
}
