import { effect, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { NodeId } from '../../../raft/types.ts';
import { frame, head, isStepwise, selected } from '../session.ts';
import { between, type Layout, laneOf, layoutOf } from './geometry.ts';
import { Painter } from './painter.ts';
import { RingNode } from './ring-node.tsx';

/** The cluster as a picture: nodes on a ring, and what flies between them. */
export const Ring = () => {
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = box.current!;
      size.value = { width, height };
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const { width, height } = size.value;
  const count = useComputed(() => frame.value.nodes.length).value;
  return (
    <div class="ring" ref={box}>
      {width > 0 && count > 0 && <Picture layout={layoutOf(width, height, count)} />}
    </div>
  );
};

const Picture = ({ layout }: { readonly layout: Layout }) => {
  const flights = useRef<SVGGElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const painter = new Painter(svg.current!, flights.current!, layout);
    const stop = effect(() => painter.paint(frame.value, head.value.us, isStepwise.value, selected.value));
    return () => {
      stop();
      painter.clear();
    };
  }, [layout.width, layout.height, layout.nodes.length]);
  const { width, height, nodes } = layout;
  const ids = nodes.map((_, at) => at + 1);
  return (
    // biome-ignore lint/a11y/useSemanticElements: HTML has no group for SVG.
    <svg ref={svg} viewBox={`0 0 ${width} ${height}`} aria-label="The cluster" role="group">
      <defs>
        <pattern
          id="not-durable"
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="1.6" height="4" class="hatch" />
        </pattern>
      </defs>
      <Links ids={ids} layout={layout} />
      {ids.map((id) => (
        <RingNode key={id} id={id} layout={layout} move={(step) => focusNode(id, step, ids.length)} />
      ))}
      <g ref={flights} class="flights" />
    </svg>
  );
};

const focusNode = (id: NodeId, step: number, count: number): void => {
  const next = ((id - 1 + step + count) % count) + 1;
  document.querySelector<SVGGElement>(`.ring-node[data-node="${next}"] .node-region`)?.focus();
};

const Links = ({ ids, layout }: { readonly ids: readonly NodeId[]; readonly layout: Layout }) => {
  const cuts = useComputed(() => frame.value.cuts).value;
  const cut = new Set(cuts.map(([from, to]) => `${from} ${to}`));
  const shown = selected.value;
  return (
    <g class="links">
      {ids.flatMap((from) =>
        ids.map((to) => {
          if (from === to) return null;
          const lane = laneOf(layout, from, to);
          const [start, end] = lane;
          const isCut = cut.has(`${from} ${to}`);
          const isShown = shown?.type === 'link' && shown.from === from && shown.to === to;
          const cross = between(lane, 0.5);
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: with the keyboard a link is chosen in the details of its nodes.
            <g
              key={`${from} ${to}`}
              class={`link-lane${isCut ? ' is-cut' : ''}${isShown ? ' is-selected' : ''}`}
              onClick={() => {
                selected.value = { type: 'link', from, to };
              }}
            >
              <title>{`node${from} to node${to}${isCut ? ', cut' : ''}`}</title>
              <path d={`M${start.x} ${start.y}L${end.x} ${end.y}`} class="lane" />
              <path d={`M${start.x} ${start.y}L${end.x} ${end.y}`} class="lane-region" />
              {isCut && <path class="cut-mark" d={`M${cross.x - 5} ${cross.y - 5}l10 10m0 -10l-10 10`} />}
            </g>
          );
        }),
      )}
    </g>
  );
};
