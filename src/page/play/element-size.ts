import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The inner size of an element, in CSS pixels; `before` until it is measured. */
export const useElementSize = (box: RefObject<HTMLElement | null>, before: Size): Signal<Size> => {
  const size = useSignal(before);
  // A plain effect is cleaned up only after the next paint; until then it would hear of an element that is gone.
  useLayoutEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      size.value = { width, height };
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
};
