import { effect, useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { NodeId } from '../../../raft/types.ts';
import { useElementSize } from '../element-size.ts';
import { frame, head, isStepwise, selected } from '../session.ts';
import { CutLine, CutTool } from './cut-tool.tsx';
import { isCutting } from './cutting.ts';
import { followCuts } from './follow-cuts.ts';
import { type Layout, layoutOf } from './geometry.ts';
import { Links, Mends } from './links.tsx';
import { Painter } from './painter.ts';
import { RingNode } from './ring-node.tsx';

/** The cluster as a picture: nodes on a ring, and what flies between them. */
export const Ring = () => {
  const box = useRef<HTMLDivElement>(null);
  const size = useElementSize(box, { width: 0, height: 0 });
  const { width, height } = size.value;
  const count = useComputed(() => frame.value.nodes.length).value;
  return (
    <div class={`ring${isCutting.value ? ' is-cutting' : ''}`} ref={box}>
      {width > 0 && count > 0 && <Picture layout={layoutOf(width, height, count)} />}
      {count > 1 && <CutTool />}
    </div>
  );
};

const Picture = ({ layout }: { readonly layout: Layout }) => {
  const flights = useRef<SVGGElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const { width, height } = layout;
  useEffect(() => {
    const painter = new Painter(svg.current!, flights.current!, layout);
    const stop = effect(() => painter.paint(frame.value, head.value.us, isStepwise.value, selected.value));
    const stopCuts = followCuts(svg.current!, layout);
    return () => {
      stop();
      stopCuts();
      painter.clear();
    };
  }, [width, height, layout.nodes.length]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: HTML has no group for SVG.
    <svg ref={svg} viewBox={`0 0 ${width} ${height}`} aria-label="The cluster" role="group">
      <Scenery layout={layout} />
      <g ref={flights} class="flights" />
      <CutLine />
    </svg>
  );
};

/** All but what moves with time. */
export const Scenery = ({ layout }: { readonly layout: Layout }) => {
  const ids = layout.nodes.map((_, at) => at + 1);
  return (
    <>
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
      <Links layout={layout} />
      {ids.map((id) => (
        <RingNode key={id} id={id} layout={layout} move={(step) => focusNode(id, step, ids.length)} />
      ))}
      <Mends layout={layout} />
    </>
  );
};

const focusNode = (id: NodeId, step: number, count: number): void => {
  const next = ((id - 1 + step + count) % count) + 1;
  document.querySelector<SVGGElement>(`.ring-node[data-node="${next}"] .node-region`)?.focus();
};
