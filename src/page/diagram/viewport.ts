import { signal } from '@preact/signals';
import type { Region } from '../data/page-data.ts';
import { scene } from '../state/place.ts';

/** How the picture lies in its frame: picture coordinates times `scale`, plus an offset in pixels. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const viewport = signal<Viewport>({ scale: 1, x: 0, y: 0 });
export const frame = signal({ width: 0, height: 0 });

const [minScale, maxScale] = [0.15, 4];
const margin = 16;

export const moveView = (dx: number, dy: number): void => {
  const { scale, x, y } = viewport.value;
  viewport.value = { scale, x: x + dx, y: y + dy };
};

/** Keeps the point at `at`, in pixels of the frame, where it is; by default its middle. */
export const zoomBy = (
  factor: number,
  at = { x: frame.value.width / 2, y: frame.value.height / 2 },
): void => {
  const { scale, x, y } = viewport.value;
  const next = Math.min(maxScale, Math.max(minScale, scale * factor));
  const ratio = next / scale;
  viewport.value = { scale: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio };
};

/** The whole picture, no larger than it was drawn. */
export const zoomToFit = (): void => {
  if (scene.value === null) return;
  const { width, height } = scene.value;
  const inner = { width: frame.value.width - 2 * margin, height: frame.value.height - 2 * margin };
  const scale = Math.max(minScale, Math.min(1, inner.width / width, inner.height / height));
  viewport.value = {
    scale,
    x: (frame.value.width - width * scale) / 2,
    y: Math.max(margin, (frame.value.height - height * scale) / 2),
  };
};

/** The whole picture, or, where that would be too small to read, its upper left part. */
export const zoomToRead = (): void => {
  zoomToFit();
  if (scene.value === null || viewport.value.scale >= readableScale()) return;
  const scale = readableScale();
  const wide = scene.value.width * scale;
  viewport.value = { scale, x: wide < frame.value.width ? (frame.value.width - wide) / 2 : 0, y: 0 };
};

/** What people can read on a screen, in pixels. */
const readablePx = 11;

/** At this scale the smallest text of the picture can be read. */
const readableScale = (): number => {
  const sizes = (scene.value?.items ?? []).flatMap((item) => (item.kind === 'label' ? [item.size] : []));
  return sizes.length === 0 ? 1 : readablePx / Math.min(...sizes);
};

/** Brings a region into view, large enough to read. Does not move what is already in view. */
export const show = (region: Region): void => {
  const { scale, x, y } = viewport.value;
  const next = Math.max(scale, readableScale());
  const { width, height } = frame.value;
  const left = region.x * next + x;
  const top = region.y * next + y;
  const isThere =
    next === scale &&
    left >= 0 &&
    top >= 0 &&
    left + Math.min(region.width * next, width) <= width &&
    top + Math.min(region.height * next, height) <= height;
  if (isThere) return;
  const wide = region.width * next;
  viewport.value = {
    scale: next,
    x: wide > width - 2 * margin ? margin - region.x * next : (width - wide) / 2 - region.x * next,
    y: Math.min(height / 3, Math.max(margin, (height - region.height * next) / 2)) - region.y * next,
  };
};
