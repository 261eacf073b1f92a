import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The inner size of an element, in CSS pixels; `before` until it is measured. */
export const useElementSize = (box: RefObject<HTMLElement | null>, before: Size): Signal<Size> => {
  const size = useSignal(before);
  useEffect(() => {
    // Kept here: the last news may come when it is gone from the page.
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
