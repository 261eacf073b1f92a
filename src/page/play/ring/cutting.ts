import { computed, signal } from '@preact/signals';
import type { NodeId } from '../../../raft/types.ts';
import { cutsOf, mendsOf, type Pair } from '../directives.ts';
import { act, frame } from '../session.ts';
import { type Layout, linksCrossed, type Point } from './geometry.ts';

/** Whether a choice of two nodes cuts the link between them, and a finger draws a line instead of moving the page. */
export const isCutting = signal(false);
/** The first of the two nodes. */
export const cutFrom = signal<NodeId | null>(null);
/** The line that is being drawn across links; null: none is. */
export const line = signal<readonly Point[] | null>(null);
const layout = signal<Layout | null>(null);

/** The links that the line crosses so far. */
export const crossed = computed<readonly Pair[]>(() =>
  line.value === null || layout.value === null ? [] : linksCrossed(layout.value, line.value),
);

export const beginLine = (on: Layout, at: Point): void => {
  layout.value = on;
  line.value = [at];
};

export const drawLine = (to: Point): void => {
  if (line.value !== null) line.value = [...line.value, to];
};

/** Cuts what the line crosses. */
export const endLine = (): void => {
  const links = crossed.value;
  line.value = null;
  actAll(cutsOf(links, frame.value.nodes.length, frame.value.cuts));
};

/** The second of two nodes: what is cut between them is mended, what is whole is cut. */
export const chooseEnd = (node: NodeId): void => {
  const from = cutFrom.value;
  cutFrom.value = from === null ? node : null;
  if (from === null || from === node) return;
  const mends = mendsOf(from, node, frame.value.cuts);
  actAll(mends.length > 0 ? mends : cutsOf([[from, node]], frame.value.nodes.length, frame.value.cuts));
};

export const mendBetween = (a: NodeId, b: NodeId): void => actAll(mendsOf(a, b, frame.value.cuts));

export const turnCutting = (): void => {
  isCutting.value = !isCutting.value;
  cutFrom.value = null;
};

/** Gives up what was begun last, and says whether anything was. */
export const cancelCutting = (): boolean => {
  if (line.value !== null) line.value = null;
  else if (cutFrom.value !== null) cutFrom.value = null;
  else if (isCutting.value) isCutting.value = false;
  else return false;
  return true;
};

/** At once, so that no time passes between them. */
const actAll = (directives: readonly string[]): void => {
  for (const directive of directives) void act(directive);
};
