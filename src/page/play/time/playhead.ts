/** How many times as fast as virtual time a play may run. */
export const speeds = [1 / 50, 1 / 20, 1 / 10, 1 / 4, 1, 4, 20, 100] as const;
export const firstSpeed = 1 / 20;

/** A page that was not drawn for longer goes on where it was. */
const longestDrawMs = 100;
/** For how long of the viewer's time the engine is asked at once: no more, since what is done now must happen now. */
const askedMs = 60;
/** It is asked so long before all is shown that it has told, so that for the viewer time does not stand still meanwhile. */
const askedEarlyMs = 30;
const leastAskedUs = 1000;
const mostAskedUs = 1_000_000;

/** Where the playhead comes to in the viewer's `elapsedMs`. */
export const advanced = (headUs: number, elapsedMs: number, speed: number): number =>
  headUs + Math.min(Math.max(elapsedMs, 0), longestDrawMs) * 1000 * speed;

/** Up to when the engine plays next. */
export const askedUntil = (nowUs: number, speed: number): number =>
  Math.round(nowUs + virtualUs(askedMs, speed));

/** Whether so little is left to show that the engine is asked for more. */
export const isRunningOut = (headUs: number, endUs: number, speed: number): boolean =>
  endUs - headUs < virtualUs(askedEarlyMs, speed);

/** Whether no more is left to show than the engine plays ahead of the viewer while time runs: what is shown is now. */
export const isNow = (headUs: number, endUs: number, speed: number): boolean =>
  endUs - headUs <= virtualUs(askedEarlyMs, speed) + virtualUs(askedMs, speed);

const virtualUs = (viewersMs: number, speed: number): number =>
  Math.min(Math.max(viewersMs * 1000 * speed, leastAskedUs), mostAskedUs);

/** `1/20 ×`. */
export const speedText = (speed: number): string =>
  speed < 1 ? `1/${Math.round(1 / speed)} ×` : `${speed} ×`;

/** Kept: to make one takes longer than all else that is done for a frame. */
const inTenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `1,234.5 ms`. */
export const timeText = (us: number): string => `${inTenths.format(us / 1000)} ms`;

/** The span of a timeline that ends at `endUs`: it grows by leaps, so that marks stay where they are for a while. */
export const spanOf = (endUs: number): number => {
  const least = Math.max(endUs * 1.02, 500_000);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 1.5, 2, 3, 5, 7, 10].map((factor) => factor * power).find((span) => span >= least)!;
};
