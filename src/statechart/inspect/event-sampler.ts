import type { InspectionEvent } from 'xstate';

/** Lets `perSecond` through, evenly: a quarter of a second's worth at once, not the first burst of each second. */
class Budget {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #credit = 1;
  #lastMs: number;

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  spend(): boolean {
    const now = this.#nowMs();
    const most = Math.max(1, this.#perSecond / 4);
    this.#credit = Math.min(most, this.#credit + ((now - this.#lastMs) * this.#perSecond) / 1000);
    this.#lastMs = now;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}

/** A log writer changes its state with each write: also changes need a limit, though a wider one. */
const changesPerEvent = 5;

/**
 * Chooses what is sent to an inspector: every actor; events that change their actor's state value, with the snapshot that
 * follows; of the others so many a second, also with their snapshots.
 */
export class EventSampler {
  readonly #events: Budget;
  readonly #changes: Budget;
  /** The newest event of each actor that was not chosen; it is sent after all if it turns out to change the state. */
  readonly #passedOver = new Map<string, InspectionEvent>();
  readonly #chosen = new Map<string, unknown>();
  /** The state of each actor as it was last sent. */
  readonly #sent = new Map<string, string>();

  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#events = new Budget(perSecond, nowMs);
    this.#changes = new Budget(perSecond * changesPerEvent, nowMs);
  }

  /** This actor does nothing any more. */
  forget(actor: string): void {
    this.#passedOver.delete(actor);
    this.#chosen.delete(actor);
    this.#sent.delete(actor);
  }

  /** What to send now, in order. */
  choose(event: InspectionEvent): readonly InspectionEvent[] {
    const actor = event.actorRef.sessionId;
    switch (event.type) {
      case '@xstate.actor':
        return [event];
      case '@xstate.event':
        if (!this.#events.spend()) {
          this.#passedOver.set(actor, event);
          return [];
        }
        this.#passedOver.delete(actor);
        this.#chosen.set(actor, event.event);
        return [event];
      case '@xstate.snapshot': {
        const { value, status } = event.snapshot as { value?: unknown; status: string };
        const state = `${status} ${JSON.stringify(value)}`;
        const isChosen = this.#chosen.get(actor) === event.event;
        const before = this.#passedOver.get(actor);
        this.#passedOver.delete(actor);
        if (!isChosen && (this.#sent.get(actor) === state || !this.#changes.spend())) return [];
        this.#chosen.delete(actor);
        this.#sent.set(actor, state);
        const isCause = before?.type === '@xstate.event' && before.event === event.event;
        return isCause ? [before, event] : [event];
      }
      default:
        return [];
    }
  }
}
