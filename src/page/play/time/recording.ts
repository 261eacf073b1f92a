import type { Answer } from '../../../simulate/play/engine.ts';
import type { Frame } from '../../../simulate/play/frame.ts';
import type { ToldLine } from '../../../simulate/play/play.ts';
import type { TimedEvent } from '../../../trace/events.ts';
import { withKeptParts } from './kept-parts.ts';
import { type Mark, marksBetween } from './marks.ts';

/** How long a frame is shown where time is held, and none passes. */
const heldFrameUs = 20_000;

/** Everything that has been shown of a play. */
export class Recording {
  readonly frames: Frame[] = [];
  /** Where each frame stands on the timeline: its virtual time, or its place where time is held. Ascending. */
  readonly positions: number[] = [];
  readonly events: TimedEvent[] = [];
  readonly told: ToldLine[] = [];
  readonly marks: Mark[] = [];
  /** Up to where it is known what happened. */
  endUs = 0;
  isStepwise = false;

  /** Takes what an answer has that is new. */
  take(answer: Answer): void {
    if (answer.isNew) this.#clear();
    this.isStepwise = answer.isStepwise;
    this.events.push(...answer.events);
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
    let [low, high] = [0, this.told.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.frameOfTold(this.told[middle]!) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The next frame, or the one before, on the way to which something happened that `fits`; null: none is recorded. */
  find(from: number, direction: 1 | -1, fits: (event: TimedEvent) => boolean): number | null {
    for (let at = from + direction; at > 0 && at < this.frames.length; at += direction) {
      const since = this.frames[at - 1]!.events;
      if (this.events.slice(since, this.frames[at]!.events).some(fits)) return at;
    }
    return null;
  }

  #clear(): void {
    for (const list of [this.frames, this.positions, this.events, this.told, this.marks]) list.length = 0;
  }
}

/** How many of these, which ascend, are at most `limit`. */
export const countUpTo = (sorted: readonly number[], limit: number): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
};
