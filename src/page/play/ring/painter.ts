import type { Frame, FrameNode } from '../../../simulate/play/frame.ts';
import type { Flight } from '../../../simulate/under-way.ts';
import { isRunning, type Selection, selected } from '../session.ts';
import { inWords } from '../state-words.ts';
import { between, inSteps, type Layout, laneOf, partLeft, partOfWay, shownTimer } from './geometry.ts';
import { termClass } from './log-cells.ts';
import { fieldsOf, lookOf, paths } from './message-look.ts';

const svgNames = 'http://www.w3.org/2000/svg';
const make = (
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Element[]
): SVGElement => {
  const element = document.createElementNS(svgNames, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

/** Draws what moves with time, messages and timers, by setting attributes: nothing else in the document changes for it. */
export class Painter {
  readonly #flights: SVGGElement;
  readonly #layout: Layout;
  readonly #arcs: readonly (SVGPathElement | null)[];
  readonly #shown = new Map<number, { readonly element: SVGElement; flight: Flight; at: string }>();
  readonly #wantsNoMotion = matchMedia('(prefers-reduced-motion: reduce)');
  /** What the arcs show by now. */
  readonly #drawn: string[] = [];

  constructor(svg: SVGSVGElement, flights: SVGGElement, layout: Layout) {
    this.#flights = flights;
    this.#layout = layout;
    this.#arcs = layout.nodes.map((_, at) => svg.querySelector<SVGPathElement>(`[data-timer="${at + 1}"]`));
  }

  paint(frame: Frame, nowUs: number, isStepwise: boolean, shown: Selection | null): void {
    this.#paintFlights(frame.flights, nowUs, shown);
    for (const [at, node] of frame.nodes.entries()) this.#paintTimer(at, node, nowUs, isStepwise);
  }

  clear(): void {
    for (const { element } of this.#shown.values()) element.remove();
    this.#shown.clear();
  }

  #paintFlights(flights: readonly Flight[], nowUs: number, shown: Selection | null): void {
    const waiting = new Map<string, number>();
    const here = new Set<number>();
    for (const flight of flights) {
      here.add(flight.number);
      const { message, arrivesUs } = flight;
      const link = `${message.from} ${message.to}`;
      const before = waiting.get(link) ?? 0;
      if (arrivesUs === null) waiting.set(link, before + 1);
      let known = this.#shown.get(flight.number);
      if (known === undefined || known.flight.arrivesUs !== flight.arrivesUs) {
        known?.element.remove();
        known = { element: flightElement(flight), flight, at: '' };
        this.#shown.set(flight.number, known);
        this.#flights.append(known.element);
      }
      const part = partOfWay(flight, nowUs, before);
      const steps = this.#wantsNoMotion.matches && arrivesUs !== null ? inSteps(part) : part;
      const { x, y } = between(laneOf(this.#layout, message.from, message.to), steps);
      const at = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
      if (at !== known.at) {
        known.element.setAttribute('transform', at);
        known.at = at;
      }
      known.element.classList.toggle(
        'is-selected',
        shown?.type === 'message' && shown.number === flight.number,
      );
    }
    for (const [number, { element }] of this.#shown) {
      if (here.has(number)) continue;
      element.remove();
      this.#shown.delete(number);
    }
  }

  #paintTimer(at: number, node: FrameNode, nowUs: number, isStepwise: boolean): void {
    const arc = this.#arcs[at];
    if (arc === null || arc === undefined) return;
    const timer = node.isUp ? shownTimer(node.timers) : null;
    const left = timer === null ? null : isStepwise ? 1 : partLeft(timer, nowUs);
    const d = left === null ? '' : arcOf(this.#layout.radius + 4.5, left);
    if (this.#drawn[at] === d) return;
    this.#drawn[at] = d;
    arc.setAttribute('d', d);
    arc.classList.toggle('is-short', left !== null && left < 0.25);
    arc.classList.toggle('is-held', isStepwise);
    arc.dataset.name = timer === null ? '' : inWords(timer.name);
  }
}

const flightElement = (flight: Flight): SVGElement => {
  const { message, number, arrivesUs } = flight;
  const look = lookOf(message);
  const kind = message.type.replace('Response', '').toLowerCase();
  const classes = [
    'flight',
    `is-${kind}`,
    ...(look.isResponse ? ['is-response'] : []),
    ...(look.isRefusal ? ['is-refusal'] : []),
    ...(arrivesUs === null ? ['is-held'] : []),
  ];
  const scale = look.isSmall ? 'scale(0.62)' : '';
  const title = make('title', {});
  title.textContent = [
    `${message.type}, node${message.from} to node${message.to}`,
    ...(arrivesUs === null ? ['held'] : []),
    ...fieldsOf(message).map(([name, value]) => `${name} ${value}`),
  ].join('\n');
  const element = make(
    'g',
    { class: classes.join(' '), 'data-message': String(number) },
    title,
    make('circle', { class: 'flight-region', r: '13' }),
    make('path', { class: 'flight-shape', d: paths[look.shape], transform: scale }),
  );
  if (look.entries > 0) {
    const text = make('text', { class: 'flight-count', y: '3.2' });
    text.textContent = String(look.entries);
    element.append(text);
    element.classList.add(termClass(message.term));
  }
  if (look.isRefusal) element.append(make('path', { class: 'refusal-mark', d: 'M-3.4 0h6.8' }));
  if (arrivesUs === null) element.append(make('path', { class: 'held-mark', d: 'M-2 -14v6m4 -6v6' }));
  element.addEventListener('click', () => {
    isRunning.value = false;
    selected.value = { type: 'message', number };
  });
  return element;
};

/** Of a circle around 0, 0, from the top and clockwise, this part. */
const arcOf = (radius: number, part: number): string => {
  // An arc that ends where it begins would be none.
  if (part > 0.995)
    return `M0 ${-radius}a${radius} ${radius} 0 1 1 0 ${2 * radius}a${radius} ${radius} 0 1 1 0 ${-2 * radius}`;
  const angle = part * 2 * Math.PI;
  const [x, y] = [radius * Math.sin(angle), -radius * Math.cos(angle)];
  return `M0 ${-radius}A${radius} ${radius} 0 ${part > 0.5 ? 1 : 0} 1 ${x.toFixed(1)} ${y.toFixed(1)}`;
};
