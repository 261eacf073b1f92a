import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** In pixels; the style sheet says the same. */
const rowHeight = 26;
/** Rows in the document beyond those in sight, so that scrolling shows no gaps. */
const spare = 8;

export interface RowsInSight {
  /** What scrolls. */
  readonly box: RefObject<HTMLDivElement | null>;
  readonly onScroll: () => void;
  /** The rows to be in the document: from `first` up to, but without, `end`. */
  readonly first: number;
  readonly end: number;
}

/** Which of many rows are in the document. Brings `current` into sight when one of `when` has changed, or the size of the box. */
export const useRowsInSight = (count: number, current: number, when: readonly unknown[]): RowsInSight => {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 400 });
  const look = (): void => {
    const { scrollTop: top, clientHeight: height } = box.current!;
    setSeen((before) => (before.top === top && before.height === height ? before : { top, height }));
  };
  const bringIntoSight = useRef(() => {});
  bringIntoSight.current = () => {
    const element = box.current!;
    const [above, below] = [current * rowHeight, (current + 1) * rowHeight];
    if (above < element.scrollTop) element.scrollTop = above;
    else if (below > element.scrollTop + element.clientHeight)
      element.scrollTop = below - element.clientHeight;
    look();
  };
  // A plain effect is cleaned up only after the next paint; until then it would hear of a list that is gone.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => bringIntoSight.current());
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => bringIntoSight.current(), when);
  const first = Math.max(0, Math.min(Math.floor(seen.top / rowHeight), count) - spare);
  return {
    box,
    onScroll: look,
    first,
    end: Math.min(count, first + Math.ceil(seen.height / rowHeight) + 2 * spare),
  };
};

/** The room of all `count` rows, with those in the document where they belong. */
export const Rows = ({
  count,
  first,
  children,
}: {
  readonly count: number;
  readonly first: number;
  readonly children: ComponentChildren;
}) => (
  <Room rows={count}>
    <Room rows={first} />
    {children}
  </Room>
);

/** The page's policy forbids inline styles in HTML; Preact sets them by script. */
const Room = ({ rows, children }: { readonly rows: number; readonly children?: ComponentChildren }) => (
  <div role="presentation" style={{ height: `${rows * rowHeight}px` }}>
    {children}
  </div>
);
