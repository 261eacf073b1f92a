import { beginLine, drawLine, endLine, isCutting, line } from './cutting.ts';
import type { Layout, Point } from './geometry.ts';

/** A press that moves less than this is a click. */
const clickDistance = 6;

/** Draws a line across links with whatever points; a finger moves the page instead, unless links are being cut. */
export const followCuts = (svg: SVGSVGElement, layout: Layout): (() => void) => {
  const ending = new AbortController();
  const { signal } = ending;
  let pressed: { readonly id: number; readonly at: Point } | null = null;
  const placeOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top } = svg.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  svg.addEventListener(
    'pointerdown',
    (event) => {
      const isTaken = event.target instanceof Element && event.target.closest('.ring-node, .flight, .mend');
      const isMeant = event.pointerType !== 'touch' || isCutting.value;
      if (event.button === 0 && event.isPrimary && isMeant && !isTaken)
        pressed = { id: event.pointerId, at: placeOf(event) };
    },
    { signal },
  );
  svg.addEventListener(
    'pointermove',
    (event) => {
      if (pressed?.id !== event.pointerId) return;
      const to = placeOf(event);
      if (line.value !== null) drawLine(to);
      else if (Math.hypot(to.x - pressed.at.x, to.y - pressed.at.y) >= clickDistance) {
        svg.setPointerCapture(event.pointerId);
        beginLine(layout, pressed.at);
        drawLine(to);
      }
    },
    { signal },
  );
  svg.addEventListener(
    'pointerup',
    (event) => {
      if (pressed?.id !== event.pointerId) return;
      pressed = null;
      if (line.value !== null) endLine();
    },
    { signal },
  );
  svg.addEventListener(
    'pointercancel',
    () => {
      pressed = null;
      line.value = null;
    },
    { signal },
  );
  return () => ending.abort();
};
