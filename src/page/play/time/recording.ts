import type { NodeId } from '../../../raft/types.ts';
import type { Answer } from '../../../simulate/play/engine.ts';
import type { Frame } from '../../../simulate/play/frame.ts';
import type { ToldLine } from '../../../simulate/play/play.ts';
import type { TimedEvent } from '../../../trace/events.ts';
import { withKeptParts } from './kept-parts.ts';
import { type Mark, marksBetween } from './marks.ts';

/** How long a frame is shown where time is held, and none passes. */
const heldFrameUs = 20_000;

/** What the role chart of a node did with one event. */
export type ChartStep = Extract<TimedEvent, { readonly type: 'chart' }>;

/** Everything that has been shown of a play. */
export class Recording {
  readonly frames: Frame[] = [];
  /** Where each frame stands on the timeline: its virtual time, or its place where time is held. Ascending. */
  readonly positions: number[] = [];
  readonly events: TimedEvent[] = [];
  readonly told: ToldLine[] = [];
  readonly marks: Mark[] = [];
  /** By node: places in `events` where its chart took transitions, or its process began or ended. */
  readonly #steps = new Map<NodeId, number[]>();
  /** Up to where it is known what happened. */
  endUs = 0;
  isStepwise = false;

  /** Takes what an answer has that is new. */
  take(answer: Answer): void {
    if (answer.isNew) this.#clear();
    this.isStepwise = answer.isStepwise;
    for (const event of answer.events) {
      this.#noteStep(event);
      this.events.push(event);
    }
    this.told.push(...answer.told);
    for (const frame of withKeptParts(this.frames.at(-1), answer.frames)) {
      const before = this.frames.at(-1);
      const positionUs = this.isStepwise ? this.frames.length * heldFrameUs : frame.atUs;
      this.frames.push(frame);
      this.positions.push(positionUs);
      if (before !== undefined)
        for (const mark of marksBetween(before, frame)) this.marks.push({ ...mark, atUs: positionUs });
    }
    this.endUs = this.isStepwise ? (this.positions.at(-1) ?? 0) : answer.nowUs;
  }

  /** The frame that shows how things stood at `atUs`: the last one at or before it. */
  indexAt(atUs: number): number {
    return Math.max(0, countUpTo(this.positions, atUs) - 1);
  }

  /** The frame in which what was told shows. */
  frameOfTold(line: ToldLine): number {
    return Math.min(line.frames, this.frames.length - 1);
  }

  /** How many lines had been told by the time of a frame. */
  toldBy(index: number): number {
    return countWhile(this.told.length, (at) => this.frameOfTold(this.told[at]!) <= index);
  }

  /** The next frame, or the one before, on the way to which something happened that `fits`; null: none is recorded. */
  find(from: number, direction: 1 | -1, fits: (event: TimedEvent) => boolean): number | null {
    for (let at = from + direction; at > 0 && at < this.frames.length; at += direction) {
      const since = this.frames[at - 1]!.events;
      if (this.events.slice(since, this.frames[at]!.events).some(fits)) return at;
    }
    return null;
  }

  /** The transitions that a node's chart took last by a frame, with all that it took at that moment, in order; none if it has taken none since it started. */
  lastSteps(index: number, node: NodeId): readonly ChartStep[] {
    const places = this.#steps.get(node) ?? [];
    const end = countUpTo(places, (this.frames[index]?.events ?? 0) - 1);
    const last = places[end - 1];
    if (last === undefined) return [];
    // The frame in which it shows is the first that has so many events.
    const shown = countWhile(this.frames.length, (at) => this.frames[at]!.events <= last);
    const since = this.frames[shown - 1]?.events ?? 0;
    const steps: ChartStep[] = [];
    for (let at = end - 1; at >= 0 && places[at]! >= since; at--) {
      const event = this.events[places[at]!]!;
      if (event.type !== 'chart') break;
      steps.unshift(event);
    }
    return steps;
  }

  #noteStep(event: TimedEvent): void {
    const isStep = event.type === 'chart' && event.transitions.length > 0;
    if (!isStep && event.type !== 'started' && event.type !== 'crashed' && event.type !== 'stopped') return;
    const places = this.#steps.get(event.node) ?? [];
    this.#steps.set(event.node, places);
    places.push(this.events.length);
  }

  #clear(): void {
    this.#steps.clear();
    for (const list of [this.frames, this.positions, this.events, this.told, this.marks]) list.length = 0;
  }
}

/** How many of these, which ascend, are at most `limit`. */
export const countUpTo = (sorted: readonly number[], limit: number): number =>
  countWhile(sorted.length, (at) => sorted[at]! <= limit);

/** How many of the places 0 to `count` - 1 `fits`, which those do that are in front. */
const countWhile = (count: number, fits: (at: number) => boolean): number => {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fits(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
};
