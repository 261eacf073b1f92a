import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { statesBelow, transitionsOf } from '../../statechart/read/model.ts';
import { stateText, transitionText } from '../../statechart/read/notation.ts';
import type { PageChart } from '../data/page-data.ts';
import { chart, pictureShown, scene, selected, summons } from '../state/place.ts';
import { Drawing } from './drawing.tsx';
import { LiveMarks } from './live-marks.tsx';
import { Regions } from './regions.tsx';
import { frame, moveView, show, viewport, zoomBy, zoomToRead } from './viewport.ts';

/** The picture: dragged and scrolled to move it, pinched or scrolled with Ctrl to zoom, clicked at to select. */
export const Canvas = () => {
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => followPointer(svg.current!), []);
  useEffect(() => followFrame(svg.current!), []);
  const { scale, x, y } = viewport.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no field sets. One part is in the tab order; arrow keys lead to the others.
    <svg
      ref={svg}
      class="canvas"
      role="group"
      aria-label={`${scene.value?.title ?? 'Loading'}. Arrow keys walk through the rules, Enter opens one; question mark shows all keys.`}
    >
      {scene.value !== null && chart.value !== null && (
        <g transform={`translate(${x} ${y}) scale(${scale})`}>
          <Drawing items={scene.value.items} />
          <Regions scene={scene.value} nameOf={namesIn(chart.value)} />
          <LiveMarks scene={scene.value} chart={chart.value} />
        </g>
      )}
    </svg>
  );
};

/** What a screen reader says of a state or a transition. */
const namesIn = ({ chart: model }: PageChart) => {
  const names = new Map([
    ...statesBelow(model.root).map(({ id }) => [id, `state ${stateText(model, id)}`] as const),
    ...transitionsOf(model).map(
      (each) => [each.id, `${transitionText(model, each)}. ${each.description ?? ''}`] as const,
    ),
  ]);
  return (ref: string): string => names.get(ref) ?? ref;
};

/** A press that moves less than this is a click. */
const clickDistance = 4;

const followPointer = (svg: SVGSVGElement): (() => void) => {
  const ending = new AbortController();
  const { signal } = ending;
  const pressed = new Map<number, { x: number; y: number }>();
  let hasMoved = false;
  const at = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = svg.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  svg.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      if (pressed.size === 0) hasMoved = false;
      pressed.set(event.pointerId, at(event));
    },
    { signal },
  );
  svg.addEventListener(
    'pointermove',
    (event) => {
      const before = pressed.get(event.pointerId);
      if (before === undefined) return;
      const now = at(event);
      const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
      if (other !== undefined) {
        const distance = (point: { x: number; y: number }) =>
          Math.hypot(point.x - other.x, point.y - other.y);
        zoomBy(distance(now) / Math.max(1, distance(before)), {
          x: (now.x + other.x) / 2,
          y: (now.y + other.y) / 2,
        });
        hasMoved = true;
      } else if (hasMoved || Math.hypot(now.x - before.x, now.y - before.y) > clickDistance) {
        if (!hasMoved) svg.setPointerCapture(event.pointerId);
        hasMoved = true;
        moveView(now.x - before.x, now.y - before.y);
      } else return;
      pressed.set(event.pointerId, now);
    },
    { signal },
  );
  for (const type of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
    svg.addEventListener(type, (event) => pressed.delete(event.pointerId), { signal });
  }
  svg.addEventListener(
    'click',
    (event) => {
      if (hasMoved) return;
      const region = event.target instanceof Element ? event.target.closest<SVGElement>('.region') : null;
      selected.value = region?.dataset.ref ?? null;
    },
    { signal },
  );
  svg.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) zoomBy(Math.exp(-event.deltaY / 300), at(event));
      else moveView(event.shiftKey ? -event.deltaY : -event.deltaX, event.shiftKey ? 0 : -event.deltaY);
    },
    { signal, passive: false },
  );
  return () => ending.abort();
};

/** Fits each new picture into the frame, unless something in it is selected, and follows the selection. */
const followFrame = (svg: SVGSVGElement): (() => void) => {
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    const isFirst = frame.peek().width === 0;
    frame.value = { width, height };
    if (isFirst) zoomToRead();
  });
  observer.observe(svg);
  let fitted: string | null = null;
  let answered = 0;
  const stop = effect(() => {
    const shown = scene.value;
    const summoned = summons.value;
    if (shown === null || frame.value.width === 0) return;
    const isNew = pictureShown() !== fitted;
    fitted = pictureShown();
    const id = selected.peek();
    const region = shown.regions.findLast(({ refs, kind }) => kind !== 'arrow' && refs.includes(id ?? ''));
    queueMicrotask(() => {
      if (isNew) zoomToRead();
      if (region !== undefined && (isNew || summoned !== answered)) show(region);
      if (region !== undefined) answered = summoned;
    });
  });
  return () => {
    observer.disconnect();
    stop();
  };
};
